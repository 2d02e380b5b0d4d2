"""What `manage.py contracts check` finds, in plain words, each with what to do."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Literal

import msgspec

from contexts.messaging.contracts.documents import documents
from contexts.messaging.contracts.golden import Golden, golden_of
from contexts.messaging.contracts.landscape import Told, is_made
from contexts.messaging.contracts.schemas import compare
from contexts.messaging.errors import UnknownEvent
from contexts.messaging.events import Event, decode, event_named

#: `breaking` needs new code; `unaccepted` needs `contracts accept`, `stale` needs `contracts export`.
Kind = Literal["breaking", "handler", "unaccepted", "stale"]

ACCEPT = "Run manage.py contracts accept and commit what it writes."
EXPORT = "Run manage.py contracts export and commit what it writes."

Goldens = Mapping[tuple[str, int], Golden]
Events = Mapping[str, type[Event]]


class Finding(msgspec.Struct, frozen=True, kw_only=True):
    """One thing that is wrong: with what, why, and what to do."""

    kind: Kind
    what: str
    problem: str
    remedy: str


def check_events(events: Events, goldens: Goldens) -> list[Finding]:
    """Compare events with what was ever published."""
    found: list[Finding] = []
    for event in events.values():
        found += _check_versions(event, goldens) or _check_shape(event, goldens[event.event_name, event.event_version])
    for golden in goldens.values():
        found += _check_readable(golden, events, goldens)
    return found


def _check_versions(event: type[Event], goldens: Goldens) -> list[Finding]:
    name, version = event.event_name, event.event_version
    newest = max((v for n, v in goldens if n == name), default=0)
    if newest > version:
        return [
            _breaking(
                name,
                f"version {newest} was published, and the code is back at version {version}",
                f"Restore version={newest} of {event.__name__}; versions only grow.",
            )
        ]
    for earlier in range(1, version):
        if (name, earlier) not in goldens:
            return [
                _breaking(
                    name,
                    f"is at version {version}, and no golden file shows what version {earlier} looked like, so nobody "
                    "can prove that what is stored of it can still be read",
                    f"Restore {name}.v{earlier}.json from the repository's history, or go back to "
                    f"version={earlier} and accept it first. An event that was never published starts at version=1.",
                )
            ]
    if newest < version:
        problem = f"version {version} is new" if version > 1 else "is new"
        return [Finding(kind="unaccepted", what=name, problem=problem, remedy=ACCEPT)]
    return []


def _check_shape(event: type[Event], golden: Golden) -> list[Finding]:
    name, version = event.event_name, event.event_version
    found = []
    current = golden_of(event, golden)
    remedy = (
        f"Restore it, or make it version={version + 1} with @upcasts({event.__name__}, version={version}), a function "
        f"that turns the JSON of version {version} into that of {version + 1}."
    )
    if golden.subject != event.subject_template:
        found.append(
            _breaking(
                name,
                f'had the subject "{golden.subject}" and has "{event.subject_template}": events of one thing would no '
                "longer stay in order with those that are stored",
                "Restore the subject, or announce it as a new event with a name of its own.",
            )
        )
    for difference in compare(golden.schema, current.schema):
        if difference.breaking:
            found.append(_breaking(name, f"{_field(difference.path)} {difference.words}", remedy))
        else:
            problem = f"{_field(difference.path)} {difference.words}"
            found.append(Finding(kind="unaccepted", what=name, problem=problem, remedy=ACCEPT))
    return found


def _check_readable(golden: Golden, events: Events, goldens: Goldens) -> list[Finding]:
    """Whether today's code reads what was stored of a version, which a person may have called otherwise then."""
    title = f"{golden.name} version {golden.version}"
    try:
        event = event_named(golden.name)
    except UnknownEvent:
        return [
            _breaking(
                golden.name,
                "was published and no event of this name is left, so what is stored of it cannot be read",
                f'If it was renamed, add aliases=("{golden.name}",) to the renamed event. If it is no longer '
                "published, keep its class all the same.",
            )
        ]
    if golden.version > event.event_version:
        if golden.name == event.event_name:
            return []  # Said by _check_versions.
        return [
            _breaking(title, f"was published; {event.event_name}, as it is called now, is at {event.event_version}",
                      f"Raise {event.__name__} to version={golden.version} or more.")
        ]  # fmt: skip
    found = []
    for example in golden.examples:
        try:
            decode(golden.name, golden.version, msgspec.json.encode(example))
        except Exception as problem:
            renamed = golden.name != event.event_name
            if golden.version == event.event_version and not renamed:
                if not any(difference.breaking for difference in compare(golden.schema, golden_of(event).schema)):
                    found.append(
                        _breaking(title, f"the stored example cannot be read: {problem}", "Restore its types.")
                    )
                continue
            found.append(
                _breaking(
                    title,
                    f"what is stored of it can no longer be read: {type(problem).__name__}: {problem}",
                    f"Correct the upcasters of {event.__name__} from {golden.version} to {event.event_version}.",
                )
            )
            break
    return found


def check_handlers(told: list[Told]) -> list[Finding]:
    """Find handlers that need what their publisher does not send."""
    found = []
    for entry in told:
        for hearer in entry.hearers:
            names = ", ".join(handler.name for handler in hearer.handlers)
            for sentence in hearer.needs.missing:
                remedy = f"Read another field, or have {entry.event.event_context} send it."
                found.append(Finding(kind="handler", what=names, problem=sentence, remedy=remedy))
        if entry.hearers and not is_made(entry.event):
            heard_by = ", ".join(hearer.subscriber for hearer in entry.hearers)
            found.append(
                Finding(
                    kind="handler", what=entry.event.event_name,
                    problem=f"is heard by {heard_by}, but no code of {entry.event.event_context} makes it",
                    remedy=f"Publish {entry.event.__name__} in {entry.event.event_context}, or remove the handlers.",
                )
            )  # fmt: skip
    return found


def check_documents(told: list[Told], folder: Path) -> list[Finding]:
    """Find generated documents that no longer say what the code says."""
    found = []
    for name, text in documents(told).items():
        file = folder / name
        if not file.exists():
            found.append(Finding(kind="stale", what=str(name), problem="is not there", remedy=EXPORT))
        elif file.read_text() != text:
            found.append(
                Finding(kind="stale", what=str(name), problem="does not say what the code says", remedy=EXPORT)
            )
    return found


def _breaking(what: str, problem: str, remedy: str) -> Finding:
    return Finding(kind="breaking", what=what, problem=problem, remedy=remedy)


def _field(path: str) -> str:
    return f"the field {path}" if path else "the event"
