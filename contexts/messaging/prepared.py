"""Statements that PostgreSQL prepares once per connection, with binary answers: for the few that run for every event.

Django binds parameters in the client and never prepares. Planning a look-up in the partitioned log takes longer than
the look-up itself, so these statements go through a cursor that does both on the server.
"""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.db import connections
from django.db.backends.utils import CursorWrapper
from psycopg import pq

from contexts.messaging.pipelining import BoundCursor

#: A statement is prepared when it runs for the so-many-th time on a connection.
PREPARE_AFTER = 2


def prepared_cursor(context: str) -> CursorWrapper:
    """Return a cursor whose statements are prepared on the server; one `execute`, then fetch.

    With PREPARED_STATEMENTS = False (a pooler that shares sessions among clients and forgets their
    statements) it only binds on the server.
    """
    connection: Any = connections[context]  # The PostgreSQL wrapper, which the stubs do not know.
    if connection.vendor != "postgresql":  # The simulation's model.
        modelled: CursorWrapper = connection.cursor()
        return modelled
    connection.close_if_health_check_failed()
    connection.ensure_connection()
    driver = connection.connection
    if driver.prepare_threshold is None and settings.PREPARED_STATEMENTS:
        # Django's own cursors bind in the client, and those are never prepared.
        driver.prepare_threshold = PREPARE_AFTER
    make: Any = BoundCursor  # Django gives psycopg's class its own mixin, which the stubs do not know.
    cursor = make(driver)
    cursor.format = pq.Format.BINARY
    wrapped: CursorWrapper = connection._prepare_cursor(cursor)
    return wrapped
