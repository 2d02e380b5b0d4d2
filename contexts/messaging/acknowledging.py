"""Acknowledging: what a subscriber says of where it stands, entered in its publisher's books."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime

import structlog

from contexts.messaging import books, reading
from contexts.messaging.books import Subscription
from contexts.messaging.page import Acknowledgement, extend_digest
from contexts.messaging.prepared import prepared_cursor

logger = structlog.get_logger(__name__)

#: Events read at a time where a digest is computed anew.
CHUNK = 500


# What was sent is acknowledged: the window opens. A digest that differs is kept for `events verify` to show.
NOTE = """
update messaging_subscription s set
    acknowledged = s.sent, acknowledged_digest = s.sent_digest, attempts = 0, acknowledged_at = %s,
    scanned = case when s.scanned = (select relayed from messaging_sequencer) then null else s.scanned end,
    diverged_at = case when s.sent_digest = a.digest then s.diverged_at else coalesce(s.diverged_at, s.sent) end
from unnest(%s::text[], %s::int[], %s::bigint[], %s::text[]) as a (subscriber, partition, position, digest)
where s.subscriber = a.subscriber and s.partition = a.partition and s.sent = a.position and s.acknowledged < s.sent
returning s.subscriber, s.partition, s.scanned is not null or (select relayed < head from messaging_sequencer)
"""


def note(context: str, acknowledgements: Sequence[Acknowledgement]) -> bool:
    """Enter acknowledgements in the books; return whether there may be more to send.

    Call it in a transaction that holds the sequencer's lock.
    """
    with prepared_cursor(context) as cursor:
        columns = zip(*((a.subscriber, a.partition, a.position, a.digest) for a in acknowledgements), strict=True)
        cursor.execute(NOTE, [datetime.now(UTC), *map(list, columns)])
        noted: dict[tuple[str, int], bool] = {(row[0], row[1]): row[2] for row in cursor.fetchall()}
    others = [_unexpected(context, a) for a in acknowledgements if (a.subscriber, a.partition) not in noted]
    return any(noted.values()) or any(others)


def _unexpected(context: str, ack: Acknowledgement) -> bool:
    """Enter an acknowledgement of something else than all that was sent."""
    if _catch_up(context, ack):
        return True
    if not ack.missing:
        _note_progress(context, ack)
        return False
    # The subscriber asks for what comes after its position: a page was lost, or its database was restored.
    with prepared_cursor(context) as cursor:
        cursor.execute(
            """
            update messaging_subscription set
                sent = %s, acknowledged = %s, scanned = %s, sent_digest = %s, acknowledged_digest = %s
            where subscriber = %s and partition = %s and sent > %s
            """,
            [
                ack.position,
                ack.position,
                ack.position,
                ack.digest,
                ack.digest,
                ack.subscriber,
                ack.partition,
                ack.position,
            ],
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
