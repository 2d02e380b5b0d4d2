"""`events where` knows when history received an event, although its position is in Redis."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime

import pytest
import redis
import time_machine
from django.db import connections, transaction

from contexts.messaging import Event, publish
from contexts.messaging.tracing import require_event, whereabouts
from tests.history.factories import placed

pytestmark = pytest.mark.django_db(transaction=True, databases="__all__")

NOON = datetime(2026, 5, 1, 12, tzinfo=UTC)


def say(event: Event) -> str:
    with transaction.atomic(using="ordering"):
        publish(event)
    with connections["ordering"].cursor() as cursor:
        cursor.execute("select event_id from messaging_event order by id desc limit 1")
        return str(cursor.fetchone()[0])


def history_of(event_id: str) -> tuple[str, datetime | None]:
    event = require_event(event_id)
    [place] = [place for place in whereabouts([event])[event.id] if place.subscriber == "history"]
    return place.state, place.at


def test_an_event_is_delivered_to_history_at_a_known_time(
    client_of_redis: redis.Redis, deliver_all: Callable[[], int]
) -> None:
    event_id = say(placed(1))
    before = history_of(event_id)

    with time_machine.travel(NOON, tick=False):
        deliver_all()

    assert before == ("not yet", None)
    assert history_of(event_id) == ("delivered", NOON)


def test_a_lost_redis_takes_the_time_along_but_not_the_answer(
    client_of_redis: redis.Redis, deliver_all: Callable[[], int]
) -> None:
    event_id = say(placed(1))
    deliver_all()

    client_of_redis.flushdb()

    assert history_of(event_id) == ("delivered", None)
