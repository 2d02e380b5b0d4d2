"""`events where`: who has received an event, and what keeps the others."""

from __future__ import annotations

import argparse
from datetime import UTC, datetime
from typing import Any

import msgspec
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from contexts.messaging.tracing import LoggedEvent, Whereabouts, is_parked, require_event, whereabouts
from contexts.messaging.wording import duration

HELP = "Show for one event, for every subscriber: delivered when, in flight, parked and why, or not yet."


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("event_id", metavar="EVENT_ID")
    parser.add_argument("--json", action="store_true", help="print JSON for a script")


def run(options: dict[str, Any], console: Console) -> int:
    event = require_event(options["event_id"])
    places = whereabouts([event])[event.id]
    parked = any(is_parked(place) for place in places)
    if options["json"]:
        document = {"event": event, "subscribers": places, "parked": parked}
        console.file.write(msgspec.json.encode(document).decode() + "\n")
        return 1 if parked else 0
    place = f"position {event.position}" if event.position else "no position yet"
    console.print(f"[bold]{event.type}[/] of {escape(event.subject)}, {event.time:%Y-%m-%d %H:%M:%S.%f} UTC, {place}")
    if not places:
        console.print(f"Nobody asked for {event.type}.")
        return 0
    table = Table(box=None, pad_edge=False, header_style="bold")
    for name in ("subscriber", "state", "when", "why"):
        table.add_column(name)
    for row in places:
        table.add_row(row.subscriber, coloured(row), when(event, row), why(row))
    console.print(table)
    if parked:
        console.print("Next: manage.py events parked shows the problems, manage.py events retry tries again.")
    return 1 if parked else 0


def coloured(place: Whereabouts) -> str:
    colour = {"delivered": "green", "in flight": "cyan", "not yet": "dim", "discarded": "dim"}.get(place.state, "red")
    words = f"parked, {place.state}" if is_parked(place) else place.state
    return f"[{colour}]{words}[/]"


def when(event: LoggedEvent, place: Whereabouts) -> str:
    if place.at is None:
        return "position passed, time unknown" if place.state == "delivered" else ""
    return f"{place.at:%H:%M:%S}.{place.at:%f} ({duration((place.at - event.time).total_seconds())} after it happened)"


def why(place: Whereabouts) -> str:
    words = []
    if place.problem:
        words.append(escape(place.problem.splitlines()[0][:120]))
    if place.state == "behind":
        words.append("an earlier event of the same subject is parked")
    if place.attempts:
        words.append(f"{place.attempts} {'try' if place.attempts == 1 else 'tries'}")
    if place.retry_at:
        left_s = (place.retry_at - datetime.now(UTC)).total_seconds()
        words.append(f"next try in {duration(left_s)}" if left_s > 0 else "next try now")
    return "; ".join([*words, *place.acts])
