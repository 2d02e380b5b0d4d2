"""B2, B3, B4: complete, once and in order, over a network that loses, doubles and reorders."""

from __future__ import annotations

import random
from uuid import UUID

import msgspec
import pytest
from django.db import OperationalError, connections, transaction
from django.test.utils import CaptureQueriesContext
from uuid_utils.compat import uuid7

from contexts.catalog.events import PriceChanged, ProductWithdrawn
from contexts.inventory.events import AvailabilityChanged
from contexts.messaging import Discard, Envelope, delivery, log, planning, publish, relay as relay_module, work
from contexts.messaging.drain import drain
from contexts.messaging.memory import MemoryTransport
from contexts.messaging.page import Acknowledgement, Page, open_page, seal_page
from contexts.messaging.relay import relay
from contexts.messaging.transport import use
from contexts.messaging.verify import verify_subscriptions
from tests.messaging.conftest import price_changed, sql

pytestmark = pytest.mark.django_db(transaction=True, databases="__all__")


def publish_prices(seed: int, *, count: int = 120, products: int = 7) -> dict[str, list[int]]:
    """Publish prices of a few products in small transactions; return the prices by subject in their order."""
    chance, ids = random.Random(seed), [uuid7() for _ in range(products)]
    expected: dict[str, list[int]] = {}
    cents = 0
    while cents < count:
        with transaction.atomic(using="catalog"):
            for _ in range(chance.randint(1, 4)):
                cents += 1
                event = price_changed(cents=cents, product_id=chance.choice(ids))
                publish(event)
                expected.setdefault(event.subject, []).append(cents)
    return expected


@pytest.fixture
def booked(listen, ledger):
    listen(PriceChanged, lambda event, envelope: ledger.add(envelope.subject, event.price.amount))
    return ledger


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


def test_a_subscriber_that_is_away_costs_one_message_for_each_partition(booked):
    network = MemoryTransport()
    with use(network):
        for seed in range(5):
            publish_prices(seed, count=200, products=40)
            for _ in range(5):
                relay("catalog")

    assert network.backlog("inventory") <= 4


def test_unacknowledged_pages_are_not_repeated_into_a_queue_nobody_reads(booked, monkeypatch):
    publish_prices(1, count=50)
    network = MemoryTransport()
    monkeypatch.setattr(network, "backlog", lambda queue: 1000)
    with use(network):
        relay("catalog")
        before = network.sent
        sql("catalog", "update messaging_subscription set sent_at = now() - interval '1 day' returning 1")
        relay("catalog", resend=True)

    assert network.sent == before


def test_an_answer_to_a_page_that_was_sent_again_meanwhile_counts(booked):
    """A slow subscriber answers for the first sending when a second, longer one is under way."""
    product = uuid7()
    network = MemoryTransport()
    _publish_price(product, 1)
    with use(network):
        relay("catalog")
    _publish_price(product, 2)
    with use(network):
        first = network.next()
        sql("catalog", "update messaging_subscription set sent_at = now() - interval '3 s' returning 1")
        relay("catalog", resend=True)
        second = network.next()

        work.perform(first)
        work.perform(network.next())
        answered = _in_flight()
        work.perform(second)
        work.perform(network.next())

    assert [one.task for one in (first, second)] == ["messaging.deliver"] * 2
    assert answered == [(1, 2, 0)]
    assert _in_flight() == []
    assert [cents for _, cents in booked.rows] == [1, 2]
    assert all(not verdict.problems for verdict in verify_subscriptions("catalog"))


def test_an_answer_from_the_middle_with_another_digest_moves_nothing(booked):
    product = uuid7()
    network = MemoryTransport()
    _publish_price(product, 1)
    _publish_price(product, 2)
    with use(network):
        relay("catalog")
        page = open_page(*network.next().args[1:])
        strange = Acknowledgement(
            publisher="catalog", subscriber="inventory:probe", partition=page.partition, position=1, digest="00" * 16
        )
        relay_module.acknowledge(strange)

    assert _in_flight() == [(0, 2, 0)]


def test_a_page_whose_queue_is_empty_is_lost_however_long_its_resending_would_wait(booked):
    """After many tries the next one is minutes away; a broker that was emptied meanwhile holds nothing to wait for."""
    network = MemoryTransport()
    _publish_price(uuid7(), 1)
    with use(network):
        relay("catalog")
        sql("catalog", "update messaging_subscription set attempts = 5 returning 1")

        def sent_after(seconds: int) -> int:
            since = f"{seconds} s"
            sql("catalog", "update messaging_subscription set sent_at = now() - %s::interval returning 1", since)
            relay("catalog", resend=True)
            return network.sent

        in_the_queue = sent_after(11)
        network.next()

        assert (in_the_queue, sent_after(9), sent_after(11)) == (1, 1, 2)


def _publish_price(product: UUID, cents: int) -> None:
    with transaction.atomic(using="catalog"):
        publish(price_changed(cents=cents, product_id=product))


def _in_flight() -> list[tuple[int, int, int]]:
    """Return what is acknowledged, sent, and how often it was tried, where anything is in flight."""
    return sql(
        "catalog",
        "select acknowledged, sent, attempts from messaging_subscription where sent > acknowledged "
        "and subscriber = 'inventory:probe'",
    )


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


def test_a_poisoned_event_parks_with_the_later_ones_of_its_subject_and_the_rest_flows_on(listen, ledger):
    bad, good = uuid7(), uuid7()

    def book(event: PriceChanged, envelope: Envelope) -> None:
        if event.product_id == bad and event.price.amount == 2:
            raise ValueError("cannot handle this")
        ledger.add(envelope.subject, event.price.amount)

    listen(PriceChanged, book)
    with transaction.atomic(using="catalog"):
        publish(*(price_changed(cents=n, product_id=product) for n in (1, 2, 3) for product in (bad, good)))
    drain()
    with transaction.atomic(using="catalog"):
        publish(price_changed(cents=4, product_id=bad), price_changed(cents=4, product_id=good))
    drain()

    assert ledger.by_subject() == {f"product/{bad}": [1], f"product/{good}": [1, 2, 3, 4]}
    states = sql("inventory", "select subject, state, problem from messaging_parked order by position")
    assert states == [
        (f"product/{bad}", "waiting", "ValueError: cannot handle this"),
        (f"product/{bad}", "behind", ""),
        (f"product/{bad}", "behind", ""),
    ]


def test_a_parked_subject_continues_in_order_once_its_handler_is_mended(listen, ledger):
    broken = True

    def book(event: PriceChanged, envelope: Envelope) -> None:
        if broken and event.price.amount == 2:
            raise ValueError("cannot handle this")
        ledger.add(envelope.subject, event.price.amount)

    listen(PriceChanged, book)
    product_id = uuid7()
    with transaction.atomic(using="catalog"):
        publish(*(price_changed(cents=n, product_id=product_id) for n in (1, 2, 3, 4)))
    drain()
    broken = False
    sql("inventory", "update messaging_parked set retry_at = now() where state = 'waiting' returning 1")

    with use(MemoryTransport()):
        work.run_sweep("inventory")

    assert ledger.by_subject() == {f"product/{product_id}": [1, 2, 3, 4]}
    assert sql("inventory", "select count(*) from messaging_parked") == [(0,)]
    assert sql("inventory", "select sum(parked) from messaging_inbox") == [(0,)]


def test_a_discarded_event_is_skipped_and_its_reason_kept(listen, ledger):
    def book(event: PriceChanged, envelope: Envelope) -> None:
        if event.price.amount == 2:
            raise Discard("order 17 was erased")
        ledger.add(envelope.subject, event.price.amount)

    listen(PriceChanged, book)
    product_id = uuid7()
    with transaction.atomic(using="catalog"):
        publish(*(price_changed(cents=n, product_id=product_id) for n in (1, 2, 3)))
    drain()

    assert [value for _, value in ledger.rows] == [1, 3]
    assert sql("inventory", "select state, problem from messaging_parked") == [("discarded", "order 17 was erased")]


@pytest.mark.parametrize("forge", ["altered", "signed by another", "not a page", "for another context"])
def test_a_message_that_is_not_from_its_publisher_has_no_effect_and_is_recorded(booked, forge):
    publish_prices(1, count=3, products=1)
    network = MemoryTransport()
    with use(network):
        relay("catalog")
        message = network.next()
        context, text, signature = message.args
        if forge == "altered":
            text = text.replace('"amount": 1,', '"amount": 9,', 1)
            assert text != message.args[1]
        elif forge == "signed by another":
            page = msgspec.json.decode(text, type=Page)
            signature = seal_page(msgspec.structs.replace(page, publisher="payments"))[1]
        elif forge == "not a page":
            text = '{"hello": 1}'
        else:
            context = "ordering"
        work.run_deliver(context, text, signature)

        assert network.next() is None
    assert booked.rows == []
    assert sql(context, "select sum(count) from messaging_refusal") == [(1,)]


def test_a_forged_acknowledgement_moves_nothing(booked):
    publish_prices(1, count=3, products=1)
    network = MemoryTransport()
    with use(network):
        relay("catalog")
        forged = '{"publisher":"catalog","subscriber":"inventory:probe","partition":0,"position":3,"digest":""}'
        work.run_acknowledge("catalog", forged, "bm8=")

    assert sql("catalog", "select max(acknowledged) from messaging_subscription") == [(0,)]
    assert sql("catalog", "select sum(count) from messaging_refusal") == [(1,)]


def test_both_sides_keep_the_same_digest(booked):
    publish_prices(4, count=150)

    drain(MemoryTransport(seed=4, loss=0.2, duplication=0.2, reorder=0.2))

    ours = sql("catalog", "select partition, acknowledged, acknowledged_digest from messaging_subscription order by 1")
    theirs = sql("inventory", "select partition, position, digest from messaging_inbox order by 1")
    assert [row for row in ours if row[1]] == theirs
    assert sql("catalog", "select count(*) from messaging_subscription where diverged_at is not null") == [(0,)]


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


def test_a_subscriber_that_is_further_than_the_books_say_is_believed_if_its_digest_holds(booked):
    publish_prices(6, count=60)
    drain()
    rows = booked.rows
    sql(
        "catalog",
        "update messaging_subscription set sent = 0, acknowledged = 0, scanned = 0, sent_digest = '', "
        "acknowledged_digest = '' returning 1",
    )
    publish_prices(7, count=10)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(planning, "PAGE_EVENTS", 3)
        drain()

    assert booked.rows[: len(rows)] == rows
    assert len(booked.rows) == sql("catalog", "select count(*) from messaging_event")[0][0]
    assert sql("catalog", "select count(*) from messaging_subscription where acknowledged < sent") == [(0,)]


def test_a_subscriber_whose_database_was_restored_gets_again_what_it_lost(booked):
    publish_prices(8, count=40)
    drain()
    sql("inventory", "update messaging_inbox set position = 0, digest = '' returning 1")
    sql("inventory", "delete from probe_effect returning 1")
    sql("inventory", "delete from messaging_delivery returning 1")

    expected = publish_prices(9, count=80, products=60)  # every partition hears something new
    drain()

    got = booked.by_subject()
    assert {subject: got[subject] for subject in expected} == expected
    assert len(booked.rows) == sql("catalog", "select count(*) from messaging_event")[0][0]


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


def test_what_failed_inside_a_handler_is_undone_even_if_the_handler_goes_on(listen, ledger):
    """The first try of a page has no savepoints, so it cannot be undone in part; the next one has them."""
    tries = []

    def book(event: PriceChanged, envelope: Envelope) -> None:
        tries.append(event.price.amount)
        ledger.add(envelope.subject, 1)
        try:
            with transaction.atomic(using="inventory"):
                ledger.add(envelope.subject, 2)
                raise ValueError("not this")
        except ValueError:
            ledger.add(envelope.subject, 3)

    listen(PriceChanged, book)
    _publish_price(uuid7(), 100)

    drain()

    assert [value for _, value in ledger.rows] == [1, 3]
    assert len(tries) == 2


def test_a_page_without_trouble_has_no_savepoints(listen, ledger):
    def book(event: PriceChanged, envelope: Envelope) -> None:
        with transaction.atomic(using="inventory"):
            ledger.add(envelope.subject, event.price.amount)

    listen(PriceChanged, book)
    published = publish_prices(1, count=4)

    with CaptureQueriesContext(connections["inventory"]) as queries:
        drain()

    assert ledger.by_subject() == published
    assert not any((query["sql"] or "").startswith("SAVEPOINT") for query in queries)


def test_healthy_events_of_a_page_with_a_bad_one_share_savepoints(listen, ledger, monkeypatch):
    def book(event: PriceChanged, envelope: Envelope) -> None:
        if event.price.amount == 50:
            raise ValueError("not today")
        ledger.add(envelope.subject, event.price.amount)

    listen(PriceChanged, book)
    monkeypatch.setattr(delivery, "TOGETHER", 4)
    publish_prices(1, count=100, products=100)
    network = MemoryTransport()

    with CaptureQueriesContext(connections["inventory"]) as queries:
        drain(network)

    savepoints = sum((query["sql"] or "").startswith("SAVEPOINT") for query in queries)
    ((events,),) = sql(
        "catalog",
        "select count(*) from messaging_position where slot %% 4 = (select slot %% 4 from messaging_event "
        "where (data->'price'->>'amount')::int = 50)",
    )
    assert savepoints == -(-events // 4) + 4
    assert len(ledger.rows) + sql("inventory", "select count(*) from messaging_parked")[0][0] >= 100


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


@pytest.fixture
def two_pages(settings):
    """Publish a price in each of two partitions; returns the prices by subject."""
    settings.MESSAGING_PARTITIONS = 2
    events = [price_changed(cents=cents, product_id=of) for cents, of in enumerate(subjects_of_both_partitions())]
    with transaction.atomic(using="catalog"):
        publish(*events)
    return {event.subject: [event.price.amount] for event in events}


def subjects_of_both_partitions() -> tuple[UUID, UUID]:
    """Return products of which two partitions have one each."""
    found: dict[int, UUID] = {}
    while len(found) < 2:
        product_id = uuid7()
        found[log.slot_of(price_changed(product_id=product_id).subject) % 2] = product_id
    return found[0], found[1]
