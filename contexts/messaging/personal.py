"""Personal data in events: which fields it is in, and how they are sealed so that destroying a key destroys them.

What is stored and hashed of an event with personal fields is the event with these fields blank, and beside them a box
that only the person's key opens:

    {"order_id": "...", "contact": {"name": "", ...}, "$sealed": {"of": "customer/0198...", "box": "..."}}

So whoever has no key, and everybody once it is destroyed, reads an event of the same shape, with blanks. Digests and
signatures cover what is stored, which never changes. See docs/erasure.md.
"""

from __future__ import annotations

import base64
import os
import types
import typing
from functools import cache
from typing import Annotated, Any, TypeVar

import msgspec
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from contexts.messaging.errors import BrokenSeal, MisdeclaredEvent
from contexts.messaging.events import FIELD, Event, encode

T = TypeVar("T")

_MARK = msgspec.Meta(extra_json_schema={"x-personal": True})

#: `name: Personal[str]` in an event: the field is about the person that the event's `person=` names.
Personal = Annotated[T, _MARK]

#: What a stored event with a box has in it, and no other has: quotes inside of texts are escaped.
SEALED = '"$sealed"'
SEALED_BYTES = SEALED.encode()

KEY_BYTES, NONCE_BYTES = 32, 12


class Box(msgspec.Struct, frozen=True, omit_defaults=True):
    """Whose data it is, and the data; without a box the person was erased before the event happened."""

    of: str
    box: str = ""


class _Stored(msgspec.Struct, frozen=True):
    sealed: Box = msgspec.field(name="$sealed")


_stored = msgspec.json.Decoder(_Stored)


def new_key() -> bytes:
    return os.urandom(KEY_BYTES)


@cache
def personal_fields(event: type[Event]) -> dict[str, Any]:
    """Return the personal fields of an event, each with the blank value that stands in its place.

    Raises:
        MisdeclaredEvent: a field has no blank, such as an id.
    """
    hints = typing.get_type_hints(event, include_extras=True)
    return {
        name: _blank(hints[name], f"{event.__name__}.{name}")
        for name in event.__struct_fields__
        if _MARK in getattr(hints[name], "__metadata__", ())
    }


def _blank(kind: Any, where: str) -> Any:
    origin = typing.get_origin(kind)
    if origin is Annotated:
        return _blank(typing.get_args(kind)[0], where)
    if origin in (typing.Union, types.UnionType) and type(None) in typing.get_args(kind):
        return None
    if kind is str:
        return ""
    if (origin or kind) in (list, tuple, dict, set, frozenset):
        return (origin or kind)()
    if isinstance(kind, type) and issubclass(kind, msgspec.Struct):
        hints = typing.get_type_hints(kind, include_extras=True)
        return kind(
            **{
                field.name: _blank(hints[field.name], f"{where}.{field.name}")
                for field in msgspec.structs.fields(kind)
                if field.required
            }
        )
    raise MisdeclaredEvent(
        f"{where} is personal, but nothing can stand in its place once it is erased. Make it a text, a list, a struct "
        "of these, or optional."
    )


def person_of(event: Event) -> str | None:
    """Return whom an event's personal data is about, None for an event without any.

    Raises:
        MisdeclaredEvent: none of the templates in `person=` has all its fields.
    """
    templates = event.event_persons
    for template in templates:
        values = {field: getattr(event, field) for field in FIELD.findall(template)}
        if None not in values.values():
            return template.format_map(values)
    if templates:
        raise MisdeclaredEvent(
            f"{event.event_name} of {event.subject} does not say whose personal data it carries: the fields in "
            f"{' and in '.join(templates)} are empty."
        )
    return None


def erased_by(event: Event) -> str | None:
    """Return whom an event erases, None for all others."""
    template = event.event_erases
    return template.format_map({f: getattr(event, f) for f in FIELD.findall(template)}) if template else None


def seal(event: Event, person: str, key: bytes | None) -> str:
    """Return an event as it is stored: personal fields blank, their values in a box; without a key they are dropped."""
    blanks = personal_fields(type(event))
    plain = encode(msgspec.structs.replace(event, **blanks))
    box = ""
    if key is not None:
        nonce = os.urandom(NONCE_BYTES)
        secret = msgspec.json.encode({name: getattr(event, name) for name in blanks})
        box = base64.b64encode(nonce + AESGCM(key).encrypt(nonce, secret, person.encode())).decode()
    return f"{plain[:-1]},{SEALED}:{msgspec.json.encode(Box(of=person, box=box)).decode()}}}"


def whose(data: str | bytes) -> str:
    """Return whose personal data a stored event with a box carries."""
    return _stored.decode(data).sealed.of


def opened(data: str | bytes, key: bytes) -> bytes:
    """Return a stored event's JSON as it was published.

    Raises:
        BrokenSeal: the box was altered, or it is another person's.
    """
    document: dict[str, Any] = msgspec.json.decode(data)
    sealed = document.pop("$sealed")
    if not sealed.get("box"):
        return msgspec.json.encode(document)
    box = base64.b64decode(sealed["box"])
    try:
        secret = AESGCM(key).decrypt(box[:NONCE_BYTES], box[NONCE_BYTES:], sealed["of"].encode())
    except InvalidTag as problem:
        raise BrokenSeal(
            f"The personal data of {sealed['of']} does not open with its key: the event or the key was altered."
        ) from problem
    return msgspec.json.encode(document | msgspec.json.decode(secret))


def blanked(event: type[Event], data: str | bytes) -> str:
    """Return an event's JSON without its personal data, whatever it had: for copies of somebody who was erased."""
    document: dict[str, Any] = msgspec.json.decode(data)
    for name, blank in personal_fields(event).items():
        if name in document:
            document[name] = blank
    return msgspec.json.encode(document).decode()
