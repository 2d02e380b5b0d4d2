"""Emptying the databases after a test that commits: most leave a few rows in a few tables, so few statements do it."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import psycopg
from psycopg import sql

#: Filled when Django starts, never by a test: permissions and the like.
KEPT_TABLES = {"django_migrations", "django_content_type", "auth_permission"}
#: Up to this size rows are deleted; a new file for a table and each of its indexes takes longer than that.
SMALL_BYTES = 128 * 1024

_TABLES_WITH_ROWS = """
    select n.nspname, coalesce(root.relname, c.relname), sum(pg_relation_size(c.oid))::bigint, bool_or(exists (
        select 1 from pg_trigger t where t.tgrelid = coalesce(root.oid, c.oid) and not t.tgisinternal and t.tgtype & 8 > 0
    ))
    from pg_class c join pg_namespace n on n.oid = c.relnamespace left join pg_class root on root.oid = pg_partition_root(c.oid)
    where n.nspname = any(%s) and c.relkind = 'r' and pg_relation_size(c.oid) > 0 group by 1, 2
"""
_RESTART_IDENTITIES = """
    with used as materialized (
        select s.seqrelid, s.seqstart
        from pg_sequence s join pg_class c on c.oid = s.seqrelid join pg_namespace n on n.oid = c.relnamespace
        join pg_depend d on d.objid = c.oid and d.classid = 'pg_class'::regclass and d.deptype in ('a', 'i')
        join pg_class owner on owner.oid = d.refobjid
        where n.nspname = any(%s) and owner.relname <> all(%s)
    )
    select setval(seqrelid::regclass, seqstart, false) from used where pg_sequence_last_value(seqrelid) is not null
"""

Table = tuple[str, str]


class Cleaner:
    """Knows the rows that were there at first, those of the migrations, and brings each schema back to them."""

    def __init__(self, entry: Any, schemas: Iterable[str]) -> None:
        """`entry` of DATABASES is whose tables they are, or may do everything."""
        self._entry = entry
        self._connection: psycopg.Connection[Any] | None = None
        self._seeds: dict[Table, bytes] = {}
        with self._connected() as cursor:
            for table in self._with_rows(cursor, list(schemas)):
                with cursor.copy(sql.SQL("copy (select * from {}) to stdout").format(sql.Identifier(*table))) as rows:
                    self._seeds[table] = b"".join(bytes(block) for block in rows)
            self._seeds = {table: rows for table, rows in self._seeds.items() if rows}
            self._digests = self._digested(cursor, list(self._seeds))

    def clean(self, schemas: Iterable[str]) -> None:
        """Remove what tests left in these schemas, and put back what they removed of the first rows."""
        wanted = list(schemas)
        with self._connected() as cursor:
            left = {table: few for table, few in self._with_rows(cursor, wanted).items() if table not in self._seeds}
            # One after the other in any order: foreign keys are looked at when all is done.
            statements = [
                sql.SQL("delete from {}").format(sql.Identifier(*table)) for table, few in left.items() if few
            ]
            if emptied := [sql.Identifier(*table) for table, few in left.items() if not few]:
                statements.insert(0, sql.SQL("truncate {} cascade").format(sql.SQL(", ").join(emptied)))
            if statements:
                cursor.execute(sql.SQL("; ").join(statements))
            cursor.execute(_RESTART_IDENTITIES, [wanted, list(KEPT_TABLES)])
            seeded = [table for table in self._seeds if table[0] in wanted]
            for table, digest in self._digested(cursor, seeded).items():
                if digest != self._digests[table]:
                    cursor.execute(sql.SQL("delete from {}").format(sql.Identifier(*table)))
                    with cursor.copy(sql.SQL("copy {} from stdin").format(sql.Identifier(*table))) as copy:
                        copy.write(self._seeds[table])

    def close(self) -> None:
        if self._connection is not None:
            self._connection.close()

    def _connected(self) -> Any:
        """Return a cursor in a transaction, on a connection that is opened anew where a test broke it."""
        from config.provision.roles import connect

        if self._connection is None or self._connection.closed or not _answers(self._connection):
            self._connection = connect(self._entry)
        return _Transaction(self._connection)

    @staticmethod
    def _with_rows(cursor: Any, schemas: list[str]) -> dict[Table, bool]:
        """Return the tables that have a row, or had one since they were emptied last, and whether to delete their rows.

        Not where there are many, and not where a trigger would notice.
        """
        rows = cursor.execute(_TABLES_WITH_ROWS, [schemas]).fetchall()
        return {
            (schema, table): size <= SMALL_BYTES and not guarded
            for schema, table, size, guarded in rows
            if table not in KEPT_TABLES
        }

    @staticmethod
    def _digested(cursor: Any, tables: list[Table]) -> dict[Table, str]:
        if not tables:
            return {}
        each = sql.SQL(" union all ").join(
            sql.SQL("select {}, {}, coalesce(md5(string_agg(t::text, ' ' order by t::text)), '') from {} t").format(
                *map(sql.Literal, table), sql.Identifier(*table)
            )
            for table in tables
        )
        return {(schema, table): digest for schema, table, digest in cursor.execute(each).fetchall()}


class _Transaction:
    def __init__(self, connection: psycopg.Connection[Any]) -> None:
        self._transaction, self._cursor = connection.transaction(), connection.cursor()

    def __enter__(self) -> psycopg.Cursor[Any]:
        self._transaction.__enter__()
        return self._cursor

    def __exit__(self, *error: Any) -> None:
        self._transaction.__exit__(*error)
        self._cursor.close()


def _answers(connection: psycopg.Connection[Any]) -> bool:
    try:
        connection.execute("")
    except psycopg.OperationalError:
        return False
    return True
