"""Read models: what a subscriber keeps of others' events and could make anew from their logs, declared with its handlers.

A subscriber whose handlers do something that cannot be done again (a charge, a letter, a stock move) says so with
`never_replayed`.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import Any, Protocol

import msgspec
from django.db import models

from contexts.messaging.errors import MisdeclaredHandler
from contexts.messaging.inbox import Place
from contexts.messaging.naming import context_of


class Example(msgspec.Struct, frozen=True, kw_only=True):
    """One row or document that differs: as it is live, and as it was made anew; None where it is not there."""

    key: str
    live: dict[str, Any] | None
    anew: dict[str, Any] | None


class Comparison(msgspec.Struct, frozen=True, kw_only=True):
    """What a swap changes (or changed) in one table or store; `rows` is how many there are anew."""

    where: str
    rows: int
    added: int
    changed: int
    removed: int
    examples: list[Example] = []

    @property
    def equal(self) -> bool:
        return not (self.added or self.changed or self.removed)


class Moved(Exception):
    """The live read model went on between the last page and the swap; catch up and try again."""


class Beside(Protocol):
    """The port of a store in which a read model can be made anew beside the live one."""

    def begin(self) -> bool:
        """Make an empty copy unless one was begun that still fits; return whether there was one."""

    def step(self) -> AbstractContextManager[None]:
        """Surround one page: all its effects beside are kept, or none, as far as the store can do that."""

    def open(self, publisher: str, subscriber: str, partition: int) -> AbstractContextManager[Place]:
        """Like an inbox's, but of the copy: what handlers do inside goes into the copy."""

    def compare(self) -> list[Comparison]:
        """Say what a swap would change now. The live one may move meanwhile."""

    def swap(self) -> list[Comparison]:
        """Let the copy take the live one's place in one step, and say what changed.

        Called while the copy stands where the live one does; in a store that deliveries cannot be kept from, it is
        this that makes sure of it.

        Raises:
            Moved: the live one has gone on; nothing was changed.
        """

    def drop(self) -> None:
        """Remove the copy, or what the swap left of the old one."""


class ReadModel(msgspec.Struct, frozen=True, kw_only=True):
    """Something that some handlers of a subscriber keep, and nobody else.

    Kept in the `tables` of these models, or in the store that `beside` speaks for. `then` brings what the context
    derives from the tables in line with them and returns how many rows it changed.
    """

    name: str
    subscriber: str
    tables: tuple[type[models.Model], ...] = ()
    then: Callable[[], int] | None = None
    beside: Callable[[], Beside] | None = None

    @property
    def context(self) -> str:
        return self.subscriber.partition(":")[0]


_read_models: dict[str, ReadModel] = {}
_reasons: dict[str, str] = {}


def read_model(
    name: str,
    *tables: type[models.Model],
    then: Callable[[], int] | None = None,
    beside: Callable[[], Beside] | None = None,
    projection: str | None = None,
) -> ReadModel:
    """Declare a read model; handlers belong to it with `@handles(..., feeds=<it>)`. Call it in `handlers.py`.

    `events replay <context>:<name>` makes it anew. Only its handlers write to its tables, whose primary keys come
    from the events, so that a row made anew is the same row.

    Raises:
        MisdeclaredHandler: with a sentence that shows the mistake.
    """
    context = _calling_context()
    subscriber = f"{context}:{projection}" if projection else context
    full = f"{context}:{name}"
    if bool(tables) == (beside is not None):
        raise MisdeclaredHandler(f'The read model "{full}" needs the models of its tables, or a store with beside=.')
    for table in tables:
        key = table._meta.pk
        if isinstance(key, models.AutoField):
            raise MisdeclaredHandler(
                f'"{full}" cannot be made anew: rows of {table.__name__} are numbered as they come, so those made anew '
                f"would be other rows. Give it a primary key that the events bring."
            )
    if full in _read_models:
        raise MisdeclaredHandler(f'There are two read models called "{full}".')
    _read_models[full] = ReadModel(name=full, subscriber=subscriber, tables=tables, then=then, beside=beside)
    return _read_models[full]


def never_replayed(*, because: str, projection: str | None = None) -> None:
    """Declare that the handlers of a subscriber that feed no read model do what cannot be done again, and why.

    `because` completes "It is not replayed because ...". Call it in `handlers.py`.
    """
    context = _calling_context()
    _reasons[f"{context}:{projection}" if projection else context] = because


def read_models() -> dict[str, ReadModel]:
    """Return the read models declared in this process, by name."""
    return dict(_read_models)


def reason_against(subscriber: str) -> str | None:
    """Return why a subscriber's other handlers are never replayed, None where it does not say."""
    return _reasons.get(subscriber)


def _calling_context() -> str:
    caller = sys._getframe(2).f_globals.get("__name__", "")
    context = context_of(caller)
    if context is None or caller.split(".")[2:3] != ["handlers"]:
        raise MisdeclaredHandler(f"{caller} declares how it is replayed; do that in contexts/<name>/handlers.py.")
    return context
