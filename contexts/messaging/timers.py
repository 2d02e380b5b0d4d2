"""Timers: events that enter the log at a moment to come. They wait in PostgreSQL and survive what events survive."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime

from django.db import connections, transaction

from contexts.messaging import log, silence
from contexts.messaging.events import Event
from contexts.messaging.prepared import prepared_cursor
from contexts.messaging.tailing import outbox

COLUMNS = "event_id, type, version, subject, correlation_id, causation_id, actor, data"
BATCH = 500


def schedule(context: str, entries: Sequence[log.Record], at: datetime) -> None:
    """Keep events until `at`, in the caller's transaction."""
    with prepared_cursor(context) as cursor:
        for entry in entries:
            cursor.execute(
                f"insert into messaging_timer (due_at, {COLUMNS}) values (%s, %s, %s, %s, %s, %s, %s, %s, %s)",
                [
                    at, entry.event_id, entry.type, entry.version, entry.subject, entry.correlation_id,
                    entry.causation_id, entry.actor, entry.data,
                ],
            )  # fmt: skip


def cancel_timers(event: type[Event], *, subject: str) -> int:
    """Drop the pending timers of one kind for a subject; return how many there were.

    Raises:
        NotInTransaction: no transaction of the event's context is open.
    """
    log.require_transaction(event.event_context, f'The cancellation of "{event.event_name}"')
    if silence.replaying():
        return 0
    with prepared_cursor(event.event_context) as cursor:
        names = [event.event_name, *event.event_aliases]
        cursor.execute("delete from messaging_timer where type = any(%s) and subject = %s", [names, subject])
        cancelled: int = cursor.rowcount
        return cancelled


def fire_due(context: str) -> int:
    """Move the due timers of a context into its log; return how many."""
    with transaction.atomic(using=context), connections[context].cursor() as cursor:
        cursor.execute(
            f"""
            delete from messaging_timer where id in (
                select id from messaging_timer where due_at <= %s order by due_at, id limit %s for update skip locked
            ) returning due_at, id, {COLUMNS.replace("data", "data::text")}
            """,
            [datetime.now(UTC), BATCH],
        )
        due = sorted(cursor.fetchall())
        if due:
            # The log's clock, not the one that timers are due by: a demo's past must not mix the two.
            now = log.now()
            fields = COLUMNS.split(", ")
            outbox.write(context, [log.Record(time=now, **dict(zip(fields, row[2:], strict=True))) for row in due])
    return len(due)


def next_due(context: str) -> datetime | None:
    """Return when the next timer of a context is due, None if there is none."""
    with connections[context].cursor() as cursor:
        cursor.execute("select min(due_at) from messaging_timer")
        due_at: datetime | None = cursor.fetchone()[0]
        return due_at
