"""What `events replay` can make anew, and why not the rest."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import AbstractContextManager
from typing import Protocol

from django.conf import settings

from contexts.messaging import projections, readmodels, subscriptions
from contexts.messaging.errors import MessagingError
from contexts.messaging.naming import did_you_mean
from contexts.messaging.readmodels import Comparison
from contexts.messaging.replay.feed import Feed
from contexts.messaging.replay.held import Held


class NotReplayable(MessagingError):
    """Nothing of that name can be made anew, or it must not be."""


class Rebuild(Protocol):
    """A read model that is being made anew: fed by the logs, or folded from its context's own streams."""

    events: int

    @property
    def name(self) -> str: ...

    def alone(self) -> AbstractContextManager[None]:
        """Keep other replays of the same read model away."""

    def begin(self, *, restart: bool = False) -> bool:
        """Begin a copy, or go on with one; return whether there was one."""

    def progress(self) -> tuple[int, int]:
        """Return how far the copy is, and how far there is to go."""

    def run(self) -> Iterator[int]:
        """Bring the copy to where the live one is now, step by step."""

    def compare(self) -> list[Comparison]:
        """Say what a swap would change."""

    def failures(self) -> list[Held]:
        """Return the events that could not be handled."""

    def swap(self, *, park: bool = False) -> list[Comparison]:
        """Let the copy take the live one's place."""

    def drop(self) -> None:
        """Throw the copy away."""


def rebuilds(target: str | None) -> list[Rebuild]:
    """Return what a target names: one read model, all of a context, or everything where it is None.

    Raises:
        NotReplayable: with the reason.
    """
    names = sorted(_names())
    if target is None:
        return [_rebuild(name) for name in names]
    context = target.partition(":")[0]
    if context not in settings.CONTEXTS:
        raise NotReplayable(f'This process has no context "{context}". {did_you_mean(context, settings.CONTEXTS)}')
    if ":" in target:
        chosen = [name for name in names if name.lower() == target.lower()]
    else:
        chosen = [name for name in names if name.partition(":")[0] == context]
    if chosen:
        return [_rebuild(name) for name in chosen]
    own = [name for name in names if name.partition(":")[0] == context]
    if own:
        raise NotReplayable(f'{context} has no read model "{target.partition(":")[2]}". {did_you_mean(target, own)}')
    raise NotReplayable(_why_not(context))


def undeclared() -> list[str]:
    """Return the subscribers of this process that say of some handlers neither what they feed nor why they are not replayed."""
    return [
        subscriber
        for subscriber in subscriptions.subscribers()
        if readmodels.reason_against(subscriber) is None
        and any(handler.feeds is None for handler in subscriptions.all_handlers(subscriber))
    ]


def _why_not(context: str) -> str:
    mine = [name for name in subscriptions.subscribers() if name.partition(":")[0] == context]
    if not mine:
        return f"{context} hears no events, so there is nothing to replay."
    reasons = [reason for name in mine if (reason := readmodels.reason_against(name))]
    if reasons:
        return f"{context} is not replayed because {reasons[0]}."
    return (
        f"{context} does not say whether its handlers may be replayed. In contexts/{context}/handlers.py, declare what they "
        "keep with read_model(...) and @handles(..., feeds=...), or say never_replayed(because=...)."
    )


def _names() -> dict[str, object]:
    found: dict[str, object] = {
        name: model for name, model in readmodels.read_models().items() if model.context in settings.CONTEXTS
    }
    for declared in projections.projections():
        if declared.context in settings.CONTEXTS:
            found[declared.target] = declared
    return found


def _rebuild(name: str) -> Rebuild:
    found = _names()[name]
    if isinstance(found, projections.Projection):
        return projections.Refold(found)
    assert isinstance(found, readmodels.ReadModel)
    return Feed(found)
