"""A checkout's goods are kept for a while: all of them or none, replaced by the next, released in time."""

from datetime import timedelta
from uuid import uuid4

import pytest
import time_machine
from django.utils import timezone

from contexts.inventory import queries, services
from contexts.inventory.events import (
    AvailabilityChanged,
    HoldDue,
    HoldExpired,
    ReservationReleased,
    Shortage,
    StockHeld,
    StockRejected,
)
from contexts.inventory.models import Hold
from contexts.ordering.events import CheckoutRenewed
from tests.inventory.factories import checkout_started, figures, order_cancelled, order_placed, shelf

pytestmark = pytest.mark.django_db(databases=["inventory"])


@pytest.fixture
def order():
    return uuid4()


@pytest.fixture(autouse=True)
def books_balance():
    yield
    assert queries.ledger_balances().differences == []


def test_a_checkout_holds_its_goods_for_fifteen_minutes(deliver, published_events, order):
    shelf(("RED-MUG", 5), ("BLUE-MUG", 5))
    published_events.clear()
    now = timezone.now()

    with time_machine.travel(now, tick=False):
        deliver(checkout_started(order, ("RED-MUG", 2), ("BLUE-MUG", 1)))

    until = Hold.objects.get().until
    assert until == now + timedelta(minutes=15)
    assert published_events == [
        StockHeld(order_id=order, held_until=until),
        AvailabilityChanged(sku="BLUE-MUG", available=4),
        AvailabilityChanged(sku="RED-MUG", available=3),
    ]
    assert figures("RED-MUG") == (5, 2, 0)


def test_the_shop_may_hold_for_longer(deliver, settings, order):
    settings.INVENTORY_HOLD_MINUTES = 45
    shelf(("RED-MUG", 5))

    with time_machine.travel(timezone.now(), tick=False):
        deliver(checkout_started(order, ("RED-MUG", 2)))

        assert Hold.objects.get().until == timezone.now() + timedelta(minutes=45)


def test_a_repeated_checkout_started_holds_once(deliver, order):
    shelf(("RED-MUG", 5))

    deliver(checkout_started(order, ("RED-MUG", 2)), times=3)

    assert figures("RED-MUG") == (5, 2, 0)


def test_two_lines_of_one_item_are_held_together(deliver, order):
    shelf(("RED-MUG", 5))

    deliver(checkout_started(order, ("RED-MUG", 2), ("RED-MUG", 2)))

    assert figures("RED-MUG") == (5, 4, 0)


def test_a_checkout_that_cannot_be_filled_holds_nothing(deliver, published_events, order):
    shelf(("RED-MUG", 5), ("BLUE-MUG", 1))
    published_events.clear()

    deliver(checkout_started(order, ("RED-MUG", 2), ("BLUE-MUG", 3), ("UNKNOWN", 1)))

    assert published_events == [
        StockRejected(
            order_id=order,
            shortages=[Shortage(sku="BLUE-MUG", wanted=3, left=1), Shortage(sku="UNKNOWN", wanted=1, left=0)],
        )
    ]
    assert (figures("RED-MUG"), figures("BLUE-MUG")) == ((5, 0, 0), (1, 0, 0))
    assert not Hold.objects.exists()


def test_a_later_checkout_of_the_order_replaces_the_hold(deliver, published_events, order):
    shelf(("RED-MUG", 5), ("BLUE-MUG", 5))
    deliver(checkout_started(order, ("RED-MUG", 4)))
    published_events.clear()

    deliver(checkout_started(order, ("RED-MUG", 5), ("BLUE-MUG", 2)))

    assert (figures("RED-MUG"), figures("BLUE-MUG")) == ((5, 5, 0), (5, 2, 0))
    assert published_events.of(AvailabilityChanged) == [
        AvailabilityChanged(sku="BLUE-MUG", available=3),
        AvailabilityChanged(sku="RED-MUG", available=0),
    ]


def test_a_later_checkout_gives_back_what_it_no_longer_wants(deliver, order):
    shelf(("RED-MUG", 5), ("BLUE-MUG", 5))
    deliver(checkout_started(order, ("RED-MUG", 4), ("BLUE-MUG", 1)))

    deliver(checkout_started(order, ("RED-MUG", 1)))

    assert (figures("RED-MUG"), figures("BLUE-MUG")) == ((5, 1, 0), (5, 0, 0))


def test_a_later_checkout_that_cannot_be_filled_gives_up_the_hold(deliver, published_events, order):
    shelf(("RED-MUG", 5))
    deliver(checkout_started(order, ("RED-MUG", 4)))
    published_events.clear()

    deliver(checkout_started(order, ("RED-MUG", 6)))

    assert published_events == [
        StockRejected(order_id=order, shortages=[Shortage(sku="RED-MUG", wanted=6, left=5)]),
        AvailabilityChanged(sku="RED-MUG", available=5),
    ]
    assert figures("RED-MUG") == (5, 0, 0)


def test_a_hold_that_runs_out_is_released_once(deliver, published_events, order):
    shelf(("RED-MUG", 5))
    deliver(checkout_started(order, ("RED-MUG", 2)))
    until = Hold.objects.get().until
    published_events.clear()

    deliver(HoldDue(order_id=order, until=until))
    deliver(HoldDue(order_id=order, until=until))

    assert published_events == [HoldExpired(order_id=order), AvailabilityChanged(sku="RED-MUG", available=5)]
    assert figures("RED-MUG") == (5, 0, 0)
    assert Hold.objects.get().state == Hold.State.EXPIRED


def test_a_renewed_checkout_holds_the_same_goods_for_longer(deliver, published_events, order):
    shelf(("RED-MUG", 5))
    with time_machine.travel("2026-03-02T12:00Z", tick=False):
        deliver(checkout_started(order, ("RED-MUG", 2)))
    published_events.clear()

    with time_machine.travel("2026-03-02T12:14Z", tick=False):
        lines = checkout_started(order, ("RED-MUG", 2)).lines
        deliver(CheckoutRenewed(order_id=order, lines=lines), times=2)

    assert figures("RED-MUG") == (5, 2, 0)
    assert [event.held_until.isoformat() for event in published_events.of(StockHeld)] == ["2026-03-02T12:29:00+00:00"]
    assert published_events.of(AvailabilityChanged) == []


def test_an_old_timer_leaves_a_renewed_hold_alone(deliver, order):
    shelf(("RED-MUG", 5))
    deliver(checkout_started(order, ("RED-MUG", 2)))
    first_until = Hold.objects.get().until
    with time_machine.travel(timezone.now() + timedelta(minutes=10)):
        deliver(checkout_started(order, ("RED-MUG", 2)))

    deliver(HoldDue(order_id=order, until=first_until))

    assert figures("RED-MUG") == (5, 2, 0)
    assert Hold.objects.get().state == Hold.State.LIVE


def test_an_old_timer_leaves_a_placed_order_alone(deliver, published_events, order):
    shelf(("RED-MUG", 5))
    deliver(checkout_started(order, ("RED-MUG", 2)))
    until = Hold.objects.get().until
    deliver(order_placed(order, ("RED-MUG", 2)))
    published_events.clear()

    deliver(HoldDue(order_id=order, until=until))

    assert figures("RED-MUG") == (5, 0, 2)
    assert published_events == []


def test_an_expired_hold_can_be_taken_up_again(deliver, order):
    shelf(("RED-MUG", 5))
    deliver(checkout_started(order, ("RED-MUG", 2)))
    deliver(HoldDue(order_id=order, until=Hold.objects.get().until))

    deliver(checkout_started(order, ("RED-MUG", 3)))

    assert figures("RED-MUG") == (5, 3, 0)


def test_a_cancelled_checkout_gives_its_goods_back(deliver, published_events, order):
    shelf(("RED-MUG", 5))
    deliver(checkout_started(order, ("RED-MUG", 2)))
    published_events.clear()

    deliver(order_cancelled(order))

    assert figures("RED-MUG") == (5, 0, 0)
    assert published_events == [
        ReservationReleased(order_id=order),
        AvailabilityChanged(sku="RED-MUG", available=5),
    ]


def test_a_hold_can_be_released_by_hand(order):
    shelf(("RED-MUG", 5))
    services.hold(order_id=order, wanted={"RED-MUG": 2})

    assert services.release_hold(order_id=order, reason="Shopper left") is True
    assert services.release_hold(order_id=order, reason="Shopper left") is False

    assert figures("RED-MUG") == (5, 0, 0)
