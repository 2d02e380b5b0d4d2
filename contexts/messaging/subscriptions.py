"""Who hears what: the handlers of this process, declared with `@handles`."""

from __future__ import annotations

import inspect
import sys
import typing
from collections import defaultdict
from collections.abc import Callable, Sequence
from typing import Any, Literal, TypeVar

import msgspec
from django.conf import settings

from contexts.messaging.envelope import Envelope
from contexts.messaging.errors import MisdeclaredHandler
from contexts.messaging.events import Event, all_events
from contexts.messaging.naming import context_of, did_you_mean
from contexts.messaging.readmodels import ReadModel

F = TypeVar("F", bound=Callable[..., None])

#: Seconds until a failed event is tried again, by tries so far: five tries over about an hour.
RETRY_AFTER_S = (10.0, 60.0, 300.0, 900.0, 2400.0)


class Handler(msgspec.Struct, frozen=True):
    """A function that reacts to one kind of event for one subscriber, and the read model that it writes, if it is one."""

    event: type[Event]
    function: Callable[..., None]
    batch: bool
    subscriber: str
    retry_after_s: tuple[float, ...] = RETRY_AFTER_S
    feeds: ReadModel | None = None

    @property
    def name(self) -> str:
        return f"{self.function.__module__}.{self.function.__qualname__}"


_handlers: dict[str, dict[str, list[Handler]]] = defaultdict(lambda: defaultdict(list))
_begins: dict[str, str] = {}


def handles(
    event: type[Event],
    *,
    batch: bool = False,
    projection: str | None = None,
    retry_after_s: Sequence[float] = RETRY_AFTER_S,
    feeds: ReadModel | None = None,
) -> Callable[[F], F]:
    """Declare that a function reacts to an event, in the context whose `handlers` module it lives in.

    The function takes `(event, envelope)`; with `batch`, a list of such pairs, to write with set-based SQL. It runs in
    one transaction with the subscriber's position, so its effects in the context's database happen once. With
    `projection`, it belongs to a subscriber of its own ("<context>:<projection>"), which keeps its own position. With
    `feeds`, it writes that read model and nothing else, so that `events replay` can make it anew. `retry_after_s` says
    after how many seconds each a parked event is tried again, before it waits for a person; none leaves it to a person
    at once.

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
        if any(seconds <= 0 for seconds in retry_after_s):
            raise MisdeclaredHandler(f"{shown} has retry_after_s={retry_after_s!r}; every wait is more than 0 seconds.")
        subscriber = f"{context}:{projection}" if projection else context
        if feeds is not None and feeds.subscriber != subscriber:
            raise MisdeclaredHandler(
                f'{shown} belongs to the subscriber "{subscriber}" but feeds "{feeds.name}", which is kept by '
                f'"{feeds.subscriber}". Give both the same projection=.'
            )
        for name in (event.event_name, *event.event_aliases):
            _handlers[subscriber][name].append(Handler(event, function, batch, subscriber, tuple(retry_after_s), feeds))
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


def retry_delays(subscriber: str, event_name: str) -> tuple[float, ...]:
    """Return the seconds between the tries of a parked event: those of its most patient handler there."""
    return max(
        (handler.retry_after_s for handler in handlers_of(subscriber, event_name)), key=sum, default=RETRY_AFTER_S
    )


def all_handlers(subscriber: str) -> list[Handler]:
    """Return every handler of a subscriber."""
    return [handler for of_event in _handlers.get(subscriber, {}).values() for handler in of_event]


def subscribers() -> list[str]:
    """Return every subscriber of this process: contexts, and their projections as "<context>:<projection>"."""
    return sorted(
        name
        for name, by_event in _handlers.items()
        if any(by_event.values()) and name.partition(":")[0] in settings.CONTEXTS
    )


def wishes(publisher: str) -> dict[str, list[str]]:
    """Return, by subscriber of this process, the names of the publisher's events that it wants."""
    erasing = [event.event_name for event in all_events().values() if event.event_erases]
    wanted = {}
    for subscriber in subscribers():
        names = {*_handlers[subscriber], *(erasing if hears_of_people(subscriber) else ())}
        wanted[subscriber] = sorted(name for name in names if name.partition(".")[0] == publisher)
    return {subscriber: names for subscriber, names in wanted.items() if names}


def hears_of_people(subscriber: str) -> bool:
    """Return whether a context handles events with personal data: it is told, then, of everybody who is erased."""
    return ":" not in subscriber and any(
        handler.event.event_persons for handlers in _handlers[subscriber].values() for handler in handlers
    )


def publishers() -> list[str]:
    """Return every context whose events this process may publish or has declared an interest in."""
    return sorted({event.event_context for event in all_events().values()})
