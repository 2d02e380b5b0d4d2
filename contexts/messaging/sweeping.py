"""Sweeping: finds what hints and messages that never came should have started, and does only that.

A sweep comes around all the time and mostly finds nothing, so it looks first: one statement, without a lock and without
a transaction, says which of its works there are.
"""

from __future__ import annotations

import time
from datetime import UTC, datetime
from typing import NamedTuple

from contexts.messaging import redrive, relay, timers
from contexts.messaging.parking import WAITING
from contexts.messaging.prepared import prepared_cursor

#: Every so many seconds, and at first, a process relays without having looked: its handlers may be new to the books.
THOROUGH_EVERY_S = 60.0

# New in the log is what the sequencer's next pass would find. Each look-up goes by an order that only the index has:
# with a mere condition the planner reads a whole log that one transaction has written.
LOOK = """
select
    exists (select from messaging_timer where due_at <= %s),
    exists (select from messaging_parked where state = %s and retry_at <= %s),
    coalesce((
        select q.relayed < q.head
            or (select tx from messaging_event where tx >= pg_snapshot_xmax(q.snapshot) order by tx desc limit 1)
                is not null
            or exists (
                select from pg_snapshot_xip(q.snapshot) open
                where (select tx from messaging_event where tx >= open order by tx limit 1) = open
            )
            or exists (select from messaging_subscription where sent <> acknowledged or scanned < q.head)
        from messaging_sequencer q
    ), true)
"""


class Due(NamedTuple):
    """What there is to do for a context: timers that are due, parked events to try again, pages to send."""

    timers: bool
    parked: bool
    pages: bool


def sweep(context: str) -> None:
    """Do what is due in a context's tables."""
    due = look(context)
    if due.timers:
        timers.fire_due(context)
    if due.timers or due.pages or time.monotonic() - _relayed_at.get(context, float("-inf")) >= THOROUGH_EVERY_S:
        relay.relay(context, resend=True)
        _relayed_at[context] = time.monotonic()
    if due.parked:
        redrive.retry_due(context)


def look(context: str) -> Due:
    """Return what is due in a context's tables."""
    now = datetime.now(UTC)
    with prepared_cursor(context) as cursor:
        cursor.execute(LOOK, [now, WAITING, now])
        return Due(*cursor.fetchone())


_relayed_at: dict[str, float] = {}
