"""Draining: deliver everything in this process until the shop is quiet. For tests, the demo shop and repairs."""

from __future__ import annotations

from django.conf import settings
from django.db import connections

from contexts.messaging import chores, relay, timers, transport, work
from contexts.messaging.errors import MessagingError
from contexts.messaging.memory import MemoryTransport

#: Without faults a message chain is long but finite; past this a handler answers itself for ever.
MESSAGES = 1_000_000


class NeverQuiet(MessagingError):
    """The contexts kept answering each other."""


def drain(network: MemoryTransport | None = None, *, with_chores: bool = True) -> int:
    """Relay and deliver until nothing moves; return how many messages were performed.

    Timers that are due fire; those in the future wait. `network` may lose, double and reorder; unacknowledged pages
    are then sent again without waiting.

    Raises:
        MessagingError: called inside a transaction, where the relay cannot see what was published.
    """
    for context in settings.CONTEXTS:
        if connections[context].in_atomic_block:
            raise MessagingError(
                f"drain() inside a transaction of {context} would see nothing: the relay reads what is committed. "
                "In a test, use @pytest.mark.django_db(transaction=True)."
            )
    network = MemoryTransport() if network is None else network
    performed = 0
    with transport.use(network):
        while True:
            moved = sum(timers.fire_due(context) for context in settings.CONTEXTS)
            sent_before = network.sent
            for context in settings.CONTEXTS:
                relay.relay(context)
            performed += _perform_all(network)
            if with_chores:
                moved += sum(chore.function() for chore in chores.chores())
            if not moved and network.sent == sent_before and not _resend_all(network):
                return performed
            if performed > MESSAGES:
                raise NeverQuiet(f"Not quiet after {MESSAGES} messages: does a handler publish what it handles?")


def _perform_all(network: MemoryTransport) -> int:
    performed = 0
    while (message := network.next()) is not None:
        work.perform(message)
        performed += 1
    network.forget_hints()
    return performed


def _resend_all(network: MemoryTransport) -> bool:
    """Send again what was never acknowledged; True if there was any."""
    for context in settings.CONTEXTS:
        with connections[context].cursor() as cursor:
            cursor.execute("update messaging_subscription set sent_at = null where sent > acknowledged")
    return sum(relay.relay(context, resend=True) for context in settings.CONTEXTS) > 0
