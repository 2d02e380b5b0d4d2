"""Proofs that copies equal the streams: snapshots and projections against a replay from nothing."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice
from typing import Any, Literal
from uuid import UUID

import msgspec
from django.db import connections, transaction

from contexts.messaging import snapshots
from contexts.messaging.aggregates import Aggregate, aggregate_of, aggregates
from contexts.messaging.errors import BrokenStream
from contexts.messaging.projections import CHUNK, Projection, projections
from contexts.messaging.streams import replay

#: So many differences are named; one is enough to be wrong.
NAMED = 20


class Difference(msgspec.Struct, frozen=True, kw_only=True):
    """One thing that is not what the streams say. `where` names the snapshot or the table."""

    kind: Literal["stream", "snapshot", "projection"]
    subject: str
    where: str
    problem: str


class Proof(msgspec.Struct, frozen=True, kw_only=True):
    """What was compared in a context, and what differs; `ignored` snapshots do not fit the code of today."""

    context: str
    streams: int
    events: int
    snapshots: int
    ignored: int
    rows: int
    differences: list[Difference]


def verify(context: str) -> Proof:
    """Compare everything that is derived from a context's streams with a replay, at one moment of its database.

    It reads only, and holds up nobody. Call it outside a transaction.
    """
    found: list[Difference] = []
    with transaction.atomic(using=context):
        with connections[context].cursor() as cursor:
            cursor.execute("set transaction isolation level repeatable read, read only")
            cursor.execute("select count(*), coalesce(sum(version), 0) from messaging_stream")
            streams, events = cursor.fetchone()
        found += _streams(context)
        compared, ignored = _snapshots(context, found)
        rows = 0
        for declared in projections(context):
            try:
                rows += _rows(declared, found)
            except BrokenStream as problem:
                found.append(Difference(kind="stream", subject="", where=declared.name, problem=str(problem)))
    return Proof(
        context=context,
        streams=streams,
        events=events,
        snapshots=compared,
        ignored=ignored,
        rows=rows,
        differences=found,
    )


def _streams(context: str) -> Iterator[Difference]:
    """Find streams whose head does not say what the log has: versions from 1 on, each once."""
    with connections[context].cursor() as cursor:
        cursor.execute(
            """
            with logged as (
                select subject, count(*) as events, count(distinct stream_version) as versions, max(stream_version) as top
                from messaging_event where stream_version is not null group by subject
            )
            select subject, version, events, versions, top from messaging_stream full join logged using (subject)
            where version is distinct from top or events <> top or versions <> top order by subject limit %s
            """,
            [NAMED],
        )
        for subject, version, events, versions, top in cursor.fetchall():
            problem = f"the head says version {version}, the log has {events or 0} events, {versions or 0} versions up to {top}"
            yield Difference(kind="stream", subject=subject, where="messaging_stream", problem=problem)


def _snapshots(context: str, found: list[Difference]) -> tuple[int, int]:
    """Compare each snapshot that a load would use; return how many there are, and how many a load ignores."""
    compared = 0
    known = {kind.aggregate_kind: snapshots.fingerprint(kind) for kind in aggregates(context)}
    connection = connections[context]
    with connection.chunked_cursor() as cursor:
        cursor.execute(
            """
            select kind, subject, version, state from messaging_snapshot
            where (kind, fingerprint) in (select * from unnest(%s::text[], %s::text[])) order by kind, subject, version
            """,
            [list(known), list(known.values())],
        )
        aggregate: Aggregate | None = None
        for name, subject, version, state in cursor:
            compared += 1
            kind = aggregate_of(name)
            assert kind is not None  # It came from `aggregates`.
            if aggregate is None or type(aggregate) is not kind or aggregate.subject != subject:
                aggregate = kind(id=UUID(subject.rpartition("/")[2]))
            where = f"snapshot of {kind.__name__} at version {version}"
            try:
                replay(aggregate, upto=version)
            except BrokenStream as problem:
                found.append(Difference(kind="snapshot", subject=subject, where=where, problem=str(problem)))
                aggregate = None
                continue
            problem_found = _difference(aggregate, version, bytes(state))
            if problem_found:
                found.append(Difference(kind="snapshot", subject=subject, where=where, problem=problem_found))
    with connection.cursor() as cursor:
        cursor.execute("select count(*) from messaging_snapshot")
        return compared, cursor.fetchone()[0] - compared


def _difference(replayed: Aggregate, version: int, state: bytes) -> str | None:
    if replayed.version != version:
        return f"the stream ends at version {replayed.version}"
    if state == snapshots.encoded(replayed):
        return None
    try:
        stored = msgspec.msgpack.decode(state, type=type(replayed))
    except (msgspec.DecodeError, UnicodeDecodeError) as problem:
        return f"its state cannot be read: {problem}"
    for field in replayed.__struct_fields__:
        kept, expected = getattr(stored, field), getattr(replayed, field)
        if kept != expected:
            return f"{field} is {kept!r}, by replay {expected!r}"
    return None


def _rows(projection: Projection[Any], found: list[Difference]) -> int:
    """Compare a projection's table row by row; return how many rows a replay has."""
    count = 0
    replayed = projection.replayed()
    manager = projection.model._default_manager.using(projection.context)
    while batch := list(islice(replayed, CHUNK)):
        count += len(batch)
        live = manager.in_bulk([row.pk for row in batch])
        for row in batch:
            problem = _row_difference(projection, live.get(row.pk), row)
            if problem and len(found) < NAMED:
                found.append(_of_row(projection, projection.subject(row), problem))
    found += [
        _of_row(projection, f"{projection.category}/{pk}", "there is a row, but no stream")
        for pk in _strangers(projection)
    ]
    return count


def _of_row(projection: Projection[Any], subject: str, problem: str) -> Difference:
    return Difference(kind="projection", subject=subject, where=projection.name, problem=problem)


def _row_difference(projection: Projection[Any], kept: Any, replayed: Any) -> str | None:
    if kept is None:
        return "the row is missing"
    for field in projection.model._meta.concrete_fields:
        stored, expected = getattr(kept, field.attname), getattr(replayed, field.attname)
        if stored != expected:
            return f"{field.name} is {stored!r}, by replay {expected!r}"
    return None


def _strangers(projection: Projection[Any]) -> list[Any]:
    with connections[projection.context].cursor() as cursor:
        cursor.execute(
            f"""
            select "{projection.key}" from "{projection.table}" t where not exists (
                select from messaging_stream where subject = %s || t."{projection.key}"::text
            ) limit %s
            """,
            [f"{projection.category}/", NAMED],
        )
        return [key for (key,) in cursor.fetchall()]
