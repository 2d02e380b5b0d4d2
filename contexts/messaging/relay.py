"""The relay: reads a publisher's log in the order of its positions and sends each subscriber its next page.

At most one page is in flight for each subscription, so a subscriber that is away costs the broker one message, and one
that is slow gets its events in larger pages. What was sent and never acknowledged is sent again by the sweep.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import msgspec
import structlog
from django.conf import settings
from django.db import connections, transaction

from contexts.messaging import keys, measuring, sequencer, subscriptions, transport
from contexts.messaging.archive.files import ArchiveProblem
from contexts.messaging.crashpoints import crash_point
from contexts.messaging.page import (
    NO_DIGEST,
    Acknowledgement,
    Page,
    WireEvent,
    extend_digest,
    seal_page,
)
from contexts.messaging.prepared import prepared_cursor
from contexts.messaging.reading import Row, read
from contexts.messaging.transport import Message

logger = structlog.get_logger(__name__)

#: Events in a page, at most; and bytes of event data, at most (the last event may exceed it).
PAGE_EVENTS = 500
PAGE_BYTES = 512 * 1024

#: A page with so many events or fewer is rather applied at once than sent to others.
AT_ONCE_EVENTS = 5

#: Seconds until a page that was not acknowledged is sent again, by attempt.
RESEND_AFTER_S = (2, 5, 10, 30, 60, 300)

#: A page that was sent so many seconds ago and whose queue is empty got lost, however long its resending would wait.
LOST_AFTER_S = 10

#: A queue with more messages than this has no consumer that a repeated page could help.
BACKLOG_LIMIT = 200


class Subscription(msgspec.Struct, kw_only=True):
    """How far one partition of one subscriber has been served.

    `types` says for each kind of event from which position on it is wanted: a handler that is added later does not
    change what earlier pages held.

    `scanned` is how far the log was searched for the subscriber's events: at least `sent`, because most events are of
    no interest to it; None means as far as the relay has searched for everybody who is not behind.
    """

    subscriber: str
    partition: int
    types: dict[str, int]
    sent: int
    sent_digest: str
    acknowledged: int
    acknowledged_digest: str
    scanned: int | None
    sent_at: datetime | None
    attempts: int

    @property
    def idle(self) -> bool:
        return self.sent == self.acknowledged

    @property
    def queue(self) -> str:
        return self.subscriber.partition(":")[0]

    def wants(self, event: WireEvent) -> bool:
        since = self.types.get(event.type)
        return since is not None and event.position > since

    def overdue(self, now: datetime, *, backlog: int) -> bool:
        """Whether what is in flight is to be sent again, with so many messages in its queue."""
        wait_s = RESEND_AFTER_S[min(self.attempts, len(RESEND_AFTER_S) - 1)]
        return self.unanswered_for(now) > (min(wait_s, LOST_AFTER_S) if backlog == 0 else wait_s)

    def unanswered_for(self, now: datetime) -> float:
        """Return for how many seconds something has been in flight."""
        if self.idle:
            return 0.0
        return (now - self.sent_at).total_seconds() if self.sent_at else float("inf")

    def rewind(self, position: int, digest: str) -> None:
        """Forget what was sent after `position`, so that it is sent again."""
        self.sent = self.acknowledged = self.scanned = position
        self.sent_digest = self.acknowledged_digest = digest


def relay(context: str, *, resend: bool = False, perform: Callable[[Message], None] | None = None) -> int:
    """Sequence what is new in a context's log and send what its subscribers have room for; return the pages sent.

    With `resend`, pages that were not acknowledged in time go out again. With `perform`, the last page, if it is small
    and its queue is ours too, is not sent but performed: the broker would only bring it back.
    """
    with transaction.atomic(using=context):
        sequencer.take_lock(context)
        pages = _plan(context, resend=resend)
        crash_point("relay: planned, not committed")
    crash_point("relay: committed, not sent")
    if perform and pages and len(pages[-1].events) <= AT_ONCE_EVENTS and transport.current().serves(pages[-1].context):
        _send(pages[:-1])
        measuring.count(measuring.RELAY_PAGES, pages[-1].publisher, pages[-1].subscriber)
        perform(_message(pages[-1]))
    else:
        _send(pages)
    return len(pages)


def acknowledge(acknowledgement: Acknowledgement) -> int:
    """Note how far a subscriber is and send it more; return the pages sent.

    An acknowledgement that is older than what is known has no effect. One whose digest differs from ours is recorded:
    the two sides no longer agree on what went over, and `events status` and `events verify` say so.
    """
    context = acknowledgement.publisher
    with transaction.atomic(using=context):
        sequencer.take_lock(context)
        pages = _plan(context, resend=False) if _note(context, acknowledgement) else []
        crash_point("acknowledge: noted, not committed")
    crash_point("acknowledge: committed, next page not sent")
    _send(pages)
    return len(pages)


def _note(context: str, ack: Acknowledgement) -> bool:
    """Enter an acknowledgement in the books; return whether there may be more to send."""
    with prepared_cursor(context) as cursor:
        key: list[Any] = [ack.subscriber, ack.partition]
        # What was sent is acknowledged: the window opens. A digest that differs is kept for `events verify` to show.
        cursor.execute(
            """
            update messaging_subscription set
                acknowledged = sent, acknowledged_digest = sent_digest, attempts = 0, acknowledged_at = %s,
                scanned = case when scanned = (select relayed from messaging_sequencer) then null else scanned end,
                diverged_at = case when sent_digest = %s then diverged_at else coalesce(diverged_at, sent) end
            where subscriber = %s and partition = %s and sent = %s and acknowledged < sent
            returning scanned is not null
            """,
            [datetime.now(UTC), ack.digest, *key, ack.position],
        )
        if cursor.rowcount:
            behind: bool = cursor.fetchone()[0]
            return behind
        if _catch_up(context, ack):
            return True
        if not ack.missing:
            _note_progress(context, ack)
            return False
        # The subscriber asks for what comes after its position: a page was lost, or its database was restored.
        cursor.execute(
            """
            update messaging_subscription set
                sent = %s, acknowledged = %s, scanned = %s, sent_digest = %s, acknowledged_digest = %s
            where subscriber = %s and partition = %s and sent > %s
            """,
            [ack.position, ack.position, ack.position, ack.digest, ack.digest, *key, ack.position],
        )
        if cursor.rowcount:
            logger.info("page asked for again", publisher=context, subscriber=ack.subscriber, position=ack.position)
    return True


def _note_progress(context: str, ack: Acknowledgement) -> None:
    """Move `acknowledged` to a position in the middle of what is in flight, if the digest there is ours too.

    It answers a page that was sent again meanwhile, longer by what was new. Were it ignored, a subscriber that is slow
    and never loses anything would be sent ever longer pages at ever longer intervals.
    """
    subscription = _subscription(context, ack)
    if subscription is None or not subscription.acknowledged < ack.position < subscription.sent:
        return
    if _digest_at(context, subscription, ack.position) == ack.digest:
        subscription.acknowledged, subscription.acknowledged_digest = ack.position, ack.digest
        subscription.attempts, subscription.sent_at = 0, datetime.now(UTC)
        _store(context, [subscription], relayed=None)


def _catch_up(context: str, ack: Acknowledgement) -> bool:
    """Believe a subscriber that is further than the books say, if its digest is what our log makes of those events.

    The books fall behind when they are restored, or when a late request sent them back; without this the subscriber
    would be sent what it has, for ever.
    """
    subscription = _subscription(context, ack)
    if subscription is None or ack.position <= subscription.sent:
        return False
    if _digest_at(context, subscription, ack.position) != ack.digest:
        logger.warning("subscriber is ahead with another digest", publisher=context, subscriber=ack.subscriber)
        return False
    subscription.rewind(ack.position, ack.digest)
    subscription.attempts = 0
    _store(context, [subscription], relayed=None)
    return True


def _subscription(context: str, ack: Acknowledgement) -> Subscription | None:
    return next((s for s in _load(context) if (s.subscriber, s.partition) == (ack.subscriber, ack.partition)), None)


def _digest_at(context: str, subscription: Subscription, upto: int) -> str:
    """Return what the digest of a subscription is at a position after the one acknowledged."""
    position, digest = subscription.acknowledged, subscription.acknowledged_digest
    while position < upto:
        rows, position = read(
            context, position, upto, types=set(subscription.types), partitions={subscription.partition},
            limit=PAGE_EVENTS,
        )  # fmt: skip
        events = [event for event in (_wire(context, row) for row in rows) if subscription.wants(event)]
        digest = extend_digest(digest, events)
    return digest


def _plan(context: str, *, resend: bool) -> list[Page]:
    head, relayed = sequencer.sequence(context)
    subscriptions_ = _subscriptions(context)
    changed: list[Subscription] = []
    now = datetime.now(UTC)
    if resend:
        changed += _rewind_overdue(subscriptions_, now)

    by_start: dict[int | None, list[Subscription]] = defaultdict(list)
    for subscription in subscriptions_:
        if subscription.idle and (relayed if subscription.scanned is None else subscription.scanned) < head:
            by_start[subscription.scanned].append(subscription)
    pages: list[Page] = []
    reached = head
    if relayed < head:
        group = by_start.pop(None, [])
        reached, more = _serve(context, group, start=relayed, head=head, now=now)
        pages += more
        changed += [s for s in group if s.scanned is not None]
    for start, group in by_start.items():
        if start is not None:
            try:
                _, more = _serve(context, group, start=start, head=head, now=now, in_step_at=reached)
            except ArchiveProblem as problem:
                # Those who need what is missing wait for it; nobody else does.
                logger.error("subscribers wait for an archive", publisher=context, problem=str(problem))
                continue
            pages += more
            changed += group
    _store(context, changed, relayed=reached if reached != relayed else None)
    return pages


def _rewind_overdue(all_subscriptions: list[Subscription], now: datetime) -> list[Subscription]:
    """Prepare what was not acknowledged in time to be sent again, unless its queue is full of messages already."""
    late = [s for s in all_subscriptions if s.unanswered_for(now) > RESEND_AFTER_S[0]]
    backlog = {queue: transport.current().backlog(queue) for queue in {s.queue for s in late}}
    overdue = [s for s in late if backlog[s.queue] <= BACKLOG_LIMIT and s.overdue(now, backlog=backlog[s.queue])]
    for subscription in overdue:
        subscription.rewind(subscription.acknowledged, subscription.acknowledged_digest)
        subscription.attempts += 1
    return overdue


def _serve(
    context: str, group: list[Subscription], *, start: int, head: int, now: datetime, in_step_at: int | None = None
) -> tuple[int, list[Page]]:
    """Search the log from `start` for subscriptions that stand there; return how far it was searched, and their pages.

    `in_step_at` is how far those who are not behind have been served; None when the group is just those.
    """
    if not group:
        return head, []
    partitions = settings.MESSAGING_PARTITIONS
    wanted = {s.partition for s in group}
    limit = PAGE_EVENTS * len(wanted)
    kinds = {kind for s in group for kind in s.types}
    rows, end = read(context, start, head, types=kinds, partitions=wanted, limit=limit)
    events: dict[int, list[WireEvent]] = defaultdict(list)
    for row in rows:
        events[row[1] % partitions].append(_wire(context, row))
    pages = []
    for subscription in group:
        mine = [event for event in events[subscription.partition] if subscription.wants(event)]
        page_events = _fit(mine)
        if not page_events:
            subscription.scanned = None if in_step_at in (None, end) else end
            continue
        upto = end if len(page_events) == len(mine) else page_events[-1].position
        pages.append(
            Page(
                publisher=context, subscriber=subscription.subscriber, partition=subscription.partition,
                after=subscription.sent, upto=upto, events=keys.attached(context, page_events),
            )
        )  # fmt: skip
        subscription.sent_digest = extend_digest(subscription.sent_digest, page_events)
        subscription.sent = subscription.scanned = upto
        subscription.sent_at = now
    return end, pages


def _fit(events: list[WireEvent]) -> list[WireEvent]:
    """Return as many of the first events as fit in a page."""
    size = 0
    for count, event in enumerate(events[:PAGE_EVENTS], start=1):
        size += len(bytes(event.data))
        if size > PAGE_BYTES:
            return events[:count]
    return events[:PAGE_EVENTS]


def _wire(context: str, row: Row) -> WireEvent:
    return WireEvent(
        position=row[0], id=row[2], source=context, type=row[3], dataversion=row[4], subject=row[5], time=row[6],
        correlationid=row[7], causationid=row[8], actor=row[9], traceparent=row[10], streamversion=row[11],
        data=msgspec.Raw(row[12].encode()),
    )  # fmt: skip


def _subscriptions(context: str) -> list[Subscription]:
    """Return the context's subscriptions, with those of this process's handlers entered first."""
    rows = _load(context)
    wishes = subscriptions.wishes(context)
    known = {(s.subscriber, s.partition): s.types for s in rows}
    news = [
        (subscriber, partition, types)
        for subscriber, types in wishes.items()
        for partition in range(settings.MESSAGING_PARTITIONS)
        if not set(types) <= known.get((subscriber, partition), {}).keys()
    ]
    if not news:
        return rows
    for subscriber, partition, types in news:
        subscribe(context, subscriber, partition, types)
    return _load(context)


def subscribe(context: str, subscriber: str, partition: int, types: list[str]) -> None:
    """Enter a subscriber's wishes in the publisher's books, in a transaction that holds the sequencer's lock.

    A new subscriber starts from the first event, or from now if it chose that: then what has a position already is not
    wanted. A kind that is new to an old subscriber starts from where the log was searched for it, and a kind is never
    struck off: what a page held must stay what it held.
    """
    with connections[context].cursor() as cursor:
        cursor.execute(
            """
            insert into messaging_subscription
                (subscriber, partition, types, since, sent, sent_digest, acknowledged, acknowledged_digest, scanned,
                 attempts)
            values (%s, %s, %s, array_fill(0::bigint, array[%s]), 0, %s, 0, %s, 0, 0)
            on conflict (subscriber, partition) do nothing
            """,
            [subscriber, partition, types, len(types), NO_DIGEST, NO_DIGEST],
        )
        if cursor.rowcount:
            if subscriptions.begins_now(subscriber):
                cursor.execute(
                    """
                    update messaging_subscription s set
                        since = array_fill(q.head, array[cardinality(s.types)]), scanned = q.relayed
                    from messaging_sequencer q where s.subscriber = %s and s.partition = %s
                    """,
                    [subscriber, partition],
                )
            return
        cursor.execute(
            """
            update messaging_subscription s set
                types = types || news.types,
                since = since || array_fill(
                    coalesce(s.scanned, (select relayed from messaging_sequencer)), array[cardinality(news.types)]
                )
            from (
                select array(
                    select kind from unnest(%s::text[]) kind, messaging_subscription known
                    where known.subscriber = %s and known.partition = %s and kind <> all(known.types)
                ) as types
            ) news
            where s.subscriber = %s and s.partition = %s
            """,
            [types, subscriber, partition, subscriber, partition],
        )


def _load(context: str) -> list[Subscription]:
    with prepared_cursor(context) as cursor:
        cursor.execute(
            """
            select subscriber, partition, types, since, sent, sent_digest, acknowledged, acknowledged_digest, scanned,
                   sent_at, attempts
            from messaging_subscription order by subscriber, partition
            """
        )
        return [
            Subscription(
                subscriber=row[0], partition=row[1], types=dict(zip(row[2], row[3], strict=True)), sent=row[4],
                sent_digest=row[5], acknowledged=row[6], acknowledged_digest=row[7], scanned=row[8], sent_at=row[9],
                attempts=row[10],
            )
            for row in cursor.fetchall()
        ]  # fmt: skip


def _store(context: str, changed: list[Subscription], *, relayed: int | None) -> None:
    with prepared_cursor(context) as cursor:
        if relayed is not None:
            cursor.execute("update messaging_sequencer set relayed = %s", [relayed])
        unique = {(s.subscriber, s.partition): s for s in changed}
        if not unique:
            return
        cursor.execute(
            """
            update messaging_subscription s set
                sent = n.sent, sent_digest = n.sent_digest, acknowledged = n.acknowledged,
                acknowledged_digest = n.acknowledged_digest, scanned = n.scanned, sent_at = n.sent_at,
                attempts = n.attempts
            from unnest(%s::text[], %s::int[], %s::bigint[], %s::text[], %s::bigint[], %s::text[], %s::bigint[],
                        %s::timestamptz[], %s::int[])
                as n (subscriber, partition, sent, sent_digest, acknowledged, acknowledged_digest, scanned, sent_at,
                      attempts)
            where s.subscriber = n.subscriber and s.partition = n.partition
            """,
            [
                list(column)
                for column in zip(
                    *(
                        (s.subscriber, s.partition, s.sent, s.sent_digest, s.acknowledged, s.acknowledged_digest,
                         s.scanned, s.sent_at, s.attempts)
                        for s in unique.values()
                    ),
                    strict=True,
                )
            ],
        )  # fmt: skip


def _send(pages: list[Page]) -> None:
    carrier = transport.current()
    for page in pages:
        try:
            carrier.send(_message(page))
        except ConnectionError as problem:
            logger.warning("page not sent, the sweep will", subscriber=page.subscriber, problem=str(problem))
            return
        measuring.count(measuring.RELAY_PAGES, page.publisher, page.subscriber)


def _message(page: Page) -> Message:
    return Message("messaging.deliver", page.context, (page.context, *seal_page(page)))
