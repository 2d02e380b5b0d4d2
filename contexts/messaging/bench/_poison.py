"""Poison: one event that cannot be handled in each of 1 % of the subjects, and what the healthy ones feel of it."""

from __future__ import annotations

from bisect import bisect_left
from datetime import datetime
from statistics import median

from django.conf import settings
from django.db import connections, transaction

from contexts.messaging.bench import _play, _publishing, _stage
from contexts.messaging.bench._figures import Figure, at_least, at_most, of_rounds, percentile
from contexts.messaging.bench._play import PUBLISHER, READER
from contexts.messaging.publishing import publish

PART = "poison"
EVENTS_OF_A_SUBJECT = 2

#: Every so-many-th subject is poisoned.
POISONED = 100


def measure(*, subjects: int, rounds: int) -> list[Figure]:
    """Let two events of every subject flow, with and without poison in turns."""
    p99: dict[bool, list[float]] = {False: [], True: []}
    healthy = [thing for thing in range(subjects) if thing % POISONED]
    finished = len(healthy)
    with _stage.stage("risky"):
        _round(200, poisoned=False)  # Connections, caches.
        for _ in range(rounds):
            for poisoned in (False, True):
                latencies = _round(subjects, poisoned=poisoned)
                finished = min(finished, sum(len(latencies.get(thing, ())) == EVENTS_OF_A_SUBJECT for thing in healthy))
                p99[poisoned].append(percentile((s for thing in healthy for s in latencies.get(thing, ())), 0.99))
        parked = _stage.parked()
    without, with_poison = median(p99[False]), median(p99[True])
    return [
        at_least(PART, "healthy subjects that finished", finished, "subjects", len(healthy)),
        Figure(part=PART, name="events parked, with those behind them", value=parked, unit="events"),
        of_rounds(PART, "healthy subjects without poison, p99", p99[False], "s"),
        of_rounds(PART, "healthy subjects beside poison, p99", p99[True], "s"),
        at_most(PART, "p99 beside poison / without", with_poison / without, "times", 2),
    ]


def _round(subjects: int, *, poisoned: bool) -> dict[int, list[float]]:
    """Return the seconds from publication to the end of its page, by subject, of every event that had its effect."""
    _stage.empty()
    sick = len(range(0, subjects, POISONED)) if poisoned else 0
    with _publishing.elsewhere(_publish, subjects, poisoned):
        _stage.await_effects((subjects - sick) * EVENTS_OF_A_SUBJECT)
    _stage.settle()
    return _latencies()


def _publish(subjects: int, poisoned: bool) -> None:
    numbers = [(thing, turn) for turn in range(EVENTS_OF_A_SUBJECT) for thing in range(subjects)]
    for first in range(0, len(numbers), _publishing.PER_TRANSACTION):
        with transaction.atomic(using=PUBLISHER):
            publish(
                *(
                    _play.Risky(thing=thing, nr=turn, poison=poisoned and turn == 0 and thing % POISONED == 0)
                    for thing, turn in numbers[first : first + _publishing.PER_TRANSACTION]
                )
            )


def _latencies() -> dict[int, list[float]]:
    pages: dict[int, list[tuple[int, datetime]]] = {}
    with connections[READER].cursor() as cursor:
        cursor.execute("select partition, upto, at from messaging_delivery order by partition, upto")
        for partition, upto, at in cursor.fetchall():
            pages.setdefault(partition, []).append((upto, at))
        cursor.execute("select event_id from bench_note")
        done = {row[0] for row in cursor.fetchall()}
    found: dict[int, list[float]] = {}
    with connections[PUBLISHER].cursor() as cursor:
        cursor.execute(
            "select position, p.slot, event_id, (data->>'thing')::int, time "
            "from messaging_position p join messaging_event e on e.id = p.event"
        )
        for position, slot, event_id, thing, published in cursor.fetchall():
            if event_id in done:
                mine = pages[slot % settings.MESSAGING_PARTITIONS]
                at = mine[bisect_left(mine, position, key=lambda page: page[0])][1]
                found.setdefault(thing, []).append((at - published).total_seconds())
    return found
