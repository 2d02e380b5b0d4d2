"""given / when / then for event-sourced subjects: pure, without a database."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any, Generic, TypeVar
from uuid import UUID

from uuid_utils.compat import uuid7

from contexts.messaging.events import Event, decode, encode
from contexts.messaging.streams import Aggregate

A = TypeVar("A", bound=Aggregate)


class Unfinished(AssertionError):
    """A scenario that asserts nothing: it cannot fail."""


class Scenario(Generic[A]):
    """What had happened, what is done now, and what has to come of it.

    Events go through their JSON on the way, as if they came from the log. An exception of `when` belongs to
    `then_raises`; every other `then` raises it.
    """

    def __init__(self, kind: type[A], events: tuple[Event, ...], id: UUID | None = None) -> None:
        subject = events[0].subject if events else f"{kind.aggregate_category}/{id or uuid7()}"
        if not subject.startswith(f"{kind.aggregate_category}/"):
            raise AssertionError(f'{events[0].event_name} is about "{subject}", not about a {kind.aggregate_category}.')
        self.aggregate = kind(id=UUID(subject.partition("/")[2]))
        for event in events:
            assert event.subject == subject, f'{event.event_name} is about "{event.subject}", not about "{subject}".'
            self.aggregate.apply(_stored(event))
            self.aggregate.version += 1
        self.problem: Exception | None = None
        self.acted = self.finished = False

    def when(self, *acts: Callable[[A], object]) -> Scenario[A]:
        """Do something with the aggregate; several acts are done in their order."""
        self.acted = True
        try:
            for act in acts:
                act(self.aggregate)
        except Exception as problem:
            self.problem = problem
        return self

    def then(self, *events: Event) -> Scenario[A]:
        """Assert that exactly these events were recorded; none without arguments."""
        self._finish()
        if self.problem is not None:
            raise self.problem
        recorded = [_stored(event) for event in self.aggregate.pending]
        assert recorded == list(events), _told(recorded, list(events))
        return self

    def then_raises(self, kind: type[Exception], match: str = "") -> Scenario[A]:
        """Assert that it was refused so, and that nothing was recorded. `match` is searched in the sentence."""
        self._finish()
        assert self.problem is not None, f"{kind.__name__} was not raised; recorded: {self.aggregate.pending}"
        if not isinstance(self.problem, kind):
            raise self.problem
        assert re.search(match, str(self.problem)), f'"{self.problem}" does not match "{match}".'
        assert not self.aggregate.pending, f"It was refused, and recorded all the same: {self.aggregate.pending}"
        return self

    def then_is(self, **fields: Any) -> Scenario[A]:
        """Assert the aggregate's state: `.then_is(status="cancelled")`."""
        self._finish()
        if self.problem is not None:
            raise self.problem
        found = {name: getattr(self.aggregate, name) for name in fields}
        assert found == fields, f"Expected {fields}, found {found}."
        return self

    def _finish(self) -> None:
        assert self.acted, "A scenario needs .when(...) before .then(...)."
        self.finished = True


def _stored(event: Event) -> Event:
    return decode(event.event_name, event.event_version, encode(event).encode())


def _told(recorded: list[Event], expected: list[Event]) -> str:
    lines = ["Recorded:", *(f"  {event}" for event in recorded), "Expected:", *(f"  {event}" for event in expected)]
    for one, other in zip(recorded, expected, strict=False):
        if type(one) is type(other) and one != other:
            lines += [
                f"{type(one).__name__}.{name}: {getattr(one, name)!r}, not {getattr(other, name)!r}"
                for name in one.__struct_fields__
                if getattr(one, name) != getattr(other, name)
            ]
    return "\n".join(lines)
