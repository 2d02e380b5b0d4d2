"""What each message means: the one place that turns a message into a call, for Celery and for the in-memory transport."""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import structlog
from django.conf import settings
from django.db import connections

from contexts.messaging import (
    announcing,
    chores,
    delivery,
    measuring,
    partitions,
    relay,
    sweeping,
    transport,
    wakeups,
)
from contexts.messaging.crashpoints import crash_point
from contexts.messaging.errors import Refused
from contexts.messaging.page import Acknowledgement, Page, open_acknowledgement, open_page, seal_acknowledgement
from contexts.messaging.tailing import watching
from contexts.messaging.transport import Message

logger = structlog.get_logger(__name__)

#: So long a process goes on with small pages at most before it gives the rest to others, in seconds.
HERE_S = 0.2


def run_relay(context: str) -> None:
    """Send what is new in a context's log."""
    transport.current().taken(Message("messaging.relay", context, (context,)))
    relay.relay(context, apply=apply_here)


def run_deliver(context: str, text: str, signature: str) -> None:
    """Apply a page in the subscriber and tell the publisher how far it is."""
    try:
        page = open_page(text, signature)
        if page.context != context or context not in settings.CONTEXTS:
            raise Refused(f"The page is for {page.context}; it came to {context}.")
    except Refused as problem:
        refuse(context, str(problem))
        return
    ends = time.monotonic() + HERE_S
    with wakeups.gathered() as woken:
        told = [delivery.receive(page)]
        crash_point("deliver: committed, not acknowledged")
        _go_on(_answer(told, woken, ends), woken, ends)


def apply_here(pages: list[Page]) -> None:
    """Apply a publisher's small pages one after the other, acknowledge them together, and go on with what follows.

    What follows is more pages that this lets out, and what the handlers have published. What never leaves this process
    needs no seal. After a while the rest goes over the broker, for others to take.
    """
    with wakeups.gathered() as woken:
        _go_on(pages, woken, time.monotonic() + HERE_S)


def _go_on(pages: list[Page], woken: wakeups.Woken, ends: float) -> None:
    while pages:
        told: list[Acknowledgement] = []
        for at, page in enumerate(pages):
            if at and time.monotonic() > ends:
                relay.send(pages[at:])
                break
            measuring.count(measuring.RELAY_PAGES, page.publisher, page.subscriber)
            try:
                told.append(delivery.receive(page))
            except delivery.TRANSIENT as problem:
                logger.warning("not applied, the page will come again", problem=str(problem), **_route(page))
        crash_point("deliver: committed, not acknowledged")
        pages = _answer(told, woken, ends)


def _answer(told: list[Acknowledgement], woken: wakeups.Woken, ends: float) -> list[Page]:
    """Acknowledge pages, relay what was published with them, and return the pages that stay in this process.

    Where the publisher's queue is ours too, the broker would only bring the messages back.
    """
    pages: list[Page] = []
    carrier = transport.current()
    by_publisher: dict[str, list[Acknowledgement]] = {}
    for one in told:
        by_publisher.setdefault(one.publisher, []).append(one)
    in_time = time.monotonic() < ends
    for publisher, theirs in by_publisher.items():
        try:
            if carrier.serves(publisher):
                # What is new in its log goes out in the same step, with one look at the books.
                new = in_time and publisher in woken
                relay.acknowledge(*theirs, woken=new, apply=pages.extend if in_time else None)
                if new:
                    del woken[publisher]
                continue
            for one in theirs:
                carrier.send(Message("messaging.acknowledge", publisher, (publisher, *seal_acknowledgement(one))))
        except delivery.TRANSIENT as problem:
            logger.warning("not acknowledged, the page will come again", problem=str(problem))
    for context in list(woken):
        del woken[context]
        if not in_time:
            wakeups.wake_relay(context)
            continue
        try:
            relay.relay(context, apply=pages.extend)
        except delivery.TRANSIENT as problem:
            logger.warning("not relayed, the sweep will find the work", publisher=context, problem=str(problem))
    return pages


def _route(page: Page) -> dict[str, Any]:
    return {"publisher": page.publisher, "subscriber": page.subscriber, "partition": page.partition}


def run_acknowledge(context: str, text: str, signature: str) -> None:
    """Note how far a subscriber is and send it more."""
    try:
        acknowledgement = open_acknowledgement(text, signature)
        if acknowledgement.publisher != context or context not in settings.CONTEXTS:
            raise Refused(f"The acknowledgement is for {acknowledgement.publisher}; it came to {context}.")
    except Refused as problem:
        refuse(context, str(problem))
        return
    relay.acknowledge(acknowledgement)


def run_sweep(context: str) -> None:
    """Find what hints and messages that never came should have started: due timers, unsent pages, retries, chores.

    It comes as often as a timer may be late.
    """
    transport.current().taken(Message("messaging.sweep", context, (context,)))
    sweeping.sweep(context)
    chores.hint_due(context)
    partitions.look_after(context)
    announcing.look_after(context)
    watching.look_after(context)


def run_background(name: str) -> None:
    """Do a chore until nothing is left to do."""
    chores.run(name)


def refuse(context: str, reason: str) -> None:
    """Record a message that has no effect because it is not from whom it says or not for us."""
    logger.warning("message refused", context=context, reason=reason)
    if context not in settings.CONTEXTS:
        return
    with connections[context].cursor() as cursor:
        cursor.execute(
            """
            insert into messaging_refusal (day, reason, count, last_at) values (%s, %s, 1, %s)
            on conflict (day, reason) do update set count = messaging_refusal.count + 1, last_at = excluded.last_at
            """,
            [datetime.now(UTC).date(), reason[:500], datetime.now(UTC)],
        )


TASKS: dict[str, Callable[..., None]] = {
    "messaging.relay": run_relay,
    "messaging.deliver": run_deliver,
    "messaging.acknowledge": run_acknowledge,
    "messaging.sweep": run_sweep,
    "messaging.background": run_background,
}


def perform(message: Message) -> None:
    """Do what a message asks for, in this process."""
    TASKS[message.task](*message.args)
