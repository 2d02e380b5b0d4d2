"""The transport port: how a message gets from one process to another, without any promise that it does.

Two implementations: Celery (`celery_transport`) and an in-memory one that can lose, double and reorder (`memory`).
Nothing may depend on a message arriving, arriving once, or arriving in order.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Protocol

import msgspec
from django.conf import settings
from django.utils.module_loading import import_string


class Message(msgspec.Struct, frozen=True):
    """A task to run on a context's queue: one of `contexts.messaging.tasks`, with text arguments only."""

    task: str
    queue: str
    args: tuple[str, ...]


class Transport(Protocol):
    """What the backbone needs of a broker."""

    def send(self, message: Message) -> None:
        """Pass a message on; raises ConnectionError when the broker is away."""

    def hint(self, message: Message) -> None:
        """Pass a message on unless the same hint is already under way; never raises."""

    def taken(self, message: Message) -> None:
        """A hint has arrived: the next one like it is news again."""

    def serves(self, queue: str) -> bool:
        """Whether this process takes messages from a queue, so that it may do at once what it would send there."""

    def backlog(self, queue: str) -> int:
        """How many messages wait in a queue; 0 when that is not known."""


_default: Transport | None = None
_override: ContextVar[Transport | None] = ContextVar("tradepost_transport", default=None)


def current() -> Transport:
    """Return the transport in force: the one put in place with `use`, else that of the settings."""
    global _default
    override = _override.get()
    if override is not None:
        return override
    if _default is None:
        made: Transport = import_string(settings.MESSAGING_TRANSPORT)()
        _default = made
    return _default


@contextmanager
def use(transport: Transport) -> Iterator[None]:
    """Put another transport in place for the code inside."""
    token = _override.set(transport)
    try:
        yield
    finally:
        _override.reset(token)
