"""Projections: tables that are a pure fold of a context's streams, one row per stream, rebuilt by replay at any time."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import Any, Generic, TypeVar
from uuid import UUID

import msgspec
from django.db import connections, models, transaction
from psycopg import sql

from contexts.messaging.aggregates import Aggregate
from contexts.messaging.crashpoints import crash_point
from contexts.messaging.errors import BrokenStream
from contexts.messaging.events import reader
from contexts.messaging.keys import KeyRing
from contexts.messaging.personal import SEALED
from contexts.messaging.readmodels import Comparison
from contexts.messaging.replay.alone import one_at_a_time
from contexts.messaging.replay.tables import Copies

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
    def target(self) -> str:
        """What `events replay` calls it: "ordering:ordersummary"."""
        return f"{self.context}:{self.model._meta.model_name}"

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


class Refold:
    """A projection being made anew beside the live table: stream by stream, so that it can be stopped and go on.

    What is to be folded is what differs from the streams' heads, at the beginning as at the end; so a copy that was
    begun and one that is nearly finished are the same thing.
    """

    def __init__(self, projection: Projection[Any]) -> None:
        self.projection, self.events = projection, 0
        self._seen = self._total = 0
        self._copies = Copies(projection.context, [projection.model])
        self._copy = sql.Identifier(f"replay_{projection.table}")

    @property
    def name(self) -> str:
        return self.projection.target

    @contextmanager
    def alone(self) -> Iterator[None]:
        """Keep other replays of this projection away."""
        with one_at_a_time(self.projection.context, self.name):
            yield

    def begin(self, *, restart: bool = False) -> bool:
        """Begin a copy, or go on with one; return whether there was one."""
        if restart:
            self.drop()
        with connections[self.projection.context].cursor() as cursor:
            cursor.execute(
                "select count(*) from messaging_stream where starts_with(subject, %s)", [f"{self.projection.category}/"]
            )
            self._total = cursor.fetchone()[0]
        return self._copies.begin()

    def progress(self) -> tuple[int, int]:
        """Return how many streams were looked at, and how many there were in the beginning."""
        return self._seen, max(self._seen, self._total)

    def run(self) -> Iterator[int]:
        """Walk through all streams by their names and fold those that the copy has not as they are now."""
        last = ""
        while heads := self._heads(after=last):
            behind = self._differing(heads)
            if behind:
                with transaction.atomic(using=self.projection.context):
                    self._fold(behind)
            last = heads[-1][0]
            self._seen += len(heads)
            crash_point("replay: page committed")
            yield len(heads)

    def compare(self) -> list[Comparison]:
        """Say what a swap would change; writers of these streams wait meanwhile."""
        with self._caught_up():
            return self._copies.compare()

    def failures(self) -> list[Any]:
        """A fold has nobody to park for: it raises."""
        return []

    def swap(self, *, park: bool = False) -> list[Comparison]:
        """Put the live table right in one transaction; readers see the old rows until it commits."""
        with self._caught_up():
            crash_point("replay: caught up, not swapped")
            changed = self._copies.put_right()
            crash_point("replay: swapped, not committed")
        crash_point("replay: swapped, not dropped")
        self.drop()
        return changed

    def drop(self) -> None:
        self._copies.drop()

    @contextmanager
    def _caught_up(self) -> Iterator[None]:
        self._seen = 0
        for _ in self.run():
            pass
        context = self.projection.context
        with transaction.atomic(using=context):
            with connections[context].cursor() as cursor:
                # In the order in which a writer takes them: first the stream, then its row.
                cursor.execute("lock table messaging_stream in share mode")
                cursor.execute(
                    sql.SQL("lock table {} in share row exclusive mode").format(sql.Identifier(self.projection.table))
                )
            behind = self._behind()
            for start in range(0, len(behind), CHUNK):
                self._fold(behind[start : start + CHUNK])
            self._drop_strangers()
            yield

    def _heads(self, *, after: str) -> list[tuple[str, int]]:
        """Return the next streams and their versions, in the order of their names."""
        with connections[self.projection.context].cursor() as cursor:
            cursor.execute(
                "select subject, version from messaging_stream where subject > %s and starts_with(subject, %s) "
                "order by subject limit %s",
                [after, f"{self.projection.category}/", CHUNK],
            )
            return list(cursor.fetchall())

    def _differing(self, heads: list[tuple[str, int]]) -> list[str]:
        """Return those of some streams that the copy has at another version."""
        ids = {subject: UUID(subject.rpartition("/")[2]) for subject, _ in heads}
        with connections[self.projection.context].cursor() as cursor:
            cursor.execute(
                sql.SQL("select {0}, version from {1} where {0} = any(%s)").format(
                    sql.Identifier(self.projection.key), self._copy
                ),
                [list(ids.values())],
            )
            folded = dict(cursor.fetchall())
        return [subject for subject, version in heads if folded.get(ids[subject]) != version]

    def _behind(self) -> list[str]:
        """Return all streams that the copy has at another version: one look at everything, for the end."""
        with connections[self.projection.context].cursor() as cursor:
            cursor.execute(
                sql.SQL(
                    "select s.subject from messaging_stream s left join {} c on s.subject = %s || c.{}::text "
                    "where starts_with(s.subject, %s) and s.version is distinct from c.version order by s.subject"
                ).format(self._copy, sql.Identifier(self.projection.key)),
                [f"{self.projection.category}/", f"{self.projection.category}/"],
            )
            return [subject for (subject,) in cursor.fetchall()]

    def _fold(self, subjects: list[str]) -> None:
        """Fold streams from their first event into the copy, in the caller's transaction."""
        projection = self.projection
        # Somebody whom these streams tell about is erased before this, or waits until the copy is kept and mends it.
        _lock_streams(projection, subjects)
        with connections[projection.context].cursor() as cursor:
            cursor.execute(
                sql.SQL("delete from {} where %s || {}::text = any(%s)").format(
                    self._copy, sql.Identifier(projection.key)
                ),
                [f"{projection.category}/", subjects],
            )
        rows = list(projection.replayed(only=subjects))
        self.events += sum(row.version for row in rows)
        with self._copies.redirected():
            projection.model._default_manager.using(projection.context).bulk_create(rows)

    def forget(self, subjects: list[str]) -> None:
        """Take streams out of a copy that is being made, so that they are folded again."""
        with connections[self.projection.context].cursor() as cursor:
            cursor.execute("select to_regclass(%s)", [f"replay_{self.projection.table}"])
            if cursor.fetchone()[0] is None:
                return
            cursor.execute(
                sql.SQL("delete from {} where %s || {}::text = any(%s)").format(
                    self._copy, sql.Identifier(self.projection.key)
                ),
                [f"{self.projection.category}/", subjects],
            )

    def _drop_strangers(self) -> None:
        """Remove rows of the copy that no stream stands behind any more."""
        with connections[self.projection.context].cursor() as cursor:
            cursor.execute(
                sql.SQL(
                    "delete from {} c where not exists (select from messaging_stream where subject = %s || c.{}::text)"
                ).format(self._copy, sql.Identifier(self.projection.key)),
                [f"{self.projection.category}/"],
            )


class Rebuilt(msgspec.Struct, frozen=True, kw_only=True):
    """What a rebuild did: rows folded, and those that were not there, differed, or belonged to no stream."""

    projection: str
    rows: int
    added: int
    changed: int
    removed: int


def rebuild(projection: Projection[Any]) -> Rebuilt:
    """Make a projection anew and swap at once.

    The long part holds no lock. The short one keeps writers of these streams waiting while it folds what was appended
    meanwhile and writes the rows that differ; readers see the old rows until it commits.
    """
    refold = Refold(projection)
    with refold.alone():
        refold.begin(restart=True)
        for _ in refold.run():
            pass
        (found,) = refold.swap()
    return Rebuilt(
        projection=projection.name, rows=found.rows, added=found.added, changed=found.changed, removed=found.removed
    )


def refold(projection: Projection[Any], subjects: list[str]) -> int:
    """Fold some streams from their beginning into the rows that are there, in the transaction; return how many.

    Call it where what the events say has changed, because somebody was erased.
    """
    mine = [subject for subject in subjects if subject.startswith(f"{projection.category}/")]
    if not mine:
        return 0
    # As a writer does: the stream first. Whoever appends meanwhile waits, and folds onto what is written here.
    _lock_streams(projection, mine)
    Refold(projection).forget(mine)
    count = 0
    for row in projection.replayed(only=mine):
        row.save(using=projection.context, force_update=True)
        count += 1
    return count


def _lock_streams(projection: Projection[Any], subjects: list[str]) -> None:
    with connections[projection.context].cursor() as cursor:
        cursor.execute(
            "select subject from messaging_stream where subject = any(%s) order by subject for update", [subjects]
        )
