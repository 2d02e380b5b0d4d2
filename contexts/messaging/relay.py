"""The relay: reads a publisher's log in the order of its positions and sends each subscriber its next page.

At most one page is in flight for each partition of a subscription, so a subscriber that is away costs the broker one
message for each, and one that is slow gets its events in larger pages. What was sent and never acknowledged is sent
again by the sweep.
"""

from __future__ import annotations

from collections.abc import Callable

import structlog
from django.db import transaction

from contexts.messaging import acknowledging, measuring, planning, sequencer, transport
from contexts.messaging.crashpoints import crash_point
from contexts.messaging.page import Acknowledgement, Page, seal_page
from contexts.messaging.transport import Message

logger = structlog.get_logger(__name__)

#: Takes pages that stay in this process.
Apply = Callable[[list[Page]], None]

#: A page with so many events or fewer is rather applied at once than sent to others.
AT_ONCE_EVENTS = 5


def relay(context: str, *, resend: bool = False, apply: Apply | None = None) -> int:
    """Sequence what is new in a context's log and send what its subscribers have room for; return the pages sent.

    With `resend`, pages that were not acknowledged in time go out again. With `apply`, small pages whose queues are ours
    too are not sent but given to it: the broker would only bring them back.
    """
    with transaction.atomic(using=context):
        sequencer.take_lock(context)
        pages = planning.plan(context, resend=resend)
        crash_point("relay: planned, not committed")
    crash_point("relay: committed, not sent")
    _pass_on(pages, apply)
    return len(pages)


def acknowledge(*acknowledgements: Acknowledgement, woken: bool = False, apply: Apply | None = None) -> int:
    """Note how far subscribers of one publisher are and send them more, as `relay` does; return the pages sent.

    With `woken`, there is something new in the log too. An acknowledgement that is older than what is known has no
    effect. One whose digest differs from ours is recorded: the two sides no longer agree on what went over, and
    `events status` and `events verify` say so.
    """
    context = acknowledgements[0].publisher
    with transaction.atomic(using=context):
        sequencer.take_lock(context)
        more = acknowledging.note(context, acknowledgements)
        pages = planning.plan(context, resend=False) if more or woken else []
        crash_point("acknowledge: noted, not committed")
    crash_point("acknowledge: committed, next page not sent")
    _pass_on(pages, apply)
    return len(pages)


def _pass_on(pages: list[Page], apply: Apply | None) -> None:
    serves = transport.current().serves
    small: list[Page] = []
    others: list[Page] = []
    for page in pages:
        stays = apply is not None and len(page.events) <= AT_ONCE_EVENTS and serves(page.context)
        (small if stays else others).append(page)
    send(others)
    if apply is not None and small:
        apply(small)


def send(pages: list[Page]) -> None:
    """Send pages over the broker; what it does not take, the sweep sends again."""
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
