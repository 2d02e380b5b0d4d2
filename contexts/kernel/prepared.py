"""Statements that PostgreSQL prepares once per connection, for the few that run again and again.

Django binds parameters in the client and never prepares, so that PostgreSQL plans each statement each time; planning
one that asks much takes longer than answering it.
"""

from __future__ import annotations

from collections.abc import Callable
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


def bound_cursor(alias: str, *, kind: type[ServerBindingCursor] = ServerBindingCursor) -> CursorWrapper:
    """Return a cursor whose parameters are bound on the server, where its statements are prepared unless that is off."""
    connection: Any = connections[alias]  # The PostgreSQL wrapper, which the stubs do not know.
    connection.close_if_health_check_failed()
    connection.ensure_connection()
    driver = connection.connection
    if driver.prepare_threshold is None and settings.PREPARED_STATEMENTS:
        # Django's own cursors bind in the client, and those are never prepared.
        driver.prepare_threshold = PREPARE_AFTER
    make: Any = kind  # Django gives psycopg's class its own mixin, which the stubs do not know.
    wrapped: CursorWrapper = connection._prepare_cursor(make(driver))
    return wrapped


class Lookup(Generic[M]):
    """Finds the rows of a model that have these values: for what nearly every page of a context asks.

    Called, it returns the one row that has them, or None; `all` returns every row, in no order. A name with `__in` takes
    a list of values.

    Django would write the statement anew each time, and that takes longer than everything else about it. `lock` holds
    the row until the transaction ends.
    """

    def __init__(self, model: type[M], *names: str, lock: bool = False) -> None:
        self._model, self._names, self._lock = model, names, lock
        self._sql = ""
        self._fields: list[str] = []
        self._converters: list[tuple[int, Callable[..., Any], Any]] = []

    def __call__(self, *values: Any) -> M | None:
        return next(iter(self.all(*values)), None)

    def all(self, *values: Any) -> list[M]:
        alias = router.db_for_write(self._model)
        if not self._sql:
            self._compile(alias)
        with prepared_cursor(alias) as cursor:
            cursor.execute(self._sql, values)
            return [self._read(alias, row) for row in cursor.fetchall()]

    def _read(self, alias: str, row: tuple[Any, ...]) -> M:
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
        named = {field.name: quoted(field.column) for field in columns}
        asked = (name.partition("__") for name in self._names)
        wanted = " and ".join(f"{named[name]} = {'any(%s)' if how else '%s'}" for name, _, how in asked)
        listed = ", ".join(named.values())
        held = " for update" * self._lock
        table = quoted(self._model._meta.db_table)
        self._sql = f"select {listed} from {table} where {wanted}{held}"  # noqa: S608 - names of our own models
