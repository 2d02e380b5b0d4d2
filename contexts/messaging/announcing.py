"""Announcing: a subscriber whose places may be lost says now and then where it stands, so that a quiet publisher hears it."""

from __future__ import annotations

import time

from django.conf import settings

from contexts.messaging import subscriptions, transport
from contexts.messaging.inbox import forgetful, inbox_of
from contexts.messaging.page import Acknowledgement, seal_acknowledgement
from contexts.messaging.transport import Message

EVERY_S = 10.0

_said_at: dict[str, float] = {}


def look_after(context: str) -> None:
    """Announce a context's places; the sweep calls this often, it speaks every ten seconds."""
    now = time.monotonic()
    if now - _said_at.get(context, float("-inf")) < EVERY_S:
        return
    _said_at[context] = now
    for subscriber in forgetful():
        if subscriber.partition(":")[0] == context:
            announce(subscriber)


def announce(subscriber: str) -> None:
    """Tell every publisher what a subscriber has, and ask for what comes after it."""
    for publisher in subscriptions.publishers():
        if subscriber not in subscriptions.wishes(publisher):
            continue
        for partition in range(settings.MESSAGING_PARTITIONS):
            with inbox_of(subscriber).open(publisher, subscriber, partition) as place:
                position, digest = place.position, place.digest
            sealed = seal_acknowledgement(
                Acknowledgement(
                    publisher=publisher, subscriber=subscriber, partition=partition, position=position, digest=digest,
                    missing=True,
                )
            )  # fmt: skip
            try:
                transport.current().send(Message("messaging.acknowledge", publisher, (publisher, *sealed)))
            except ConnectionError:
                return
