"""Erasing a person in one context: the key is destroyed, copies made with it go, and a receipt says what went.

An event declared with `erases=` does it: in its publisher when it is published, in every context that hears of people
when it is delivered. Handlers remove what their own tables keep; the rest happens here, in the same transaction.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec
import structlog
from django.conf import settings
from django.db import connections

from contexts.messaging import keys, personal, projections, snapshots
from contexts.messaging.envelope import Envelope
from contexts.messaging.errors import UnknownEvent
from contexts.messaging.events import Event, event_named
from contexts.messaging.page import WireEvent
from contexts.messaging.parking import DISCARDED
from contexts.messaging.subscriptions import hears_of_people

logger = structlog.get_logger(__name__)


class Receipt(msgspec.Struct, frozen=True, kw_only=True):
    """What one context did when a person was erased; `erased` counts by kind of thing, `event_id` asked for it."""

    context: str
    person: str
    at: datetime
    event_id: UUID
    actor: str
    erased: dict[str, int]


@contextmanager
def around(context: str, events: Sequence[tuple[Event, Envelope]]) -> Iterator[None]:
    """Hold still whom the events erase while their handlers run, then erase them."""
    persons = {person for event, _ in events if (person := personal.erased_by(event))}
    if not persons:
        yield
        return
    keys.lock(context, persons, exclusive=True)
    yield
    for event, envelope in events:
        person = personal.erased_by(event)
        if person is not None:
            _erase(context, person, event_id=envelope.id, at=envelope.time, actor=envelope.actor)


def erase_published(context: str, event: Event, *, event_id: UUID, at: datetime, actor: str) -> None:
    """Erase in the context that says so, in the transaction in which it does."""
    person = personal.erased_by(event)
    if person is not None:
        keys.lock(context, [person], exclusive=True)
        _erase(context, person, event_id=event_id, at=at, actor=actor)


def note_erased(context: str, event: Event, **counts: int) -> None:
    """Add to a context's receipt what its own tables no longer have: `note_erased("shipping", event, parcels=2)`.

    Call it where the event is handled or published, in that transaction. A repeat changes nothing.
    """
    with connections[context].cursor() as cursor:
        cursor.execute(
            """
            insert into messaging_erasure (person, at, event_id, actor, what)
            values (%s, now(), '00000000-0000-0000-0000-000000000000', '', %s)
            on conflict (person) do update set what = excluded.what || messaging_erasure.what
            """,
            [personal.erased_by(event), msgspec.json.encode(counts).decode()],
        )


def receipts(person: str) -> list[Receipt]:
    """Return what each context of this process did when a person was erased; a context without one has not heard."""
    found = []
    for context in settings.CONTEXTS:
        with connections[context].cursor() as cursor:
            cursor.execute("select at, event_id, actor, what::text from messaging_erasure where person = %s", [person])
            found += [
                Receipt(
                    context=context, person=person, at=at, event_id=event_id, actor=actor,
                    erased=msgspec.json.decode(what, type=dict[str, int]),
                )
                for at, event_id, actor, what in cursor.fetchall()
            ]  # fmt: skip
    return found


def receipts_awaited(person: str) -> list[str]:
    """Return the contexts of this process that hear of people and have not erased this one yet."""
    given = {receipt.context for receipt in receipts(person)}
    return [context for context in settings.CONTEXTS if hears_of_people(context) and context not in given]


def _erase(context: str, person: str, *, event_id: UUID, at: datetime, actor: str) -> None:
    with connections[context].cursor() as cursor:
        cursor.execute("delete from messaging_person where person = %s", [person])
        destroyed = cursor.rowcount
        cursor.execute("select publisher, subject from messaging_person_subject where person = %s", [person])
        told = cursor.fetchall()
        # Noted before the read models are folded anew: without a key, they are to find that there was an erasure.
        cursor.execute(
            """
            insert into messaging_erasure (person, at, event_id, actor, what) values (%s, %s, %s, %s, '{}')
            on conflict (person) do update set at = excluded.at, event_id = excluded.event_id, actor = excluded.actor
            where messaging_erasure.actor = ''
            """,
            [person, at, event_id, actor],
        )
    own = sorted(subject for publisher, subject in told if publisher == context)
    what = {
        "keys": destroyed,
        "snapshots": snapshots.forget_snapshots(context, own),
        "rows folded anew": sum(projections.refold(declared, own) for declared in projections.projections(context)),
        **_clean_parking(context, told),
    }
    with connections[context].cursor() as cursor:
        cursor.execute(
            "update messaging_erasure set what = %s::jsonb || what where person = %s",
            [msgspec.json.encode({name: count for name, count in what.items() if count}).decode(), person],
        )
    logger.info("person erased", context=context, person=person, keys=destroyed, streams=len(own))


def _clean_parking(context: str, told: Sequence[tuple[str, str]]) -> dict[str, int]:
    """Take what tracebacks and corrections may repeat out of the parking, its record and what waits in it."""
    if not told:
        return {}
    publishers, subjects = zip(*told, strict=True)
    about = "(publisher, subject) in (select * from unnest(%s::text[], %s::text[]))"
    with connections[context].cursor() as cursor:
        cursor.execute(
            f"""
            update messaging_parked set traceback = '',
                problem = case when state = %s then 'erased' else split_part(problem, ':', 1) end
            where {about} returning id, event::text
            """,
            [DISCARDED, list(publishers), list(subjects)],
        )
        parked = cursor.fetchall()
        for row_id, text in parked:
            blank = _without_corrections(text)
            if blank is not None:
                cursor.execute("update messaging_parked set event = %s where id = %s", [blank, row_id])
        cursor.execute(
            "update messaging_act set details = '{\"erased\": true}' where subject = any(%s)", [list(subjects)]
        )
        return {"parked events": len(parked), "acts on parked events": cursor.rowcount}


def _without_corrections(text: str) -> str | None:
    """Return a parked event without what a person wrote into it in the clear; None where it is sealed as it came."""
    wire = msgspec.json.decode(text, type=WireEvent)
    try:
        kind = event_named(wire.type)
    except UnknownEvent:
        return None
    data = bytes(wire.data)
    blank: Any = personal.blanked(kind, data) if personal.personal_fields(kind) else None
    if blank is None or msgspec.json.decode(blank) == msgspec.json.decode(data):
        return None
    return msgspec.json.encode(msgspec.structs.replace(wire, data=msgspec.Raw(blank.encode()))).decode()
