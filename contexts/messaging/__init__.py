"""The backbone: outbox, sequencer, relay, inbox, parking, event store, timers. Other contexts import from here only.

Publish: `publish` inside the transaction of the change, `publish(..., at=...)` for later, `cancel_timers`.
React: `@handles` in `handlers.py`; raise `Discard` to skip an event. Work outside the database: `@background`, `wake`.
Event sourcing: `Aggregate`, `load`, `save`, `Conflict`.
"""

from contexts.messaging.chores import background, wake
from contexts.messaging.envelope import Envelope, acting_as, caused_by
from contexts.messaging.errors import Conflict, Discard
from contexts.messaging.events import Event, event_named, upcasts
from contexts.messaging.inbox import Inbox, Place, use_inbox
from contexts.messaging.publishing import event_published, publish
from contexts.messaging.streams import Aggregate, load, read, save
from contexts.messaging.subscriptions import handles
from contexts.messaging.timers import cancel_timers

__all__ = [
    "Aggregate",
    "Conflict",
    "Discard",
    "Envelope",
    "Event",
    "Inbox",
    "Place",
    "acting_as",
    "background",
    "cancel_timers",
    "caused_by",
    "event_named",
    "event_published",
    "handles",
    "load",
    "publish",
    "read",
    "save",
    "upcasts",
    "use_inbox",
    "wake",
]
