"""The outbox's two places: the log's table, or the write-ahead log itself for contexts that choose it.

`MESSAGING_OUTBOX={"catalog": "wal"}` lets `publish` write one message into the write-ahead log instead of rows into a
table; the tailer appends its events to the context's log in the order of the commits.
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Sequence
from functools import cache
from typing import Any

import msgspec
import structlog
from django.conf import settings
from django.db import connections

from contexts.messaging import log, signing
from contexts.messaging.envelope import traceparent
from contexts.messaging.errors import Refused
from contexts.messaging.wakeups import wake_relay_on_commit

logger = structlog.get_logger(__name__)

TABLE, WAL = "table", "wal"
MAC_LENGTH = 32

# The locks are those of `log.append`. A slot that is gone will never be read: then nothing is emitted, and the table
# takes the events.
EMIT = """
with locked as materialized (
    select pg_advisory_xact_lock(key) from (select key from unnest(%s::bigint[]) key order by key) keys
)
select pg_logical_emit_message(true, %s, %s)
from messaging_tail tail join pg_replication_slots slot on slot.slot_name = tail.slot
where slot.wal_status in ('reserved', 'extended') and (select count(*) from locked) >= 0
"""


class EmittedRecord(log.Record, frozen=True, kw_only=True):
    """A record on its way through the write-ahead log, with the trace of where it was published."""

    traceparent: str

    def row(self) -> tuple[Any, ...]:
        columns = log.Record.row(self)
        return (*columns[:9], self.traceparent, self.data)


def chosen(context: str) -> str:
    """Return where the settings want a context's events: "table" or "wal"."""
    found: str = settings.MESSAGING_OUTBOX.get(context, TABLE)
    return found


def write(context: str, entries: Sequence[log.Record]) -> None:
    """Keep events in the caller's transaction, in the place that its context chose."""
    if chosen(context) == WAL:
        if emit(context, entries):
            return
        logger.warning("the write-ahead log is not tailed, events go to the table", context=context)
    log.append(context, entries)
    wake_relay_on_commit(context)


def emit(context: str, entries: Sequence[log.Record]) -> bool:
    """Write events into the write-ahead log as one message; False if nobody would ever read it."""
    keys = sorted({log.lock_key(context, entry.subject) for entry in entries})
    with connections[context].cursor() as cursor:
        cursor.execute(EMIT, [keys, prefix_of(context), seal(context, entries)])
        return cursor.fetchone() is not None


def prefix_of(context: str) -> str:
    return f"tradepost.{context}"


def seal(context: str, entries: Sequence[log.Record]) -> str:
    """Return the message for events: any role may write any prefix, so it carries a code that only the context makes."""
    content = msgspec.json.encode([_emitted(entry) for entry in entries])
    return _mac(context, content) + content.decode()


def open_message(context: str, message: bytes) -> list[EmittedRecord]:
    """Return the events of a message.

    Raises:
        Refused: the context did not write it.
    """
    code, content = message[:MAC_LENGTH], message[MAC_LENGTH:]
    if not hmac.compare_digest(code, _mac(context, content).encode()):
        raise Refused(f"A message in the write-ahead log says it is from {context}, but {context} did not write it.")
    return msgspec.json.decode(content, type=list[EmittedRecord])


def _emitted(entry: log.Record) -> EmittedRecord:
    return EmittedRecord(
        event_id=entry.event_id, type=entry.type, version=entry.version, subject=entry.subject, time=entry.time,
        correlation_id=entry.correlation_id, causation_id=entry.causation_id, actor=entry.actor, data=entry.data,
        traceparent=traceparent(entry.correlation_id, entry.event_id),
    )  # fmt: skip


def _mac(context: str, content: bytes) -> str:
    return hashlib.blake2b(content, digest_size=MAC_LENGTH // 2, key=_key(context)).hexdigest()


@cache
def _key(context: str) -> bytes:
    # Ed25519 signs the same text with the same bytes every time: a secret that only this context can make.
    return hashlib.blake2b(signing.sign(context, "messages in the write-ahead log").encode()).digest()
