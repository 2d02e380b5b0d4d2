"""The test kit for authors of contexts: pytest fixtures that publish and deliver as the real backbone does."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any
from uuid import UUID

import msgspec
import pytest
from django.conf import settings
from django.db import connections
from uuid_utils.compat import uuid7

from contexts.messaging import delivery, subscriptions, transport
from contexts.messaging.crashpoints import CrashPoints
from contexts.messaging.drain import drain
from contexts.messaging.envelope import current_cause, traceparent
from contexts.messaging.events import Event, decode, encode
from contexts.messaging.inbox import inbox_of
from contexts.messaging.keys import KeyRing
from contexts.messaging.log import slot_of
from contexts.messaging.memory import MemoryTransport
from contexts.messaging.page import Page, WireEvent, open_page, seal_page
from contexts.messaging.scenarios import Scenario, Unfinished
from contexts.messaging.streams import Aggregate


def _aliases(request: pytest.FixtureRequest) -> list[str]:
    marker = request.node.get_closest_marker("django_db")
    named = (marker.kwargs.get("databases") if marker else None) or []
    return list(settings.CONTEXTS) if named == "__all__" else [alias for alias in named if alias in settings.CONTEXTS]


class PublishedEvents:
    """The events published since the test began, in the order of publication; compares equal to a list of events."""

    def __init__(self, aliases: list[str]) -> None:
        self._since = {alias: self._last(alias) for alias in aliases}

    def __iter__(self) -> Iterator[Event]:
        return iter(self._read())

    def __len__(self) -> int:
        return len(self._read())

    def __getitem__(self, index: int) -> Event:
        return self._read()[index]

    def __eq__(self, other: object) -> bool:
        return self._read() == other

    def __hash__(self) -> int:
        return id(self)

    def __repr__(self) -> str:
        return repr(self._read())

    def of(self, kind: type[Event]) -> list[Any]:
        """Return only the events of one kind."""
        return [event for event in self._read() if isinstance(event, kind)]

    def clear(self) -> None:
        """Forget what was published until now."""
        self._since = {alias: self._last(alias) for alias in self._since}

    @staticmethod
    def _last(alias: str) -> int:
        with connections[alias].cursor() as cursor:
            cursor.execute("select coalesce(max(id), 0) from messaging_event")
            last: int = cursor.fetchone()[0]
            return last

    def _read(self) -> list[Event]:
        rows: list[tuple[UUID, str, int, str | bytes]] = []
        for alias, since in self._since.items():
            with connections[alias].cursor() as cursor:
                cursor.execute("select event_id, type, version, data::text from messaging_event where id > %s", [since])
                found = cursor.fetchall()
            ring = KeyRing(alias)
            rows += [(event_id, name, version, ring.open(data)) for event_id, name, version, data in found]
        return [decode(name, version, data) for _, name, version, data in sorted(rows, key=lambda row: row[0])]


@pytest.fixture
def published_events(request: pytest.FixtureRequest, db: None) -> PublishedEvents:
    """Return the events published since the test began: `assert published_events == [OrderPlaced(...)]`."""
    return PublishedEvents(_aliases(request))


class Undelivered(AssertionError):
    """A handler failed, or nobody hears the event."""


@pytest.fixture
def deliver(request: pytest.FixtureRequest, db: None) -> Callable[..., None]:
    """Return a function that delivers an event to its subscribers: `deliver(event, times=2, to="inventory")`.

    The event travels as a signed page through the real inbox, so a repeat is recognised as in production. Without
    `to`, every subscriber among the test's databases gets it. A handler's exception is raised, not parked.
    """
    aliases = _aliases(request)

    def deliver_event(
        event: Event, *, times: int = 1, to: str | None = None, stream_version: int | None = None
    ) -> None:
        wishes = subscriptions.wishes(event.event_context)
        hearers = [
            name
            for name, types in wishes.items()
            if event.event_name in types and name.partition(":")[0] in aliases and (to is None or name == to)
        ]
        if not hearers:
            raise Undelivered(f'Nobody among {aliases} handles "{event.event_name}"; is there an @handles for it?')
        for subscriber in hearers:
            page = _page(subscriber, event, stream_version)
            text, signature = seal_page(page)
            for _ in range(times):
                # With savepoints, as a page has them that is tried again: what a handler catches is its own business.
                delivery._apply(open_page(text, signature), one_by_one=False, savepoints=True)

    return deliver_event


def _page(subscriber: str, event: Event, stream_version: int | None) -> Page:
    partition = slot_of(event.subject) % settings.MESSAGING_PARTITIONS
    with inbox_of(subscriber).open(event.event_context, subscriber, partition) as place:
        after = place.position
    event_id, cause = uuid7(), current_cause()
    wire = WireEvent(
        position=after + 1, id=event_id, source=event.event_context, type=event.event_name,
        dataversion=event.event_version, subject=event.subject, time=_now(), correlationid=cause.correlation_id,
        causationid=cause.causation_id, actor=cause.actor, traceparent=traceparent(cause.correlation_id, event_id),
        streamversion=stream_version, whole=True, data=msgspec.Raw(encode(event).encode()),
    )  # fmt: skip
    return Page(
        publisher=event.event_context, subscriber=subscriber, partition=partition, after=after, upto=after + 1,
        events=[wire],
    )  # fmt: skip


def _now() -> Any:
    from django.utils import timezone

    return timezone.now()


@pytest.fixture
def network() -> Iterator[MemoryTransport]:
    """Put an in-memory transport without faults in place of Celery, for the whole test."""
    carrier = MemoryTransport()
    with transport.use(carrier):
        yield carrier


@pytest.fixture
def deliver_all(transactional_db: None) -> Callable[..., int]:
    """Return a function that relays, delivers and does chores until all contexts are quiet.

    Needs `@pytest.mark.django_db(transaction=True, databases="__all__")`: the relay reads what is committed.
    """
    return drain


@pytest.fixture
def crash_point() -> CrashPoints:
    """Let the process die between two steps, then see what a new one makes of it.

        def test_a_parcel_is_made_once_though_the_worker_died(crash_point, deliver_all):
            confirm(order)

            with crash_point("deliver: committed, not acknowledged"):
                deliver_all()
            deliver_all()

            assert Parcel.objects.count() == 1

    `contexts.messaging.crashpoints.POINTS` lists the places; `time=2` dies at the second passing. What was committed
    stays, what was not is gone, and the network of that process with it.
    """
    return CrashPoints()


@pytest.fixture
def given() -> Iterator[Callable[..., Scenario[Any]]]:
    """Begin a scenario of an event-sourced subject; it needs no database.

        given(Order, placed, reserved).when(lambda order: order.cancel(...)).then(OrderCancelled(...))
        given(Order, shipped).when(lambda order: order.cancel(...)).then_raises(TooLateToCancel, match="has left")
        given(Order, id=order_id).when(lambda order: order.start(...)).then(CheckoutStarted(...))

    A scenario without a `then` fails the test.
    """
    scenarios: list[Scenario[Any]] = []

    def begin(kind: type[Aggregate], *events: Event, id: UUID | None = None) -> Scenario[Any]:
        scenarios.append(Scenario(kind, events, id))
        return scenarios[-1]

    yield begin
    if any(not scenario.finished for scenario in scenarios):
        raise Unfinished("A scenario has no .then(...), .then_raises(...) or .then_is(...), so it cannot fail.")
