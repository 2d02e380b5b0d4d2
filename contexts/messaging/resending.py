"""Resending: what was sent and not acknowledged in time goes out again, at growing intervals."""

from __future__ import annotations

from datetime import datetime

from contexts.messaging import transport
from contexts.messaging.books import Subscription

#: Seconds until a page that was not acknowledged is sent again, by attempt.
RESEND_AFTER_S = (2, 5, 10, 30, 60, 300)

#: A page that was sent so many seconds ago and whose queue is empty got lost, however long its resending would wait.
LOST_AFTER_S = 10

#: A queue with more messages than this has no consumer that a repeated page could help.
BACKLOG_LIMIT = 200


def rewind_overdue(all_subscriptions: list[Subscription], now: datetime) -> list[Subscription]:
    """Prepare what was not acknowledged in time to be sent again, unless its queue is full of messages already."""
    late = [s for s in all_subscriptions if s.unanswered_for(now) > RESEND_AFTER_S[0]]
    backlog = {queue: transport.current().backlog(queue) for queue in {s.queue for s in late}}
    overdue = [s for s in late if backlog[s.queue] <= BACKLOG_LIMIT and _overdue(s, now, backlog=backlog[s.queue])]
    for subscription in overdue:
        subscription.rewind(subscription.acknowledged, subscription.acknowledged_digest)
        subscription.attempts += 1
    return overdue


def _overdue(subscription: Subscription, now: datetime, *, backlog: int) -> bool:
    """Whether what is in flight is to be sent again, with so many messages in its queue."""
    wait_s = RESEND_AFTER_S[min(subscription.attempts, len(RESEND_AFTER_S) - 1)]
    return subscription.unanswered_for(now) > (min(wait_s, LOST_AFTER_S) if backlog == 0 else wait_s)
