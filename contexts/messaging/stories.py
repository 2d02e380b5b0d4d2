"""The story of a subject: every event that it caused across the contexts of this process, as a tree, with latencies."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from datetime import datetime
from uuid import UUID

import msgspec

from contexts.messaging.tracing import LoggedEvent, NothingFound, Whereabouts, find, whereabouts


class Heard(msgspec.Struct, frozen=True, kw_only=True):
    """Who heard an event and how long after it happened; `after_s` is None where that is not known or has not been."""

    subscriber: str
    state: str
    after_s: float | None


class Told(msgspec.Struct, frozen=True, kw_only=True):
    """An event at its place in the tree: `depth` causes above it, `after_s` later than the one that it answers."""

    depth: int
    id: UUID
    source: str
    type: str
    subject: str
    stream_version: int | None
    time: datetime
    actor: str
    after_s: float | None
    due: bool
    heard: list[Heard]


def story(name: str) -> list[Told]:
    """Return what belongs to an order, a subject, a correlation or an event, causes before their effects.

    Nothing where its events are archived or were never there.
    """
    try:
        found = find(name)
    except NothingFound:
        return []
    places = whereabouts(found.events)
    by_cause: dict[UUID | None, list[LoggedEvent]] = defaultdict(list)
    known = {event.id for event in found.events}
    for event in found.events:
        by_cause[event.causation_id if event.causation_id in known else None].append(event)
    return list(_tell(None, 0, by_cause, places))


def _tell(
    cause: LoggedEvent | None,
    depth: int,
    by_cause: dict[UUID | None, list[LoggedEvent]],
    places: dict[UUID, list[Whereabouts]],
) -> Iterator[Told]:
    for event in by_cause[cause.id if cause else None]:
        yield Told(
            depth=depth, id=event.id, source=event.source, type=event.type, subject=event.subject,
            stream_version=event.stream_version, time=event.time, actor=event.actor,
            after_s=(event.time - cause.time).total_seconds() if cause else None, due=event.due_at is not None,
            heard=[_heard(event, place) for place in places[event.id]],
        )  # fmt: skip
        yield from _tell(event, depth + 1, by_cause, places)


def _heard(event: LoggedEvent, place: Whereabouts) -> Heard:
    delivered = place.state == "delivered" and place.at is not None
    after_s = (place.at - event.time).total_seconds() if delivered and place.at else None
    return Heard(subscriber=place.subscriber, state=place.state, after_s=after_s)
