"""Wake-ups: coalesced hints that there is something to do. Losing one costs a second, until the sweep."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

from django.db import transaction

from contexts.messaging import transport
from contexts.messaging.transport import Message

#: The contexts whose relays are woken here, in their order; None where wake-ups go over the broker.
Woken = dict[str, None]

_gathering: ContextVar[Woken | None] = ContextVar("tradepost_woken", default=None)


def relay_message(context: str) -> Message:
    return Message("messaging.relay", context, (context,))


def wake_relay_on_commit(context: str) -> None:
    """Hint to a context's relay when its transaction commits, once per transaction."""
    connection = transaction.get_connection(using=context)
    if not any(isinstance(entry[1], _WakeRelay) for entry in connection.run_on_commit):
        connection.on_commit(_WakeRelay(context), robust=True)


def wake_relay(context: str) -> None:
    """Hint to a context's relay that there is something new."""
    transport.current().hint(relay_message(context))


@contextmanager
def gathered() -> Iterator[Woken]:
    """Collect the wake-ups of relays that this process may be itself, for it to go on with what it has caused."""
    woken: Woken = {}
    token = _gathering.set(woken)
    try:
        yield woken
    finally:
        _gathering.reset(token)


class _WakeRelay:
    """The commit hook, a class so that it can be recognised."""

    def __init__(self, context: str) -> None:
        self.context = context
        self.__qualname__ = "wake_relay"

    def __call__(self) -> None:
        woken = _gathering.get()
        if woken is not None and transport.current().serves(self.context):
            woken[self.context] = None
        else:
            wake_relay(self.context)
