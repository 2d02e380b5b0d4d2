"""Moving old events: a whole partition of the log goes into a file, once nobody waits for anything in it.

The events of streams stay in the log: their aggregates are loaded from there. A crash at any point loses nothing: until
the transaction that takes the events out of the log, and enters the file, has committed, the file counts for nothing.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

import msgspec
import structlog
from django.conf import settings
from django.db import OperationalError, connections, transaction
from psycopg import sql

from contexts.messaging import partitions
from contexts.messaging.archive import files, shelf
from contexts.messaging.archive.files import Line
from contexts.messaging.crashpoints import crash_point
from contexts.messaging.errors import MessagingError
from contexts.messaging.log import lock_key

logger = structlog.get_logger(__name__)

#: The log waits at most so long to be without writers for the moment that it takes, and is asked so often.
LOCK_TIMEOUT = "2s"
LOCK_TRIES = 10

CHUNK = 2000


class CannotArchive(MessagingError):
    """Events that cannot be moved now."""


class Partition(msgspec.Struct, frozen=True, kw_only=True):
    """A partition of a log as it is looked at; `reason` says why it stays, "" where it can go."""

    context: str
    table: str
    first_event: int
    end_event: int
    events: int = 0
    kept: int = 0
    first_position: int = 0
    last_position: int = 0
    first_time: datetime | None = None
    last_time: datetime | None = None
    reason: str = ""

    @property
    def file(self) -> str:
        return f"{self.context}/events-{self.first_event}-{self.end_event - 1}.jsonl.gz"


def survey(context: str, *, before: datetime | int) -> list[Partition]:
    """Look at the partitions of a log that were not archived yet, oldest first.

    `before` is a moment or a position: a partition goes whole, so all its events must lie before.
    """
    done = {archive.first_event for archive in shelf.archives(context)}
    with connections[context].cursor() as cursor:
        cursor.execute("select last_value from messaging_event_id")
        last: int = cursor.fetchone()[0]
    found = []
    for table, first, end in partitions.bounds(context):
        # One that is being written to is not even counted: it may be large, and it stays.
        if first not in done and end <= last:
            partition = _measure(context, table, first, end)
            if partition.events or partition.kept:
                found.append(msgspec.structs.replace(partition, reason=_why_it_stays(partition, before)))
    return found


def move(partition: Partition, folder: Path) -> shelf.Archive:
    """Move a partition's events into a file.

    Raises:
        CannotArchive: somebody else is at it, or the log was never without writers for long enough.
        OSError: the file cannot be written.
    """
    with _alone(partition.context):
        path = folder / partition.file
        with transaction.atomic(using=partition.context):
            index = files.write(
                path, _lines(partition), context=partition.context, first_event=partition.first_event,
                end_event=partition.end_event,
            )  # fmt: skip
        files.check(path, index)
        crash_point("archive: file there, events in the log too")
        archive = _archive(partition, folder, index)
        for attempt in range(1, LOCK_TRIES + 1):
            try:
                _take_out(partition, archive)
                break
            except OperationalError as problem:
                if "lock timeout" not in str(problem) or attempt == LOCK_TRIES:
                    raise CannotArchive(
                        f"{partition.context}'s log was not free for a moment in {LOCK_TRIES} tries. The file is written "
                        "and counts for nothing; try again when no transaction stays open for long."
                    ) from problem
        crash_point("archive: events out of the log")
        logger.info("events archived", context=partition.context, file=str(path), events=archive.events)
        return archive


def _measure(context: str, table: str, first: int, end: int) -> Partition:
    with connections[context].cursor() as cursor:
        cursor.execute(
            sql.SQL(
                """
                select count(*) filter (where e.stream_version is null), count(*) filter (where e.stream_version is not null),
                       min(p.position), max(p.position), min(e.time), max(e.time), count(*) filter (where p.position is null)
                from {} e left join messaging_position p on p.event = e.id
                """
            ).format(sql.Identifier(table))
        )
        events, kept, low, high, oldest, newest, unsequenced = cursor.fetchone()
    return Partition(
        context=context, table=table, first_event=first, end_event=end, events=events, kept=kept,
        first_position=low or 0, last_position=high or 0, first_time=oldest, last_time=newest,
        reason=f"{unsequenced} of its events have no position yet" if unsequenced else "",
    )  # fmt: skip


def _why_it_stays(partition: Partition, before: datetime | int) -> str:
    assert partition.last_time is not None  # It has events.
    if isinstance(before, int):
        if partition.last_position >= before:
            return f"its last event is at position {partition.last_position}"
    elif partition.last_time >= before:
        return f"its last event is of {partition.last_time:%Y-%m-%d %H:%M}"
    if not partition.events:
        return f"all its {partition.kept} events are of streams, which must stay loadable"
    return partition.reason or _who_waits(partition) or _what_is_parked(partition)


def _who_waits(partition: Partition) -> str:
    """Say who has not acknowledged everything that it wants of a partition, "" if nobody."""
    with connections[partition.context].cursor() as cursor:
        cursor.execute(
            sql.SQL(
                """
                select s.subscriber, s.partition, s.acknowledged from messaging_subscription s where exists (
                    select from messaging_position p join {} e on e.id = p.event
                    where p.position > s.acknowledged and p.position <= %s and p.slot %% %s = s.partition
                      and e.type = any(s.types) and p.position > s.since[array_position(s.types, e.type)]
                ) order by s.acknowledged limit 1
                """
            ).format(sql.Identifier(partition.table)),
            [partition.last_position, settings.MESSAGING_PARTITIONS],
        )
        row = cursor.fetchone()
    return f"{row[0]} has acknowledged its partition {row[1]} only up to position {row[2]}" if row else ""


def _what_is_parked(partition: Partition) -> str:
    for alias in settings.CONTEXTS:
        with connections[alias].cursor() as cursor:
            cursor.execute(
                "select subscriber, count(*) from messaging_parked where publisher = %s and state <> 'discarded' "
                "and position between %s and %s group by subscriber order by subscriber limit 1",
                [partition.context, partition.first_position, partition.last_position],
            )
            row = cursor.fetchone()
        if row:
            return f"{row[1]} of its events are parked for {row[0]}"
    return ""


def _lines(partition: Partition) -> Iterator[Line]:
    """Yield the events that leave, in the order of their positions; they stay on the server until they are needed."""
    connection = connections[partition.context]
    connection.ensure_connection()
    with connection.chunked_cursor() as cursor:
        cursor.execute(
            sql.SQL(
                """
                select p.position, e.id, e.slot, e.event_id, e.type, e.version, e.subject, e.stream_version, e.time,
                       e.correlation_id, e.causation_id, e.actor, e.traceparent, e.data::text
                from {} e join messaging_position p on p.event = e.id where e.stream_version is null order by p.position
                """
            ).format(sql.Identifier(partition.table))
        )
        names = Line.__struct_fields__[:-1]
        while rows := cursor.fetchmany(CHUNK):
            for row in rows:
                yield Line(**dict(zip(names, row[:-1], strict=True)), data=msgspec.Raw(row[-1].encode()))


def _archive(partition: Partition, folder: Path, index: files.Index) -> shelf.Archive:
    _, digest = files.read_index(folder / partition.file)
    return shelf.Archive(
        first_event=partition.first_event, end_event=partition.end_event, folder=str(folder), file=partition.file,
        sha256=index.sha256, index_sha256=digest, bytes=index.size, events=index.events, kept=partition.kept,
        first_position=index.first_position, last_position=index.last_position, first_time=index.first_time,
        last_time=index.last_time, archived_at=datetime.now(UTC),
    )  # fmt: skip


def _take_out(partition: Partition, archive: shelf.Archive) -> None:
    """Take a partition out of the log, put back what stays of it, and enter the file; all or nothing."""
    table = sql.Identifier(partition.table)
    with transaction.atomic(using=partition.context), connections[partition.context].cursor() as cursor:
        cursor.execute(sql.SQL("set local lock_timeout = {}").format(sql.Literal(LOCK_TIMEOUT)))
        # First the whole: a writer locks it before its partition. What it wrote meanwhile is then seen and counted.
        cursor.execute("lock table only messaging_event in access exclusive mode")
        cursor.execute(sql.SQL("select count(*) filter (where stream_version is null) from {}").format(table))
        there: int = cursor.fetchone()[0]
        if there != archive.events:
            raise CannotArchive(
                f"{partition.table} of {partition.context} has {there} events and the file {archive.events}: a transaction "
                "that was open meanwhile has published into it. Nothing was moved; try again."
            )
        cursor.execute(sql.SQL("alter table messaging_event detach partition {}").format(table))
        if partition.kept:
            _keep_streams(cursor, partition)
        cursor.execute(sql.SQL("drop table {}").format(table))
        if partition.kept:
            cursor.execute(sql.SQL("alter table {} rename to {}").format(_slim(partition), table))
        columns = shelf.Archive.__struct_fields__
        cursor.execute(
            f"insert into messaging_archive ({shelf.COLUMNS}) values ({', '.join(['%s'] * len(columns))})",
            [getattr(archive, column) for column in columns],
        )
        crash_point("archive: events out of the log, not committed")


def _slim(partition: Partition) -> sql.Identifier:
    return sql.Identifier(f"{partition.table}_streams")


def _keep_streams(cursor: object, partition: Partition) -> None:
    """Put the events of streams back, as a smaller partition of the same range, with everything they had."""
    run = cursor.execute  # type: ignore[attr-defined]
    names = {"slim": _slim(partition), "table": sql.Identifier(partition.table)}
    run(sql.SQL("create table {slim} (like messaging_event including all)").format(**names))
    # With their old transaction ids: new ones would look to the sequencer like events that it has not seen.
    run(sql.SQL("insert into {slim} select * from {table} where stream_version is not null").format(**names))
    low = sql.SQL("minvalue") if partition.first_event == 0 else sql.Literal(partition.first_event)
    run(
        sql.SQL("alter table messaging_event attach partition {slim} for values from ({low}) to ({end})").format(
            **names, low=low, end=sql.Literal(partition.end_event)
        )
    )


@contextmanager
def _alone(context: str) -> Iterator[None]:
    key = lock_key(context, "archive")
    with connections[context].cursor() as cursor:
        cursor.execute("select pg_try_advisory_lock(%s)", [key])
        if not cursor.fetchone()[0]:
            raise CannotArchive(f"{context}'s log is being archived by another process.")
    try:
        yield
    finally:
        if connections[context].connection is not None and connections[context].is_usable():
            with connections[context].cursor() as cursor:
                cursor.execute("select pg_advisory_unlock(%s)", [key])
