"""What an event is: a frozen struct with a name, a version and a subject."""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import cache
from typing import Any, ClassVar, dataclass_transform

import msgspec

from contexts.messaging.errors import MisdeclaredEvent, UnknownEvent
from contexts.messaging.naming import context_of, did_you_mean

NAME = re.compile(r"[a-z]+\.[a-z][a-z0-9_]*")
FIELD = re.compile(r"\{(\w+)\}")

#: An upcaster turns the JSON object of one version into that of the next.
Upcaster = Callable[[dict[str, Any]], dict[str, Any]]

_events: dict[str, type[Event]] = {}
_upcasters: dict[tuple[str, int], Upcaster] = {}
_former: dict[str, type[Event]] = {}


@dataclass_transform(kw_only_default=True, frozen_default=True, field_specifiers=(msgspec.field,))
class _EventMeta(msgspec.StructMeta):
    def __new__(
        cls,
        class_name: str,
        bases: tuple[type, ...],
        namespace: dict[str, Any],
        /,
        *,
        name: str | None = None,
        version: int = 1,
        subject: str | None = None,
        aliases: tuple[str, ...] = (),
        person: str | tuple[str, ...] = (),
        erases: str | None = None,
        **struct_options: Any,
    ) -> Any:
        event = super().__new__(cls, class_name, bases, namespace, **{"kw_only": True, **struct_options})
        if bases and any(isinstance(base, _EventMeta) for base in bases):
            _declare(event, class_name, name, version, subject, aliases)
            _declare_persons(event, (person,) if isinstance(person, str) else person, erases)
        return event

    def __init__(cls, *args: Any, **kwargs: Any) -> None:
        """Take the class arguments, which `__new__` has used."""


class Event(msgspec.Struct, metaclass=_EventMeta, frozen=True, kw_only=True):
    """Something important that happened, as one context tells it to the others.

        class OrderPlaced(Event, name="ordering.order_placed", version=1, subject="order/{order_id}"):
            order_id: UUID

    `name` starts with the publishing context; `subject` names the thing that it happened to, with fields of the event
    in braces: a subscriber sees the events of one subject in the order in which they happened. Reading is tolerant of
    unknown fields, strict about types. `aliases` are names that the event had before: what is stored under them is read
    as this event, for ever.

    Fields annotated `Personal[...]` are about the person that `person` names, such as "customer/{customer_id}"; of
    several templates the first whose fields are all filled counts. An event with `erases="customer/{customer_id}"` makes
    the personal data of that person unreadable in every context.

    Raises:
        MisdeclaredEvent: at definition, with a sentence that shows the mistake.
    """

    event_name: ClassVar[str]
    event_version: ClassVar[int]
    event_context: ClassVar[str]
    event_aliases: ClassVar[tuple[str, ...]]
    subject_template: ClassVar[str]
    subject_fields: ClassVar[tuple[str, ...]]
    subject_prefix: ClassVar[str | None]
    event_persons: ClassVar[tuple[str, ...]]
    event_erases: ClassVar[str | None]

    @property
    def subject(self) -> str:
        if self.subject_prefix is not None:  # As nearly all are: "order/{order_id}".
            return f"{self.subject_prefix}{getattr(self, self.subject_fields[0])}"
        return self.subject_template.format_map({field: getattr(self, field) for field in self.subject_fields})


def _declare(
    event: Any, class_name: str, name: str | None, version: int, subject: str | None, aliases: tuple[str, ...]
) -> None:
    shown = f"{event.__module__}.{class_name}"
    if name is None or not NAME.fullmatch(name):
        raise MisdeclaredEvent(
            f'{shown} needs a name like name="ordering.order_placed" (its context, a dot, what happened); it has {name!r}.'
        )
    context = name.partition(".")[0]
    home = context_of(event.__module__)
    if home is not None and home != context:
        raise MisdeclaredEvent(
            f'{shown} is called "{name}" but lives in {home}. Call it "{home}.{name.split(".")[1]}".'
        )
    if name in _events and _events[name].__qualname__ != event.__qualname__:
        raise MisdeclaredEvent(
            f'{shown} and {_events[name].__module__}.{_events[name].__name__} are both called "{name}".'
        )
    if subject is None:
        raise MisdeclaredEvent(f'{shown} needs a subject like subject="order/{{order_id}}".')
    for field in FIELD.findall(subject):
        if field not in event.__struct_fields__ and field not in event.__annotations__:
            raise MisdeclaredEvent(
                f'The subject "{subject}" of {shown} has no field "{field}". {did_you_mean(field, event.__annotations__)}'
            )
    if version < 1:
        raise MisdeclaredEvent(f"{shown} has version {version}; versions count from 1.")
    _check_aliases(shown, name, aliases)
    event.event_name, event.event_version, event.event_aliases = name, version, aliases
    event.event_context, event.subject_template = context, subject
    event.subject_fields = tuple(FIELD.findall(subject))
    beginning, _, end = subject.partition("{")
    event.subject_prefix = beginning if end == f"{''.join(event.subject_fields)}}}" else None
    _events[name] = event
    _former.update(dict.fromkeys(aliases, event))


def _declare_persons(event: Any, persons: tuple[str, ...], erases: str | None) -> None:
    for template in (*persons, *((erases,) if erases else ())):
        for field in FIELD.findall(template) or [template]:
            if field not in event.__struct_fields__:
                raise MisdeclaredEvent(
                    f'"{template}" of {event.__module__}.{event.__name__} has no field "{field}". '
                    f"{did_you_mean(field, event.__struct_fields__)}"
                )
    event.event_persons, event.event_erases = persons, erases


def _check_aliases(shown: str, name: str, aliases: tuple[str, ...] | str) -> None:
    if isinstance(aliases, str):
        raise MisdeclaredEvent(f'The aliases of {shown} are a tuple: aliases=("{aliases}",).')
    for alias in aliases:
        if not NAME.fullmatch(alias) or alias.partition(".")[0] != name.partition(".")[0]:
            raise MisdeclaredEvent(
                f'{shown} was never called "{alias}": a former name has the same context as "{name}".'
            )
        if alias in _events or (alias in _former and _former[alias].event_name != name):
            raise MisdeclaredEvent(f'"{alias}" is another event; it cannot be a former name of {shown}.')


def upcasts(event: type[Event], *, version: int) -> Callable[[Upcaster], Upcaster]:
    """Declare how the JSON of `version` of an event becomes that of `version + 1`. Upcasters chain."""

    def declare(upcast: Upcaster) -> Upcaster:
        if not 1 <= version < event.event_version:
            raise MisdeclaredEvent(
                f"{event.__name__} is at version {event.event_version}; an upcaster starts from 1 to "
                f"{event.event_version - 1}, not from {version}."
            )
        _upcasters[event.event_name, version] = upcast
        return upcast

    return declare


def missing_upcasters() -> list[str]:
    """Return a sentence for each stored version of an event that could no longer be read."""
    return [
        f'"{event.event_name}" is at version {event.event_version} but nothing upcasts version {version}. '
        f"Add @upcasts({event.__name__}, version={version})."
        for event in _events.values()
        for version in range(1, event.event_version)
        if (event.event_name, version) not in _upcasters
    ]


def all_events() -> dict[str, type[Event]]:
    """Return every event known to this process, by name."""
    return dict(_events)


def event_named(name: str) -> type[Event]:
    """Return the class of an event.

    Raises:
        UnknownEvent: with the closest name there is.
    """
    try:
        return _events.get(name) or _former[name]
    except KeyError:
        raise UnknownEvent(f'No event named "{name}". {did_you_mean(name, _events)}') from None


def encode(event: Event) -> str:
    """Return the event's data as JSON."""
    return msgspec.json.encode(event).decode()


def decode(name: str, version: int, data: bytes | str) -> Event:
    """Return the event that JSON `data`, stored as `version` of `name`, means today.

    Raises:
        UnknownEvent: no such name, or a version newer than this process knows.
        msgspec.ValidationError: the data does not have the event's shape.
    """
    return reader(name, version)(data)


def reader(name: str, version: int) -> Callable[[bytes | str], Event]:
    """Return the function that reads the JSON of `version` of an event; see `decode` for what it raises."""
    event = event_named(name)
    if version == event.event_version:
        return _decoder(event).decode
    if version > event.event_version:
        raise UnknownEvent(
            f'"{name}" came as version {version}; this process knows up to {event.event_version}. Deploy the newer code.'
        )
    steps = [_upcasters.get((event.event_name, step)) for step in range(version, event.event_version)]
    if None in steps:
        raise UnknownEvent(f'Nothing upcasts version {version + steps.index(None)} of "{event.event_name}".')

    def upcast(data: bytes | str) -> Event:
        document = msgspec.json.decode(data)
        for step in steps:
            document = step(document)  # type: ignore[misc]  # None was refused above.
        return msgspec.convert(document, event)

    return upcast


@cache
def _decoder(event: type[Event]) -> msgspec.json.Decoder[Event]:
    return msgspec.json.Decoder(event)
