"""The price of publishing: a row and an event in a transaction, beside a row and a plain second row; and the wake-up."""

from __future__ import annotations

import time
from collections.abc import Callable
from statistics import median

from django.db import connections, transaction
from uuid_utils.compat import uuid7

from contexts.messaging import transport
from contexts.messaging.bench import _play, _stage
from contexts.messaging.bench._figures import Figure, at_most
from contexts.messaging.bench._play import PUBLISHER
from contexts.messaging.memory import MemoryTransport
from contexts.messaging.publishing import publish
from contexts.messaging.wakeups import relay_message

PART = "price"

TABLES = """
create table bench_thing (id uuid primary key, nr int not null, word text not null, at timestamptz not null default now());
create index on bench_thing (nr);
create table bench_other (id uuid primary key, nr int not null, word text not null, at timestamptz not null default now());
create index on bench_other (nr)
"""


def measure(*, rounds: int) -> list[Figure]:
    """Alternate the transactions, so many of each; wake-ups go to a real broker whose workers take them."""
    took: dict[str, list[float]] = {"two rows": [], "row and event": [], "wake-up": []}
    with _stage.stage("single"):
        with connections[PUBLISHER].cursor() as cursor:
            cursor.execute(TABLES)
        with transport.use(MemoryTransport()):  # The wake-up is measured by itself.
            for nr in range(-20, rounds):
                sides = [("two rows", _two_rows), ("row and event", _row_and_event)]
                for name, side in sides if nr % 2 else reversed(sides):
                    seconds = _timed(side, nr)
                    if nr >= 0:
                        took[name].append(seconds)
        for nr in range(-20, rounds):
            # Spaced as requests are, so that most find the last hint taken and have to send one.
            time.sleep(0.005)
            seconds = _timed(_wake, nr)
            if nr >= 0:
                took["wake-up"].append(seconds)
    ms = {name: median(times) * 1000 for name, times in took.items()}
    return [
        Figure(part=PART, name="transaction with two rows", value=ms["two rows"], unit="ms"),
        Figure(part=PART, name="transaction with a row and an event", value=ms["row and event"], unit="ms"),
        at_most(PART, "event / second row", ms["row and event"] / ms["two rows"], "times", 1.5),
        at_most(PART, "wake-up after the commit", ms["wake-up"], "ms", 0.3),
    ]


def _timed(work: Callable[[int], None], nr: int) -> float:
    began = time.perf_counter()
    work(nr)
    return time.perf_counter() - began


def _two_rows(nr: int) -> None:
    with transaction.atomic(using=PUBLISHER):
        _insert("bench_thing", nr)
        _insert("bench_other", nr)


def _row_and_event(nr: int) -> None:
    with transaction.atomic(using=PUBLISHER):
        _insert("bench_thing", nr)
        publish(_play.Single(thing=nr, nr=nr))


def _insert(table: str, nr: int) -> None:
    with connections[PUBLISHER].cursor() as cursor:
        cursor.execute(f"insert into {table} (id, nr, word) values (%s, %s, %s)", [uuid7(), nr, _play.WORD])


def _wake(nr: int) -> None:
    transport.current().hint(relay_message(PUBLISHER))
