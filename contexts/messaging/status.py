"""How far every subscription is, read from the publishers' books."""

from __future__ import annotations

from datetime import UTC, datetime

import msgspec
import structlog
from django.conf import settings
from django.db import connections, transaction

from contexts.messaging import sequencer
from contexts.messaging.archive import counting
from contexts.messaging.archive.files import ArchiveProblem

logger = structlog.get_logger(__name__)


class SubscriptionStatus(msgspec.Struct, frozen=True, kw_only=True):
    """One partition of one subscription. `lag_events` counts only events that the subscriber wants,
    in the log or in its archives.

    `lag_s` is the age in seconds of the oldest event that it wants and has not acknowledged. `parked` counts what
    waits in the subscriber's parking; 0 where the subscriber does not run in this process.
    """

    publisher: str
    subscriber: str
    partition: int
    head: int
    sent: int
    acknowledged: int
    lag_events: int
    lag_s: float
    attempts: int
    diverged_at: int | None
    parked: int


class LogStatus(msgspec.Struct, frozen=True, kw_only=True):
    """One context's log: its last position, and committed events that wait for one."""

    publisher: str
    head: int
    unsequenced: int
    oldest_unsequenced_s: float


# Of what was archived the table knows positions only: their files say whether the subscriber wants them.
STATE = """
select s.subscriber, s.partition, q.head, s.sent, s.acknowledged, l.events, l.oldest, s.attempts, s.diverged_at,
       l.first_gone, l.last_gone, s.types, s.since
from messaging_subscription s cross join messaging_sequencer q
left join lateral (
    select count(e.id) as events, min(e.time) as oldest, min(p.position) filter (where e.id is null) as first_gone,
           max(p.position) filter (where e.id is null) as last_gone
    from messaging_position p left join messaging_event e on e.id = p.event
    where p.position > greatest(s.acknowledged, case when s.sent = s.acknowledged then coalesce(s.scanned, q.relayed) else 0 end)
      and p.slot %% %s = s.partition
      and (e.id is null or p.position > s.since[array_position(s.types, e.type)])
) l on true
order by s.subscriber, s.partition
"""

UNSEQUENCED = """
with last as (select snapshot, head from messaging_sequencer), fresh as (
    select time from messaging_event where tx >= (select pg_snapshot_xmax(snapshot) from last)
    union all
    select time from messaging_event where tx = any(array(select pg_snapshot_xip(snapshot) from last))
)
select coalesce((select head from last), 0), count(*), min(time) from fresh
"""


def subscriptions_of(context: str) -> list[SubscriptionStatus]:
    """Return the state of every subscription to a context's events."""
    now = datetime.now(UTC)
    with connections[context].cursor() as cursor:
        cursor.execute(STATE, [settings.MESSAGING_PARTITIONS])
        rows = cursor.fetchall()
    parked = {subscriber: _parked(context, subscriber) for subscriber in {row[0] for row in rows}}
    found = []
    for row in rows:
        events, oldest = row[5], row[6]
        if row[9] is not None:
            more, time = _archived(
                context, row[9], row[10], partition=row[1], since=dict(zip(row[11], row[12], strict=True))
            )
            events, oldest = events + more, min(filter(None, (oldest, time)), default=None)
        found.append(
            SubscriptionStatus(
                publisher=context, subscriber=row[0], partition=row[1], head=row[2], sent=row[3], acknowledged=row[4],
                lag_events=events, lag_s=(now - oldest).total_seconds() if oldest else 0.0, attempts=row[7],
                diverged_at=row[8], parked=parked[row[0]].get(row[1], 0),
            )
        )  # fmt: skip
    return found


def _archived(
    context: str, first: int, last: int, *, partition: int, since: dict[str, int]
) -> tuple[int, datetime | None]:
    try:
        return counting.count(context, first, last, partition=partition, since=since)
    except ArchiveProblem as problem:
        # `events verify` names the file and says what to do; whoever asks for the state must be shown the rest.
        logger.warning("archived events not counted", publisher=context, problem=str(problem))
        return 0, None


def log_of(context: str) -> LogStatus:
    """Return the state of a context's log."""
    with transaction.atomic(using=context), connections[context].cursor() as cursor:
        cursor.execute(f"select {sequencer.LOOK_UP}")
        cursor.execute(UNSEQUENCED)
        head, unsequenced, oldest = cursor.fetchone()
    age_s = (datetime.now(UTC) - oldest).total_seconds() if oldest else 0.0
    return LogStatus(publisher=context, head=head, unsequenced=unsequenced, oldest_unsequenced_s=age_s)


def _parked(publisher: str, subscriber: str) -> dict[int, int]:
    alias = subscriber.partition(":")[0]
    if alias not in settings.CONTEXTS:
        return {}
    with connections[alias].cursor() as cursor:
        cursor.execute(
            "select partition, parked from messaging_inbox where publisher = %s and subscriber = %s",
            [publisher, subscriber],
        )
        return dict(cursor.fetchall())
