"""Row changes that could not become events: kept, shown, and taken again once the reason is gone."""

from __future__ import annotations

from datetime import datetime

import msgspec
from django.db import connections, transaction
from psycopg import sql
from uuid_utils.compat import uuid7

from contexts.messaging import log
from contexts.messaging.envelope import acting_as
from contexts.messaging.tailing import applying, capture


class RefusedChange(msgspec.Struct, frozen=True, kw_only=True):
    """One of them, as it is kept; columns are as JSON has them."""

    id: int
    table: str
    kind: str
    before: dict[str, object] | None
    after: dict[str, object] | None
    at: datetime
    problem: str


class Outcome(msgspec.Struct):
    """How many were taken, how many the table has gone past, and how many failed again."""

    taken: int = 0
    outdated: int = 0
    failed: int = 0


def refused_changes(context: str, *, limit: int = 100) -> list[RefusedChange]:
    """Return the oldest ones."""
    with connections[context].cursor() as cursor:
        cursor.execute(
            "select id, table_name, kind, before::text, after::text, committed_at, problem from messaging_tail_refused "
            "order by id limit %s",
            [limit],
        )
        return [
            RefusedChange(
                id=row[0], table=row[1], kind=row[2], before=_columns(row[3]), after=_columns(row[4]), at=row[5],
                problem=row[6],
            )
            for row in cursor.fetchall()
        ]  # fmt: skip


def retry(context: str) -> Outcome:
    """Take refused changes again, oldest first. One whose row has changed since is dropped: the later change was taken."""
    outcome = Outcome()
    after = 0
    while found := [change for change in refused_changes(context, limit=10_000) if change.id > after]:
        for change in found:
            after = change.id
            with transaction.atomic(using=context):
                result = _retry_one(context, change)
            setattr(outcome, result, getattr(outcome, result) + 1)
    return outcome


def discard(context: str) -> int:
    """Drop all refused changes; return how many there were."""
    with connections[context].cursor() as cursor:
        cursor.execute("delete from messaging_tail_refused")
        return int(cursor.rowcount)


def _retry_one(context: str, refused: RefusedChange) -> str:
    known = capture.capture_of(context, refused.table)
    if known is None or not _still_so(context, refused):
        _forget(context, refused)
        return "outdated"
    before, after = (_typed(context, refused.table, columns) for columns in (refused.before, refused.after))
    change = capture.RowChange(
        table=refused.table, kind=refused.kind, before=before, after=after, at=refused.at, xid=0  # type: ignore[arg-type]
    )  # fmt: skip
    try:
        with transaction.atomic(using=context), acting_as(applying.ACTOR, correlation_id=uuid7()):
            entries = log.records(applying.events_of(known, [change]))
            if entries:
                log.append(context, entries)
    except Exception:
        return "failed"
    _forget(context, refused)
    return "taken"


def _still_so(context: str, refused: RefusedChange) -> bool:
    if refused.after is None:
        return True
    with connections[context].cursor() as cursor:
        cursor.execute(
            sql.SQL("select exists (select from {table} t where t = jsonb_populate_record(null::{table}, %s))").format(
                table=sql.Identifier(refused.table)
            ),
            [msgspec.json.encode(refused.after).decode()],
        )
        return bool(cursor.fetchone()[0])


def _typed(context: str, table: str, columns: dict[str, object] | None) -> dict[str, object] | None:
    """Give the columns of a kept row the types that the table gives them."""
    if columns is None:
        return None
    with connections[context].cursor() as cursor:
        cursor.execute(
            sql.SQL("select * from jsonb_populate_record(null::{}, %s)").format(sql.Identifier(table)),
            [msgspec.json.encode(columns).decode()],
        )
        row = cursor.fetchone()
        return {column.name: value for column, value in zip(cursor.description, row, strict=True)}


def _forget(context: str, refused: RefusedChange) -> None:
    with connections[context].cursor() as cursor:
        cursor.execute("delete from messaging_tail_refused where id = %s", [refused.id])


def _columns(text: str | None) -> dict[str, object] | None:
    return None if text is None else msgspec.json.decode(text)
