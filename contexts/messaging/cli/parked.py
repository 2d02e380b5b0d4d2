"""`events parked`: what waits in the parking, by fingerprint."""

from __future__ import annotations

import argparse
import json
from collections import defaultdict
from typing import Any

import msgspec
from django.conf import settings
from rich.console import Console
from rich.table import Table

from contexts.messaging import redrive

HELP = "List parked events, grouped by what failed and where."


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "target", nargs="?", help="only this number (ordering:17), event id, subject or fingerprint, with its traceback"
    )
    parser.add_argument("--discarded", action="store_true", help="those that were given up instead")
    parser.add_argument("--json", action="store_true", help="print JSON for a script")


def run(options: dict[str, Any], console: Console) -> int:
    found = [
        row
        for context in settings.CONTEXTS
        for row in redrive.find(context, options["target"], discarded=options["discarded"])
    ]
    if options["json"]:
        console.print_json(json.dumps([msgspec.to_builtins(row) | {"number": row.number} for row in found]))
    elif not found:
        what = f'"{options["target"]}"' if options["target"] else "discarded" if options["discarded"] else "parked"
        console.print(f"Nothing is {what}." if not options["target"] else f"Nothing parked answers to {what}.")
    elif options["target"] or options["discarded"]:
        _print_each(console, found)
    else:
        _print_groups(console, found)
    return 0


def _print_groups(console: Console, found: list[redrive.Parked]) -> None:
    groups: dict[tuple[str, str], list[redrive.Parked]] = defaultdict(list)
    heads = {(row.subscriber, row.publisher, row.subject): row for row in found if row.state != "behind"}
    for row in found:
        head = heads.get((row.subscriber, row.publisher, row.subject), row)
        groups[row.subscriber, head.fingerprint].append(row)
    table = Table(box=None, pad_edge=False, header_style="bold")
    for name in ("fingerprint", "subscriber", "events", "subjects", "state", "next try", "problem"):
        table.add_column(name, justify="right" if name in ("events", "subjects") else "left")
    for (subscriber, mark), rows in sorted(groups.items(), key=lambda item: -len(item[1])):
        first = next((row for row in rows if row.state != "behind"), rows[0])
        retry_at = min((row.retry_at for row in rows if row.retry_at), default=None)
        table.add_row(
            mark, subscriber, str(len(rows)), str(len({row.subject for row in rows})), first.state,
            f"{retry_at:%H:%M:%S}" if retry_at else "by a person", f"{first.problem} [dim]({first.place})[/]",
        )  # fmt: skip
    console.print(table)
    console.print("Look at one: events parked FINGERPRINT. Try again: events retry FINGERPRINT --dry-run.")


def _print_each(console: Console, found: list[redrive.Parked]) -> None:
    for row in found:
        console.print(
            f"[bold]{row.number}[/] {row.type} of {row.subject} at {row.publisher} {row.position}, event {row.event_id}\n"
            f"  for {row.subscriber}: {row.state}, {row.tries} tries, parked {row.parked_at:%Y-%m-%d %H:%M:%S}"
        )
        if row.problem:
            console.print(f"  [red]{row.problem}[/] {row.place}", highlight=False)
        if row.traceback:
            console.print(row.traceback, style="dim", markup=False, highlight=False)
