"""`events trace`: the tree of causes across contexts."""

from __future__ import annotations

import argparse
import json
from collections import defaultdict
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import msgspec
from rich.console import Console
from rich.markup import escape
from rich.tree import Tree

from contexts.messaging.cli.where import coloured, why
from contexts.messaging.tracing import LIMIT, Found, LoggedEvent, Whereabouts, find, is_parked, whereabouts
from contexts.messaging.wording import duration

HELP = "Print what caused what across contexts, for an order number or id, a subject, a correlation or an event."

Places = dict[UUID, list[Whereabouts]]


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "name", metavar="NAME", help="an order number or id, a subject, a correlation id or an event id"
    )
    parser.add_argument("--json", action="store_true", help="print JSON for a script")
    parser.add_argument("--data", action="store_true", help="print the events' data too")


def run(options: dict[str, Any], console: Console) -> int:
    found = find(options["name"].strip())
    places = whereabouts(found.events)
    parked = sum(is_parked(place) for of_event in places.values() for place in of_event)
    if options["json"]:
        console.file.write(json.dumps(_document(found, places), default=str) + "\n")
        return 1 if parked else 0
    console.print(_title(found), highlight=False)
    for root in _roots(found.events):
        console.print(_tree(root, found, places, data=options["data"]), highlight=False)
    if found.truncated:
        console.print(f"There are more; only the first {LIMIT} events are shown.")
    if parked:
        console.print(
            f"[red]{parked} parked.[/] manage.py events parked shows why, manage.py events retry tries again."
        )
    return 1 if parked else 0


def _title(found: Found) -> str:
    first, last = found.events[0], max(event.time for event in found.events if event.due_at is None)
    correlations = {event.correlation_id for event in found.events}
    chains = "one correlation" if len(correlations) == 1 else f"{len(correlations)} correlations"
    took = duration((last - first.time).total_seconds())
    return (
        f"[bold]{escape(found.name)}[/]: {len(found.events)} events in {chains}, {took} from the first to the last, "
        f"from {first.time:%Y-%m-%d %H:%M:%S} UTC"
    )


def _roots(events: list[LoggedEvent]) -> list[LoggedEvent]:
    known = {event.id for event in events}
    return [event for event in events if event.causation_id not in known]


def _tree(root: LoggedEvent, found: Found, places: Places, *, data: bool) -> Tree:
    children: dict[UUID | None, list[LoggedEvent]] = defaultdict(list)
    for event in found.events:
        children[event.causation_id].append(event)

    def grow(tree: Tree, event: LoggedEvent) -> None:
        if data:
            tree.add(f"[dim]{escape(bytes(event.data).decode())}[/]")
        caused = children[event.id]
        for place in places[event.id]:
            branch = tree.add(_place(event, place))
            answers = [child for child in caused if child.source == place.subscriber.partition(":")[0]]
            for child in answers:
                grow(branch.add(_label(child, event, found)), child)
            caused = [child for child in caused if child not in answers]
        for child in caused:
            grow(tree.add(_label(child, event, found)), child)

    tree = Tree(_label(root, None, found))
    grow(tree, root)
    return tree


def _label(event: LoggedEvent, cause: LoggedEvent | None, found: Found) -> str:
    mark = "[reverse]" if str(event.id) == found.name else ""
    name = f"{mark}[bold]{event.type}[/]{'[/]' if mark else ''}"
    parts = [f"{event.time:%H:%M:%S}.{event.time:%f}"[:12], name]
    if cause is None:
        parts.append(f"of {escape(event.subject)} by {escape(event.actor)}")
        if event.causation_id:
            parts.append(f"[dim]caused by {event.causation_id}, which is not in this process's logs[/]")
    else:
        if event.subject != cause.subject:
            parts.append(f"of {escape(event.subject)}")
        if event.actor != cause.actor:
            parts.append(f"by {escape(event.actor)}")
        if event.due_at is None:
            parts.append(f"[cyan]+{duration((event.time - cause.time).total_seconds())}[/]")
    if event.due_at is not None:
        left_s = (event.due_at - datetime.now(UTC)).total_seconds()
        parts.append(f"[yellow]timer, due in {duration(left_s)}[/]" if left_s > 0 else "[yellow]timer, due now[/]")
    parts.append(f"[dim]{event.id}[/]")
    return " ".join(parts)


def _place(event: LoggedEvent, place: Whereabouts) -> str:
    parts = [f"→ {place.subscriber}"]
    if place.state == "delivered":
        parts.append(
            f"[green]+{duration((place.at - event.time).total_seconds())}[/]" if place.at else "[green]delivered[/]"
        )
    else:
        parts.append(coloured(place))
    reasons = why(place)
    return " ".join([*parts, f"({reasons})"] if reasons else parts)


def _document(found: Found, places: Places) -> dict[str, Any]:
    events = []
    for event in found.events:
        document = msgspec.json.decode(msgspec.json.encode(event))
        document["deliveries"] = [
            msgspec.to_builtins(place)
            | {
                "latency_s": (place.at - event.time).total_seconds()
                if place.state == "delivered" and place.at
                else None
            }
            for place in places[event.id]
        ]
        events.append(document)
    return {"kind": found.kind, "name": found.name, "truncated": found.truncated, "events": events}
