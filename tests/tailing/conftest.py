"""A tailer of catalog's, on a slot that exists during one test."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.conf import settings
from django.db import OperationalError, connections, transaction

from contexts.messaging.tailing import capture, tailer
from contexts.messaging.tailing.tailer import Tailer


def sql(alias: str, query: str, *parameters: object) -> list[tuple[Any, ...]]:
    with connections[alias].cursor() as cursor:
        cursor.execute(query, list(parameters) or None)
        return cursor.fetchall() if cursor.description else []


def flush(context: str = "catalog") -> None:
    """The tests' server writes its log late; a commit that insists on it brings along everything before it."""
    with transaction.atomic(using=context):
        sql(context, "set local synchronous_commit = on")
        sql(context, "select pg_logical_emit_message(true, 'flush', '')")


def catch_up(one: Tailer) -> int:
    flush(one.context)
    taken = 0
    while moved := one.pass_once():
        taken += moved
    return taken


def logged(context: str = "catalog") -> list[tuple[str, str]]:
    """Type and subject of what is in a context's log, in its order."""
    return sql(context, "select type, subject from messaging_event order by id")


def drop_slot(context: str) -> None:
    for _ in range(50):
        try:
            sql(context, "select tail_drop()")
            return
        except OperationalError:  # Its reader is on its way out.
            time.sleep(0.1)


@pytest.fixture
def catalog_tailer(transactional_db: None) -> Iterator[Tailer]:
    one = Tailer("catalog")
    one.open()
    yield one
    one.close()
    drop_slot("catalog")


@pytest.fixture
def through_the_wal(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(settings, "MESSAGING_OUTBOX", {"catalog": "wal"})


@pytest.fixture
def stock_list(transactional_db: None) -> Iterator[str]:
    """A table of catalog's that a test may capture."""
    sql("catalog", "create table probe_row (id int primary key, word text, amount numeric, day date)")
    sql("catalog", "alter table probe_row replica identity full")
    yield "probe_row"
    sql("catalog", "drop table probe_row")


@pytest.fixture
def capturing(stock_list: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[..., Tailer]]:
    """Return `capturing(function, batch=False)`: a tailer whose context captures the table `probe_row`."""
    monkeypatch.setattr(capture, "_captures", {})
    made: list[Tailer] = []

    def start(function: Any, *, batch: bool = False) -> Tailer:
        capture.register(capture.Capture("catalog", stock_list, function, batch))
        one = tailer.Tailer("catalog")
        one.open()
        made.append(one)
        return one

    yield start
    for one in made:
        one.close()
    drop_slot("catalog")
    sql("catalog", "delete from messaging_tail")
