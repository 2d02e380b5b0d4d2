"""Parking: an event that cannot be handled waits here, with the later events of its subject, for one subscriber only.

Everything else flows on. A parked event is tried again with growing delays, then left for a person.
"""

from __future__ import annotations

import hashlib
import traceback
from datetime import UTC, datetime, timedelta

import msgspec
import structlog
from django.db import connections

from contexts.messaging.page import Page, WireEvent
from contexts.messaging.subscriptions import retry_delays

logger = structlog.get_logger(__name__)

#: `waiting` is the first of its subject and is retried; `behind` follows one that waits; `stuck` waits for a person.
WAITING, BEHIND, STUCK, DISCARDED = "waiting", "behind", "stuck", "discarded"


def fingerprint(problem: BaseException) -> tuple[str, str]:
    """Return a short hash of an exception's type and place, and that place ("inventory/services.py:41 reserve")."""
    frames = traceback.extract_tb(problem.__traceback__)
    own = [frame for frame in frames if "/contexts/" in frame.filename and "/contexts/messaging/" not in frame.filename]
    frame = (own or frames)[-1] if frames else None
    place = f"{'/'.join(frame.filename.rsplit('/', 2)[1:])}:{frame.lineno} {frame.name}" if frame else "unknown"
    return hashlib.blake2b(f"{type(problem).__name__} {place}".encode(), digest_size=5).hexdigest(), place


def parked_subjects(page: Page, events: list[WireEvent]) -> frozenset[str]:
    """Return which subjects of these events have something parked for the page's subscriber."""
    with connections[page.context].cursor() as cursor:
        cursor.execute(
            """
            select distinct subject from messaging_parked
            where publisher = %s and subscriber = %s and state <> %s and subject = any(%s)
            """,
            [page.publisher, page.subscriber, DISCARDED, [event.subject for event in events]],
        )
        return frozenset(row[0] for row in cursor.fetchall())


def park(page: Page, event: WireEvent, problem: BaseException) -> None:
    """Park the first failed event of a subject."""
    mark, place = fingerprint(problem)
    retry_at = next_try(page.subscriber, event.type, tries=1)
    logger.error(
        "event parked", subscriber=page.subscriber, event_id=str(event.id), type=event.type, subject=event.subject,
        fingerprint=mark, problem=f"{type(problem).__name__}: {problem}",
    )  # fmt: skip
    _insert(
        page, event, state=WAITING if retry_at else STUCK, fingerprint=mark, place=place, attempts=1,
        problem=f"{type(problem).__name__}: {problem}", trace="".join(traceback.format_exception(problem)),
        retry_at=retry_at,
    )  # fmt: skip


def next_try(subscriber: str, event_name: str, *, tries: int) -> datetime | None:
    """Return when an event that failed so many times is tried again; None when it waits for a person."""
    delays = retry_delays(subscriber, event_name)
    return datetime.now(UTC) + timedelta(seconds=delays[tries - 1]) if tries <= len(delays) else None


def park_again(page: Page, event: WireEvent, *, fingerprint: str, place: str, problem: str, trace: str) -> None:
    """Park an event that a replay could not handle; what is known of the failure comes along."""
    retry_at = next_try(page.subscriber, event.type, tries=1)
    _insert(
        page, event, state=WAITING if retry_at else STUCK, fingerprint=fingerprint, place=place, attempts=1,
        problem=problem, trace=trace, retry_at=retry_at,
    )  # fmt: skip


def park_behind(page: Page, events: list[WireEvent]) -> int:
    """Park events whose subject has an earlier one parked; return how many."""
    for event in events:
        _insert(page, event, state=BEHIND)
    return len(events)


def record_discard(page: Page, event: WireEvent, reason: str) -> None:
    """Remember that a handler skipped an event on purpose."""
    logger.info("event discarded", subscriber=page.subscriber, event_id=str(event.id), reason=reason)
    _insert(page, event, state=DISCARDED, problem=reason)


def _insert(
    page: Page,
    event: WireEvent,
    *,
    state: str,
    fingerprint: str = "",
    place: str = "",
    attempts: int = 0,
    problem: str = "",
    trace: str = "",
    retry_at: datetime | None = None,
) -> None:
    with connections[page.context].cursor() as cursor:
        cursor.execute(
            """
            insert into messaging_parked (publisher, subscriber, partition, position, event_id, type, subject, event,
                state, fingerprint, place, attempts, problem, traceback, retry_at, parked_at)
            values (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s)
            on conflict (publisher, subscriber, position) do nothing
            """,
            [
                page.publisher, page.subscriber, page.partition, event.position, event.id, event.type, event.subject,
                _kept(event), state, fingerprint, place, attempts, problem, trace, retry_at,
                datetime.now(UTC),
            ],
        )  # fmt: skip


def _kept(event: WireEvent) -> str:
    """Return an event's copy: without the key to its personal data, which is kept where erasing destroys it."""
    return msgspec.json.encode(msgspec.structs.replace(event, personalkey=None)).decode()
