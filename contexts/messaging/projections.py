"""Projections: tables that are a pure fold of a context's streams, one row per stream, rebuilt by replay at any time."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from itertools import islice
from typing import Any, Generic, TypeVar
from uuid import UUID

import msgspec
from django.db import connections, models, transaction
from psycopg import sql

from contexts.messaging.aggregates import Aggregate
from contexts.messaging.errors import BrokenStream
from contexts.messaging.events import reader
from contexts.messaging.keys import KeyRing
from contexts.messaging.personal import SEALED

Row = TypeVar("Row", bound=models.Model)

#: Events read from the server, and rows written, at a time.
CHUNK = 2000

_projections: dict[str, Projection[Any]] = {}


class Projection(msgspec.Struct, Generic[Row], frozen=True, kw_only=True):
    """How one table follows from the streams of one category.

    `start` makes the row of a stream that has no event yet, `fold` changes it to what it is after an event and reads
    nothing but its arguments. Of somebody who was erased it gets events with the personal fields blank, and so a replay
    gives the row that erasing left.
    """

    context: str
    category: str
    model: type[Row]
    start: Callable[[UUID], Row]
    fold: Callable[..., None]

    @property
    def name(self) -> str:
        return f"{self.context}.{self.model.__name__}"

    @property
    def key(self) -> str:
        """The column that holds the stream's id."""
        return str(self.model._meta.pk.column)

    @property
    def table(self) -> str:
        table: str = self.model._meta.db_table
        return table

    @property
    def columns(self) -> list[str]:
        return [str(field.column) for field in self.model._meta.concrete_fields]

    def subject(self, row: Row) -> str:
        return f"{self.category}/{row.pk}"

    def replayed(self, *, only: list[str] | None = None) -> Iterator[Row]:
        """Yield the row of every stream, or of some, folded from its first event on, in the order of their names.

        Call it in a transaction: the events stay on the server until they are needed.
        """
        subject, row, at = "", None, 0
        fold, readers = self.fold, {}  # type: ignore[var-annotated]
        ring = KeyRing(self.context)
        for of, version, name, data_version, happened_at, data in self._events(only, ring):
            if of != subject:
                if row is not None:
                    yield row
                subject, row, at = of, self.start(UUID(of.rpartition("/")[2])), 0
            at += 1
            if version != at:
                raise BrokenStream(f'"{of}" has no version {at} in the log; the next one is {version}.')
            read = readers.get((name, data_version)) or readers.setdefault(
                (name, data_version), reader(name, data_version)
            )
            fold(row, read(ring.open(data) if SEALED in data else data), at=happened_at, version=version)
        if row is not None:
            yield row

    def _events(self, only: list[str] | None, ring: KeyRing) -> Iterator[tuple[str, int, str, int, datetime, str]]:
        which = "starts_with(subject, %s)" if only is None else "subject = any(%s)"
        connection = connections[self.context]
        connection.ensure_connection()
        with connection.chunked_cursor() as cursor:
            cursor.execute(
                f"""
                select subject, stream_version, type, version, time, data::text from messaging_event
                where {which} and stream_version is not null order by subject, stream_version
                """,
                [f"{self.category}/" if only is None else only],
            )
            while rows := cursor.fetchmany(CHUNK):
                ring.prefetch(row[5] for row in rows)
                yield from rows


def projection(
    model: type[Row],
    *,
    of: type[Aggregate],
    start: Callable[[UUID], Row],
    fold: Callable[..., None],
) -> Projection[Row]:
    """Declare that a table is a fold of the streams of an aggregate; `streams rebuild` and `verify` know it then.

    `fold(row, event, *, at, version)` gets the moment of the event. The primary key is the stream's id, and a field
    `version` keeps the version that the row has seen.
    """
    model._meta.get_field("version")
    declared = Projection(
        context=of.aggregate_context, category=of.aggregate_category, model=model, start=start, fold=fold
    )
    _projections[declared.name] = declared
    return declared


def projections(context: str | None = None) -> list[Projection[Any]]:
    """Return the projections declared in this process, of one context or of all."""
    return [declared for declared in _projections.values() if context in (None, declared.context)]


class Rebuilt(msgspec.Struct, frozen=True, kw_only=True):
    """What a rebuild did: rows folded, and those that were not there, differed, or belonged to no stream."""

    projection: str
    rows: int
    added: int
    changed: int
    removed: int


def rebuild(projection: Projection[Any]) -> Rebuilt:
    """Replay every stream into a copy of the table beside the live one, then put the live one right at once.

    The long part holds no lock. The short one keeps writers of these streams waiting while it folds what was appended
    meanwhile and writes the rows that differ; readers see the old rows until it commits.
    """
    context = projection.context
    with _beside(projection) as (live, copy):
        with transaction.atomic(using=context):
            count = _fill(projection, projection.replayed())
        with transaction.atomic(using=context), connections[context].cursor() as cursor:
            # In the order in which a writer takes them: first the stream, then its row.
            cursor.execute("lock table messaging_stream in share mode")
            cursor.execute(sql.SQL("lock table {} in share row exclusive mode").format(live))
            count += _catch_up(projection, copy)
            added, changed, removed = _put_right(projection, live, copy)
    return Rebuilt(projection=projection.name, rows=count, added=added, changed=changed, removed=removed)


def refold(projection: Projection[Any], subjects: list[str]) -> int:
    """Fold some streams from their beginning into the rows that are there, in the transaction; return how many."""
    mine = [subject for subject in subjects if subject.startswith(f"{projection.category}/")]
    if not mine:
        return 0
    with connections[projection.context].cursor() as cursor:
        # As a writer does: the stream first. Whoever appends meanwhile waits, and folds onto what is written here.
        cursor.execute(
            "select subject from messaging_stream where subject = any(%s) order by subject for update", [mine]
        )
    count = 0
    for row in projection.replayed(only=mine):
        row.save(using=projection.context, force_update=True)
        count += 1
    return count


@contextmanager
def _beside(projection: Projection[Any]) -> Iterator[tuple[sql.Identifier, sql.Identifier]]:
    """Make an empty temporary table of the live one's name: inside the block this session's ORM writes to it."""
    table = projection.table
    with connections[projection.context].cursor() as cursor:
        cursor.execute("select current_schema()")
        live, copy = sql.Identifier(cursor.fetchone()[0], table), sql.Identifier("pg_temp", table)
        cursor.execute(sql.SQL("create temporary table {} (like {} including all)").format(sql.Identifier(table), live))
        try:
            yield live, copy
        finally:
            cursor.execute(sql.SQL("drop table {}").format(copy))


def _fill(projection: Projection[Any], rows: Iterator[Any]) -> int:
    count = 0
    while batch := list(islice(rows, CHUNK)):
        projection.model._default_manager.using(projection.context).bulk_create(batch)
        count += len(batch)
    return count


def _catch_up(projection: Projection[Any], copy: sql.Identifier) -> int:
    """Fold again the streams that grew since the copy was made; return how many of them are new."""
    key = sql.Identifier(projection.key)
    with connections[projection.context].cursor() as cursor:
        cursor.execute(
            sql.SQL(
                "select s.subject, c.version is null from messaging_stream s left join {} c on s.subject = %s || c.{}::text "
                "where starts_with(s.subject, %s) and s.version is distinct from c.version"
            ).format(copy, key),
            [f"{projection.category}/", f"{projection.category}/"],
        )
        grown = cursor.fetchall()
        if not grown:
            return 0
        subjects = [subject for subject, _ in grown]
        cursor.execute(
            sql.SQL("delete from {} where %s || {}::text = any(%s)").format(copy, key),
            [f"{projection.category}/", subjects],
        )
    _fill(projection, projection.replayed(only=subjects))
    return sum(new for _, new in grown)


def _put_right(projection: Projection[Any], live: sql.Identifier, copy: sql.Identifier) -> tuple[int, int, int]:
    """Make the live table equal to the copy; return how many rows were added, changed and removed."""
    key = sql.Identifier(projection.key)
    names = [sql.Identifier(column) for column in projection.columns]
    of_live, of_copy = (
        sql.SQL("({})").format(sql.SQL(", ").join(sql.SQL("{}.{}").format(sql.SQL(alias), name) for name in names))
        for alias in ("l", "c")
    )
    with connections[projection.context].cursor() as cursor:
        cursor.execute(
            sql.SQL("delete from {} l where not exists (select from {} c where c.{} = l.{})").format(
                live, copy, key, key
            )
        )
        removed = cursor.rowcount
        # Rows that differ go before any comes: two of them may have exchanged a value that is unique.
        cursor.execute(
            sql.SQL("delete from {} l using {} c where c.{} = l.{} and {} is distinct from {}").format(
                live, copy, key, key, of_live, of_copy
            )
        )
        changed = cursor.rowcount
        columns = sql.SQL(", ").join(names)
        cursor.execute(
            sql.SQL(
                "insert into {} ({}) select {} from {} c where not exists (select from {} l where l.{} = c.{})"
            ).format(live, columns, columns, copy, live, key, key)
        )
        return cursor.rowcount - changed, changed, removed
