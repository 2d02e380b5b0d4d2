"""The keys of persons: each publisher has one for everybody its events carry personal data of, subscribers a copy.

A key lives in `messaging_person` of the context that uses it and nowhere else; erasing a person destroys it there. The
page that carries a sealed event carries its key, as long as there is one. Who reads or writes personal data holds a
shared lock on the person until the transaction ends, and who erases an exclusive one: nothing slips through between.
"""

from __future__ import annotations

import base64
from collections.abc import Iterable, Sequence
from typing import Any

import msgspec
from django.db import connections

from contexts.messaging import personal
from contexts.messaging.errors import NoKey
from contexts.messaging.events import Event, encode
from contexts.messaging.locks import lock_key
from contexts.messaging.page import Page, WireEvent
from contexts.messaging.prepared import prepared_cursor

#: Key by person; None for somebody who was erased.
Keys = dict[str, bytes | None]


def lock(context: str, persons: Iterable[str], *, exclusive: bool = False) -> None:
    """Hold the persons still until the transaction ends. A statement of its own, before the one that reads."""
    # In key order: two that share persons would otherwise wait for each other.
    keys = sorted({lock_key(context, f"person {person}") for person in persons})
    function = "pg_advisory_xact_lock" if exclusive else "pg_advisory_xact_lock_shared"
    with prepared_cursor(context) as cursor:
        cursor.execute(
            f"select count({function}(key)::text) from (select key from unnest(%s::bigint[]) key order by key) k",
            [keys],
        )


def lock_stream(context: str, subject: str) -> None:
    """Hold still whoever a stream of this context tells about, so that a copy of its state cannot outlive them."""
    with connections[context].cursor() as cursor:
        cursor.execute(
            "select person from messaging_person_subject where publisher = %s and subject = %s", [context, subject]
        )
        persons = [person for (person,) in cursor.fetchall()]
    if persons:
        lock(context, persons)


# --- writing

# A key is made once for each person, and the subject is noted, so that erasing finds what is kept by subject.
FOR_WRITING = """
with gone as materialized (
    select person from messaging_erasure where person = any(%(persons)s)
), made as (
    insert into messaging_person (publisher, person, key)
    select %(context)s, person, key from unnest(%(persons)s::text[], %(fresh)s::bytea[]) as given (person, key)
    where person not in (select person from gone)
    on conflict do nothing returning person, key
), linked as (
    insert into messaging_person_subject (publisher, person, subject)
    select %(context)s, person, subject from unnest(%(of)s::text[], %(subjects)s::text[]) as given (person, subject)
    on conflict do nothing
)
select person, key from made
union all select person, key from messaging_person where publisher = %(context)s and person = any(%(persons)s)
union all select person, null from gone
"""


def encoded(context: str, events: Sequence[Event]) -> list[str]:
    """Return events as they are stored; those with personal data sealed, in the context's current transaction."""
    if not any(event.event_persons for event in events):
        return [encode(event) for event in events]
    persons = [personal.person_of(event) for event in events]
    found = keys_for(context, {(p, e.subject) for p, e in zip(persons, events, strict=True) if p is not None})
    return [
        encode(event) if person is None else personal.seal(event, person, found[person])
        for event, person in zip(events, persons, strict=True)
    ]


def keys_for(context: str, wanted: set[tuple[str, str]]) -> Keys:
    """Return the keys of persons for events about (person, subject), made where there was none."""
    persons = sorted({person for person, _ in wanted})
    links = sorted(wanted)
    lock(context, persons)
    parameters: dict[str, Any] = {
        "context": context, "persons": persons, "fresh": [personal.new_key() for _ in persons],
        "of": [person for person, _ in links], "subjects": [subject for _, subject in links],
    }  # fmt: skip
    found: Keys = {}
    while len(found) < len(persons):  # A second time when another writer made a key meanwhile.
        with prepared_cursor(context) as cursor:
            cursor.execute(FOR_WRITING, parameters)
            found = {person: None if key is None else bytes(key) for person, key in cursor.fetchall()}
    return found


# --- reading

KNOWN = """
select person, key from messaging_person where publisher = %s and person = any(%s)
union all select person, null from messaging_erasure where person = any(%s)
"""


class KeyRing:
    """Opens a publisher's events with the keys that a context has; looked up when they are first needed.

    It is for one transaction: a key may be destroyed after it.
    """

    def __init__(self, context: str, publisher: str | None = None, known: Keys | None = None) -> None:
        self._context, self._publisher = context, publisher or context
        self._known: Keys = {} if known is None else known

    def key(self, person: str) -> bytes | None:
        """Return a person's key, None if they were erased.

        Raises:
            NoKey: neither a key nor an erasure is known.
        """
        if person not in self._known:
            self._look_up([person])
        try:
            return self._known[person]
        except KeyError:
            raise NoKey(
                f"{self._context} has no key to the personal data of {person} in {self._publisher}'s events, and no "
                "erasure either. Restore messaging_person from the backup that the log came from."
            ) from None

    def prefetch(self, texts: Iterable[str]) -> None:
        """Look up at once what these stored events need."""
        wanted = {personal.whose(text) for text in texts if personal.SEALED in text} - self._known.keys()
        if wanted:
            self._look_up(sorted(wanted))

    def open(self, data: str) -> str | bytes:
        """Return a stored event's JSON as it was published; of somebody erased, with the blanks."""
        if personal.SEALED not in data:
            return data
        key = self.key(personal.whose(data))
        return data if key is None else personal.opened(data, key)

    def open_wire(self, data: bytes) -> tuple[bytes, bool]:
        """Return an event's JSON as it was published, and whether its personal data is gone."""
        if personal.SEALED_BYTES not in data:
            return data, False
        key = self.key(personal.whose(data))
        return (data, True) if key is None else (personal.opened(data, key), False)

    def _look_up(self, persons: list[str]) -> None:
        with prepared_cursor(self._context) as cursor:
            cursor.execute(KNOWN, [self._publisher, persons, persons])
            for person, key in cursor.fetchall():
                self._known[person] = None if key is None else bytes(key)


# --- on the way

RECEIVE = """
with gone as materialized (
    select person from messaging_erasure where person = any(%(persons)s)
), kept as (
    insert into messaging_person (publisher, person, key)
    select %(publisher)s, person, key from unnest(%(keyed)s::text[], %(keys)s::bytea[]) as given (person, key)
    where person not in (select person from gone)
    on conflict do nothing
), linked as (
    insert into messaging_person_subject (publisher, person, subject)
    select distinct %(publisher)s, person, subject
    from unnest(%(of)s::text[], %(subjects)s::text[]) as given (person, subject)
    on conflict do nothing
)
select person from gone
"""


def attached(ring: KeyRing, events: list[WireEvent]) -> list[WireEvent]:
    """Return a page's events, the sealed ones with the keys to them; an empty key says that there is none any more.

    One ring serves all pages of a transaction: most of a fan-out's are about the same persons.
    """
    sealed = {nr: bytes(wire.data).decode() for nr, wire in enumerate(events) if _is_sealed(wire)}
    if not sealed:
        return events
    ring.prefetch(sealed.values())
    sent = list(events)
    for nr, data in sealed.items():
        key = ring.key(personal.whose(data))
        sent[nr] = msgspec.structs.replace(events[nr], personalkey=base64.b64encode(key or b"").decode())
    return sent


def received(page: Page, events: list[WireEvent]) -> KeyRing:
    """Keep the keys that came with a page, except of people who were erased here; return what opens its events."""
    sealed = [(personal.whose(bytes(wire.data)), wire) for wire in events if _is_sealed(wire)]
    if not sealed:
        return KeyRing(page.context, page.publisher)
    given = {person: base64.b64decode(wire.personalkey) for person, wire in sealed if wire.personalkey is not None}
    keyed = sorted(person for person, key in given.items() if key)
    parameters: dict[str, Any] = {
        "publisher": page.publisher, "persons": sorted({person for person, _ in sealed}), "keyed": keyed,
        "keys": [given[person] for person in keyed], "of": [person for person, _ in sealed],
        "subjects": [wire.subject for _, wire in sealed],
    }  # fmt: skip
    lock(page.context, parameters["persons"])
    with prepared_cursor(page.context) as cursor:
        cursor.execute(RECEIVE, parameters)
        gone: Keys = {person: None for (person,) in cursor.fetchall()}
    return KeyRing(page.context, page.publisher, {person: key or None for person, key in given.items()} | gone)


def _is_sealed(wire: WireEvent) -> bool:
    return personal.SEALED_BYTES in bytes(wire.data)
