"""Acknowledging: what a subscriber says of where it stands, entered in its publisher's books."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import structlog

from contexts.messaging import books, reading
from contexts.messaging.books import Subscription
from contexts.messaging.page import Acknowledgement, extend_digest
from contexts.messaging.prepared import prepared_cursor

logger = structlog.get_logger(__name__)

#: Events read at a time where a digest is computed anew.
CHUNK = 500


def note(context: str, ack: Acknowledgement) -> bool:
    """Enter an acknowledgement in the books; return whether there may be more to send.

    Call it in a transaction that holds the sequencer's lock.
    """
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
            returning scanned is not null or (select relayed < head from messaging_sequencer)
            """,
            [datetime.now(UTC), ack.digest, *key, ack.position],
        )
        if cursor.rowcount:
            more: bool = cursor.fetchone()[0]
            return more
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
        books.store(context, [subscription])


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
    books.store(context, [subscription])
    return True


def _subscription(context: str, ack: Acknowledgement) -> Subscription | None:
    return next(
        (s for s in books.load(context) if (s.subscriber, s.partition) == (ack.subscriber, ack.partition)), None
    )


def _digest_at(context: str, subscription: Subscription, upto: int) -> str:
    """Return what the digest of a subscription is at a position after the one acknowledged."""
    position, digest = subscription.acknowledged, subscription.acknowledged_digest
    while position < upto:
        rows, position = reading.read(
            context, position, upto, types=set(subscription.types), partitions={subscription.partition},
            limit=CHUNK,
        )  # fmt: skip
        events = [event for event in (reading.wire(context, row) for row in rows) if subscription.wants(event)]
        digest = extend_digest(digest, events)
    return digest
