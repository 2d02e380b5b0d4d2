"""Small pages are applied where they were relayed, and what goes wrong there costs a repetition."""

from __future__ import annotations

import pytest
from django.db import OperationalError, connections, transaction
from django.test.utils import CaptureQueriesContext

from contexts.catalog.events import PriceChanged
from contexts.inventory.events import AvailabilityChanged
from contexts.messaging import Envelope, delivery, publish, relay as relay_module, work
from contexts.messaging.drain import drain
from contexts.messaging.memory import MemoryTransport
from contexts.messaging.transport import use
from tests.messaging.conftest import price_changed, publish_prices, sql, subjects_of_both_partitions

pytestmark = pytest.mark.django_db(transaction=True, databases="__all__")


def test_a_small_page_is_applied_where_it_was_relayed_if_its_queue_is_served_there(booked):
    published = publish_prices(1, count=3, products=1)
    network = MemoryTransport(queues=frozenset({"inventory"}))

    with use(network):
        work.run_relay("catalog")
        sent = [network.next().task for _ in range(len(network))]

    assert booked.by_subject() == published
    assert sent == ["messaging.acknowledge"]


def test_a_page_is_acknowledged_where_it_was_applied_if_the_publishers_queue_is_served_there(booked):
    published = publish_prices(1, count=3, products=1)
    network = MemoryTransport(queues=frozenset({"inventory", "catalog"}))

    with use(network):
        work.run_relay("catalog")

    assert booked.by_subject() == published
    assert network.sent == 0
    assert sql("catalog", "select count(*) from messaging_subscription where acknowledged < sent") == [(0,)]


def test_small_pages_of_one_relay_are_applied_in_turn_and_acknowledged_together(booked, two_pages):
    network = MemoryTransport(queues=frozenset({"inventory", "catalog"}))

    with use(network), CaptureQueriesContext(connections["catalog"]) as queries:
        work.run_relay("catalog")

    locks = sum("pg_advisory_xact_lock(" in (query["sql"] or "") for query in queries)
    assert sql("inventory", "select count(*) from messaging_delivery") == [(2,)]
    assert sql("catalog", "select count(*) from messaging_subscription where acknowledged < sent") == [(0,)]
    assert (booked.by_subject(), network.sent, locks) == (two_pages, 0, 2)


def test_a_process_that_was_long_at_small_pages_gives_the_rest_to_others(booked, two_pages, monkeypatch):
    network = MemoryTransport(queues=frozenset({"inventory", "catalog"}))
    monkeypatch.setattr(work, "HERE_S", -1)

    with use(network):
        work.run_relay("catalog")

    assert len(booked.rows) == 1
    assert [network.next().task for _ in range(len(network))] == ["messaging.deliver"]


def test_a_page_that_meets_an_outage_does_not_keep_the_others_of_its_relay(listen, ledger, two_pages):
    away = iter([OperationalError("away")] * delivery.TRIES_IN_PLACE)

    def book(event: PriceChanged, envelope: Envelope) -> None:
        if (problem := next(away, None)) is not None:
            raise problem
        ledger.add(envelope.subject, event.price.amount)

    listen(PriceChanged, book)
    network = MemoryTransport(queues=frozenset({"inventory", "catalog"}))

    with use(network):
        work.run_relay("catalog")
    assert len(ledger.rows) == 1
    drain(network)

    assert ledger.by_subject() == two_pages


def test_an_acknowledgement_that_finds_the_publishers_database_away_costs_only_a_repetition(booked, monkeypatch):
    published = publish_prices(1, count=60, products=1)
    away = iter([OperationalError("away")])

    def note(*arguments, **more):
        if (problem := next(away, None)) is not None:
            raise problem
        return acknowledge(*arguments, **more)

    acknowledge = relay_module.acknowledge
    monkeypatch.setattr(relay_module, "acknowledge", note)
    network = MemoryTransport(queues=frozenset({"catalog"}))

    with use(network):
        work.run_relay("catalog")
        work.perform(network.next())
    assert sql("catalog", "select count(*) from messaging_subscription where acknowledged < sent") == [(1,)]
    drain(network)

    assert booked.by_subject() == published
    assert sql("catalog", "select count(*) from messaging_subscription where acknowledged < sent") == [(0,)]


@pytest.mark.parametrize(("served", "count"), [(frozenset(), 3), (frozenset({"inventory"}), 60)])
def test_a_page_goes_over_the_broker_where_its_queue_is_not_served_or_it_is_large(booked, served, count):
    publish_prices(1, count=count, products=1)
    network = MemoryTransport(queues=served)

    with use(network):
        work.run_relay("catalog")

    assert network.next().task == "messaging.deliver"
    assert booked.rows == []


def test_what_a_crash_leaves_of_a_page_that_was_applied_at_once_comes_again(booked, crash_point):
    published = publish_prices(1, count=3, products=1)
    network = MemoryTransport(queues=frozenset({"inventory"}))
    with use(network), crash_point("deliver: effects written, position not moved"):
        work.run_relay("catalog")

    drain(network)

    assert booked.by_subject() == published


@pytest.fixture
def two_pages(settings):
    """Publish a price in each of two partitions; returns the prices by subject."""
    settings.MESSAGING_PARTITIONS = 2
    events = [price_changed(cents=cents, product_id=of) for cents, of in enumerate(subjects_of_both_partitions())]
    with transaction.atomic(using="catalog"):
        publish(*events)
    return {event.subject: [event.price.amount] for event in events}


def answer_in_inventory(listen, ledger) -> None:
    """Have inventory say how many are left of whatever gets a price, and ordering write that down."""

    def answer(event: PriceChanged, envelope: Envelope) -> None:
        publish(AvailabilityChanged(sku=event.sku, available=event.price.amount))

    def book(event: AvailabilityChanged, envelope: Envelope) -> None:
        ledger.add(envelope.subject, event.available)

    listen(PriceChanged, answer)
    listen(AvailabilityChanged, book, to="ordering:probe")


@pytest.mark.parametrize(
    ("served", "hints"),
    [({"catalog", "inventory", "ordering"}, []), ({"catalog", "ordering"}, ["messaging.deliver"])],
)
def test_what_a_page_leads_to_is_done_where_it_was_applied_if_its_queues_are_served_there(
    listen, ledger, two_pages, served, hints
):
    answer_in_inventory(listen, ledger)
    network = MemoryTransport(queues=frozenset(served))

    with use(network):
        work.run_relay("catalog")

    assert [network.next().task for _ in range(len(network))] == hints * 2
    assert sorted(left for _, left in ledger.rows) == ([0, 1] if not hints else [])


def test_a_process_that_was_long_at_it_leaves_what_a_page_leads_to_to_others(listen, ledger, two_pages, monkeypatch):
    answer_in_inventory(listen, ledger)
    network = MemoryTransport(queues=frozenset({"catalog", "inventory", "ordering"}))
    monkeypatch.setattr(work, "HERE_S", -1)

    with use(network):
        work.run_relay("catalog")

    assert {network.next().task for _ in range(len(network))} == {"messaging.deliver", "messaging.relay"}


def test_a_log_that_is_away_leaves_what_a_page_leads_to_to_the_sweep(listen, ledger, two_pages, monkeypatch):
    answer_in_inventory(listen, ledger)
    network = MemoryTransport(queues=frozenset({"catalog", "inventory", "ordering"}))

    relay = relay_module.relay

    def away(context: str, **more):
        if context == "inventory":
            raise OperationalError("away")
        return relay(context, **more)

    monkeypatch.setattr(relay_module, "relay", away)
    with use(network):
        work.run_relay("catalog")
    assert (ledger.rows, network.sent) == ([], 0)
    monkeypatch.undo()
    drain(network)

    assert sorted(left for _, left in ledger.rows) == [0, 1]
