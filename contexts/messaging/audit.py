"""The audit trail of a stream: who, what, when, why, and from where; and which version it was at, at a moment."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from uuid import UUID

import msgspec
from django.conf import settings
from django.db import connections

from contexts.messaging.events import Event, reader
from contexts.messaging.keys import KeyRing


class Cause(msgspec.Struct, frozen=True, kw_only=True):
    """The event in answer to which something happened; `type` and `source` are None where its log is not at hand."""

    id: UUID
    source: str | None
    type: str | None


class Entry(msgspec.Struct, frozen=True, kw_only=True):
    """An event of a stream with all that is known of it. `event` is read as of today, `data_version` as it was stored."""

    version: int
    time: datetime
    id: UUID
    type: str
    data_version: int
    actor: str
    correlation_id: UUID
    cause: Cause | None
    event: Event


def history(context: str, subject: str, *, upto: int | None = None) -> list[Entry]:
    """Return what happened to an event-sourced subject, oldest first."""
    with connections[context].cursor() as cursor:
        cursor.execute(
            """
            select stream_version, time, event_id, type, version, actor, correlation_id, causation_id, data::text
            from messaging_event
            where subject = %s and stream_version is not null and (%s::int is null or stream_version <= %s)
            order by stream_version
            """,
            [subject, upto, upto],
        )
        rows = cursor.fetchall()
    causes = causes_of(row[7] for row in rows if row[7] is not None)
    ring = KeyRing(context)
    return [
        Entry(
            version=version, time=time, id=event_id, type=name, data_version=data_version, actor=actor,
            correlation_id=correlation_id, cause=causes.get(causation_id),
            event=reader(name, data_version)(ring.open(data)),
        )
        for version, time, event_id, name, data_version, actor, correlation_id, causation_id, data in rows
    ]  # fmt: skip


def causes_of(event_ids: Iterable[UUID]) -> dict[UUID, Cause]:
    """Return where each event was published and what it is, asking the log of each context in this process once."""
    wanted = set(event_ids)
    causes = {event_id: Cause(id=event_id, source=None, type=None) for event_id in wanted}
    for context in settings.CONTEXTS:
        if not wanted:
            break
        with connections[context].cursor() as cursor:
            cursor.execute("select event_id, type from messaging_event where event_id = any(%s)", [list(wanted)])
            for event_id, name in cursor.fetchall():
                causes[event_id] = Cause(id=event_id, source=context, type=name)
                wanted.discard(event_id)
    return causes


def version_at(context: str, subject: str, moment: datetime) -> int:
    """Return the version that a stream was at, at a moment; 0 before it began."""
    with connections[context].cursor() as cursor:
        cursor.execute(
            "select coalesce(max(stream_version), 0) from messaging_event where subject = %s and time <= %s",
            [subject, moment],
        )
        version: int = cursor.fetchone()[0]
        return version
