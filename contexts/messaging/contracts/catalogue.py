"""The readable catalogue of events: docs/events/README.md."""

from __future__ import annotations

from collections import defaultdict
from typing import Any

from contexts.messaging.contracts.landscape import Told
from contexts.messaging.contracts.prose import paragraphs
from contexts.messaging.contracts.schemas import full_schema_of, in_words

HEAD = """# What the contexts tell each other

Generated from the code by `manage.py contracts export`; `manage.py contracts check` fails when it is out of date.
The same for machines: [asyncapi.json](asyncapi.json) (AsyncAPI 3.0).

![Who tells whom](who-tells-whom.svg)
"""


def catalogue(told: list[Told]) -> str:
    """Return the page: who tells whom, then every event with its fields and who hears it."""
    publishers = sorted({entry.event.event_context for entry in told})
    parts = [HEAD, _mermaid(told), _matrix(told, publishers)]
    for context in publishers:
        parts.append(f"## {context}\n")
        parts += [_event(entry) for entry in told if entry.event.event_context == context]
    return "\n".join(parts).rstrip() + "\n"


def edges(told: list[Told]) -> dict[tuple[str, str], list[str]]:
    """Return the names of the events that go from one context to another."""
    found: dict[tuple[str, str], list[str]] = defaultdict(list)
    for entry in told:
        for context in sorted({hearer.context for hearer in entry.hearers}):
            if context != entry.event.event_context:
                found[entry.event.event_context, context].append(entry.event.__name__)
    return dict(sorted(found.items()))


def _mermaid(told: list[Told]) -> str:
    lines = ["```mermaid", "flowchart LR"]
    lines += [f'    {one} -->|"{"<br/>".join(names)}"| {other}' for (one, other), names in edges(told).items()]
    return "\n".join([*lines, "```", ""])


def _matrix(told: list[Told], publishers: list[str]) -> str:
    hearers = sorted({hearer.subscriber for entry in told for hearer in entry.hearers})
    lines = [f"| event | {' | '.join(hearers)} |", f"|---|{'---|' * len(hearers)}"]
    for context in publishers:
        for entry in told:
            if entry.event.event_context == context:
                heard = {hearer.subscriber for hearer in entry.hearers}
                cells = " | ".join("●" if name in heard else "" for name in hearers)
                lines.append(f"| [{entry.event.event_name}](#{_anchor(entry)}) | {cells} |")
    return "\n".join(["## At a glance", "", *lines, ""])


def _anchor(entry: Told) -> str:
    return entry.event.__name__.lower()


def _event(entry: Told) -> str:
    event = entry.event
    lines = [f"### {event.__name__}", ""]
    facts = [f"`{event.event_name}`", f"version {event.event_version}", f"subject `{event.subject_template}`"]
    if event.event_aliases:
        facts.append(f"formerly {', '.join(f'`{alias}`' for alias in event.event_aliases)}")
    lines += [", ".join(facts), "", "\n\n".join(paragraphs(event.__doc__)), "", *_fields(event), ""]
    if not entry.hearers:
        lines.append("Nobody hears it yet.")
    for hearer in entry.hearers:
        handlers = ", ".join(f"`{handler.function.__name__}`" for handler in hearer.handlers)
        lines.append(f"- **{hearer.subscriber}**: {handlers}{_reads(hearer.needs.fields, whole=hearer.needs.whole)}")
    return "\n".join([*lines, ""])


def _reads(fields: set[str], *, whole: bool) -> str:
    outer = sorted(field for field in fields if not any(other.startswith(f"{field}.") for other in fields))
    if whole:
        return " (takes it as a whole)"
    return f" reads {', '.join(f'`{field}`' for field in outer)}" if outer else ""


def _fields(event: Any) -> list[str]:
    document = full_schema_of(event)
    definitions = document["$defs"]
    own = definitions[event.__name__]
    lines = ["| field | type | |", "|---|---|---|"]
    lines += _rows(own, "", definitions, ())
    return lines


def _rows(schema: dict[str, Any], prefix: str, definitions: dict[str, Any], within: tuple[str, ...]) -> list[str]:
    rows = []
    required = set(schema.get("required", ()))
    for name, kind in schema.get("properties", {}).items():
        default = "" if name in required else f"default {kind.get('default')!r}"
        rows.append(f"| `{prefix}{name}` | {in_words(kind)} | {default} |")
        inner, many = _inner(kind)
        if inner and inner != "Money" and inner not in within:
            below = f"{prefix}{name}{'[]' if many else ''}."
            rows += _rows(definitions[inner], below, definitions, (*within, inner))
    return rows


def _inner(kind: dict[str, Any]) -> tuple[str, bool]:
    """Return the name of the struct in a field's type and whether there are many; "" where it holds none."""
    if "$ref" in kind:
        return kind["$ref"].rpartition("/")[2], False
    if isinstance(kind.get("items"), dict):
        return _inner(kind["items"])[0], True
    for member in kind.get("anyOf", ()):
        inner, many = _inner(member)
        if inner:
            return inner, many
    return "", False
