"""Snapshots: an aggregate's state at a version, so that a load reads only what came later.

They are copies and nothing else: each may be thrown away at any time, one that does not fit the code of today is
ignored, and `streams verify` proves that they equal a replay from nothing. See docs/adr/0018-event-sourcing.md.
"""

from __future__ import annotations

import hashlib
import inspect
import time
from collections.abc import Sequence
from functools import cache, partial
from typing import Any, TypeVar

import msgspec
import structlog
from django.db import DatabaseError, connections, transaction

from contexts.messaging import transport
from contexts.messaging.aggregates import Aggregate
from contexts.messaging.transport import Message

logger = structlog.get_logger(__name__)

A = TypeVar("A", bound=Aggregate)

#: A process asks for the snapshot of one stream at most so often.
ASK_AGAIN_AFTER_S = 60.0
#: So many streams are remembered as asked for.
REMEMBERED = 10_000

_asked: dict[tuple[str, str], float] = {}


@cache
def fingerprint(kind: type[Aggregate]) -> str:
    """Return a digest of what decides whether a stored state fits: the fields and their types, `apply`, its version."""
    try:
        apply = inspect.getsource(kind.apply)
    except (OSError, TypeError):
        apply = ""
    shape = msgspec.json.encode([_bare(msgspec.json.schema(kind)), apply, kind.snapshot_version], order="sorted")
    return hashlib.blake2b(shape, digest_size=8).hexdigest()


def _bare(schema: Any) -> Any:
    """Return a JSON schema without the prose."""
    if isinstance(schema, dict):
        return {name: _bare(part) for name, part in schema.items() if name not in ("description", "title")}
    return [_bare(part) for part in schema] if isinstance(schema, list) else schema


@cache
def _decoder(kind: type[A]) -> msgspec.msgpack.Decoder[A]:
    return msgspec.msgpack.Decoder(kind)


def encoded(aggregate: Aggregate) -> bytes:
    return msgspec.msgpack.encode(aggregate)


def decoded(kind: type[A], subject: str, version: int, state: bytes) -> A | None:
    """Return the aggregate of a stored state, None where it is not one of this subject and version."""
    try:
        aggregate: A = _decoder(kind).decode(state)
    except (msgspec.DecodeError, UnicodeDecodeError) as problem:
        logger.warning("snapshot ignored", subject=subject, version=version, problem=str(problem))
        return None
    if aggregate.version != version or aggregate.subject != subject:
        logger.warning(
            "snapshot ignored", subject=subject, version=version, problem="it is of another stream or version"
        )
        return None
    return aggregate


def keep(aggregate: Aggregate) -> None:
    """Store the state of an aggregate without pending events; storing it twice changes nothing."""
    kind = type(aggregate)
    with connections[kind.aggregate_context].cursor() as cursor:
        cursor.execute(
            """
            insert into messaging_snapshot (subject, kind, fingerprint, version, state, taken_at)
            values (%s, %s, %s, %s, %s, now()) on conflict do nothing
            """,
            [aggregate.subject, kind.aggregate_kind, fingerprint(kind), aggregate.version, encoded(aggregate)],
        )


def forget_snapshots(context: str, subjects: Sequence[str] | None = None) -> int:
    """Throw away the snapshots of some streams, or all of a context's; return how many there were.

    Erasing a person does it: a snapshot repeats what the events said.
    """
    with connections[context].cursor() as cursor:
        if subjects is None:
            cursor.execute("delete from messaging_snapshot")
        else:
            cursor.execute("delete from messaging_snapshot where subject = any(%s)", [list(subjects)])
        return int(cursor.rowcount)


def message(context: str) -> Message:
    return Message("messaging.background", "effects", (f"{context}.take_snapshots",))


def ask_for(aggregate: Aggregate) -> None:
    """Note that a stream has become long, for the background; never in the transaction that is open here."""
    context, subject = aggregate.aggregate_context, aggregate.subject
    now = time.monotonic()
    if now - _asked.get((context, subject), float("-inf")) < ASK_AGAIN_AFTER_S:
        return
    if len(_asked) >= REMEMBERED:
        _asked.clear()
    _asked[context, subject] = now
    transaction.on_commit(partial(_ask, context, subject, aggregate.aggregate_kind), using=context, robust=True)


def _ask(context: str, subject: str, kind: str) -> None:
    try:
        with connections[context].cursor() as cursor:
            cursor.execute(
                "insert into messaging_snapshot_wish (subject, kind) values (%s, %s) on conflict do nothing",
                [subject, kind],
            )
        transport.current().hint(message(context))
    except (DatabaseError, OSError) as problem:
        # The reader has what it came for; the next one asks again.
        logger.warning("snapshot not asked for", subject=subject, problem=str(problem))
