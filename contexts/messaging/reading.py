"""Reading a log in the order of its positions, a page at a time."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from django.conf import settings
from django.db import connections

Row = tuple[int, int, UUID, str, int, str, datetime, UUID, UUID | None, str, str, int | None, str]

COLUMNS = (
    "p.position, p.slot, e.event_id, e.type, e.version, e.subject, e.time, e.correlation_id, e.causation_id, e.actor, "
    "e.traceparent, e.stream_version, e.data::text"
)


def read(
    context: str, after: int, upto: int, *, types: set[str], partitions: set[int], limit: int
) -> tuple[list[Row], int]:
    """Return events of these kinds and partitions with `after` < position <= `upto`, and how far the log was searched.

    At most `limit` of them; then the search ended with the last one.
    """
    with connections[context].cursor() as cursor:
        cursor.execute(
            f"""
            select {COLUMNS} from messaging_position p join messaging_event e on e.id = p.event
            where p.position > %s and p.position <= %s and p.slot %% %s = any(%s) and e.type = any(%s)
            order by p.position limit %s
            """,
            [after, upto, settings.MESSAGING_PARTITIONS, sorted(partitions), sorted(types), limit],
        )
        rows: list[Row] = cursor.fetchall()
    return rows, rows[-1][0] if len(rows) == limit else upto
