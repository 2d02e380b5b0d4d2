"""The JSON Schema of an event, and what changed between two of them."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import msgspec
from msgspec import inspect

from contexts.messaging.events import Event

#: A JSON Schema or a part of one.
Schema = dict[str, Any]

#: "x-personal" says how a field is kept, not what it may hold.
WORDS_FOR_PEOPLE = {"title", "description", "x-personal"}


class Difference(msgspec.Struct, frozen=True, kw_only=True):
    """One change at `path` ("lines[].sku"); `breaking` when stored data or other contexts' code cannot live with it."""

    path: str
    words: str
    breaking: bool


def schema_of(event: type[Event]) -> Schema:
    """Return an event's JSON Schema without the words meant for people, which may change freely."""
    schema: Schema = _plain(full_schema_of(event))
    return schema


def full_schema_of(event: type[Event]) -> Schema:
    """Return an event's JSON Schema as msgspec gives it, with the formats that it leaves out.

    msgspec calls a moment or a time of day just a text unless its time zone is constrained, which would hide a field
    that becomes a plain text.
    """
    schema = msgspec.json.schema(event)
    for info in _structs(inspect.type_info(event), {}).values():
        definition = schema["$defs"][info.cls.__name__]
        for field in info.fields:
            _add_formats(field.type, definition["properties"][field.encode_name])
    return schema


def _structs(kind: Any, found: dict[type, inspect.StructType]) -> dict[type, inspect.StructType]:
    """Return all structs within a type."""
    if isinstance(kind, inspect.StructType):
        if kind.cls in found:
            return found
        found[kind.cls] = kind
        for field in kind.fields:
            _structs(field.type, found)
    for part in ("type", "item_type", "key_type", "value_type"):
        if hasattr(kind, part):
            _structs(getattr(kind, part), found)
    for part in ("types", "item_types"):
        for member in getattr(kind, part, ()):
            _structs(member, found)
    return found


def _add_formats(kind: Any, node: Schema) -> None:
    match kind:
        case inspect.DateTimeType():
            node["format"] = "date-time"
        case inspect.TimeType():
            node["format"] = "time"
        case inspect.Metadata():
            _add_formats(kind.type, node)
        case inspect.DictType():
            _add_formats(kind.value_type, node["additionalProperties"])
        case inspect.UnionType():
            for member in kind.types:
                for option in node["anyOf"]:
                    if option == {"type": "string"}:
                        _add_formats(member, option)
        case _ if hasattr(kind, "item_type") and isinstance(node.get("items"), dict):
            _add_formats(kind.item_type, node["items"])


def _plain(node: Any, *, names: bool = False) -> Any:
    """Drop titles and descriptions; `names` says that the keys here are field names, not keywords."""
    if isinstance(node, list):
        return [_plain(item) for item in node]
    if not isinstance(node, dict):
        return node
    return {
        key: _plain(value, names=not names and key in {"properties", "$defs"})
        for key, value in node.items()
        if names or key not in WORDS_FOR_PEOPLE
    }


def compare(old: Schema, new: Schema) -> list[Difference]:
    """Return what changed from one schema of an event to another."""
    return list(_compare(_expand(old, old), _expand(new, new), ""))


def _expand(node: Any, root: Schema, within: tuple[str, ...] = ()) -> Any:
    """Put definitions in the places that refer to them; a type that contains itself stays a reference there."""
    if isinstance(node, list):
        return [_expand(item, root, within) for item in node]
    if not isinstance(node, dict):
        return node
    if "$ref" in node:
        name = node["$ref"].rpartition("/")[2]
        if name in within:
            return {"contains itself": name}
        rest = {key: value for key, value in node.items() if key not in {"$ref", "$defs"}}
        expanded: Schema = _expand(root["$defs"][name], root, (*within, name))
        return expanded | rest
    return {key: _expand(value, root, within) for key, value in node.items() if key != "$defs"}


def _compare(old: Schema, new: Schema, path: str) -> Iterator[Difference]:
    if "properties" in old and "properties" in new:
        yield from _compare_fields(old, new, path)
    elif (
        old.get("type") == new.get("type") == "array"
        and isinstance(old.get("items"), dict)
        and _same(old, new, "items")
    ):
        yield from _compare(old["items"], new["items"], f"{path}[]")
    elif "enum" in old and "enum" in new:
        yield from _compare_values(old["enum"], new["enum"], path)
    elif "anyOf" in old and "anyOf" in new and _kinds(old) == _kinds(new):
        for one, other in zip(_sorted(old), _sorted(new), strict=True):
            yield from _compare(one, other, path)
    elif _text(_without_default(old)) != _text(_without_default(new)):
        yield Difference(path=path, words=f"was {in_words(old)} and is now {in_words(new)}", breaking=True)


def _compare_fields(old: Schema, new: Schema, path: str) -> Iterator[Difference]:
    before, after = old["properties"], new["properties"]
    required_before, required_after = set(old.get("required", ())), set(new.get("required", ()))
    for name in before.keys() - after.keys():
        yield Difference(path=_join(path, name), words="was removed", breaking=True)
    for name in after.keys() - before.keys():
        if name in required_after:
            yield Difference(path=_join(path, name), words="is new and has no default", breaking=True)
        else:
            yield Difference(path=_join(path, name), words="is new, with a default", breaking=False)
    for name in before.keys() & after.keys():
        here = _join(path, name)
        yield from _compare(before[name], after[name], here)
        if name in required_after - required_before:
            yield Difference(path=here, words="had a default and has none any more", breaking=True)
        elif name in required_before - required_after:
            yield Difference(path=here, words="has a default now", breaking=False)
        elif name not in required_after and before[name].get("default") != after[name].get("default"):
            words = f"had the default {before[name].get('default')!r} and has {after[name].get('default')!r} now"
            yield Difference(path=here, words=words, breaking=True)
    if _text(_without_fields(old)) != _text(_without_fields(new)):
        yield Difference(path=path, words=f"was {in_words(old)} and is now {in_words(new)}", breaking=True)


def _compare_values(old: list[Any], new: list[Any], path: str) -> Iterator[Difference]:
    for value in old:
        if value not in new:
            yield Difference(path=path, words=f"can no longer be {value!r}, which is stored", breaking=True)
    for value in new:
        if value not in old:
            yield Difference(
                path=path, words=f"can now be {value!r}, which code that is out there cannot read", breaking=True
            )


def _join(path: str, name: str) -> str:
    return f"{path}.{name}" if path else name


def _text(node: Any) -> str:
    return json.dumps(node, sort_keys=True)


def _without_default(node: Schema) -> Schema:
    return {key: value for key, value in node.items() if key != "default"}


def _without_fields(node: Schema) -> Schema:
    return {key: value for key, value in node.items() if key not in {"properties", "required", "default"}}


def _same(old: Schema, new: Schema, but: str) -> bool:
    return _text({**_without_default(old), but: 0}) == _text({**_without_default(new), but: 0})


def _sorted(union: Schema) -> list[Schema]:
    return sorted(union["anyOf"], key=_kind)


def _kinds(union: Schema) -> list[str]:
    return [_kind(node) for node in _sorted(union)]


def _kind(node: Schema) -> str:
    """What tells the members of a union apart on the wire: their JSON type, and a tag where there is one."""
    tags = [_text(value["enum"]) for value in node.get("properties", {}).values() if len(value.get("enum", ())) == 1]
    return f"{node.get('type')} {node.get('format', '')} {tags}"


FORMATS = {"uuid": "UUID", "date-time": "moment", "date": "day", "time": "time of day", "duration": "duration"}
TYPES = {"string": "text", "integer": "whole number", "number": "number", "boolean": "yes or no", "null": "nothing"}


def in_words(node: Schema, *, name: str = "") -> str:
    """Return a type as a person would say it: "list of OrderLine", "UUID or nothing"."""
    if "$ref" in node:
        return str(node["$ref"]).rpartition("/")[2]
    if "anyOf" in node:
        kinds = [in_words(member) for member in node["anyOf"]]
        return " or ".join(sorted(kinds, key=lambda words: words == "nothing"))
    if "enum" in node:
        return " or ".join(f'"{value}"' for value in node["enum"])
    if node.get("type") == "array":
        items = node.get("items")
        return f"list of {in_words(items)}" if isinstance(items, dict) else "list"
    if node.get("type") == "object":
        values = node.get("additionalProperties")
        return f"mapping to {in_words(values)}" if isinstance(values, dict) else name or "object"
    return FORMATS.get(node.get("format", ""), TYPES.get(str(node.get("type")), str(node.get("type", "anything"))))
