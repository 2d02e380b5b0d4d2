"""Who hears what: the handlers of this process, declared with `@handles`."""

from __future__ import annotations

import inspect
import sys
import typing
from collections import defaultdict
from collections.abc import Callable
from typing import Any, Literal, TypeVar

import msgspec
from django.conf import settings

from contexts.messaging.envelope import Envelope
from contexts.messaging.errors import MisdeclaredHandler
from contexts.messaging.events import Event, all_events
from contexts.messaging.naming import context_of, did_you_mean
from contexts.messaging.readmodels import ReadModel

F = TypeVar("F", bound=Callable[..., None])


class Handler(msgspec.Struct, frozen=True):
    """A function that reacts to one kind of event for one subscriber, and the read model that it writes, if it is one."""

    event: type[Event]
    function: Callable[..., None]
    batch: bool
    subscriber: str
    feeds: ReadModel | None = None

    @property
    def name(self) -> str:
        return f"{self.function.__module__}.{self.function.__qualname__}"


_handlers: dict[str, dict[str, list[Handler]]] = defaultdict(lambda: defaultdict(list))
_begins: dict[str, str] = {}


def handles(
    event: type[Event], *, batch: bool = False, projection: str | None = None, feeds: ReadModel | None = None
) -> Callable[[F], F]:
    """Declare that a function reacts to an event, in the context whose `handlers` module it lives in.

    The function takes `(event, envelope)`; with `batch`, a list of such pairs, to write with set-based SQL. It runs in
    one transaction with the subscriber's position, so its effects in the context's database happen once. With
    `projection`, it belongs to a subscriber of its own ("<context>:<projection>"), which keeps its own position. With
    `feeds`, it writes that read model and nothing else, so that `events replay` can make it anew.

    Raises:
        MisdeclaredHandler: at import, with a sentence that shows the mistake.
    """

    def declare(function: F) -> F:
        context = context_of(function.__module__)
        shown = f"{function.__module__}.{function.__qualname__}"
        if context is None:
            raise MisdeclaredHandler(
                f"{shown} is in no context, so nobody would call it. Move it to contexts/<name>/handlers.py."
            )
        if not (isinstance(event, type) and issubclass(event, Event) and event is not Event):
            raise MisdeclaredHandler(f"@handles on {shown} needs an event class, not {event!r}.")
        if function.__module__.split(".")[2:3] != ["handlers"]:
            raise MisdeclaredHandler(
                f"{shown} is never reached: handlers are read from contexts/{context}/handlers.py. Move it there."
            )
        _check_signature(function, event, batch=batch, shown=shown)
        subscriber = f"{context}:{projection}" if projection else context
        if feeds is not None and feeds.subscriber != subscriber:
            raise MisdeclaredHandler(
                f'{shown} belongs to the subscriber "{subscriber}" but feeds "{feeds.name}", which is kept by '
                f'"{feeds.subscriber}". Give both the same projection=.'
            )
        for name in (event.event_name, *event.event_aliases):
            _handlers[subscriber][name].append(Handler(event, function, batch, subscriber, feeds))
        return function

    return declare


def subscribes(*, from_: Literal["first", "now"], projection: str | None = None) -> None:
    """Declare where a new subscriber begins: with the first event that was ever published, or with those from now on.

    "now" is when the publisher's relay first meets the subscriber; what was published before is never sent to it, in a
    replay neither. Without a declaration it is "first". Once subscribed, the choice is made: saying something else later
    changes nothing. Call it in `handlers.py`.

    Raises:
        MisdeclaredHandler: with a sentence that shows the mistake.
    """
    caller = sys._getframe(1).f_globals.get("__name__", "")
    context = context_of(caller)
    if context is None or caller.split(".")[2:3] != ["handlers"]:
        raise MisdeclaredHandler(
            f"{caller} declares where a subscriber begins; do that in contexts/<name>/handlers.py."
        )
    if from_ not in ("first", "now"):
        raise MisdeclaredHandler(f'{caller} subscribes from {from_!r}; say from_="first" or from_="now".')
    subscriber = f"{context}:{projection}" if projection else context
    if _begins.get(subscriber, from_) != from_:
        raise MisdeclaredHandler(f'{caller} lets "{subscriber}" begin with the first event and from now on. Say one.')
    _begins[subscriber] = from_


def begins_now(subscriber: str) -> bool:
    """Whether a new subscriber is sent only what is published from now on."""
    return _begins.get(subscriber) == "now"


def beginnings_of_nobody() -> list[str]:
    """Return a sentence for each beginning that was declared for a subscriber without handlers."""
    return [
        f'A beginning is declared for "{subscriber}", but no handler belongs to it. {did_you_mean(subscriber, _handlers)}'
        for subscriber in sorted(_begins)
        if not _handlers.get(subscriber) and subscriber.partition(":")[0] in settings.CONTEXTS
    ]


def _check_signature(function: Callable[..., None], event: type[Event], *, batch: bool, shown: str) -> None:
    parameters = list(inspect.signature(function).parameters)
    expected = [f"list[tuple[{event.__name__}, Envelope]]"] if batch else [event.__name__, "Envelope"]
    if len(parameters) != len(expected):
        raise MisdeclaredHandler(f"{shown} takes {len(parameters)} parameters; it gets ({', '.join(expected)}).")
    hints = typing.get_type_hints(function)
    kinds: list[Any] = [list[tuple[event, Envelope]]] if batch else [event, Envelope]  # type: ignore[valid-type]
    for parameter, kind, words in zip(parameters, kinds, expected, strict=True):
        if parameter in hints and hints[parameter] != kind:
            raise MisdeclaredHandler(
                f'{shown} handles {event.__name__} but its parameter "{parameter}" is annotated {hints[parameter]}. '
                f"Annotate it {words}."
            )


def handlers_of(subscriber: str, event_name: str) -> list[Handler]:
    """Return the handlers of one event for a subscriber, in the order of their declaration."""
    by_event = _handlers.get(subscriber)
    return by_event.get(event_name, []) if by_event else []


def all_handlers(subscriber: str) -> list[Handler]:
    """Return every handler of a subscriber."""
    return [handler for of_event in _handlers.get(subscriber, {}).values() for handler in of_event]


def subscribers() -> list[str]:
    """Return every subscriber of this process: contexts, and their projections as "<context>:<projection>"."""
    return sorted(name for name in _handlers if name.partition(":")[0] in settings.CONTEXTS)


def wishes(publisher: str) -> dict[str, list[str]]:
    """Return, by subscriber of this process, the names of the publisher's events that it wants."""
    wanted = {
        subscriber: sorted(name for name in _handlers[subscriber] if name.partition(".")[0] == publisher)
        for subscriber in subscribers()
    }
    return {subscriber: names for subscriber, names in wanted.items() if names}


def publishers() -> list[str]:
    """Return every context whose events this process may publish or has declared an interest in."""
    return sorted({event.event_context for event in all_events().values()})
