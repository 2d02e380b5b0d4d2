"""B2, B3, B4: complete, once and in order, over a network that loses, doubles and reorders."""

from __future__ import annotations

import pytest
from django.db import OperationalError, transaction
from uuid_utils.compat import uuid7

from contexts.catalog.events import PriceChanged, ProductWithdrawn
from contexts.messaging import Envelope, delivery, planning, publish, work
from contexts.messaging.drain import drain
from contexts.messaging.memory import MemoryTransport
from contexts.messaging.page import Page
from contexts.messaging.relay import relay
from contexts.messaging.transport import use
from tests.messaging.conftest import price_changed, publish_prices, sql, subjects_of_both_partitions

pytestmark = pytest.mark.django_db(transaction=True, databases="__all__")


@pytest.mark.parametrize("seed", range(25))
def test_whatever_the_network_does_every_effect_happens_once_and_in_order(booked, seed, monkeypatch):
    monkeypatch.setattr(planning, "PAGE_EVENTS", 5)
    expected = publish_prices(seed)
    network = MemoryTransport(seed=seed, loss=0.3, duplication=0.3, reorder=0.3)

    drain(network)

    assert booked.by_subject() == expected
    assert min(network.lost, network.doubled, network.reordered) > 0


def test_a_repeated_page_has_its_effect_once_and_is_acknowledged_again(booked):
    publish_prices(1, count=10)
    network = MemoryTransport()
    with use(network):
        relay("catalog")
        messages = []
        while message := network.next():
            messages.append(message)
        for message in messages * 3:
            work.perform(message)

        acknowledgements = len(network)

    assert len(booked.rows) == sum(len(values) for values in booked.by_subject().values())
    assert sorted(value for _, value in booked.rows) == list(range(1, len(booked.rows) + 1))
    assert acknowledgements == len(messages) * 3


def test_a_page_that_comes_too_early_is_asked_for_again(booked, listen):
    page = Page(publisher="catalog", subscriber="inventory:probe", partition=0, after=5, upto=9, events=[])

    answer = delivery.receive(page)

    assert (answer.position, answer.missing) == (0, True)
    assert booked.rows == []


def test_effects_and_position_move_together_or_not_at_all(listen, ledger):
    def write_then_fail(event: PriceChanged, envelope: Envelope) -> None:
        ledger.add(envelope.subject, event.price.amount)
        raise OperationalError("the database went away")

    listen(PriceChanged, write_then_fail)
    publish_prices(1, count=1, products=1)
    network = MemoryTransport()

    with use(network):
        relay("catalog")
        with pytest.raises(OperationalError):
            work.perform(network.next())

    assert ledger.rows == []
    assert sql("inventory", "select max(position) from messaging_inbox") == [(None,)]
    assert sql("inventory", "select count(*) from messaging_parked") == [(0,)]


def test_an_event_nobody_wants_moves_nobody(listen, ledger):
    listen(ProductWithdrawn, lambda event, envelope: ledger.add(envelope.subject, 0))
    publish_prices(1, count=30)
    network = MemoryTransport()

    drain(network)

    assert network.sent == 0
    assert sql("catalog", "select head > 20, head = relayed from messaging_sequencer") == [(True, True)]


def test_a_batch_handler_gets_what_one_page_holds_in_the_order_of_each_subject(listen, ledger):
    sizes = []

    def book(events: list[tuple[PriceChanged, Envelope]]) -> None:
        sizes.append(len(events))
        for event, envelope in events:
            ledger.add(envelope.subject, event.price.amount)

    listen(PriceChanged, book, batch=True)
    expected = publish_prices(3, count=200)

    drain()

    assert ledger.by_subject() == expected
    assert max(sizes) > 20


def test_batches_of_two_kinds_do_not_overtake_within_a_subject(listen, ledger):
    listen(PriceChanged, lambda events: [ledger.add(e.subject, e.price.amount) for e, _ in events], batch=True)
    listen(ProductWithdrawn, lambda events: [ledger.add(e.subject, 0) for e, _ in events], batch=True)
    a, b = uuid7(), uuid7()
    with transaction.atomic(using="catalog"):
        publish(
            price_changed(cents=1, product_id=a),
            ProductWithdrawn(product_id=a, skus=[]),
            price_changed(cents=2, product_id=b),
            price_changed(cents=2, product_id=a),
            ProductWithdrawn(product_id=b, skus=[]),
        )

    drain()

    assert ledger.by_subject() == {f"product/{a}": [1, 0, 2], f"product/{b}": [2, 0]}


def test_an_event_published_by_a_handler_knows_its_cause(listen, ledger):
    from contexts.inventory.events import AvailabilityChanged

    def answer(event: PriceChanged, envelope: Envelope) -> None:
        publish(AvailabilityChanged(sku=event.sku, available=3))

    listen(PriceChanged, answer)
    publish_prices(1, count=1, products=1)
    drain()

    ((cause_id, correlation),) = sql("catalog", "select event_id, correlation_id from messaging_event limit 1")
    assert (cause_id, correlation) == sql("inventory", "select causation_id, correlation_id from messaging_event")[0]


def test_a_new_subscriber_hears_everything_from_the_first_event(listen, ledger):
    listen(ProductWithdrawn, lambda event, envelope: None)
    expected = publish_prices(5)
    drain()

    listen(PriceChanged, lambda event, envelope: ledger.add(envelope.subject, event.price.amount), to="inventory:late")
    drain()

    assert ledger.by_subject() == expected


@pytest.mark.parametrize("partitions", [1, 2])
def test_a_log_that_fills_whole_pages_is_served_to_its_end_without_a_sweep(booked, monkeypatch, settings, partitions):
    """The search ends just where every page does, so nobody is behind it, and yet there is more."""
    monkeypatch.setattr(planning, "PAGE_EVENTS", 5)
    settings.MESSAGING_PARTITIONS = partitions
    one, other = subjects_of_both_partitions()
    publish_prices(1, count=10)
    drain()  # The subscriber is not new any more, and not behind.
    booked_before = len(booked.rows)
    with transaction.atomic(using="catalog"):
        publish(*(price_changed(cents=cents, product_id=(one, other)[cents % 2]) for cents in range(30)))
    network = MemoryTransport()

    with use(network):
        relay("catalog")
        while (message := network.next()) is not None:
            work.perform(message)

    assert len(booked.rows) == booked_before + 30
