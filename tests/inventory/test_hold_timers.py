"""Holds end by themselves, through the real timers and the real delivery."""

from datetime import timedelta
from uuid import uuid4

import pytest
import time_machine
from django.utils import timezone

from contexts.inventory import services
from contexts.inventory.events import HoldExpired
from tests.inventory.factories import figures, shelf

pytestmark = pytest.mark.django_db(databases="__all__", transaction=True)


def test_a_hold_lasts_until_its_moment_and_no_longer(network, deliver_all, published_events):
    shelf(("RED-MUG", 5))
    order = uuid4()
    services.hold(order_id=order, wanted={"RED-MUG": 2})
    deliver_all()
    assert figures("RED-MUG") == (5, 2, 0)

    with time_machine.travel(timezone.now() + timedelta(minutes=15, seconds=1)):
        deliver_all()

    assert figures("RED-MUG") == (5, 0, 0)
    assert published_events.of(HoldExpired) == [HoldExpired(order_id=order)]


def test_a_renewed_hold_outlives_its_first_timer(network, deliver_all, published_events):
    shelf(("RED-MUG", 5))
    order = uuid4()
    services.hold(order_id=order, wanted={"RED-MUG": 2})
    with time_machine.travel(timezone.now() + timedelta(minutes=10)):
        services.hold(order_id=order, wanted={"RED-MUG": 2})

    with time_machine.travel(timezone.now() + timedelta(minutes=20)):
        deliver_all()
    assert figures("RED-MUG") == (5, 2, 0)

    with time_machine.travel(timezone.now() + timedelta(minutes=26)):
        deliver_all()
    assert figures("RED-MUG") == (5, 0, 0)
    assert published_events.of(HoldExpired) == [HoldExpired(order_id=order)]


def test_a_placed_order_has_no_timer_left(network, deliver_all, published_events):
    shelf(("RED-MUG", 5))
    order = uuid4()
    services.hold(order_id=order, wanted={"RED-MUG": 2})
    services.reserve(order_id=order, wanted={"RED-MUG": 2})

    with time_machine.travel(timezone.now() + timedelta(hours=1)):
        deliver_all()

    assert figures("RED-MUG") == (5, 0, 2)
    assert published_events.of(HoldExpired) == []
