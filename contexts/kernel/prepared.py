"""Statements that PostgreSQL prepares once per connection, for the few that run again and again.

Django binds parameters in the client and never prepares, so that PostgreSQL plans each statement each time; planning
one that asks much takes longer than answering it.
"""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.db import connections
from django.db.backends.postgresql.base import ServerBindingCursor
from django.db.backends.utils import CursorWrapper

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
