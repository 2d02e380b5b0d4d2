"""Event sourcing: an aggregate's state is what its events add up to, and its stream is the log that subscribers receive."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from functools import wraps
from typing import Any, ParamSpec, TypeVar
from uuid import UUID

import msgspec
import structlog
from uuid_utils import uuid7

from contexts.messaging import keys, log, silence, snapshots, telemetry
from contexts.messaging.aggregates import Aggregate
from contexts.messaging.crashpoints import crash_point
from contexts.messaging.envelope import current_cause, known_correlation, traceparents
from contexts.messaging.errors import BrokenStream, Conflict, MessagingError
from contexts.messaging.events import Event, reader
from contexts.messaging.personal import SEALED
from contexts.messaging.prepared import prepared_cursor
from contexts.messaging.wakeups import wake_relay_on_commit

__all__ = ["Aggregate", "append", "load", "read", "retrying", "save"]

logger = structlog.get_logger(__name__)

A = TypeVar("A", bound=Aggregate)
P = ParamSpec("P")
R = TypeVar("R")

#: A decision is made anew at most so often when others append in between.
ATTEMPTS = 5

#: More than any stream has.
NEWEST = 2**31 - 1

# --- loading

READ = """
select stream_version, type, version, data::text from messaging_event
where subject = %s and stream_version > %s::int and stream_version <= %s::int order by stream_version
"""

# One round trip: the newest snapshot that fits, then what came after it.
LOAD = """
with newest as materialized (
    select version, state from messaging_snapshot
    where subject = %s and kind = %s and fingerprint = %s and version <= %s::int order by version desc limit 1
)
select version, null::text, null::smallint, null::text, state from newest
union all
(
    select stream_version, type, version, data::text, null::bytea from messaging_event
    where subject = %s and stream_version > coalesce((select version from newest), 0) and stream_version <= %s::int
    order by stream_version
)
"""


def load(kind: type[A], id: UUID, *, version: int | None = None) -> A:
    """Return the aggregate as its stream has it, up to `version` if given; at version 0 when the stream is empty.

    It starts from the newest snapshot at or below `version` that fits the class of today, and replays the rest.

    Raises:
        BrokenStream: a version is missing in the log.
    """
    aggregate, upto = kind(id=id), NEWEST if version is None else version
    if not kind.snapshot_every:
        return replay(aggregate, upto=upto)
    subject = aggregate.subject
    with prepared_cursor(kind.aggregate_context) as cursor:
        cursor.execute(LOAD, [subject, kind.aggregate_kind, snapshots.fingerprint(kind), upto, subject, upto])
        rows = cursor.fetchall()
    if rows and rows[0][4] is not None:
        stored = snapshots.decoded(kind, subject, rows[0][0], rows[0][4])
        if stored is None:
            return replay(aggregate, upto=upto)
        aggregate = stored
        del rows[0]
    _fold(aggregate, rows)
    if len(rows) >= kind.snapshot_every and version is None:
        snapshots.ask_for(aggregate)
    return aggregate


def replay(aggregate: A, *, upto: int = NEWEST) -> A:
    """Apply to an aggregate what its stream has after the aggregate's version; no snapshot is used."""
    with prepared_cursor(aggregate.aggregate_context) as cursor:
        cursor.execute(READ, [aggregate.subject, aggregate.version, upto])
        _fold(aggregate, cursor.fetchall())
    return aggregate


def read(context: str, subject: str, *, after: int = 0, upto: int | None = None) -> list[Event]:
    """Return the events of a stream with `after` < version <= `upto`, oldest first."""
    with prepared_cursor(context) as cursor:
        cursor.execute(READ, [subject, after, NEWEST if upto is None else upto])
        rows = cursor.fetchall()
    ring = keys.KeyRing(context)
    return [reader(name, version)(ring.open(data)) for _, name, version, data in rows]


def _fold(aggregate: Aggregate, rows: Sequence[tuple[Any, ...]]) -> None:
    """Apply rows of (stream version, type, version, data...)."""
    apply, at = aggregate.apply, aggregate.version
    readers: dict[tuple[str, int], Callable[[str | bytes], Event]] = {}
    ring = keys.KeyRing(aggregate.aggregate_context)
    for row in rows:
        at += 1
        if row[0] != at:
            raise BrokenStream(f'"{aggregate.subject}" has no version {at} in the log; the next one is {row[0]}.')
        key = (row[1], row[2])
        decode = readers.get(key)
        if decode is None:
            decode = readers[key] = reader(*key)
        data = row[3]
        apply(decode(ring.open(data) if SEALED in data else data))
    aggregate.version = at


# --- appending


def save(aggregate: Aggregate) -> datetime | None:
    """Append what the aggregate recorded to its stream, which is its publication too.

    Call it in `transaction.atomic(using="<context>")`. Returns when the events happened, as the log has it: a
    projection kept in the same transaction is to use this moment, so that a replay gives the same rows.

    Raises:
        Conflict: somebody appended since it was loaded; nothing was stored. Load again and decide anew.
        NotInTransaction: no transaction of the context is open.
    """
    events = aggregate.pending
    if not events:
        return None
    context = aggregate.aggregate_context
    log.require_transaction(context, f'"{events[0].event_name}"')
    if silence.replaying():
        raise MessagingError(f'"{aggregate.subject}" is not appended to in a replay: a stream is no read model.')
    with telemetry.publishing(context, events, known_correlation()):
        happened_at = append(context, aggregate.subject, events, expected=aggregate.version - len(events))
    events.clear()
    wake_relay_on_commit(context)
    return happened_at


# The stream's head moves by compare-and-set in the statement that inserts; its row lock keeps other writers of the
# stream waiting until the commit, and the identities are drawn under it.
FIRST = "insert into messaging_stream (subject, version) values (%s, %s::int) on conflict (subject) do nothing"
LATER = "update messaging_stream set version = %s::int where subject = %s and version = %s::int"
APPEND_ONE = f"""
with head as ({{move}} returning version)
insert into messaging_event ({log.COLUMNS}, stream_version)
select %s::uuid, %s::text, %s::smallint, %s::text, %s::smallint, %s::timestamptz, %s::uuid, %s::uuid, %s::text,
       %s::text, %s::jsonb, version from head
"""
# One JSON document brings what differs from event to event: making arrays of it costs the writer twice as much.
APPEND_MANY = f"""
with head as ({{move}} returning version)
insert into messaging_event ({log.COLUMNS}, stream_version)
select event_id, type, dataversion, %s::text, %s::smallint, %s::timestamptz, %s::uuid, %s::uuid, %s::text, traceparent,
       data, (%s::int + nr)::int
from rows from (json_to_recordset(%s::json) as (event_id uuid, type text, dataversion smallint, traceparent text,
    data jsonb)) with ordinality as entry (event_id, type, dataversion, traceparent, data, nr)
where exists (select from head)
order by nr
"""


# Put together once: by whether it is one event, and whether it is the stream's first append.
STATEMENTS = {
    (one, first): (APPEND_ONE if one else APPEND_MANY).format(move=FIRST if first else LATER)
    for one in (True, False)
    for first in (True, False)
}


class _Appended(msgspec.Struct, frozen=True):
    """What differs from event to event among those appended together."""

    event_id: str
    type: str
    dataversion: int
    traceparent: str
    data: msgspec.Raw


def append(context: str, subject: str, events: Sequence[Event], *, expected: int) -> datetime:
    """Append events to a stream that is at version `expected`, in one statement; return when they happened.

    Raises:
        Conflict: the stream is at another version.
    """
    cause, now, slot = current_cause(), log.now(), log.slot_of(subject)
    correlation_id, causation_id, actor = cause.correlation_id, cause.causation_id, cause.actor
    version = expected + len(events)
    # The first append inserts the head; one that expects a later version only updates.
    parameters: list[Any] = [subject, version] if expected == 0 else [version, subject, expected]
    texts = keys.encoded(context, events)
    ids = [uuid7().hex for _ in events]
    traces = traceparents(correlation_id, ids)
    if len(events) == 1:
        event = events[0]
        parameters += [
            ids[0], event.event_name, event.event_version, subject, slot, now, correlation_id, causation_id, actor,
            traces[0], texts[0],
        ]  # fmt: skip
    else:
        entries = [
            _Appended(id, event.event_name, event.event_version, trace, msgspec.Raw(text.encode()))
            for id, event, trace, text in zip(ids, events, traces, texts, strict=True)
        ]
        parameters += [
            subject, slot, now, correlation_id, causation_id, actor, expected, msgspec.json.encode(entries).decode(),
        ]  # fmt: skip
    with prepared_cursor(context) as cursor:
        cursor.execute(STATEMENTS[len(events) == 1, expected == 0], parameters)
        if cursor.rowcount == 0:
            raise Conflict(f'"{subject}" is no longer at version {expected}; load it again.')
    crash_point("publish: written, not committed")
    return now


def retrying(decision: Callable[P, R]) -> Callable[P, R]:
    """Make a decision anew when somebody else appended to its stream meanwhile, five times at most.

        @retrying
        def cancel_order(order_id: UUID) -> None:
            with transaction.atomic(using="ordering"):
                order = load(Order, order_id)
                order.cancel()
                save(order)

    Safe for a function that loads, decides and saves inside its own `atomic` block, so that a conflict undoes all of
    it, and that does nothing a database cannot undo. Not for one that is given a loaded aggregate: it would decide
    on the old state again. Inside an outer transaction the inner block is a savepoint, and the newer stream is seen
    because the backbone's transactions are READ COMMITTED.

    Raises:
        Conflict: others were faster every time.
    """

    @wraps(decision)
    def decide(*args: P.args, **kwargs: P.kwargs) -> R:
        for attempt in range(1, ATTEMPTS):
            try:
                return decision(*args, **kwargs)
            except Conflict as conflict:
                # No pause: the conflict was reported after the other writer's commit.
                logger.debug("deciding anew", decision=decision.__qualname__, attempt=attempt, conflict=str(conflict))
        return decision(*args, **kwargs)

    return decide
