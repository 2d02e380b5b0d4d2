"""Statements that PostgreSQL prepares once per connection, for the few that run again and again.

Django binds parameters in the client and never prepares, so that PostgreSQL plans each statement each time; planning
one that asks much takes longer than answering it.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, Generic, TypeVar

from django.conf import settings
from django.db import connections, models, router
from django.db.backends.postgresql.base import ServerBindingCursor
from django.db.backends.utils import CursorWrapper

M = TypeVar("M", bound=models.Model)

#: A statement is prepared when it runs for the so-many-th time on a connection.
PREPARE_AFTER = 2


def prepared_cursor(alias: str) -> CursorWrapper:
    """Return a cursor whose statements are prepared on the server.

    With PREPARED_STATEMENTS = False (a pooler that shares sessions among clients and forgets their statements) it is one
    of Django's own.
    """
    return bound_cursor(alias) if settings.PREPARED_STATEMENTS else connections[alias].cursor()


class AskingFirst:
    """Waits for the answer where somebody wants to know it, not only where rows are fetched: in a pipeline it may be on its
    way still, and a cursor would say that nothing is known.
    """

    _fetch_pipeline: Callable[[], None]  # psycopg's: it waits for this statement's answer where one is on its way.

    @property
    def rowcount(self) -> int:
        self._fetch_pipeline()
        count: int = super().rowcount  # type: ignore[misc]  # a cursor is mixed in
        return count

    @property
    def description(self) -> Any:
        self._fetch_pipeline()
        return super().description  # type: ignore[misc]

    @property
    def statusmessage(self) -> str | None:
        self._fetch_pipeline()
        message: str | None = super().statusmessage  # type: ignore[misc]
        return message


class BoundCursor(AskingFirst, ServerBindingCursor):
    """A cursor whose parameters are bound on the server, in a pipeline or not."""


def bound_cursor(alias: str) -> CursorWrapper:
    """Return a cursor whose parameters are bound on the server, where its statements are prepared unless that is off."""
    connection: Any = connections[alias]  # The PostgreSQL wrapper, which the stubs do not know.
    connection.close_if_health_check_failed()
    connection.ensure_connection()
    driver = connection.connection
    if driver.prepare_threshold is None and settings.PREPARED_STATEMENTS:
        # Django's own cursors bind in the client, and those are never prepared.
        driver.prepare_threshold = PREPARE_AFTER
    make: Any = BoundCursor  # Django gives psycopg's class its own mixin, which the stubs do not know.
    wrapped: CursorWrapper = connection._prepare_cursor(make(driver))
    return wrapped


class Returning(Generic[M]):
    """A statement of our own that answers with rows of a model, whose columns it names as `{columns}`."""

    def __init__(self, model: type[M], sql: str) -> None:
        self._model, self._sql = model, sql
        self._written = ""
        self._fields: list[str] = []
        self._converters: list[tuple[int, Callable[..., Any], Any]] = []

    def __call__(self, *values: Any) -> M | None:
        """Return the first row of the answer."""
        alias = router.db_for_write(self._model)
        with self._asked(alias, values) as cursor:
            row = cursor.fetchone()
        return None if row is None else self._made(alias, row)

    def rows(self, *values: Any) -> list[M]:
        """Return all rows of the answer."""
        alias = router.db_for_write(self._model)
        with self._asked(alias, values) as cursor:
            return [self._made(alias, row) for row in cursor.fetchall()]

    def _asked(self, alias: str, values: Sequence[Any]) -> CursorWrapper:
        if not self._written:
            self._compile(alias)
        cursor = prepared_cursor(alias)
        cursor.execute(self._written, values)
        return cursor

    def _made(self, alias: str, row: Sequence[Any]) -> M:
        cells = list(row)
        for at, convert, column in self._converters:
            cells[at] = convert(cells[at], column, connections[alias])
        return self._model.from_db(alias, self._fields, cells)

    def _compile(self, alias: str) -> None:
        """Write the statement, as Django would, when the models are ready and the first one asks."""
        connection = connections[alias]
        columns: Any = self._model._meta.concrete_fields  # The stubs do not know all that a column has.
        self._fields = [field.attname for field in columns]
        self._converters = [
            (at, convert, field.cached_col)
            for at, field in enumerate(columns)
            for convert in (*connection.ops.get_db_converters(field.cached_col), *field.get_db_converters(connection))
        ]
        quoted = connection.ops.quote_name
        listed = ", ".join(quoted(field.column) for field in columns)
        self._written = self._sql.replace("{columns}", listed)


class Lookup(Returning[M]):
    """Finds the one row of a model that has these values: for what nearly every page of a context asks.

    Django would write the statement anew each time, and that takes longer than everything else about it. `lock` holds
    the row until the transaction ends. A name that ends with `__in` is given a list; `order_by` is for `rows`.
    """

    def __init__(self, model: type[M], *names: str, lock: bool = False, order_by: str = "") -> None:
        super().__init__(model, "")
        self._names, self._lock, self._order_by = names, lock, order_by

    def _compile(self, alias: str) -> None:
        quoted, meta = connections[alias].ops.quote_name, self._model._meta

        def column(name: str) -> str:
            field: Any = meta.get_field(name)
            return quoted(field.column)

        wanted = " and ".join(
            f"{column(name.removesuffix('__in'))} = {'any(%s)' if name.endswith('__in') else '%s'}"
            for name in self._names
        )
        ordered = f" order by {column(self._order_by)}" if self._order_by else ""
        held = " for update" * self._lock
        self._sql = f"select {{columns}} from {quoted(meta.db_table)} where {wanted}{ordered}{held}"  # noqa: S608 - our own names
        super()._compile(alias)


class Rewrite(Generic[M]):
    """Writes a row back as it is now, all its columns: what `save()` does to a row that is there.

    Its values are plain: no expression is worked out. No signal is sent.
    """

    def __init__(self, model: type[M]) -> None:
        self._model = model
        self._sql = ""
        self._columns: list[Any] = []  # The stubs do not know all that a column has.

    def __call__(self, row: M) -> bool:
        """Return whether the row was there."""
        alias = router.db_for_write(self._model)
        connection = connections[alias]
        if not self._sql:
            self._compile(connection.ops.quote_name)
        values = [column.get_db_prep_save(column.pre_save(row, False), connection) for column in self._columns]
        with prepared_cursor(alias) as cursor:
            cursor.execute(self._sql, values)
            found: int = cursor.rowcount
        return found == 1

    def _compile(self, quoted: Callable[[str], str]) -> None:
        meta: Any = self._model._meta
        self._columns = [*(field for field in meta.concrete_fields if not field.primary_key), meta.pk]
        *listed, key = (f"{quoted(field.column)} = %s" for field in self._columns)
        self._sql = f"update {quoted(meta.db_table)} set {', '.join(listed)} where {key}"  # noqa: S608 - our own names
