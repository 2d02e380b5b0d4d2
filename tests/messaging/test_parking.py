"""B5: an event that fails parks with its subject, for one subscriber; the rest flows on."""

from __future__ import annotations

from uuid import UUID

import pytest
from django.db import OperationalError, connections, transaction
from django.test.utils import CaptureQueriesContext
from uuid_utils.compat import uuid7

from contexts.catalog.events import PriceChanged
from contexts.messaging import Discard, Envelope, delivery, log, publish, work
from contexts.messaging.drain import drain
from contexts.messaging.memory import MemoryTransport
from contexts.messaging.transport import use
from tests.messaging.conftest import price_changed, publish_prices, sql

pytestmark = pytest.mark.django_db(transaction=True, databases="__all__")


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


def test_an_outage_while_the_failing_event_is_looked_for_parks_nothing_more(listen, ledger):
    away = [True]

    def book(event: PriceChanged, envelope: Envelope) -> None:
        if event.price.amount == 13:
            raise ValueError("13 is refused")
        if away:
            away.pop()
            raise OperationalError("the database is gone")
        ledger.add(envelope.subject, event.price.amount)

    listen(PriceChanged, book)
    product_id = uuid7()
    with transaction.atomic(using="catalog"):
        publish(price_changed(cents=13, product_id=product_id))
        publish(price_changed(cents=1, product_id=product_of_the_same_partition(product_id)))

    drain()

    assert sql("inventory", "select problem from messaging_parked") == [("ValueError: 13 is refused",)]
    assert [value for _, value in ledger.rows] == [1]


def product_of_the_same_partition(product_id: UUID) -> UUID:
    """Return another product whose events go over in the same page."""
    wanted = log.slot_of(f"product/{product_id}")
    return next(other for other in iter(uuid7, None) if log.slot_of(f"product/{other}") == wanted)


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
    with transaction.atomic(using="catalog"):
        publish(price_changed(cents=100))

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
