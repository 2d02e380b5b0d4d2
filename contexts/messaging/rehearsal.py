"""Rehearsal: what a parked event would change, shown from a transaction that is rolled back."""

from __future__ import annotations

from typing import Any

import msgspec
from django.db import connections, transaction
from psycopg import sql

from contexts.messaging import redrive
from contexts.messaging.errors import MessagingError
from contexts.messaging.inbox import forgetful

#: Rows of a table that one rehearsal shows, at most.
SHOWN = 20


class Change(msgspec.Struct, frozen=True, kw_only=True):
    """What would happen to one table: counts, and the new rows as they would be."""

    table: str
    inserted: int
    updated: int
    deleted: int
    rows: list[dict[str, Any]]


class Rehearsal(msgspec.Struct, frozen=True, kw_only=True):
    """The outcome of a dry run: how many events of the subject would be handled, and what would change."""

    handled: int
    problem: str
    changes: list[Change]


class _Undo(Exception):
    """Ends the rehearsal."""


def rehearse(parked: redrive.Parked) -> Rehearsal:
    """Run the handlers for a parked event's subject, look at the tables, and roll everything back.

    Raises:
        MessagingError: the subscriber keeps its effects in another store, where nothing could be rolled back; or the
            event is not parked any more.
    """
    if parked.subscriber in forgetful():
        raise MessagingError(
            f"{parked.subscriber} writes to a store that cannot roll back; there is no rehearsal for it."
        )
    result: Rehearsal | None = None
    try:
        with transaction.atomic(using=parked.context):
            redrive.hold(parked)
            before = _counts(parked.context)
            handled = redrive.release(
                parked.context, publisher=parked.publisher, subscriber=parked.subscriber, partition=parked.partition,
                subject=parked.subject,
            )  # fmt: skip
            left = redrive.find(parked.context, parked.subject)
            problem = next((row.problem for row in left if row.subscriber == parked.subscriber and row.problem), "")
            result = Rehearsal(handled=handled, problem=problem, changes=_changes(parked.context, before))
            raise _Undo
    except _Undo:
        assert result is not None
        return result


Counts = dict[str, tuple[int, int, int]]


def _counts(context: str) -> Counts:
    """Return the rows inserted, updated and deleted by table.

    PostgreSQL counts for a session and passes the counts on once a second, so those of earlier transactions may be
    among them: only the difference between two looks is this transaction's.
    """
    with connections[context].cursor() as cursor:
        cursor.execute(
            """
            select relname, n_tup_ins, n_tup_upd, n_tup_del from pg_stat_xact_user_tables
            where schemaname = %s and n_tup_ins + n_tup_upd + n_tup_del > 0
              and (relname not like 'messaging!_%%' escape '!' or relname like 'messaging!_event%%' escape '!')
            order by relname
            """,
            [context],
        )
        return {table: counts for table, *counts in cursor.fetchall()}


def _changes(context: str, before: Counts) -> list[Change]:
    changes = []
    for table, now in _counts(context).items():
        inserted, updated, deleted = (b - a for a, b in zip(before.get(table, (0, 0, 0)), now, strict=True))
        if inserted or updated or deleted:
            with connections[context].cursor() as cursor:
                rows = _new_rows(cursor, table)
            changes.append(Change(table=table, inserted=inserted, updated=updated, deleted=deleted, rows=rows))
    return changes


def _new_rows(cursor: Any, table: str) -> list[dict[str, Any]]:
    """Return the rows that this transaction wrote: those whose writer is not older than it."""
    query = sql.SQL(
        "select to_jsonb(t)::text from {} t where age(t.xmin) <= age(pg_current_xact_id()::xid) limit {}"
    ).format(sql.Identifier(table), sql.Literal(SHOWN))
    cursor.execute(query)
    return [msgspec.json.decode(row[0]) for row in cursor.fetchall()]
