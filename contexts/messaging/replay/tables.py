"""Tables made anew beside the live ones, in the schema of their context, so that a replay survives its process.

The rows of the live table that differ are put right in one transaction, rather than the table exchanged: what refers
to it, views and statistics stay, readers never wait, and a copy that is equal changes nothing.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import msgspec
from django.db import IntegrityError, connections, models, transaction
from django.db.backends.utils import CursorWrapper
from psycopg import sql

from contexts.messaging.errors import MessagingError
from contexts.messaging.readmodels import Comparison, Example

#: Rows that a comparison shows in full.
SHOWN = 5

#: What a replay itself writes besides the copies.
OWN_TABLES = ("messaging_replay", "messaging_replay_held")


class StrayWrite(MessagingError):
    """A handler of a read model wrote to something that is not part of it."""


class StillNeeded(MessagingError):
    """A row is gone in the copy, but others refer to it."""


class Copies:
    """The copies of some tables of one context. Every method but `redirected` leaves the connection as it was."""

    def __init__(self, context: str, tables: Sequence[type[models.Model]]) -> None:
        self.context = context
        self._tables = [_Table(model) for model in tables]

    def begin(self) -> bool:
        """Make empty copies unless there are some that fit; return whether there were."""
        with transaction.atomic(using=self.context), connections[self.context].cursor() as cursor:
            if all(table.copy_fits(cursor) for table in self._tables):
                return True
            for table in self._tables:
                table.make_copy(cursor)
            return False

    def drop(self) -> None:
        with connections[self.context].cursor() as cursor:
            for table in self._tables:
                cursor.execute(sql.SQL("drop table if exists {}").format(table.copy))

    @contextmanager
    def redirected(self) -> Iterator[None]:
        """Let what this session reads and writes inside, in a transaction, be the copies; nothing else may be written.

        Raises:
            StrayWrite: another table of the context was written; the transaction is to be rolled back.
        """
        with connections[self.context].cursor() as cursor:
            before = _written(cursor, self.context)
            for table in self._tables:
                # The session's own objects are found first, under the names that everybody uses.
                cursor.execute(sql.SQL("create temporary view {} as select * from {}").format(table.name, table.copy))
        yield
        with connections[self.context].cursor() as cursor:
            for table in self._tables:
                cursor.execute(sql.SQL("drop view {}").format(sql.Identifier("pg_temp", table.model._meta.db_table)))
            after = _written(cursor, self.context)
        own = {*OWN_TABLES, *(table.copy_name for table in self._tables)}
        strays = sorted(name for name, count in after.items() if count != before.get(name, 0) and name not in own)
        if strays:
            kept = ", ".join(table.model._meta.db_table for table in self._tables)
            raise StrayWrite(
                f"A handler wrote to {', '.join(strays)}, which a replay of {kept} must not touch; nothing of it was "
                "kept. Let another handler do that, one that feeds no read model."
            )

    def compare(self) -> list[Comparison]:
        with connections[self.context].cursor() as cursor:
            return [table.compare(cursor) for table in self._tables]

    def put_right(self) -> list[Comparison]:
        """Make the live tables equal to the copies, in the caller's transaction, and say what differed.

        Raises:
            StillNeeded: a row that is not in the copy is referred to.
        """
        try:
            with transaction.atomic(using=self.context), connections[self.context].cursor() as cursor:
                found = [table.compare(cursor) for table in self._tables]
                for table, comparison in zip(self._tables, found, strict=True):
                    if not comparison.equal:
                        table.put_right(cursor)
                cursor.execute("set constraints all immediate")
                cursor.execute("set constraints all deferred")
                return found
        except IntegrityError as problem:
            detail = str(problem).strip().splitlines()[-1].removeprefix("DETAIL:").strip()
            raise StillNeeded(
                f"The copy cannot take the live table's place: {detail} Nothing was changed."
            ) from problem


class _Table:
    def __init__(self, model: type[models.Model]) -> None:
        self.model = model
        self.copy_name = f"replay_{model._meta.db_table}"[:63]
        self.name = sql.Identifier(model._meta.db_table)
        self.copy = sql.Identifier(self.copy_name)
        self.key = sql.Identifier(str(model._meta.pk.column))
        self.columns = [sql.Identifier(str(field.column)) for field in model._meta.concrete_fields]

    def live(self, cursor: CursorWrapper) -> sql.Identifier:
        """Return the live table's name with its schema, which no view of the session's hides."""
        cursor.execute("select current_schema()")
        return sql.Identifier(cursor.fetchone()[0], self.model._meta.db_table)

    def copy_fits(self, cursor: CursorWrapper) -> bool:
        """Whether there is a copy and it has the live table's columns."""
        cursor.execute(
            """
            select count(distinct shape) = 1 and count(*) = 2 from (
                select string_agg(attname || ' ' || atttypid || ' ' || atttypmod || attnotnull, ',' order by attname) as shape
                from pg_attribute where attrelid in (to_regclass(%s), to_regclass(%s)) and attnum > 0 and not attisdropped
                group by attrelid
            ) shapes
            """,
            [f'"{self.model._meta.db_table}"', f'"{self.copy_name}"'],
        )
        return bool(cursor.fetchone()[0])

    def make_copy(self, cursor: CursorWrapper) -> None:
        cursor.execute(sql.SQL("drop table if exists {}").format(self.copy))
        cursor.execute(sql.SQL("create table {} (like {} including all)").format(self.copy, self.live(cursor)))

    def compare(self, cursor: CursorWrapper) -> Comparison:
        names: dict[str, sql.Composable] = {
            "live": self.live(cursor), "copy": self.copy, "key": self.key, "l": self._row("l"), "c": self._row("c"),
        }  # fmt: skip
        cursor.execute(
            sql.SQL(
                """
                select count(c.{key}), count(*) filter (where l.{key} is null), count(*) filter (where c.{key} is null),
                       count(*) filter (where c.{key} is not null and l.{key} is not null and {l} is distinct from {c})
                from {live} l full join {copy} c on c.{key} = l.{key}
                """
            ).format(**names)
        )
        rows, added, removed, changed = cursor.fetchone()
        comparison = Comparison(
            where=self.model._meta.db_table, rows=rows, added=added, changed=changed, removed=removed
        )
        if comparison.equal:
            return comparison
        cursor.execute(
            sql.SQL(
                """
                select coalesce(c.{key}, l.{key})::text, to_jsonb(l)::text, to_jsonb(c)::text
                from {live} l full join {copy} c on c.{key} = l.{key} where {l} is distinct from {c}
                order by 1 limit {shown}
                """
            ).format(**names, shown=sql.Literal(SHOWN))
        )
        examples = [_example(*row) for row in cursor.fetchall()]
        return Comparison(
            where=comparison.where, rows=rows, added=added, changed=changed, removed=removed, examples=examples
        )

    def put_right(self, cursor: CursorWrapper) -> None:
        names: dict[str, sql.Composable] = {
            "live": self.live(cursor), "copy": self.copy, "key": self.key, "l": self._row("l"), "c": self._row("c"),
            "columns": sql.SQL(", ").join(self.columns),
        }  # fmt: skip
        # Rows that differ go before any comes: two of them may have exchanged a value that is unique.
        for statement in (
            "delete from {live} l where not exists (select from {copy} c where c.{key} = l.{key})",
            "delete from {live} l using {copy} c where c.{key} = l.{key} and {l} is distinct from {c}",
            "insert into {live} ({columns}) select {columns} from {copy} c "
            "where not exists (select from {live} l where l.{key} = c.{key})",
        ):
            cursor.execute(sql.SQL(statement).format(**names))

    def _row(self, alias: str) -> sql.Composable:
        fields = (sql.SQL("{}.{}").format(sql.SQL(alias), column) for column in self.columns)
        return sql.SQL("({})").format(sql.SQL(", ").join(fields))


def _example(key: str, live: str | None, anew: str | None) -> Example:
    old: dict[str, Any] | None = msgspec.json.decode(live) if live else None
    new: dict[str, Any] | None = msgspec.json.decode(anew) if anew else None
    return Example(key=key, live=old, anew=new)


def _written(cursor: CursorWrapper, schema: str) -> dict[str, int]:
    """Return how many rows this session has written, by table; only the difference between two looks means something."""
    cursor.execute(
        "select relname, n_tup_ins + n_tup_upd + n_tup_del from pg_stat_xact_user_tables "
        "where schemaname = %s and n_tup_ins + n_tup_upd + n_tup_del > 0",
        [schema],
    )
    return dict(cursor.fetchall())
