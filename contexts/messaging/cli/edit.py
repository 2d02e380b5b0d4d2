"""`events edit`: puts a parked event's data right."""

from __future__ import annotations

import argparse
import getpass
import json
import sys
from typing import Any

import msgspec
from django.conf import settings
from rich.console import Console

from contexts.messaging import redrive
from contexts.messaging.errors import UnknownEvent

HELP = "Replace the data of one parked event by a corrected copy, for its subscriber only; the original is kept."

#: Events that are named where one is to be chosen.
SHOWN = 10


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("target", help="a parked event's number (ordering:17) or an event id")
    parser.add_argument(
        "--data", metavar="FILE", help="the corrected data as JSON; - reads standard input; none shows it"
    )
    parser.add_argument(
        "--as", dest="actor", default=getpass.getuser(), help="who you are, for the record (%(default)s)"
    )


def run(options: dict[str, Any], console: Console) -> int:
    found = [row for context in settings.CONTEXTS for row in redrive.find(context, options["target"])]
    if len(found) != 1:
        console.print(
            f'"{options["target"]}" names {len(found)} parked events; name one by its number.'
            if found
            else f'Nothing parked answers to "{options["target"]}". See: events parked.'
        )
        for row in found[:SHOWN]:
            console.print(f"  {row.number} {row.type} of {row.subject} for {row.subscriber}", highlight=False)
        return 2
    (row,) = found
    if not options["data"]:
        console.print_json(json.dumps(json.loads(row.event)["data"]))
        return 0
    try:
        with sys.stdin if options["data"] == "-" else open(options["data"]) as file:
            data = json.load(file)
    except OSError as problem:
        console.print(f"[red]{problem}[/]")
        return 2
    except json.JSONDecodeError as problem:
        console.print(f"[red]That is not JSON: {problem}.[/]")
        return 2
    try:
        redrive.edit(row, data=data, actor=f"operator:{options['actor']}")
    except (msgspec.ValidationError, UnknownEvent) as problem:
        console.print(f"[red]{row.type} does not accept that: {problem}.[/] Nothing was changed.")
        return 2
    console.print(f"Corrected for {row.subscriber}; the original is kept. Now: events retry {row.number}")
    return 0
