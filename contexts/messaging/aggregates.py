"""Aggregates: things whose truth is a stream of events."""

from __future__ import annotations

from abc import ABCMeta, abstractmethod
from collections.abc import Callable
from typing import Any, ClassVar
from uuid import UUID

import msgspec

from contexts.messaging.errors import MisdeclaredEvent
from contexts.messaging.events import Event

#: A snapshot is taken when a load had to replay so many events, unless the class says otherwise.
SNAPSHOT_EVERY = 100

_declared: dict[str, type[Aggregate]] = {}
_listeners: list[Callable[[type[Aggregate]], None]] = []


class _AggregateMeta(msgspec.StructMeta, ABCMeta):
    def __new__(
        cls,
        class_name: str,
        bases: tuple[type, ...],
        namespace: dict[str, Any],
        /,
        *,
        context: str = "",
        category: str = "",
        snapshot_every: int = SNAPSHOT_EVERY,
        snapshot_version: int = 1,
        **struct_options: Any,
    ) -> Any:
        made: Any = super().__new__(cls, class_name, bases, namespace, **struct_options)  # a class still unnamed
        if context:
            if made.apply is Aggregate.apply:
                raise MisdeclaredEvent(
                    f"{class_name} does not say what an event changes. Write: def apply(self, event: Event) -> None: ..."
                )
            made.aggregate_context, made.aggregate_category = context, category
            made.snapshot_every, made.snapshot_version = snapshot_every, snapshot_version
            made.aggregate_kind = f"{made.__module__}.{made.__qualname__}"
            _declared[made.aggregate_kind] = made
            for listener in _listeners:
                listener(made)
        return made

    def __init__(cls, *args: Any, **kwargs: Any) -> None:
        """Take the class arguments, which `__new__` has used."""


class Aggregate(msgspec.Struct, metaclass=_AggregateMeta, kw_only=True, dict=True):
    """A thing whose truth is a stream of events, "<category>/<id>" in its context's log.

        class Order(Aggregate, context="ordering", category="order"):
            status: str = "new"

            def apply(self, event: Event) -> None: ...

    State lives in typed fields with defaults. `apply` only sets fields; methods that decide call `record`.

    `snapshot_every`: a load that replays so many events has a snapshot taken in the background; 0: never.
    `snapshot_version`: raise it when `apply` gives another state in a way that neither the fields nor its own text
    show; older snapshots are then ignored.
    """

    aggregate_context: ClassVar[str]
    aggregate_category: ClassVar[str]
    aggregate_kind: ClassVar[str]
    snapshot_every: ClassVar[int]
    snapshot_version: ClassVar[int]

    id: UUID
    version: int = 0

    @property
    def subject(self) -> str:
        kept: dict[str, str] = self.__dict__  # Each event that is recorded asks for it.
        try:
            return kept["_subject"]
        except KeyError:
            return kept.setdefault("_subject", f"{self.aggregate_category}/{self.id}")

    @property
    def pending(self) -> list[Event]:
        """The events recorded since the aggregate was loaded or saved."""
        recorded: list[Event] = self.__dict__.setdefault("_pending", [])
        return recorded

    @abstractmethod
    def apply(self, event: Event) -> None:
        """Change the state to what it is after `event`; decides nothing and never fails for a stored event."""

    def record(self, event: Event) -> None:
        """Let something happen: apply it now, store it with `save`."""
        if event.subject != self.subject:
            raise MisdeclaredEvent(f'{event.event_name} is about "{event.subject}", this stream is "{self.subject}".')
        self.apply(event)
        self.version += 1
        self.pending.append(event)


def aggregates(context: str | None = None) -> list[type[Aggregate]]:
    """Return the aggregates declared in this process, of one context or of all."""
    return [kind for kind in _declared.values() if context in (None, kind.aggregate_context)]


def aggregate_of(kind: str) -> type[Aggregate] | None:
    """Return the class that a snapshot's `kind` names, None where there is none any more."""
    return _declared.get(kind)


def when_declared(listener: Callable[[type[Aggregate]], None]) -> None:
    """Call `listener` with each aggregate that is declared, now or later."""
    _listeners.append(listener)
    for kind in _declared.values():
        listener(kind)
