"""An example of an event, made from its types: the same one every time."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from typing import Any
from uuid import NAMESPACE_URL, uuid5

import msgspec
from msgspec import inspect

from contexts.messaging.errors import MisdeclaredEvent
from contexts.messaging.events import Event, encode

#: What fields of these names look like; for others the name itself has to do.
TEXTS = {
    "email": "ada@example.com",
    "name": "Ada Lovelace",
    "language": "en",
    "currency": "EUR",
    "country": "NL",
    "postcode": "1011 AB",
    "city": "Amsterdam",
    "street": "Damrak 1",
    "sku": "RED-MUG",
    "slug": "red-mug",
    "product_slug": "red-mug",
    "number": "T-10001",
    "tracking_number": "3SABCD1234567",
    "method_label": "Visa ending 4242",
    "image": "catalog/red-mug.svg",
    "path": "/somewhere/",
}
MOMENT = datetime(2026, 1, 31, 12, 0, tzinfo=UTC)


def example_of(event: type[Event]) -> dict[str, Any]:
    """Return the JSON object of an example of an event.

    Raises:
        MisdeclaredEvent: the event's types allow no example that a machine could guess.
    """
    raw = _value(inspect.type_info(event), event.event_name)
    try:
        made: Event = msgspec.convert(raw, event)
        document: dict[str, Any] = msgspec.json.decode(encode(made))
    except (msgspec.MsgspecError, TypeError, ValueError) as problem:
        raise MisdeclaredEvent(
            f"No example of {event.event_name} could be made: {problem}. Give the field a plainer type."
        ) from problem
    return document


def _value(kind: inspect.Type, path: str) -> Any:
    """Return a value of a type; `path` makes values of different fields differ."""
    name = path.rpartition(".")[2]
    match kind:
        case inspect.Metadata():
            return _value(kind.type, path)
        case inspect.UnionType():
            filled = [member for member in kind.types if not isinstance(member, inspect.NoneType)]
            return _value(filled[0], path)
        case inspect.StructType():
            tag = {kind.tag_field: kind.tag} if kind.tag_field else {}
            return tag | {field.encode_name: _value(field.type, f"{path}.{field.name}") for field in kind.fields}
        case inspect.ListType() | inspect.VarTupleType() | inspect.SetType() | inspect.FrozenSetType():
            return [_value(kind.item_type, path)]
        case inspect.TupleType():
            return [_value(item, f"{path}.{nr}") for nr, item in enumerate(kind.item_types)]
        case inspect.DictType():
            return {_value(kind.key_type, f"{path}.key"): _value(kind.value_type, path)}
        case inspect.LiteralType():
            return kind.values[0]
        case inspect.EnumType():
            return next(iter(kind.cls)).value
        case inspect.IntType():
            return max(kind.ge if kind.ge is not None else 2, 2) if kind.le is None else kind.le
        case inspect.StrType():
            text = TEXTS.get(name, name)
            return text.ljust(kind.min_length or 0, "x")[: kind.max_length]
        case _:
            return _plain(kind, path)


def _plain(kind: inspect.Type, path: str) -> Any:
    plain: dict[type[inspect.Type], Any] = {
        inspect.UUIDType: str(uuid5(NAMESPACE_URL, f"tradepost:{path}")),
        inspect.DateTimeType: MOMENT.isoformat(),
        inspect.DateType: date(2026, 1, 31).isoformat(),
        inspect.TimeType: time(12, 0).isoformat(),
        inspect.TimeDeltaType: timedelta(minutes=15),
        inspect.DecimalType: Decimal("1.50"),
        inspect.BoolType: True,
        inspect.FloatType: 1.5,
        inspect.NoneType: None,
        inspect.AnyType: "anything",
    }
    return plain.get(type(kind), {})
