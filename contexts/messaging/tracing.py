"""Questions about what happened: which events belong together, what caused what, and who has received them.

Each query stays within one context's schema; what belongs together is put together here.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime
from itertools import islice
from typing import Any, Literal
from uuid import UUID

import msgspec
import redis
from django.conf import settings
from django.db import connections

from contexts.messaging import subscriptions
from contexts.messaging.archive import shelf
from contexts.messaging.archive.files import Line
from contexts.messaging.errors import MessagingError
from contexts.messaging.events import FIELD, all_events
from contexts.messaging.inbox import DatedInbox, PostgresInbox, inbox_of
from contexts.messaging.naming import did_you_mean

#: A correlation of an import may have a hundred thousand events; nobody reads that as a tree.
LIMIT = 1000

State = Literal["delivered", "in flight", "waiting", "behind", "stuck", "discarded", "not yet"]

#: The states of an event that is parked.
PARKED = ("waiting", "behind", "stuck")


class NothingFound(MessagingError):
    """No event, correlation, order or subject of that name."""


class LoggedEvent(msgspec.Struct, frozen=True, kw_only=True):
    """An event as its publisher's log has it; `position` is None until the sequencer has seen it, `due_at` is set
    for a timer that has not fired."""

    id: UUID
    source: str
    type: str
    version: int
    subject: str
    stream_version: int | None
    time: datetime
    correlation_id: UUID
    causation_id: UUID | None
    actor: str
    slot: int
    position: int | None
    data: msgspec.Raw
    due_at: datetime | None = None

    @property
    def partition(self) -> int:
        partitions: int = settings.MESSAGING_PARTITIONS
        return self.slot % partitions


class Whereabouts(msgspec.Struct, frozen=True, kw_only=True):
    """Where one event is on its way to one subscriber.

    `at` is when it was delivered, sent, or parked, by `state`; None where that is not known. A delivered event whose
    time is not known was received by a subscriber that keeps its position in a store of its own.
    """

    subscriber: str
    state: State
    at: datetime | None = None
    attempts: int = 0
    problem: str = ""
    retry_at: datetime | None = None
    acts: tuple[str, ...] = ()


class Found(msgspec.Struct, frozen=True, kw_only=True):
    """What a name stands for, and every event that belongs to it, oldest first; `truncated` when there are more."""

    kind: Literal["event", "correlation", "subject"]
    name: str
    events: list[LoggedEvent]
    truncated: bool


SELECT = """
select e.event_id, e.type, e.version, e.subject, e.stream_version, e.time, e.correlation_id, e.causation_id, e.actor,
       e.slot, p.position, e.data::text
from messaging_event e left join messaging_position p on p.event = e.id
"""

TIMERS = """
select event_id, type, version, subject, null, due_at, correlation_id, causation_id, actor, 0, null, data::text, due_at
from messaging_timer where correlation_id = any(%s) order by due_at limit %s
"""


def events_where(
    context: str, condition: str, parameters: Sequence[Any], *, order: str = "e.id", limit: int = LIMIT
) -> list[LoggedEvent]:
    """Return events of one context's log; `condition` and `order` are SQL of this module's callers over `e` and `p`."""
    with connections[context].cursor() as cursor:
        cursor.execute(f"{SELECT} where {condition} order by {order} limit %s", [*parameters, limit])
        return [_event(context, row) for row in cursor.fetchall()]


def _event(context: str, row: tuple[Any, ...]) -> LoggedEvent:
    return LoggedEvent(
        source=context, id=row[0], type=row[1], version=row[2], subject=row[3], stream_version=row[4], time=row[5],
        correlation_id=row[6], causation_id=row[7], actor=row[8], slot=row[9], position=row[10],
        data=msgspec.Raw(row[11].encode()), due_at=row[12] if len(row) > 12 else None,
    )  # fmt: skip


def event_with_id(event_id: UUID) -> LoggedEvent | None:
    """Return an event of any context in this process."""
    for context in settings.CONTEXTS:
        for event in events_where(context, "e.event_id = %s", [event_id], limit=1):
            return event
    for context in settings.CONTEXTS:
        line = shelf.with_id(context, event_id)
        if line is not None:
            return _archived(context, line)
    return None


def _archived(context: str, line: Line) -> LoggedEvent:
    return LoggedEvent(
        source=context, id=line.event_id, type=line.type, version=line.version, subject=line.subject,
        stream_version=line.stream_version, time=line.time, correlation_id=line.correlation_id,
        causation_id=line.causation_id, actor=line.actor, slot=line.slot, position=line.position, data=line.data,
    )  # fmt: skip


def find(name: str) -> Found:
    """Return what an order number, order id, subject, correlation id or event id stands for.

    For an order or another subject these are the events that name it, what led to them, and what they led to. What else
    belongs to the same correlations is left out: a request may concern many orders.

    Raises:
        NothingFound: nothing of that name is in the logs of this process's contexts.
    """
    try:
        identity = UUID(name)
    except ValueError:
        subjects = [name] if "/" in name else _subjects_numbered(name)
        return _about_subjects(name, subjects)
    event = event_with_id(identity)
    if event is not None:
        return _together("event", name, {event.correlation_id})
    if any(
        events_where(context, "e.correlation_id = %s", [identity], limit=1)
        or any(True for _ in shelf.of_correlations(context, [identity]))
        for context in settings.CONTEXTS
    ):
        return _together("correlation", name, {identity})
    return _about_subjects(name, [f"{category}/{identity}" for category in _categories()])


def _about_subjects(name: str, subjects: list[str]) -> Found:
    own = [event for context in settings.CONTEXTS for event in events_where(context, "e.subject = any(%s)", [subjects])]
    own += [_archived(context, line) for context in settings.CONTEXTS for line in shelf.of_subjects(context, subjects)]
    if not own:
        raise NothingFound(
            f'Nothing is called "{name}" in the logs of {", ".join(settings.CONTEXTS)}. Give an order number, an order '
            'id, a subject like "order/<id>", a correlation id or an event id; manage.py events tail shows some.'
        )
    together = _together("subject", name, {event.correlation_id for event in own})
    return msgspec.structs.replace(together, events=_concerned(together.events, subjects))


def _concerned(events: Sequence[LoggedEvent], subjects: Sequence[str]) -> list[LoggedEvent]:
    """Return those of some events that name one of the subjects, lead to such a one, or come of it."""
    names = [f'"{subject.partition("/")[2]}"'.encode() for subject in subjects]
    by_id = {event.id: event for event in events}
    effects: dict[UUID | None, list[UUID]] = defaultdict(list)
    for event in events:
        effects[event.causation_id].append(event.id)
    naming = [
        event.id for event in events if event.subject in subjects or any(name in bytes(event.data) for name in names)
    ]
    concerned, reached = set(naming), list(naming)
    while reached:
        fresh = [effect for effect in effects[reached.pop()] if effect not in concerned]
        concerned.update(fresh)
        reached += fresh
    for event_id in naming:
        cause = by_id[event_id].causation_id
        while cause in by_id:
            concerned.add(cause)
            cause = by_id[cause].causation_id
    return [event for event in events if event.id in concerned]


def _together(kind: Literal["event", "correlation", "subject"], name: str, correlations: set[UUID]) -> Found:
    wanted = list(correlations)
    found: list[LoggedEvent] = []
    for context in settings.CONTEXTS:
        found += events_where(context, "e.correlation_id = any(%s)", [wanted], limit=LIMIT + 1)
        found += [_archived(context, line) for line in islice(shelf.of_correlations(context, wanted), LIMIT + 1)]
        with connections[context].cursor() as cursor:
            cursor.execute(TIMERS, [wanted, LIMIT])
            found += [_event(context, row) for row in cursor.fetchall()]
    found.sort(key=lambda event: (event.time, event.id))
    return Found(kind=kind, name=name, events=found[:LIMIT], truncated=len(found) > LIMIT)


def _categories() -> list[str]:
    """Return what subjects begin with: "order", "product"..."""
    templates = {event.subject_template for event in all_events().values()}
    return sorted({template.partition("/")[0] for template in templates if FIELD.search(template)})


def _subjects_numbered(number: str) -> list[str]:
    """Return the subjects of events that carry this number: searched from the newest, by kinds that have one."""
    found = set()
    for context in settings.CONTEXTS:
        kinds = [
            name
            for event in all_events().values()
            if event.event_context == context and "number" in event.__struct_fields__
            for name in (event.event_name, *event.event_aliases)
        ]
        if not kinds:
            continue
        with connections[context].cursor() as cursor:
            cursor.execute(
                "select subject from messaging_event where type = any(%s) and data->>'number' = %s "
                "order by id desc limit 1",
                [kinds, number],
            )
            found |= {subject for (subject,) in cursor.fetchall()}
        if not found:
            found |= {line.subject for line in islice(shelf.numbered(context, kinds, number), 1)}
    return sorted(found)


def require_event(text: str) -> LoggedEvent:
    """Return the event with this id.

    Raises:
        NothingFound: not an id, or no such event.
    """
    try:
        identity = UUID(text)
    except ValueError:
        raise NothingFound(
            f'"{text}" is not an event id; they look like 018f2f6e-7a00-7000-8000-000000000001.'
        ) from None
    event = event_with_id(identity)
    if event is None:
        raise NothingFound(
            f"No event {identity} in the logs of {', '.join(settings.CONTEXTS)}. If it was published just now, its "
            "transaction may not have committed."
        )
    return event


def require_context(name: str) -> str:
    """Return a context's name.

    Raises:
        NothingFound: this process has no such context.
    """
    if name not in settings.CONTEXTS:
        raise NothingFound(f'This process has no context "{name}". {did_you_mean(name, settings.CONTEXTS)}')
    return name


# --- Who has received it? ---------------------------------------------------------------------------------------------

Row = tuple[Any, ...]
Way = tuple[LoggedEvent, "Booking"]


class Booking(msgspec.Struct, frozen=True):
    """What a publisher's books say of one partition of one subscriber."""

    subscriber: str
    partition: int
    since: dict[str, int]
    sent: int
    acknowledged: int
    sent_at: datetime | None
    attempts: int

    @property
    def context(self) -> str:
        return self.subscriber.partition(":")[0]

    def wants(self, event: LoggedEvent) -> bool:
        since = self.since.get(event.type)
        return since is not None and (event.position is None or event.position > since)


def whereabouts(events: Sequence[LoggedEvent]) -> dict[UUID, list[Whereabouts]]:
    """Return for each event where it is on its way to each of its subscribers."""
    found: dict[UUID, list[Whereabouts]] = {event.id: [] for event in events}
    ways: list[Way] = []
    for publisher in {event.source for event in events}:
        mine = [event for event in events if event.source == publisher and event.due_at is None]
        bookings = _bookings(publisher)
        for event in mine:
            ways += [(event, b) for b in bookings if b.partition == event.partition and b.wants(event)]
            booked = {booking.subscriber for booking in bookings}
            for subscriber, kinds in subscriptions.wishes(publisher).items():
                if event.type in kinds and subscriber not in booked:
                    found[event.id].append(Whereabouts(subscriber=subscriber, state="not yet"))
    by_context: dict[str, list[Way]] = defaultdict(list)
    for way in ways:
        by_context[way[1].context].append(way)
    for context, group in by_context.items():
        inbox = _Inbox(context, group) if context in settings.CONTEXTS else None
        for event, booking in group:
            found[event.id].append(_where(event, booking, inbox))
    return {event_id: sorted(places, key=lambda place: place.subscriber) for event_id, places in found.items()}


def _where(event: LoggedEvent, booking: Booking, inbox: _Inbox | None) -> Whereabouts:
    subscriber, position = booking.subscriber, event.position
    if position is None:
        return Whereabouts(subscriber=subscriber, state="not yet")
    key = (event.source, subscriber, position)
    acts = inbox.acts.get((event.id, subscriber), ()) if inbox else ()
    parked = inbox.parked.get(key) if inbox else None
    if parked is not None:
        state, attempts, problem, retry_at, parked_at = parked
        return Whereabouts(
            subscriber=subscriber,
            state=state,
            at=parked_at,
            attempts=attempts,
            problem=problem,
            retry_at=retry_at,
            acts=acts,
        )
    reached = inbox.positions.get((event.source, subscriber, booking.partition), 0) if inbox else 0
    if max(reached, booking.acknowledged) >= position:
        at = (inbox.delivered.get(key) or _dated_elsewhere(event, booking)) if inbox else None
        return Whereabouts(subscriber=subscriber, state="delivered", at=at, acts=acts)
    if booking.sent >= position:
        return Whereabouts(
            subscriber=subscriber, state="in flight", at=booking.sent_at, attempts=booking.attempts + 1, acts=acts
        )
    return Whereabouts(subscriber=subscriber, state="not yet", acts=acts)


def _dated_elsewhere(event: LoggedEvent, booking: Booking) -> datetime | None:
    """Ask a subscriber with a store of its own when the event came; a store that is away does not know."""
    inbox = inbox_of(booking.subscriber)
    if not isinstance(inbox, DatedInbox) or event.position is None:
        return None
    try:
        return inbox.received_at(event.source, booking.subscriber, booking.partition, event.position)
    except (redis.RedisError, ConnectionError):
        return None


def _bookings(publisher: str) -> list[Booking]:
    with connections[publisher].cursor() as cursor:
        cursor.execute(
            "select subscriber, partition, types, since, sent, acknowledged, sent_at, attempts "
            "from messaging_subscription"
        )
        return [Booking(row[0], row[1], dict(zip(row[2], row[3], strict=True)), *row[4:]) for row in cursor.fetchall()]


class _Inbox:
    """What the subscribers of one context know of some events: one query for each kind of thing."""

    def __init__(self, context: str, ways: list[Way]) -> None:
        known = [(event, booking) for event, booking in ways if event.position is not None]
        keys: list[Row] = [(event.source, b.subscriber, b.partition, event.position) for event, b in known]
        columns = [list(column) for column in zip(*keys, strict=True)] or [[], [], [], []]
        asked = (
            "unnest(%s::text[], %s::text[], %s::int[], %s::bigint[]) as w (publisher, subscriber, partition, position)"
        )
        with connections[context].cursor() as cursor:
            cursor.execute("select publisher, subscriber, partition, position from messaging_inbox")
            self.positions = {
                (row[0], row[1], row[2]): row[3]
                for row in cursor.fetchall()
                if isinstance(inbox_of(row[1]), PostgresInbox)
            }
            cursor.execute(
                f"""
                select w.publisher, w.subscriber, w.position, d.at from {asked}
                cross join lateral (
                    select after, at from messaging_delivery d
                    where d.publisher = w.publisher and d.subscriber = w.subscriber and d.partition = w.partition
                      and d.upto >= w.position
                    order by d.upto, d.id limit 1
                ) d
                where d.after < w.position
                """,
                columns,
            )
            self.delivered: dict[Row, datetime] = {row[:3]: row[3] for row in cursor.fetchall()}
            cursor.execute(
                f"""
                select p.publisher, p.subscriber, p.position, p.state, p.attempts, p.problem, p.retry_at, p.parked_at
                from {asked} join messaging_parked p using (publisher, subscriber, position)
                """,
                columns,
            )
            self.parked: dict[Row, Row] = {row[:3]: row[3:] for row in cursor.fetchall()}
            cursor.execute(
                "select event_id, subscriber, act, actor, at from messaging_act where event_id = any(%s) order by id",
                [[event.id for event, _ in ways]],
            )
            self.acts: dict[tuple[UUID, str], tuple[str, ...]] = {}
            for event_id, subscriber, act, actor, at in cursor.fetchall():
                key = (event_id, subscriber)
                self.acts[key] = (*self.acts.get(key, ()), f"{act} by {actor} at {at:%Y-%m-%d %H:%M:%S}")


def is_parked(place: Whereabouts) -> bool:
    return place.state in PARKED
