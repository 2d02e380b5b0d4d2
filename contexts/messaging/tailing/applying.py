"""What the write-ahead log said becomes events in the context's log, in one transaction with the place reached."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import groupby
from uuid import UUID

import msgspec
import structlog
from django.db import InterfaceError, OperationalError, connections, transaction

from contexts.messaging import log, work
from contexts.messaging.envelope import acting_as
from contexts.messaging.errors import MessagingError, NotYourEvent, Refused
from contexts.messaging.events import Event
from contexts.messaging.tailing import lsn, outbox
from contexts.messaging.tailing.capture import Capture, RowChange, capture_of
from contexts.messaging.tailing.slots import Place
from contexts.messaging.wakeups import wake_relay_on_commit

logger = structlog.get_logger(__name__)

#: Who made a row change is not in the write-ahead log.
ACTOR = "database"
APPEND_AT_ONCE = 1000


class Overtaken(MessagingError):
    """Another tailer has moved the place; nothing was written."""


class Step(msgspec.Struct, frozen=True):
    """One thing that the write-ahead log said: a message, or a change together with its transaction's correlation."""

    message: bytes | None
    change: RowChange | None
    correlation_id: UUID | None


def apply(context: str, steps: Sequence[Step], *, before: Place, reached: Place) -> None:
    """Append what the steps mean and move the place, all or nothing.

    Raises:
        Overtaken: the place is no longer `before`.
    """
    with transaction.atomic(using=context):
        with connections[context].cursor() as cursor:
            # The slot must not be moved past what a crash of the server could take back.
            cursor.execute("set local synchronous_commit = on")
        move(context, before=before, reached=reached)
        for key, run in groupby(steps, key=_kind):
            if key is None:
                _append(context, list(_records(context, run)))
            else:
                _take(context, [step.change for step in run if step.change is not None], key[1])
        wake_relay_on_commit(context)


def move(context: str, *, before: Place, reached: Place) -> None:
    with connections[context].cursor() as cursor:
        cursor.execute(
            """
            update messaging_tail set lsn = %s, partial = %s, done = %s, moved_at = now()
            where lsn = %s and partial = %s and done = %s
            """,
            [
                lsn.text(reached.end), lsn.text(reached.partial), reached.done,
                lsn.text(before.end), lsn.text(before.partial), before.done,
            ],
        )  # fmt: skip
        if cursor.rowcount != 1:
            raise Overtaken(f"Another process tails the log of {context}.")


def _kind(step: Step) -> tuple[str, UUID] | None:
    if step.change is None or step.correlation_id is None:
        return None
    return step.change.table, step.correlation_id


def _records(context: str, steps: Iterator[Step]) -> Iterator[log.Record]:
    for step in steps:
        try:
            yield from outbox.open_message(context, step.message or b"")
        except Refused as problem:
            work.refuse(context, str(problem))


def _append(context: str, entries: Sequence[log.Record]) -> None:
    for start in range(0, len(entries), APPEND_AT_ONCE):
        log.append(context, entries[start : start + APPEND_AT_ONCE])


def _take(context: str, changes: Sequence[RowChange], correlation_id: UUID) -> None:
    capture = capture_of(context, changes[0].table)
    if capture is None:  # The publication still has a table whose capture is gone.
        return
    try:
        with transaction.atomic(using=context), acting_as(ACTOR, correlation_id=correlation_id):
            _append(context, log.records(events_of(capture, changes)))
    except (OperationalError, InterfaceError):
        raise  # The database, not the row: the whole step is done again.
    except Exception as problem:
        if len(changes) == 1:
            refuse(context, changes[0], problem)
            return
        half = len(changes) // 2
        _take(context, changes[:half], correlation_id)
        _take(context, changes[half:], correlation_id)


def events_of(capture: Capture, changes: Sequence[RowChange]) -> list[Event]:
    if capture.batch:
        said = capture.function(list(changes)) or []
        events = [said] if isinstance(said, Event) else list(said)
    else:
        events = []
        for change in changes:
            one = capture.function(change)
            events += [one] if isinstance(one, Event) else list(one or [])
    for event in events:
        if event.event_context != capture.context:
            raise NotYourEvent(
                f'{capture.function.__qualname__} returned "{event.event_name}". Only {event.event_context} says that.'
            )
    return events


def refuse(context: str, change: RowChange, problem: Exception) -> None:
    """Keep a change that its function could not take, so that those behind it are not held up."""
    logger.warning("row change refused", context=context, table=change.table, problem=str(problem))
    with connections[context].cursor() as cursor:
        cursor.execute(
            """
            insert into messaging_tail_refused
                (table_name, kind, before, after, committed_at, xid, problem, refused_at)
            values (%s, %s, %s, %s, %s, %s, %s, now())
            """,
            [
                change.table, change.kind, _json(change.before), _json(change.after), change.at, change.xid,
                f"{type(problem).__name__}: {problem}"[:2000],
            ],
        )  # fmt: skip


def _json(columns: dict[str, object] | None) -> str | None:
    return None if columns is None else msgspec.json.encode(columns, enc_hook=str).decode()
