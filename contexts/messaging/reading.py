"""Reading a log in the order of its positions, a page at a time, whether its events are in the table or in files."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec
from django.conf import settings

from contexts.messaging.archive import shelf
from contexts.messaging.archive.files import Line
from contexts.messaging.page import WireEvent
from contexts.messaging.prepared import prepared_cursor

Row = tuple[int, int, UUID, str, int, str, datetime, UUID, UUID | None, str, str, int | None, bool, str]

# A position whose event is not in the table was archived. That is seen here, in the one statement, because a process
# that remembered what is archived would be wrong as soon as another one archives more.
READ = """
select p.position, p.slot, e.event_id, e.type, e.version, e.subject, e.time, e.correlation_id,
       e.causation_id, e.actor, e.traceparent, e.stream_version,
       p.position > (select whole_after from messaging_sequencer), e.data::text
from messaging_position p left join messaging_event e on e.id = p.event
where p.position > %s and p.position <= %s and p.slot %% %s = any(%s) and (e.type = any(%s) or e.id is null)
order by p.position limit %s
"""

READ_ALL = """
select p.position, p.slot, e.event_id, e.type, e.version, e.subject, e.time, e.correlation_id,
       e.causation_id, e.actor, e.traceparent, e.stream_version,
       p.position > (select whole_after from messaging_sequencer), e.data::text
from messaging_position p left join messaging_event e on e.id = p.event
where p.position > %s and p.position <= %s order by p.position limit %s
"""


def read(
    context: str, after: int, upto: int, *, types: set[str], partitions: set[int], limit: int
) -> tuple[list[Row], int]:
    """Return events of these kinds and partitions with `after` < position <= `upto`, and how far the log was searched.

    A page looks at `limit` positions at most; then the search ended with the last of them.

    Raises:
        ArchiveProblem: a file that holds some of them is missing or altered.
    """
    with prepared_cursor(context) as cursor:
        cursor.execute(READ, [after, upto, settings.MESSAGING_PARTITIONS, sorted(partitions), sorted(types), limit])
        rows = cursor.fetchall()
    end = rows[-1][0] if len(rows) == limit else upto
    return [row for row in _with_archived(context, rows) if row[3] in types], end


def read_all(context: str, after: int, upto: int, *, limit: int) -> tuple[list[Row], int]:
    """Return all events with `after` < position <= `upto`, at most `limit`, and how far that is; see `read`."""
    with prepared_cursor(context) as cursor:
        cursor.execute(READ_ALL, [after, upto, limit])
        rows = cursor.fetchall()
    return _with_archived(context, rows), rows[-1][0] if len(rows) == limit else upto


def wire(context: str, row: Row) -> WireEvent:
    """Return a row as the event that goes over."""
    return WireEvent(
        position=row[0], id=row[2], source=context, type=row[3], dataversion=row[4], subject=row[5], time=row[6],
        correlationid=row[7], causationid=row[8], actor=row[9], traceparent=row[10], streamversion=row[11],
        whole=row[12], data=msgspec.Raw(row[13].encode()),
    )  # fmt: skip


def _with_archived(context: str, rows: list[Any]) -> list[Row]:
    """Fill in what is in files. What is nowhere is left out; `events verify` names it."""
    missing = [row[0] for row in rows if row[2] is None]
    if not missing:
        return rows
    lines = shelf.lines_at(context, missing)
    return [
        row if row[2] is not None else _row(lines[row[0]], whole=row[12])
        for row in rows
        if row[2] is not None or row[0] in lines
    ]


def _row(line: Line, *, whole: bool) -> Row:
    return (
        line.position, line.slot, line.event_id, line.type, line.version, line.subject, line.time, line.correlation_id,
        line.causation_id, line.actor, line.traceparent, line.stream_version, whole, bytes(line.data).decode(),
    )  # fmt: skip
