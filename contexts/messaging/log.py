"""The log: one insert-only table per context, written in the transaction of the change that an event announces."""

from __future__ import annotations

import zlib
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import msgspec
from django.db import connections
from django.db.transaction import Atomic
from uuid_utils.compat import uuid7

from contexts.messaging import keys
from contexts.messaging.crashpoints import crash_point
from contexts.messaging.envelope import current_cause, traceparent
from contexts.messaging.errors import NotInTransaction
from contexts.messaging.events import Event
from contexts.messaging.locks import lock_key as lock_key
from contexts.messaging.prepared import prepared_cursor

#: Subjects hash to this many slots, and slots to a subscription's partitions.
SLOTS = 64

#: One transaction holds a lock per subject; PostgreSQL keeps room for some thousands in all.
MAX_SUBJECTS_AT_ONCE = 2000

COLUMNS = "event_id, type, version, subject, slot, time, correlation_id, causation_id, actor, traceparent, data"
TYPES = "uuid, text, smallint, text, smallint, timestamptz, uuid, uuid, text, text, jsonb"

_NAMES = COLUMNS.split(", ")
_typed = ", ".join(f"{name} {kind}" for name, kind in zip(_NAMES, TYPES.split(", "), strict=True))

# One JSON document brings all the rows: making arrays of them costs the publisher several times as much.
APPEND = f"""
with locked as materialized (
    select pg_advisory_xact_lock(key) from (select key from unnest(%s::bigint[]) key order by key) keys
)
insert into messaging_event ({COLUMNS})
select {COLUMNS}
from rows from (json_to_recordset(%s::json) as ({_typed})) with ordinality as entry ({COLUMNS}, nr)
where (select count(*) from locked) >= 0
order by nr
"""


class Record(msgspec.Struct, frozen=True, kw_only=True):
    """An event as it goes into the log, or into the timers to enter the log later."""

    event_id: UUID
    type: str
    version: int
    subject: str
    time: datetime
    correlation_id: UUID
    causation_id: UUID | None
    actor: str
    data: str

    @property
    def slot(self) -> int:
        return slot_of(self.subject)

    def row(self) -> tuple[Any, ...]:
        """Return the values of `COLUMNS`."""
        return (
            self.event_id, self.type, self.version, self.subject, self.slot, self.time, self.correlation_id,
            self.causation_id, self.actor, traceparent(self.correlation_id, self.event_id), self.data,
        )  # fmt: skip


def now() -> datetime:
    """Return the moment at which what is written now happens; a demo shop makes its past by setting this back."""
    return datetime.now(UTC)


def slot_of(subject: str) -> int:
    return zlib.crc32(subject.encode()) % SLOTS


def records(events: Sequence[Event]) -> list[Record]:
    """Wrap events of one context with who, when and why, as they are now; personal data is sealed."""
    if not events:
        return []
    cause, now_ = current_cause(), now()
    return [
        Record(
            event_id=uuid7(), type=event.event_name, version=event.event_version, subject=event.subject, time=now_,
            correlation_id=cause.correlation_id, causation_id=cause.causation_id, actor=cause.actor, data=data,
        )
        for event, data in zip(events, keys.encoded(events[0].event_context, events), strict=True)
    ]  # fmt: skip


def append(context: str, entries: Sequence[Record]) -> None:
    """Write events to the context's log, in this order, in its current transaction.

    The lock on each subject is taken before the identities are drawn and held until the commit, so the identities of
    one subject are in the order of the commits. Locks are taken in key order: two writers cannot wait for each other
    inside this statement.
    """
    subjects = {entry.subject for entry in entries}
    if len(subjects) > MAX_SUBJECTS_AT_ONCE:
        raise NotInTransaction(
            f"{len(subjects)} subjects in one transaction; publish at most {MAX_SUBJECTS_AT_ONCE} and commit in between."
        )
    keys = sorted(lock_key(context, subject) for subject in subjects)
    rows = [dict(zip(_NAMES, entry.row(), strict=True)) for entry in entries]
    for row in rows:
        row["data"] = msgspec.Raw(row["data"].encode())
    with prepared_cursor(context) as cursor:
        cursor.execute(APPEND, [keys, msgspec.json.encode(rows).decode()])
    crash_point("publish: written, not committed")


def require_transaction(context: str, what: str) -> None:
    """Raise unless code that will commit is around; a test's own transaction does not count.

    Raises:
        NotInTransaction: with the line to write.
    """
    blocks: list[Atomic] = connections[context].atomic_blocks
    if not any(not getattr(block, "_from_testcase", False) for block in blocks):
        raise NotInTransaction(
            f"{what} was published outside a transaction, so it could be lost or announce something that never "
            f'happened. Write: with transaction.atomic(using="{context}"): ...'
        )
