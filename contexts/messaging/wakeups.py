"""Wake-ups: coalesced hints that there is something to do. Losing one costs a second, until the sweep."""

from __future__ import annotations

from django.db import transaction

from contexts.messaging import transport
from contexts.messaging.transport import Message


def relay_message(context: str) -> Message:
    return Message("messaging.relay", context, (context,))


def wake_relay_on_commit(context: str) -> None:
    """Hint to a context's relay when its transaction commits, once per transaction."""
    connection = transaction.get_connection(using=context)
    if not any(isinstance(entry[1], _WakeRelay) for entry in connection.run_on_commit):
        connection.on_commit(_WakeRelay(context), robust=True)


class _WakeRelay:
    """The commit hook, a class so that it can be recognised."""

    def __init__(self, context: str) -> None:
        self.context = context
        self.__qualname__ = "wake_relay"

    def __call__(self) -> None:
        transport.current().hint(relay_message(self.context))
