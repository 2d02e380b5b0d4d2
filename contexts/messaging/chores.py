"""Chores: work outside the transaction (a gateway, an e-mail), found in the context's own tables.

The rows are the queue. A wake-up after the commit starts a chore at once; the sweep starts it again in any case.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import TypeVar

import msgspec
import structlog
from django.conf import settings
from django.db import transaction

from contexts.messaging import silence, transport
from contexts.messaging.errors import MisdeclaredHandler
from contexts.messaging.naming import context_of
from contexts.messaging.transport import Message

logger = structlog.get_logger(__name__)

F = TypeVar("F", bound=Callable[[], int])

#: A chore that always finds more to do gives way to others after this many rounds.
ROUNDS = 100


class Chore(msgspec.Struct, frozen=True):
    """A function that finds pending work and does it."""

    name: str
    context: str
    function: Callable[[], int]
    every_s: float
    queue: str
    per_run: int = 1

    def message(self) -> Message:
        return Message("messaging.background", self.queue, (self.name,))


_chores: dict[str, Chore] = {}
_last_hint: dict[str, float] = {}


def background(
    *, every_s: float = 5, queue: str = "effects", context: str | None = None, per_run: int = 1
) -> Callable[[F], F]:
    """Declare a function that finds pending work in its context's tables, does it, and returns how much it did.

    It does up to `per_run` at a time; less than that says that nothing is left, and it need not look again.

    It runs on `queue` at once after `wake(function)` and at least every `every_s` seconds, in several processes at a
    time: claim rows (`FOR UPDATE SKIP LOCKED`, or a lease) before working on them. `context` is the function's own,
    unless the backbone declares a chore on a context's behalf.
    """

    def declare(function: F) -> F:
        home = context or context_of(function.__module__)
        if home is None:
            raise MisdeclaredHandler(f"{function.__module__}.{function.__qualname__} is in no context.")
        name = f"{home}.{function.__name__}"
        _chores[name] = Chore(name, home, function, every_s, queue, per_run)
        return function

    return declare


def wake(function: Callable[[], int]) -> None:
    """Hint, when the current transaction commits, that a chore has work."""
    if silence.replaying():
        return
    chore = next(chore for chore in _chores.values() if chore.function is function)
    transaction.on_commit(lambda: transport.current().hint(chore.message()), using=chore.context, robust=True)


def chores() -> list[Chore]:
    """Return the chores of this process's contexts."""
    return [chore for chore in _chores.values() if chore.context in settings.CONTEXTS]


def run(name: str) -> None:
    """Do a chore until it finds nothing more."""
    chore = _chores[name]
    transport.current().taken(chore.message())
    for _ in range(ROUNDS):
        if chore.function() < chore.per_run:
            return
    transport.current().hint(chore.message())


def hint_due(context: str) -> None:
    """Hint at the chores of a context that have not been hinted at for their `every_s`, as far as this process knows."""
    now = time.monotonic()
    for chore in chores():
        if chore.context == context and now - _last_hint.get(chore.name, float("-inf")) >= chore.every_s:
            _last_hint[chore.name] = now
            transport.current().hint(chore.message())
