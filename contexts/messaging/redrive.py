"""Redrive: tries parked events again, each subject in its order."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import msgspec
import structlog
from django.db import connections, transaction

from contexts.messaging import delivery
from contexts.messaging.errors import Discard
from contexts.messaging.page import WireEvent
from contexts.messaging.parking import BEHIND, DISCARDED, RETRY_AFTER_S, STUCK, WAITING, fingerprint

logger = structlog.get_logger(__name__)

BATCH = 50

Head = tuple[int, str, str, int, str, int]


def retry_due(context: str) -> int:
    """Try the parked events of a context whose time has come; return how many were handled at last."""
    handled = 0
    for _ in range(BATCH):
        done = _retry_next(context)
        if done is None:
            break
        handled += done
    return handled


def _retry_next(context: str) -> int | None:
    """Try the first event of one subject, and its followers once it succeeds; None when nothing is due."""
    with transaction.atomic(using=context):
        with connections[context].cursor() as cursor:
            cursor.execute(
                """
                select id, publisher, subscriber, partition, subject, attempts from messaging_parked
                where state = %s and retry_at <= %s order by retry_at limit 1 for update skip locked
                """,
                [WAITING, datetime.now(UTC)],
            )
            head: Head | None = cursor.fetchone()
        if head is None:
            return None
        return release(context, publisher=head[1], subscriber=head[2], partition=head[3], subject=head[4])


def release(context: str, *, publisher: str, subscriber: str, partition: int, subject: str) -> int:
    """Handle the parked events of a subject in order until one fails; return how many were handled.

    Call it in a transaction of the context. The subscriber's place is locked first, so that new events of the subject
    cannot overtake.
    """
    with connections[context].cursor() as cursor:
        cursor.execute(
            "select parked from messaging_inbox where publisher = %s and subscriber = %s and partition = %s for update",
            [publisher, subscriber, partition],
        )
        cursor.execute(
            """
            select id, event::text, attempts from messaging_parked
            where publisher = %s and subscriber = %s and subject = %s and state <> %s order by position
            """,
            [publisher, subscriber, subject, DISCARDED],
        )
        rows = cursor.fetchall()
    handled = 0
    for row_id, text, attempts in rows:
        event = msgspec.json.decode(text, type=WireEvent)
        try:
            with transaction.atomic(using=context):
                delivery.run(subscriber, [event])
        except delivery.TRANSIENT:
            raise
        except Discard as reason:
            _set(context, row_id, state=DISCARDED, problem=str(reason))
        except Exception as problem:
            _fail(context, row_id, attempts + 1, problem)
            break
        else:
            with connections[context].cursor() as cursor:
                cursor.execute("delete from messaging_parked where id = %s", [row_id])
            logger.info("parked event handled", subscriber=subscriber, event_id=str(event.id), subject=subject)
        handled += 1
    with connections[context].cursor() as cursor:
        cursor.execute(
            "update messaging_inbox set parked = parked - %s where publisher = %s and subscriber = %s and partition = %s",
            [handled, publisher, subscriber, partition],
        )
    return handled


def _fail(context: str, row_id: int, attempts: int, problem: Exception) -> None:
    mark, place = fingerprint(problem)
    left = attempts <= len(RETRY_AFTER_S)
    retry_at = datetime.now(UTC) + timedelta(seconds=RETRY_AFTER_S[attempts - 1]) if left else None
    with connections[context].cursor() as cursor:
        cursor.execute(
            """
            update messaging_parked set state = %s, fingerprint = %s, place = %s, attempts = %s, problem = %s, retry_at = %s
            where id = %s
            """,
            [WAITING if left else STUCK, mark, place, attempts, f"{type(problem).__name__}: {problem}", retry_at, row_id],
        )


def _set(context: str, row_id: int, *, state: str, problem: str) -> None:
    with connections[context].cursor() as cursor:
        cursor.execute(
            "update messaging_parked set state = %s, problem = %s, retry_at = null where id = %s", [state, problem, row_id]
        )


__all__ = ["BEHIND", "release", "retry_due"]
