"""What travels around an event: who, when, because of what."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import datetime
from uuid import UUID

import msgspec
from structlog.contextvars import bind_contextvars, reset_contextvars
from uuid_utils.compat import uuid7

from contexts.messaging import telemetry


class Envelope(msgspec.Struct, frozen=True, kw_only=True):
    """An event's attributes, named after CloudEvents 1.0.

    `position` counts the publisher's events without gaps; `stream_version` is set for event-sourced subjects.
    `correlation_id` is shared by everything that one request caused; `causation_id` is the event this one was
    published in answer to. `erased` says that the event's personal fields are blank, because the person was erased.
    """

    id: UUID
    source: str
    type: str
    data_version: int
    subject: str
    time: datetime
    correlation_id: UUID
    causation_id: UUID | None
    actor: str
    traceparent: str
    position: int
    stream_version: int | None
    erased: bool = False


class Cause(msgspec.Struct, frozen=True, kw_only=True):
    """Why the events published from here on happen."""

    correlation_id: UUID
    causation_id: UUID | None
    actor: str


_cause: ContextVar[Cause | None] = ContextVar("tradepost_cause", default=None)


def current_cause() -> Cause:
    """Return why things happen now; without a request or an event that says so, a new beginning by "system"."""
    return _cause.get() or Cause(correlation_id=uuid7(), causation_id=None, actor="system")


def known_correlation() -> UUID | None:
    """Return the correlation id of what happens now, None where no request or event has said so."""
    cause = _cause.get()
    return cause.correlation_id if cause else None


@contextmanager
def acting_as(actor: str, *, correlation_id: UUID | None = None) -> Iterator[UUID]:
    """Say who is acting ("customer:<id>", "guest", "staff:<id>"); yields the correlation id of what follows."""
    cause = Cause(correlation_id=correlation_id or uuid7(), causation_id=None, actor=actor)
    token = _cause.set(cause)
    bound = bind_contextvars(correlation_id=str(cause.correlation_id))
    try:
        yield cause.correlation_id
    finally:
        reset_contextvars(**bound)
        _cause.reset(token)


@contextmanager
def caused_by(envelope: Envelope) -> Iterator[None]:
    """Say that what follows answers an event; delivery does this, and a batch handler where it publishes.

    Log lines written inside carry the event's id and its correlation's.
    """
    token = _cause.set(
        Cause(correlation_id=envelope.correlation_id, causation_id=envelope.id, actor=envelope.actor),
    )
    # Not `bound_contextvars`, which looks through all of a context's variables each time.
    bound = bind_contextvars(event_id=str(envelope.id), correlation_id=str(envelope.correlation_id))
    try:
        yield
    finally:
        reset_contextvars(**bound)
        _cause.reset(token)


def traceparent(correlation_id: UUID, event_id: UUID) -> str:
    """Return the W3C trace context of an event: of the span that is open here, else one made of the event's ids."""
    return traceparents(correlation_id, [event_id.hex])[0]


def traceparents(correlation_id: UUID, event_ids: Sequence[str]) -> list[str]:
    """Return the W3C trace contexts of events that are published together; the ids are 32 hexadecimal digits."""
    here = telemetry.current_traceparent()
    if here:
        return [here] * len(event_ids)
    beginning = f"00-{correlation_id.hex}-"
    return [f"{beginning}{event_id[16:]}-01" for event_id in event_ids]
