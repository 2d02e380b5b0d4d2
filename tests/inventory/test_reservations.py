"""A placed order owns its goods until they leave or it is cancelled, in whatever order that is heard."""

from itertools import permutations
from uuid import uuid4

import pytest
from hypothesis import HealthCheck, given, settings, strategies as st

from contexts.inventory import queries
from contexts.inventory.events import (
    AvailabilityChanged,
    HoldDue,
    ReservationReleased,
    Shortage,
    StockRejected,
    StockReserved,
)
from contexts.inventory.models import Hold, Reservation, ReservationLine
from contexts.messaging import Event
from tests.inventory.factories import (
    checkout_started,
    figures,
    order_cancelled,
    order_placed,
    parcel_dispatched,
    shelf,
)

pytestmark = pytest.mark.django_db(databases=["inventory"])
SHARED_DATABASE = settings(
    deadline=None, max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
)


@pytest.fixture
def order():
    return uuid4()


@pytest.fixture(autouse=True)
def books_balance():
    yield
    assert queries.ledger_balances().differences == []


def test_a_held_checkout_becomes_a_reservation(deliver, published_events, order):
    shelf(("RED-MUG", 5))
    deliver(checkout_started(order, ("RED-MUG", 2)))
    published_events.clear()

    deliver(order_placed(order, ("RED-MUG", 2)))

    assert figures("RED-MUG") == (5, 0, 2)
    assert published_events == [StockReserved(order_id=order)]
    assert Hold.objects.get().state == Hold.State.USED


def test_a_repeated_order_placed_reserves_stock_once(deliver, published_events, order):
    shelf(("RED-MUG", 5))

    deliver(order_placed(order, ("RED-MUG", 2)), times=2)
    deliver(order_placed(order, ("RED-MUG", 2)))

    assert figures("RED-MUG") == (5, 0, 2)
    assert published_events.of(StockReserved) == [StockReserved(order_id=order)]


def test_an_order_whose_hold_ran_out_is_reserved_if_the_goods_are_still_there(deliver, order):
    shelf(("RED-MUG", 5))
    deliver(checkout_started(order, ("RED-MUG", 2)))
    deliver(HoldDue(order_id=order, until=Hold.objects.get().until))

    deliver(order_placed(order, ("RED-MUG", 2)))

    assert figures("RED-MUG") == (5, 0, 2)


def test_an_order_that_wants_other_goods_than_its_hold_gets_what_it_wants(deliver, order):
    shelf(("RED-MUG", 5), ("BLUE-MUG", 5))
    deliver(checkout_started(order, ("RED-MUG", 4)))

    deliver(order_placed(order, ("RED-MUG", 5), ("BLUE-MUG", 1)))

    assert (figures("RED-MUG"), figures("BLUE-MUG")) == ((5, 0, 5), (5, 0, 1))


def test_an_order_that_cannot_be_filled_reserves_nothing_and_gives_up_its_hold(deliver, published_events, order):
    shelf(("RED-MUG", 5), ("BLUE-MUG", 1))
    deliver(checkout_started(order, ("RED-MUG", 2)))
    published_events.clear()

    deliver(order_placed(order, ("RED-MUG", 2), ("BLUE-MUG", 2)))

    assert published_events == [
        StockRejected(order_id=order, shortages=[Shortage(sku="BLUE-MUG", wanted=2, left=1)]),
        AvailabilityChanged(sku="RED-MUG", available=5),
    ]
    assert (figures("RED-MUG"), figures("BLUE-MUG")) == ((5, 0, 0), (1, 0, 0))


def test_goods_held_by_others_are_not_available(deliver, published_events, order):
    shelf(("RED-MUG", 5))
    deliver(checkout_started(uuid4(), ("RED-MUG", 4)))
    published_events.clear()

    deliver(order_placed(order, ("RED-MUG", 2)))

    assert published_events == [StockRejected(order_id=order, shortages=[Shortage(sku="RED-MUG", wanted=2, left=1)])]


def test_a_cancelled_order_gives_its_goods_back_once(deliver, published_events, order):
    shelf(("RED-MUG", 5))
    deliver(order_placed(order, ("RED-MUG", 2)))
    published_events.clear()

    deliver(order_cancelled(order))
    deliver(order_cancelled(order))

    assert published_events == [
        ReservationReleased(order_id=order),
        AvailabilityChanged(sku="RED-MUG", available=5),
    ]
    assert figures("RED-MUG") == (5, 0, 0)


def test_cancelling_an_order_that_was_rejected_releases_nothing(deliver, published_events, order):
    shelf(("RED-MUG", 1))
    deliver(order_placed(order, ("RED-MUG", 2)))
    published_events.clear()

    deliver(order_cancelled(order))

    assert published_events == []
    assert Reservation.objects.get().state == Reservation.State.REJECTED


def test_a_dispatched_parcel_takes_its_goods_off_the_shelf_once(deliver, published_events, order):
    shelf(("RED-MUG", 5))
    deliver(order_placed(order, ("RED-MUG", 2)))
    published_events.clear()

    deliver(parcel_dispatched(order))
    deliver(parcel_dispatched(order))

    assert figures("RED-MUG") == (3, 0, 0)
    assert published_events == []


def test_cancelling_does_not_bring_back_what_has_left(deliver, order):
    shelf(("RED-MUG", 5))
    deliver(order_placed(order, ("RED-MUG", 2)))
    deliver(parcel_dispatched(order))

    deliver(order_cancelled(order))

    assert figures("RED-MUG") == (3, 0, 0)


def test_a_parcel_that_left_although_its_order_was_cancelled_is_booked_out(deliver, published_events, order):
    shelf(("RED-MUG", 5))
    deliver(order_placed(order, ("RED-MUG", 2)))
    deliver(order_cancelled(order))
    published_events.clear()

    deliver(parcel_dispatched(order))

    assert figures("RED-MUG") == (3, 0, 0)
    assert published_events == [AvailabilityChanged(sku="RED-MUG", available=3)]


def test_pieces_that_left_although_promised_to_others_wait_for_a_person(deliver, order):
    shelf(("RED-MUG", 2))
    deliver(order_placed(order, ("RED-MUG", 2)))
    deliver(order_cancelled(order))
    deliver(order_placed(uuid4(), ("RED-MUG", 1)))

    deliver(parcel_dispatched(order))

    assert figures("RED-MUG") == (1, 0, 1)
    assert queries.pieces_missing() == [queries.Missing(sku="RED-MUG", order_id=str(order), pieces=1)]


EVENTS = {
    "checkout": lambda order, sku: checkout_started(order, (sku, 2)),
    "placed": lambda order, sku: order_placed(order, (sku, 2)),
    "cancelled": lambda order, sku: order_cancelled(order),
    "dispatched": lambda order, sku: parcel_dispatched(order),
}
OUTCOMES = {
    frozenset({"checkout", "placed"}): (5, 0, 2),
    frozenset({"placed", "cancelled"}): (5, 0, 0),
    frozenset({"checkout", "placed", "cancelled"}): (5, 0, 0),
    frozenset({"placed", "dispatched"}): (3, 0, 0),
    frozenset({"checkout", "placed", "dispatched"}): (3, 0, 0),
    frozenset({"placed", "cancelled", "dispatched"}): (3, 0, 0),
    frozenset({"checkout", "placed", "cancelled", "dispatched"}): (3, 0, 0),
}


@pytest.mark.parametrize(
    "heard", [order for events in OUTCOMES for order in permutations(sorted(events))], ids=" ".join
)
def test_the_outcome_does_not_depend_on_what_is_heard_first(deliver, order, heard):
    shelf(("RED-MUG", 5))

    for name in heard:
        deliver(EVENTS[name](order, "RED-MUG"))

    assert figures("RED-MUG") == OUTCOMES[frozenset(heard)]


@SHARED_DATABASE
@given(data=st.data())
def test_the_books_add_up_whatever_many_orders_do(deliver, data):
    orders = [uuid4() for _ in range(3)]
    skus = [f"SKU-{uuid4()}" for _ in range(2)]
    for sku in skus:
        shelf((sku, data.draw(st.integers(0, 6))))
    pieces = st.dictionaries(st.sampled_from(skus), st.integers(1, 4), min_size=1).map(lambda chosen: chosen.items())
    moments = st.tuples(st.sampled_from([*EVENTS, "due"]), st.sampled_from(orders), pieces)

    for name, order, wanted in data.draw(st.lists(moments, max_size=12)):
        deliver(_event(name, order, list(wanted)))

    balance = queries.ledger_balances()
    assert balance.differences == []
    booked_out = ReservationLine.objects.filter(reservation__state="booked_out", missing__gt=0)
    assert all(line.missing <= line.quantity for line in booked_out)


def _event(name: str, order: object, wanted: list[tuple[str, int]]) -> Event:
    if name == "due":
        kept = Hold.objects.filter(order_id=order).first()
        return HoldDue(order_id=order, until=kept.until if kept else "2026-01-01T00:00:00Z")
    makers = {"checkout": checkout_started, "placed": order_placed}
    return makers[name](order, *wanted) if name in makers else EVENTS[name](order, "")
