"""Capture: which tables are watched, and how a change of a row, by whomever, becomes an event."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from functools import lru_cache
from typing import Any, Literal, TypeVar

import msgspec
from psycopg.adapt import Transformer
from psycopg.pq import Format

from contexts.messaging.errors import MisdeclaredHandler
from contexts.messaging.events import Event
from contexts.messaging.naming import context_of
from contexts.messaging.tailing.pgoutput import UNCHANGED, Relation, Row, Values

F = TypeVar("F", bound=Callable[..., Any])
Kind = Literal["insert", "update", "delete", "truncate"]

#: Values by column, as Python has them.
Columns = dict[str, Any]


class RowChange(msgspec.Struct, frozen=True, kw_only=True):
    """A committed change of one row. `before` is None for an insert, `after` for a delete, both for a truncation.

    `before` is the whole row only where the table has REPLICA IDENTITY FULL; `at` is when the transaction committed.
    """

    table: str
    kind: Kind
    before: Columns | None
    after: Columns | None
    at: datetime
    xid: int


class Capture(msgspec.Struct, frozen=True):
    """A watched table and what its changes mean."""

    context: str
    table: str
    function: Callable[..., Event | Sequence[Event] | None]
    batch: bool


_captures: dict[tuple[str, str], Capture] = {}


def captures(table: str, *, batch: bool = False) -> Callable[[F], F]:
    """Declare in a context's `captures.py` what a change of a row in one of its tables means.

        @captures("catalog_supplierprice")
        def tell_price(change: RowChange) -> PriceListed | None: ...

    The function returns the event to append to the log, several, or None; or it calls a service that publishes. It runs
    in a transaction of its context, together with the place in the write-ahead log that was reached: what it writes
    happens exactly once. With `batch=True` it is given a list of changes and returns a sequence of events. Changes
    arrive in the order of their commits, and within a transaction in the order in which they were made.

    The table belongs to the context; give it REPLICA IDENTITY FULL in a migration, else `before` has only the key.

    Raises:
        MisdeclaredHandler: another function captures the table, or the module is in no context.
    """

    def declare(function: F) -> F:
        context = context_of(function.__module__)
        if context is None:
            raise MisdeclaredHandler(f"{function.__module__}.{function.__qualname__} is in no context.")
        register(Capture(context, table, function, batch))
        return function

    return declare


def register(capture: Capture) -> None:
    known = _captures.get((capture.context, capture.table))
    if known is not None and known.function.__qualname__ != capture.function.__qualname__:
        raise MisdeclaredHandler(
            f'"{capture.table}" is captured by {known.function.__qualname__} and by {capture.function.__qualname__}. '
            "One function says what a table's changes mean; let it return several events."
        )
    _captures[capture.context, capture.table] = capture


def capture_of(context: str, table: str) -> Capture | None:
    return _captures.get((context, table))


def captured_tables(context: str) -> list[str]:
    return sorted(table for owner, table in _captures if owner == context)


def row_change(relation: Relation, row: Row, *, at: datetime, xid: int) -> RowChange:
    """Translate what the log says of a row."""
    before = _columns(relation, row.before, None)
    return RowChange(
        table=relation.name,
        kind=row.kind,  # type: ignore[arg-type]  # the decoder makes these four
        before=before,
        after=_columns(relation, row.after, before),
        at=at,
        xid=xid,
    )


def _columns(relation: Relation, values: Values | None, otherwise: Columns | None) -> Columns | None:
    if values is None:
        return None
    return {
        name: None if value is None else (otherwise or {}).get(name) if value is UNCHANGED else _loader(kind)(value)
        for (name, kind), value in zip(relation.columns, values, strict=True)
    }


@lru_cache(maxsize=500)
def _loader(kind: int) -> Callable[[Any], Any]:
    """Return what makes a Python value of the text of a type, as for a query's result."""
    return Transformer().get_loader(kind, Format.TEXT).load
