"""Event sourcing: an aggregate's state is what its events add up to, and its stream is the log that subscribers receive."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, ClassVar, TypeVar
from uuid import UUID

import msgspec
from django.db import connections

from contexts.messaging import log, telemetry
from contexts.messaging.errors import Conflict, MisdeclaredEvent
from contexts.messaging.events import Event, decode
from contexts.messaging.wakeups import wake_relay_on_commit

A = TypeVar("A", bound="Aggregate")


class _AggregateMeta(msgspec.StructMeta):
    def __new__(
        cls,
        class_name: str,
        bases: tuple[type, ...],
        namespace: dict[str, Any],
        /,
        *,
        context: str = "",
        category: str = "",
        **struct_options: Any,
    ) -> Any:
        made = super().__new__(cls, class_name, bases, namespace, **struct_options)
        if context:
            made.aggregate_context, made.aggregate_category = context, category
        return made

    def __init__(cls, *args: Any, **kwargs: Any) -> None:
        """Take the class arguments, which `__new__` has used."""


class Aggregate(msgspec.Struct, metaclass=_AggregateMeta, kw_only=True, dict=True):
    """A thing whose truth is a stream of events, "<category>/<id>" in its context's log.

        class Order(Aggregate, context="ordering", category="order"):
            status: str = "new"

            def apply(self, event: Event) -> None: ...

    State lives in fields with defaults. `apply` only sets fields; methods that decide call `record`.
    """

    aggregate_context: ClassVar[str]
    aggregate_category: ClassVar[str]

    id: UUID
    version: int = 0

    @property
    def subject(self) -> str:
        return f"{self.aggregate_category}/{self.id}"

    @property
    def pending(self) -> list[Event]:
        """The events recorded since the aggregate was loaded or saved."""
        recorded: list[Event] = self.__dict__.setdefault("_pending", [])
        return recorded

    def apply(self, event: Event) -> None:
        """Change the state to what it is after `event`; decides nothing and never fails for a stored event."""
        raise NotImplementedError(f"{type(self).__name__} needs an apply(event).")

    def record(self, event: Event) -> None:
        """Let something happen: apply it now, store it with `save`."""
        if event.subject != self.subject:
            raise MisdeclaredEvent(f'{event.event_name} is about "{event.subject}", this stream is "{self.subject}".')
        self.apply(event)
        self.version += 1
        self.pending.append(event)


def load(kind: type[A], id: UUID, *, version: int | None = None) -> A:  # noqa: A002 - the field's own name
    """Return the aggregate as its stream has it, up to `version` if given; at version 0 when the stream is empty."""
    aggregate = kind(id=id)
    for event in read(kind.aggregate_context, aggregate.subject, upto=version):
        aggregate.apply(event)
        aggregate.version += 1
    return aggregate


def read(context: str, subject: str, *, after: int = 0, upto: int | None = None) -> list[Event]:
    """Return the events of a stream with `after` < version <= `upto`, oldest first."""
    with connections[context].cursor() as cursor:
        cursor.execute(
            """
            select type, version, data::text from messaging_event
            where subject = %s and stream_version > %s and (%s::int is null or stream_version <= %s)
            order by stream_version
            """,
            [subject, after, upto, upto],
        )
        return [decode(name, version, data.encode()) for name, version, data in cursor.fetchall()]


def save(aggregate: Aggregate) -> None:
    """Append what the aggregate recorded to its stream, which is its publication too.

    Call it in `transaction.atomic(using="<context>")`.

    Raises:
        Conflict: somebody appended since it was loaded; nothing was stored. Load again and decide anew.
        NotInTransaction: no transaction of the context is open.
    """
    events = aggregate.pending
    if not events:
        return
    context = aggregate.aggregate_context
    log.require_transaction(context, f'"{events[0].event_name}"')
    with telemetry.publishing(context, events):
        append(context, aggregate.subject, events, expected=aggregate.version - len(events))
    events.clear()
    wake_relay_on_commit(context)


def append(context: str, subject: str, events: Sequence[Event], *, expected: int) -> None:
    """Append events to a stream that is at version `expected`.

    The stream's head moves by compare-and-set in the statement that inserts, and its row lock keeps other writers of
    the stream waiting until the commit.

    Raises:
        Conflict: the stream is at another version.
    """
    rows = [entry.row() for entry in log.records(events)]
    columns = [list(column) for column in zip(*rows, strict=True)]
    arrays = ", ".join(f"%s::{kind.strip()}[]" for kind in log.TYPES.replace("jsonb", "text").split(","))
    # The first append inserts the head; one that expects a later version only updates.
    move = (
        "insert into messaging_stream (subject, version) values (%s, %s) on conflict (subject) do nothing"
        if expected == 0
        else "update messaging_stream set version = version + %s where subject = %s and version = %s"
    )
    parameters: list[Any] = [subject, len(events)] if expected == 0 else [len(events), subject, expected]
    with connections[context].cursor() as cursor:
        cursor.execute(
            f"""
            with head as ({move} returning version)
            insert into messaging_event ({log.COLUMNS}, stream_version)
            select {log.COLUMNS.replace("data", "data::jsonb")}, (%s + nr)::int
            from unnest({arrays}) with ordinality as entry ({log.COLUMNS}, nr)
            where exists (select from head)
            order by nr
            """,
            [*parameters, expected, *columns],
        )
        if cursor.rowcount == 0:
            raise Conflict(f'"{subject}" is no longer at version {expected}; load it again.')
