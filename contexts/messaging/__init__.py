"""The backbone: outbox, sequencer, relay, inbox, parking, event store, timers. Other contexts import from here only.

Publish: `publish` inside the transaction of the change, `publish(..., at=...)` for later, `cancel_timers`.
React: `@handles` in `handlers.py`; raise `Discard` to skip an event. Work outside the database: `@background`, `wake`.
In `handlers.py` too: `subscribes(from_="now")`; `read_model`, which can be made anew, and `never_replayed`.
A store of its own: `Inbox`, `use_inbox`; `Beside`, `Comparison`, `Moved` to make anew what is in it.
Capture row changes: `@captures` in `captures.py`.
Event sourcing: `Aggregate`, `load`, `save`, `Conflict`, `retrying`; `projection` for read models of streams;
`history` for what a stream went through and why; `forget_snapshots` to have loads replay from nothing.
Personal data: `Personal[...]` fields with `person=` on the event; `erases=`, `note_erased` and `receipts` for its end.
"""

from contexts.messaging.aggregates import Aggregate
from contexts.messaging.audit import Cause, Entry, history, version_at
from contexts.messaging.chores import background, wake
from contexts.messaging.envelope import Envelope, acting_as, caused_by
from contexts.messaging.erasure import Receipt, note_erased, receipts, receipts_awaited
from contexts.messaging.errors import Conflict, Discard, MessagingError
from contexts.messaging.events import Event, event_named, upcasts
from contexts.messaging.inbox import Inbox, Place, use_inbox
from contexts.messaging.personal import Personal
from contexts.messaging.projections import projection
from contexts.messaging.publishing import event_published, publish
from contexts.messaging.readmodels import Beside, Comparison, Example, Moved, never_replayed, read_model
from contexts.messaging.snapshots import forget_snapshots
from contexts.messaging.stories import Told, story
from contexts.messaging.streams import load, read, retrying, save
from contexts.messaging.subscriptions import handles, subscribes
from contexts.messaging.tailing.capture import RowChange, captures
from contexts.messaging.timers import cancel_timers
from contexts.messaging.wording import duration, moment

__all__ = [
    "Aggregate",
    "Beside",
    "Cause",
    "Comparison",
    "Conflict",
    "Discard",
    "Entry",
    "Envelope",
    "Event",
    "Example",
    "Inbox",
    "MessagingError",
    "Moved",
    "Personal",
    "Place",
    "Receipt",
    "RowChange",
    "Told",
    "acting_as",
    "background",
    "cancel_timers",
    "captures",
    "caused_by",
    "duration",
    "event_named",
    "event_published",
    "forget_snapshots",
    "handles",
    "history",
    "load",
    "moment",
    "never_replayed",
    "note_erased",
    "projection",
    "publish",
    "read",
    "read_model",
    "receipts",
    "receipts_awaited",
    "retrying",
    "save",
    "story",
    "subscribes",
    "upcasts",
    "use_inbox",
    "version_at",
    "wake",
]
