"""What is measured by `bench events`: an event of each kind, the handlers that hear it, and the naive task beside them.

Both sides have the same effect: a row of `bench_note`, whose primary key is the event's id.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from functools import cache
from typing import Any
from uuid import UUID

import msgspec
import redis
from celery import shared_task
from django.conf import settings
from django.db import connections, models, transaction

from contexts.messaging import subscriptions
from contexts.messaging.bench._scratch import ALIAS
from contexts.messaging.envelope import Envelope
from contexts.messaging.events import Event
from contexts.messaging.subscriptions import Handler

PUBLISHER = ALIAS

#: The subscriber's context, with a schema of its own.
READER = "bench_reader"

TABLES = """
create table bench_note (
    event_id uuid primary key, thing int not null, nr int not null, word text not null,
    at timestamptz not null default clock_timestamp()
)
"""

#: Where the moments of committed effects are kept, by number, when a part asks for them.
MOMENTS = "bench:moments"

WORD = "left at the door, as agreed on the telephone"


class Single(Event, name="bench.single", version=1, subject="thing/{thing}"):
    """Handled one at a time, each with one insert through the ORM."""

    __module__ = PUBLISHER
    thing: int
    nr: int
    word: str = WORD


class Batch(Event, name="bench.batch", version=1, subject="thing/{thing}"):
    """Handled in lists, each with one insert of many rows."""

    __module__ = PUBLISHER
    thing: int
    nr: int
    word: str = WORD


class Timed(Event, name="bench.timed", version=1, subject="thing/{thing}"):
    """As `Single`, and the moment of the commit is noted."""

    __module__ = PUBLISHER
    thing: int
    nr: int
    word: str = WORD


class Risky(Event, name="bench.risky", version=1, subject="thing/{thing}"):
    """As `Single`, but its handler fails where `poison` is set."""

    __module__ = PUBLISHER
    thing: int
    nr: int
    word: str = WORD
    poison: bool = False


class Poison(Exception):
    """What the handler of a poisoned event raises."""


@cache
def note() -> Any:
    """Return the model of the effects; made when asked for, so that no shop knows it."""

    class Note(models.Model):
        event_id = models.UUIDField(primary_key=True)
        thing = models.IntegerField()
        nr = models.IntegerField()
        word = models.TextField()

        class Meta:
            app_label = READER
            db_table = "bench_note"
            managed = False

        def __str__(self) -> str:
            return str(self.event_id)

    return Note


def _write_one(event: Any, envelope: Envelope) -> None:
    note().objects.using(READER).create(event_id=envelope.id, thing=event.thing, nr=event.nr, word=event.word)


def _write_many(pairs: list[tuple[Any, Envelope]]) -> None:
    rows = [
        {"event_id": envelope.id, "thing": event.thing, "nr": event.nr, "word": event.word} for event, envelope in pairs
    ]
    with connections[READER].cursor() as cursor:
        cursor.execute(
            "insert into bench_note (event_id, thing, nr, word) "
            "select * from json_to_recordset(%s::json) as row (event_id uuid, thing int, nr int, word text)",
            [msgspec.json.encode(rows).decode()],
        )


def _write_and_note_moment(event: Any, envelope: Envelope) -> None:
    _write_one(event, envelope)
    transaction.on_commit(lambda: store().hset(MOMENTS, str(event.nr), time.time()), using=READER)


def _write_unless_poisoned(event: Any, envelope: Envelope) -> None:
    if event.poison:
        raise Poison(f"thing {event.thing} cannot be taken")
    _write_one(event, envelope)


KINDS: dict[str, tuple[type[Event], Callable[..., None], bool]] = {
    "single": (Single, _write_one, False),
    "batch": (Batch, _write_many, True),
    "timed": (Timed, _write_and_note_moment, False),
    "risky": (Risky, _write_unless_poisoned, False),
}


def listen(kinds: list[str]) -> None:
    """Declare the handlers of these kinds in this process, each of a subscriber of its own."""
    for kind in kinds:
        event, function, batch = KINDS[kind]
        subscriber = f"{READER}:{kind}"
        subscriptions._handlers[subscriber][event.event_name] = [Handler(event, function, batch, subscriber)]


def listen_to_nothing() -> None:
    """Take the declarations back."""
    for kind in KINDS:
        subscriptions._handlers.pop(f"{READER}:{kind}", None)


@cache
def store() -> redis.Redis:
    return redis.Redis.from_url(settings.REDIS_URL)


# --- the naive alternative: a task for each event, sent when the change has committed


@shared_task(name="bench.naive", acks_late=True, ignore_result=True)
def naive(event_id: str, thing: int, nr: int, word: str) -> None:
    with transaction.atomic(using=READER):
        note().objects.using(READER).get_or_create(
            event_id=UUID(event_id), defaults={"thing": thing, "nr": nr, "word": word}
        )


@shared_task(name="bench.hop", ignore_result=True)
def hop(nr: int) -> None:
    """A bare Celery hop: nothing but the moment of the arrival."""
    store().hset(MOMENTS, str(nr), time.time())
