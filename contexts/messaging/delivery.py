"""Delivery: applies a page of events in a subscriber, with the position moving in the same transaction."""

from __future__ import annotations

import time
from contextlib import nullcontext

import msgspec
import redis
import structlog
from django.db import InterfaceError, OperationalError, connections, transaction

from contexts.messaging import erasure, keys, measuring, parking, telemetry
from contexts.messaging.crashpoints import crash_point
from contexts.messaging.envelope import Envelope, caused_by
from contexts.messaging.errors import Conflict, Discard
from contexts.messaging.events import Event, decode, event_named
from contexts.messaging.inbox import Place, PostgresInbox, inbox_of
from contexts.messaging.observing import observed
from contexts.messaging.page import Acknowledgement, Page, WireEvent, extend_digest
from contexts.messaging.pipelining import pipelined
from contexts.messaging.readmodels import ReadModel
from contexts.messaging.subscriptions import Handler, handlers_of
from contexts.messaging.undivided import undivided

logger = structlog.get_logger(__name__)

#: What says nothing about the event: the database or the broker is away, two transactions met. Nothing is parked.
TRANSIENT = (OperationalError, InterfaceError, Conflict, redis.RedisError, ConnectionError)

TRIES_IN_PLACE = 4

#: Events in a page from which on its statements do not wait for one another's answers.
PIPELINED_FROM = 8

#: Events that share a savepoint while the failing ones of a page are looked for.
TOGETHER = 16


class _Group(msgspec.Struct):
    """A run of events of one type that may be handled together."""

    type: str
    events: list[tuple[Event, Envelope]]


def receive(page: Page) -> Acknowledgement:
    """Apply a page unless it was applied before, and answer where the subscriber stands now.

    A page that raises is rolled back and applied again in small parts; the events that fail are parked. An outage
    parks nothing: after a few tries in place it raises, and the page is sent again later.
    """
    for attempt in range(1, TRIES_IN_PLACE + 1):
        try:
            return _receive(page)
        except TRANSIENT:
            if attempt == TRIES_IN_PLACE:
                raise
            time.sleep(0.01 * 2**attempt)
    raise AssertionError("unreachable")


def _receive(page: Page) -> Acknowledgement:
    pipeline = len(page.events) >= PIPELINED_FROM and _can_pipeline(page)
    try:
        return _apply(page, one_by_one=False, pipeline=pipeline)
    except TRANSIENT:
        if not pipeline:
            raise
    except Exception as problem:
        # In a pipeline it may be said late, at the wrong event. Nothing has happened, and in parts it is told exactly.
        logger.warning(
            "page failed, looking for the events that fail", publisher=page.publisher, subscriber=page.subscriber,
            problem=f"{type(problem).__name__}: {problem}",
        )  # fmt: skip
    return _apply(page, one_by_one=True, pipeline=pipeline)


def _can_pipeline(page: Page) -> bool:
    """Whether the page's effects are PostgreSQL's alone: not another store's, nor the simulation's model."""
    in_postgres = isinstance(inbox_of(page.subscriber), PostgresInbox)
    return in_postgres and connections[page.context].vendor == "postgresql"


def _apply(page: Page, *, one_by_one: bool, pipeline: bool = False, savepoints: bool = False) -> Acknowledgement:
    inbox = inbox_of(page.subscriber)
    with telemetry.delivering(page), inbox.open(page.publisher, page.subscriber, page.partition) as place:
        if page.after > place.position:
            return _answer(page, place, missing=True)
        if page.upto <= place.position:
            return _answer(page, place)
        fresh = [event for event in page.events if event.position > place.position]
        ring = keys.received(page, fresh)
        blocked = parking.parked_subjects(page, fresh) if place.parked else frozenset()
        parked = parking.park_behind(page, [event for event in fresh if event.subject in blocked])
        free = [event for event in fresh if event.subject not in blocked] if blocked else fresh
        if one_by_one:
            # What a handler does to another store is not undone with a savepoint.
            together = TOGETHER if isinstance(inbox, PostgresInbox) else 1
            parked += _run_apart(page, free, ring, together=together, pipeline=pipeline)
        else:
            # All or nothing: what fails is tried again in parts. An inbox elsewhere would move although we roll back.
            divided = savepoints or not isinstance(inbox, PostgresInbox)
            whole = nullcontext() if divided else undivided(page.context)
            with whole, pipelined(page.context) if pipeline else nullcontext():
                run(page.subscriber, free, ring)
        crash_point("deliver: effects written, position not moved")
        place.move(page.upto, extend_digest(place.digest, fresh), parked=parked)
        crash_point("deliver: position moved, not committed")
        measuring.count(measuring.PAGE_EVENTS, page.publisher, page.subscriber, amount=len(fresh))
        return _answer(page, place)


def _answer(page: Page, place: Place, *, missing: bool = False) -> Acknowledgement:
    return Acknowledgement(
        publisher=page.publisher, subscriber=page.subscriber, partition=page.partition, position=place.position,
        digest=place.digest, missing=missing,
    )  # fmt: skip


def run(
    subscriber: str,
    events: list[WireEvent],
    ring: keys.KeyRing | None = None,
    *,
    feeding: ReadModel | None = None,
) -> None:
    """Call the subscriber's handlers for events of one publisher, those of one subject in their order.

    `ring` opens their personal data; without it, the keys that the subscriber's context has kept do. In a replay only
    the handlers that feed a read model are called.
    """
    if not events:
        return
    context = subscriber.partition(":")[0]
    for group in _groups(events, ring or keys.KeyRing(context, events[0].source)):
        erasing = feeding is None and event_named(group.type).event_erases
        with erasure.around(context, group.events) if erasing else nullcontext():
            for handler in handlers_of(subscriber, group.type):
                if feeding is None or handler.feeds is feeding:
                    _call(handler, group.events)


def _call(handler: Handler, events: list[tuple[Event, Envelope]]) -> None:
    if handler.batch:
        with caused_by(events[-1][1]), observed(handler.subscriber, handler.name, [sent for _, sent in events]):
            handler.function(events)
        return
    for event, envelope in events:
        with caused_by(envelope), observed(handler.subscriber, handler.name, (envelope,)):
            handler.function(event, envelope)


def _groups(events: list[WireEvent], ring: keys.KeyRing) -> list[_Group]:
    """Group events by type for batch handlers, without overtaking an earlier event of the same subject."""
    groups: list[_Group] = []
    latest_of_type: dict[str, int] = {}
    latest_of_subject: dict[str, int] = {}
    for wire in events:
        data, erased = ring.open_wire(bytes(wire.data))
        envelope = wire.envelope(erased=erased)
        event = decode(wire.type, wire.dataversion, data)
        index = latest_of_type.get(wire.type, -1)
        if index < latest_of_subject.get(wire.subject, 0):
            index = len(groups)
            groups.append(_Group(wire.type, []))
            latest_of_type[wire.type] = index
        groups[index].events.append((event, envelope))
        latest_of_subject[wire.subject] = index
    return groups


def _run_apart(page: Page, events: list[WireEvent], ring: keys.KeyRing, *, together: int, pipeline: bool) -> int:
    """Find the events that fail and park them, with the later ones of their subjects; return how many were parked.

    `together` events share a savepoint, and only where one of them fails each gets its own.
    """
    parked = 0
    subjects: set[str] = set()
    for first in range(0, len(events), together):
        some = events[first : first + together]
        if subjects.isdisjoint(event.subject for event in some) and _succeed(page, some, ring, pipeline=pipeline):
            continue
        parked += _run_one_by_one(page, some, ring, subjects)
    return parked


def _succeed(page: Page, events: list[WireEvent], ring: keys.KeyRing, *, pipeline: bool) -> bool:
    """Run events in a savepoint; False, and nothing has happened, if one of them fails."""
    if len(events) == 1:
        return False
    try:
        with transaction.atomic(using=page.context), pipelined(page.context) if pipeline else nullcontext():
            run(page.subscriber, events, ring)
    except TRANSIENT:
        if not pipeline:
            raise
        return False
    except Exception:
        return False
    return True


def _run_one_by_one(page: Page, events: list[WireEvent], ring: keys.KeyRing, subjects: set[str]) -> int:
    """Run each event in a savepoint of its own and park those that fail; return how many were parked.

    `subjects` are those with something parked; it grows.
    """
    parked = 0
    for event in events:
        if event.subject in subjects:
            parked += parking.park_behind(page, [event])
            continue
        try:
            with transaction.atomic(using=page.context):
                run(page.subscriber, [event], ring)
        except TRANSIENT:
            raise
        except Discard as reason:
            parking.record_discard(page, event, str(reason))
        except Exception as problem:
            parking.park(page, event, problem)
            subjects.add(event.subject)
            parked += 1
    return parked
