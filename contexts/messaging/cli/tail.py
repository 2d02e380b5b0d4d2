"""`events tail`: the live stream of events, by positions."""

from __future__ import annotations

import argparse
import os
import re
import sys
import time
from typing import Any

import msgspec
from django.conf import settings
from django.db import InterfaceError, OperationalError, connections
from rich.console import Console
from rich.markup import escape

from contexts.messaging.tracing import LoggedEvent, events_where, require_context
from contexts.messaging.wording import moment

HELP = "Follow the events as they are published; Ctrl-C ends it."

POLL_S = 0.3
#: More lines than this from the past are for `events archive` and a pager.
MOST_LINES = 1_000_000
PAGE = 500


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--context", action="append", metavar="NAME", help="only this publisher; may be repeated")
    parser.add_argument("--type", metavar="GLOB", help='only these events: "ordering.*", "*_shipped"')
    parser.add_argument("--subject", metavar="GLOB", help='only these subjects: "order/*"')
    parser.add_argument("--since", metavar="WHEN", help="begin 10m, 2h, 1d ago or at 2026-01-31T12:00")
    parser.add_argument("-n", "--lines", type=int, default=10, metavar="N", help="begin with the last N events (10)")
    parser.add_argument("--no-follow", action="store_true", help="end with the newest event")
    parser.add_argument("--data", action="store_true", help="print the events' data too")
    parser.add_argument("--json", action="store_true", help="print one JSON object a line")


def run(options: dict[str, Any], console: Console) -> int:
    contexts = [require_context(name) for name in options["context"] or settings.CONTEXTS]
    condition, parameters = _filter(options)
    # Each context begins with its own last lines; of these the last of all are shown.
    last = 0 if options["since"] else _lines(options)
    try:
        positions = {context: _start(context, options, condition, parameters) for context in contexts}
        while True:
            try:
                done = _print_new(console, positions, condition, parameters, options, last=last)
            except (OperationalError, InterfaceError) as problem:
                if options["no_follow"]:
                    raise
                _wait_for_the_database(problem)
                continue
            last = 0
            if done and options["no_follow"]:
                return 0
            if done:
                time.sleep(POLL_S)
    except KeyboardInterrupt:
        return 0
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0


def _filter(options: dict[str, Any]) -> tuple[str, list[str]]:
    conditions, parameters = ["p.position > %s", "p.position <= %s"], []
    for column in ("type", "subject"):
        if options[column]:
            conditions.append(f"e.{column} like %s")
            parameters.append(like(options[column]))
    return " and ".join(conditions), parameters


def _lines(options: dict[str, Any]) -> int:
    asked: int = options["lines"]
    return min(max(asked, 0), MOST_LINES)


def like(glob: str) -> str:
    """Return a glob as a pattern for SQL's LIKE."""
    return re.sub(r"[\\%_]", r"\\\g<0>", glob).replace("*", "%").replace("?", "_")


def _start(context: str, options: dict[str, Any], condition: str, parameters: list[str]) -> int:
    """Return the position after which to begin: `--since`, or so that the last `--lines` matching events come."""
    head = _head(context)
    with connections[context].cursor() as cursor:
        if options["since"]:
            cursor.execute(
                "select coalesce(min(p.position) - 1, %s) from messaging_event e join messaging_position p "
                "on p.event = e.id where e.time >= %s",
                [head, moment(options["since"])],
            )
        else:
            cursor.execute(
                f"""
                select coalesce(min(position) - 1, %s) from (
                    select p.position from messaging_position p join messaging_event e on e.id = p.event
                    where {condition} order by p.position desc limit %s
                ) last
                """,
                [head, 0, head, *parameters, _lines(options)],
            )
        start: int = cursor.fetchone()[0]
        return start


def _head(context: str) -> int:
    with connections[context].cursor() as cursor:
        cursor.execute("select coalesce(max(head), 0) from messaging_sequencer")
        head: int = cursor.fetchone()[0]
        return head


def _print_new(
    console: Console,
    positions: dict[str, int],
    condition: str,
    parameters: list[str],
    options: dict[str, Any],
    *,
    last: int = 0,
) -> bool:
    """Print what is new in every context, or the `last` of it, in the order of time; True when that was all."""
    found: list[LoggedEvent] = []
    more = False
    for context, position in positions.items():
        head = _head(context)
        if head == position:
            continue
        page = events_where(context, condition, [position, head, *parameters], order="p.position", limit=PAGE)
        positions[context] = page[-1].position or head if len(page) == PAGE else head
        more = more or positions[context] < head
        found += page
    found.sort(key=lambda event: (event.time, event.id))
    for event in found[-last:] if last else found:
        if options["json"]:
            console.file.write(msgspec.json.encode(event).decode() + "\n")
        else:
            console.print(_line(event), highlight=False)
            if options["data"]:
                console.print(f"  [dim]{escape(bytes(event.data).decode())}[/]", highlight=False)
    if found:
        console.file.flush()
    return not more


def _line(event: LoggedEvent) -> str:
    return (
        f"[dim]{event.time:%H:%M:%S}.{event.time.microsecond // 1000:03d}[/] [bold]{event.type}[/] "
        f"{escape(event.subject)} [dim]#{event.position} by {escape(event.actor)}, "
        f"correlation {event.correlation_id}[/]"
    )


def _wait_for_the_database(problem: Exception) -> None:
    Console(stderr=True).print(f"[yellow]The database does not answer, trying again:[/] {str(problem).splitlines()[0]}")
    time.sleep(1)
    for connection in connections.all(initialized_only=True):
        connection.close()
