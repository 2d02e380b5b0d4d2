"""Planning: which events go to which subscribers next, a page for each partition that has nothing in flight."""

from __future__ import annotations

from collections import defaultdict
from datetime import UTC, datetime

import structlog
from django.conf import settings

from contexts.messaging import books, keys, reading, sequencer
from contexts.messaging.archive.files import ArchiveProblem
from contexts.messaging.books import Subscription
from contexts.messaging.page import Page, WireEvent, extend_digest
from contexts.messaging.resending import rewind_overdue

logger = structlog.get_logger(__name__)

#: Events in a page, at most; and bytes of event data, at most (the last event may exceed it).
PAGE_EVENTS = 500
PAGE_BYTES = 512 * 1024


def plan(context: str, *, resend: bool) -> list[Page]:
    """Sequence what is new and return the next pages, entered in the books as sent.

    Call it in a transaction that holds the sequencer's lock; send the pages when it has committed.
    """
    head, relayed = sequencer.sequence(context)
    subscriptions = books.up_to_date(context)
    changed: list[Subscription] = []
    now = datetime.now(UTC)
    if resend:
        changed += rewind_overdue(subscriptions, now)

    by_start: dict[int | None, list[Subscription]] = defaultdict(list)
    for subscription in subscriptions:
        if subscription.idle and (relayed if subscription.scanned is None else subscription.scanned) < head:
            by_start[subscription.scanned].append(subscription)
    pages: list[Page] = []
    ring = keys.KeyRing(context)
    reached = head
    if relayed < head:
        group = by_start.pop(None, [])
        reached, more = _serve(context, group, ring, start=relayed, head=head, now=now)
        pages += more
        changed += [s for s in group if s.scanned is not None]
    for start, group in by_start.items():
        if start is not None:
            try:
                _, more = _serve(context, group, ring, start=start, head=head, now=now, in_step_at=reached)
            except ArchiveProblem as problem:
                # Those who need what is missing wait for it; nobody else does.
                logger.error("subscribers wait for an archive", publisher=context, problem=str(problem))
                continue
            pages += more
            changed += group
    books.store(context, changed, relayed=reached if reached != relayed else None)
    return pages


def _serve(
    context: str,
    group: list[Subscription],
    ring: keys.KeyRing,
    *,
    start: int,
    head: int,
    now: datetime,
    in_step_at: int | None = None,
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
    rows, end = reading.read(context, start, head, types=kinds, partitions=wanted, limit=limit)
    events: dict[int, list[WireEvent]] = defaultdict(list)
    for row in rows:
        events[row[1] % partitions].append(reading.wire(context, row))
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
                after=subscription.sent, upto=upto, events=keys.attached(ring, page_events),
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
