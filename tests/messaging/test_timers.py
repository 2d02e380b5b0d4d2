"""Timers: events that enter the log at their time, once, unless they are cancelled."""

from datetime import UTC, datetime, timedelta

import pytest
from celery import current_app
from django.conf import settings
from django.db import transaction
from uuid_utils.compat import uuid7

from contexts.catalog.events import PriceChanged, ProductWithdrawn
from contexts.messaging import cancel_timers, publish
from contexts.messaging.beat import CoalescingScheduler
from contexts.messaging.memory import MemoryTransport
from contexts.messaging.timers import fire_due, next_due
from contexts.messaging.transport import Message, use
from tests.messaging.conftest import price_changed

pytestmark = pytest.mark.django_db(databases=["catalog"])


def soon(seconds: float) -> datetime:
    return datetime.now(UTC) + timedelta(seconds=seconds)


def test_a_timer_fires_once_when_it_is_due(published_events):
    due, later = price_changed(cents=1), price_changed(cents=2)
    with transaction.atomic(using="catalog"):
        publish(due, at=soon(-1))
        publish(later, at=soon(60))

    fired = [fire_due("catalog"), fire_due("catalog")]

    assert fired == [1, 0]
    assert published_events == [due]
    assert next_due("catalog") is not None


def test_a_timer_of_a_change_that_rolls_back_does_not_exist(published_events):
    with pytest.raises(RuntimeError), transaction.atomic(using="catalog"):
        publish(price_changed(), at=soon(-1))
        raise RuntimeError

    assert fire_due("catalog") == 0
    assert published_events == []


def test_cancelling_takes_only_the_named_kind_and_subject(published_events):
    mine, other = uuid7(), uuid7()
    with transaction.atomic(using="catalog"):
        for product_id in (mine, other):
            publish(price_changed(product_id=product_id), at=soon(-1))
        publish(ProductWithdrawn(product_id=mine, skus=[]), at=soon(-1))
        cancelled = cancel_timers(PriceChanged, subject=f"product/{mine}")

    fire_due("catalog")

    assert cancelled == 1
    assert {event.subject for event in published_events.of(PriceChanged)} == {f"product/{other}"}
    assert len(published_events.of(ProductWithdrawn)) == 1


def test_timers_are_looked_for_often_enough_to_be_on_time_within_a_second():
    (entry,) = current_app.conf.beat_schedule.values()

    assert entry["schedule"] < 0.9, "a tenth is for the way through the broker"


def test_the_clock_asks_every_context_to_sweep():
    network = MemoryTransport()

    with use(network):
        scheduler = CoalescingScheduler(current_app)
        (entry,) = scheduler.schedule.values()
        scheduler.apply_async(entry)
        scheduler.apply_async(entry)

    asked = [network.next() for _ in settings.CONTEXTS]
    assert asked == [Message("messaging.sweep", context, (context,)) for context in settings.CONTEXTS]
    assert not network.next()
