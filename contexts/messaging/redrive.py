"""Redrive: tries parked events again, each subject in its order; by itself when they are due, or because a person says so."""

from __future__ import annotations

import traceback
from datetime import UTC, datetime
from functools import partial
from uuid import UUID

import msgspec
import structlog
from django.db import connections, transaction

from contexts.messaging import delivery
from contexts.messaging.errors import Discard, MessagingError
from contexts.messaging.events import decode
from contexts.messaging.inbox import inbox_of
from contexts.messaging.page import WireEvent
from contexts.messaging.parking import BEHIND, DISCARDED, STUCK, WAITING, fingerprint, next_try

logger = structlog.get_logger(__name__)

BATCH = 50

Head = tuple[int, str, str, int, str, int]


class NotParked(MessagingError):
    """A parked event that is not parked any more."""


class Parked(msgspec.Struct, frozen=True, kw_only=True):
    """A parked event as an operator sees it. `tries` counts the calls of its handlers so far.

    Each context counts its own: `number` says which of all it is.
    """

    id: int
    context: str
    publisher: str
    subscriber: str
    partition: int
    position: int
    event_id: UUID
    type: str
    subject: str
    state: str
    fingerprint: str
    place: str
    tries: int
    problem: str
    traceback: str
    retry_at: datetime | None
    parked_at: datetime
    event: str

    @property
    def number(self) -> str:
        return f"{self.context}:{self.id}"


COLUMNS = (
    "id, publisher, subscriber, partition, position, event_id, type, subject, state, fingerprint, place, attempts, "
    "problem, traceback, retry_at, parked_at, event::text"
)


def find(context: str, target: str | None = None, *, discarded: bool = False) -> list[Parked]:
    """Return a context's parked events in the order of their positions.

    `target` is a parked event's number ("ordering:17"), an event id, a subject or a fingerprint; None means all.
    """
    with connections[context].cursor() as cursor:
        cursor.execute(
            f"""
            select {COLUMNS} from messaging_parked
            where (state = %s) = %s
              and (%s::text is null or %s in (%s || id::text, event_id::text, subject, nullif(fingerprint, '')))
            order by publisher, subscriber, position
            """,
            [DISCARDED, discarded, target, target, f"{context}:"],
        )
        names = [field for field in Parked.__struct_fields__ if field != "context"]
        return [Parked(context=context, **dict(zip(names, row, strict=True))) for row in cursor.fetchall()]


def record_act(parked: Parked, act: str, actor: str, **details: object) -> None:
    """Keep who did what to a parked event, with what was there before."""
    before = {"state": parked.state, "problem": parked.problem, "tries": parked.tries, "event": parked.event}
    with connections[parked.context].cursor() as cursor:
        cursor.execute(
            """
            insert into messaging_act (at, actor, act, event_id, subscriber, subject, details)
            values (%s, %s, %s, %s, %s, %s, %s)
            """,
            [
                datetime.now(UTC), actor, act, parked.event_id, parked.subscriber, parked.subject,
                msgspec.json.encode({"before": before, **details}).decode(),
            ],
        )  # fmt: skip


def hold(parked: Parked) -> None:
    """Keep others from the parked events of a subject until the transaction ends.

    Before the place is opened, as the sweep does it: neither waits for the other.

    Raises:
        NotParked: this one was handled or given up since it was looked up.
    """
    with connections[parked.context].cursor() as cursor:
        cursor.execute(
            """
            select id from messaging_parked where publisher = %s and subscriber = %s and subject = %s and state <> %s
            order by position for update
            """,
            [parked.publisher, parked.subscriber, parked.subject, DISCARDED],
        )
        if parked.id not in {row_id for (row_id,) in cursor.fetchall()}:
            raise NotParked(f"{parked.number} is not parked any more: it was handled or given up meanwhile.")


def retry(parked: Parked, *, actor: str) -> int:
    """Try the subject of a parked event again now; return how many of its events were handled.

    Raises:
        NotParked: somebody was faster.
    """
    with transaction.atomic(using=parked.context):
        hold(parked)
        record_act(parked, "retry", actor)
        return release(
            parked.context, publisher=parked.publisher, subscriber=parked.subscriber, partition=parked.partition,
            subject=parked.subject,
        )  # fmt: skip


def discard(parked: Parked, *, reason: str, actor: str) -> None:
    """Give a parked event up for its subscriber; what waited behind it is tried at once.

    Raises:
        NotParked: somebody was faster.
    """
    with transaction.atomic(using=parked.context):
        hold(parked)
        record_act(parked, "discard", actor, reason=reason)
        inbox = inbox_of(parked.subscriber)
        with inbox.open(parked.publisher, parked.subscriber, parked.partition) as place:
            _set(parked.context, parked.id, state=DISCARDED, problem=reason)
            place.move(place.position, place.digest, parked=-1)
        with connections[parked.context].cursor() as cursor:
            cursor.execute(
                """
                update messaging_parked set state = %s, retry_at = %s where state = %s and id = (
                    select id from messaging_parked
                    where publisher = %s and subscriber = %s and subject = %s and state <> %s order by position limit 1
                )
                """,
                [WAITING, datetime.now(UTC), BEHIND, parked.publisher, parked.subscriber, parked.subject, DISCARDED],
            )


def edit(parked: Parked, *, data: dict[str, object], actor: str) -> None:
    """Replace the data of a parked event, for this subscriber only, by a corrected copy; the original is kept.

    Raises:
        msgspec.ValidationError: the copy does not have the event's shape.
        NotParked: somebody was faster.
    """
    wire = msgspec.json.decode(parked.event, type=WireEvent)
    corrected = msgspec.json.encode(data)
    decode(wire.type, wire.dataversion, corrected)
    copy = msgspec.structs.replace(wire, data=msgspec.Raw(corrected))
    with transaction.atomic(using=parked.context), connections[parked.context].cursor() as cursor:
        hold(parked)
        record_act(parked, "edit", actor, data=data)
        cursor.execute(
            "update messaging_parked set event = %s where id = %s", [msgspec.json.encode(copy).decode(), parked.id]
        )


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

    Call it in a transaction of the context. The subscriber's place is opened, so that new events of the subject cannot
    overtake.
    """
    with inbox_of(subscriber).open(publisher, subscriber, partition) as place:
        handled = _release(context, publisher, subscriber, subject)
        place.move(place.position, place.digest, parked=-handled)
    return handled


def _release(context: str, publisher: str, subscriber: str, subject: str) -> int:
    with connections[context].cursor() as cursor:
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
            _fail(context, row_id, next_try(subscriber, event.type, tries=attempts + 1), attempts + 1, problem)
            break
        else:
            with connections[context].cursor() as cursor:
                cursor.execute("delete from messaging_parked where id = %s", [row_id])
            # Said when it is true: a rehearsal is rolled back.
            said = partial(logger.info, "parked event handled", subscriber=subscriber, subject=subject)
            transaction.on_commit(partial(said, event_id=str(event.id)), using=context)
        handled += 1
    return handled


def _fail(context: str, row_id: int, retry_at: datetime | None, attempts: int, problem: Exception) -> None:
    mark, place = fingerprint(problem)
    with connections[context].cursor() as cursor:
        cursor.execute(
            """
            update messaging_parked set state = %s, fingerprint = %s, place = %s, attempts = %s, problem = %s, traceback = %s,
                retry_at = %s
            where id = %s
            """,
            [
                WAITING if retry_at else STUCK, mark, place, attempts, f"{type(problem).__name__}: {problem}",
                "".join(traceback.format_exception(problem)), retry_at, row_id,
            ],
        )  # fmt: skip


def _set(context: str, row_id: int, *, state: str, problem: str) -> None:
    with connections[context].cursor() as cursor:
        cursor.execute(
            "update messaging_parked set state = %s, problem = %s, retry_at = null where id = %s",
            [state, problem, row_id],
        )
