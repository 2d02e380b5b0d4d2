"""Publishing: the one signal, and its durable receiver that writes the outbox in the caller's transaction."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.dispatch import Signal

from contexts.messaging import erasure, log, silence, telemetry, timers
from contexts.messaging.envelope import known_correlation
from contexts.messaging.errors import NotYourEvent
from contexts.messaging.events import Event
from contexts.messaging.naming import context_of
from contexts.messaging.tailing import outbox

#: Sent for every publication with `context`, `events` and `at`. A receiver in the same context may react within the
#: transaction; whatever it raises rolls the change back.
event_published = Signal()


def publish(*events: Event, at: datetime | None = None) -> None:
    """Announce events of the calling context, now or, with `at`, at a moment to come.

    Call it in `transaction.atomic(using="<context>")`, next to the change that the events announce: both commit or
    neither does. All events of one call are of one context.

    Raises:
        NotInTransaction: no transaction of the context is open.
        NotYourEvent: the caller lives in another context than the event.
    """
    if not events:
        return
    context = events[0].event_context
    _require_own(events, context, sys._getframe(1).f_globals.get("__name__", ""))
    log.require_transaction(context, f'"{events[0].event_name}"')
    if silence.replaying():
        return
    with telemetry.publishing(context, events, known_correlation()):
        event_published.send(sender=type(events[0]), context=context, events=events, at=at)


def _require_own(events: Sequence[Event], context: str, caller: str) -> None:
    home = context_of(caller)
    for event in events:
        if home not in (None, "messaging", event.event_context):
            raise NotYourEvent(
                f'{caller} published "{event.event_name}". Only {event.event_context} says that; publish an event of '
                f"{home} and let {event.event_context} react to it."
            )
        if event.event_context != context:
            raise NotYourEvent(
                f'One publish() holds events of "{context}" and of "{event.event_context}"; use one for each.'
            )


def write_outbox(*, context: str, events: Sequence[Event], at: datetime | None, **_: Any) -> None:
    """Keep the events in the caller's transaction; the durable receiver of `event_published`."""
    entries = log.records(events)
    if at is not None:
        timers.schedule(context, entries, at)
        return
    outbox.write(context, entries)
    for event, entry in zip(events, entries, strict=True):
        if event.event_erases:
            erasure.erase_published(context, event, event_id=entry.event_id, at=entry.time, actor=entry.actor)
