"""Statements that PostgreSQL prepares once per connection, with binary answers: for the few that run for every event.

Django binds parameters in the client and never prepares. Planning a look-up in the partitioned log takes longer than
the look-up itself, so these statements go through a cursor that does both on the server.
"""

from __future__ import annotations

from django.db import connections
from django.db.backends.utils import CursorWrapper
from psycopg import pq

from contexts.kernel.prepared import bound_cursor


def prepared_cursor(context: str) -> CursorWrapper:
    """Return a cursor whose statements are prepared on the server, also in a pipeline; one `execute`, then fetch.

    With PREPARED_STATEMENTS = False (a pooler that shares sessions among clients and forgets their
    statements) it only binds on the server.
    """
    if connections[context].vendor != "postgresql":  # The simulation's model.
        return connections[context].cursor()
    cursor = bound_cursor(context)
    cursor.cursor.format = pq.Format.BINARY
    return cursor
