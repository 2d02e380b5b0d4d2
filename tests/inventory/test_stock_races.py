"""Many at once: nothing is sold twice, nothing deadlocks, and the books add up."""

from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from random import Random
from threading import Barrier, BrokenBarrierError
from uuid import UUID, uuid4

import pytest
from django.db import connections, transaction
from django.utils import timezone

from contexts.inventory import handlers, queries, services
from contexts.inventory.models import Hold, Reservation
from contexts.messaging import Envelope, Event
from tests.inventory.factories import figures, order_placed, shelf, stock

pytestmark = pytest.mark.django_db(databases=["inventory"], transaction=True)


def at_once(jobs, threads=12):
    """Run jobs in threads of their own connections; the first exception is raised."""

    def run(job):
        try:
            return job()
        finally:
            connections["inventory"].close()

    with ThreadPoolExecutor(threads) as pool:
        return list(pool.map(run, jobs))


def test_forty_orders_for_ten_pieces_reserve_exactly_ten():
    shelf(("RED-MUG", 10))

    reservations = at_once([lambda: services.reserve(order_id=uuid4(), wanted={"RED-MUG": 1})] * 40)

    assert sum(reservation.state == Reservation.State.RESERVED for reservation in reservations) == 10
    assert figures("RED-MUG") == (10, 0, 10)
    assert queries.ledger_balances().differences == []


def test_forty_checkouts_for_ten_pieces_hold_exactly_ten():
    shelf(("RED-MUG", 10))

    holds = at_once([lambda: services.hold(order_id=uuid4(), wanted={"RED-MUG": 1})] * 40)

    assert sum(hold is not None for hold in holds) == 10
    assert figures("RED-MUG") == (10, 10, 0)


def test_one_order_asked_for_from_many_sides_is_reserved_once():
    shelf(("RED-MUG", 10))
    order = uuid4()

    at_once([lambda: services.reserve(order_id=order, wanted={"RED-MUG": 2})] * 12)

    assert figures("RED-MUG") == (10, 0, 2)


@pytest.mark.parametrize("second", [services.book_out, services.reserve, services.hold])
def test_cancelling_races_with_everything_else(second):
    shelf(("RED-MUG", 40))
    orders = [uuid4() for _ in range(10)]
    for order in orders:
        services.hold(order_id=order, wanted={"RED-MUG": 2})
        if second is services.book_out:
            services.reserve(order_id=order, wanted={"RED-MUG": 2})

    def other(order: UUID) -> None:
        wanted = {} if second is services.book_out else {"wanted": {"RED-MUG": 2}}
        second(order_id=order, **wanted)

    cancel = [lambda order=order: services.release(order_id=order, reason="Cancelled") for order in orders]
    at_once([job for pair in zip(cancel, [lambda o=o: other(o) for o in orders], strict=True) for job in pair])

    left = 40 - 20 if second is services.book_out else 40
    assert figures("RED-MUG") == (left, 0, 0)
    assert queries.ledger_balances().differences == []


def test_a_hold_expires_or_is_used_but_never_both():
    shelf(("RED-MUG", 100))
    holds = [services.hold(order_id=uuid4(), wanted={"RED-MUG": 1}) for _ in range(15)]

    jobs = []
    for hold in holds:
        jobs.append(lambda hold=hold: services.expire_hold(order_id=hold.order_id, until=hold.until))
        jobs.append(lambda hold=hold: services.reserve(order_id=hold.order_id, wanted={"RED-MUG": 1}))
    at_once(jobs)

    assert figures("RED-MUG") == (100, 0, 15)
    assert not Hold.objects.filter(state=Hold.State.LIVE).exists()
    assert queries.ledger_balances().differences == []


def test_orders_that_share_items_in_another_order_do_not_deadlock():
    skus = [f"SKU-{number}" for number in range(6)]
    shelf(*((sku, 30) for sku in skus))
    random = Random(4)

    def job(order: UUID, chosen: list[str]) -> None:
        services.reserve(order_id=order, wanted=dict.fromkeys(chosen, 1))
        if random.random() < 0.5:
            services.release(order_id=order, reason="Cancelled")

    wishes = [random.sample(skus, 4) for _ in range(60)]
    at_once([lambda chosen=chosen: job(uuid4(), chosen) for chosen in wishes])

    assert queries.ledger_balances().differences == []
    assert all(stock(sku).available >= 0 for sku in skus)


def test_counting_and_selling_at_once_never_promises_what_is_not_there():
    shelf(("RED-MUG", 20))

    def count() -> None:
        with suppress(services.StillPromised):
            services.adjust_stock(sku="RED-MUG", counted=8, reason="Count")

    at_once(
        [job for _ in range(10) for job in (count, lambda: services.reserve(order_id=uuid4(), wanted={"RED-MUG": 1}))]
    )

    item = stock("RED-MUG")
    assert item.reserved <= item.on_hand
    assert queries.ledger_balances().differences == []


def test_pages_of_events_that_share_items_do_not_deadlock():
    shelf(("BLUE-MUG", 30), ("RED-MUG", 30))
    both_began = Barrier(2)

    def page(*skus: str) -> None:
        with transaction.atomic(using="inventory"):
            for nr, sku in enumerate(skus):
                event = order_placed(uuid4(), (sku, 1))
                handlers.reserve_stock(event, envelope_of(event))
                if nr == 0:
                    with suppress(BrokenBarrierError):
                        both_began.wait(timeout=0.5)

    at_once([lambda: page("BLUE-MUG", "RED-MUG"), lambda: page("RED-MUG", "BLUE-MUG")])

    assert (figures("BLUE-MUG"), figures("RED-MUG")) == ((30, 0, 2), (30, 0, 2))


def envelope_of(event: Event) -> Envelope:
    return Envelope(
        id=uuid4(),
        source="ordering",
        type=event.event_name,
        data_version=1,
        subject=event.subject,
        time=timezone.now(),
        correlation_id=uuid4(),
        causation_id=None,
        actor="guest",
        traceparent="",
        position=1,
        stream_version=None,
    )
