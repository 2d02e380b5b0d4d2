"""`events discard`: gives a parked event up."""

from __future__ import annotations

import argparse
import getpass
from typing import Any

from django.conf import settings
from rich.console import Console

from contexts.messaging import redrive

HELP = "Give parked events up for their subscriber; what waited behind them is tried at once."


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("target", help="a parked event's number (ordering:17), an event id or a fingerprint")
    parser.add_argument("--reason", required=True, help="why, for those who come after you")
    parser.add_argument("--yes", action="store_true", help="more than one without asking")
    parser.add_argument(
        "--as", dest="actor", default=getpass.getuser(), help="who you are, for the record (%(default)s)"
    )


def run(options: dict[str, Any], console: Console) -> int:
    found = [row for context in settings.CONTEXTS for row in redrive.find(context, options["target"])]
    if not found:
        console.print(f'Nothing parked answers to "{options["target"]}". See: events parked.')
        return 2
    if not options["reason"].strip():
        console.print("A reason is needed: --reason 'order 17 was a test'.")
        return 2
    if len(found) > 1 and not options["yes"]:
        console.print(f"That names {len(found)} events. Say --yes to give them all up, or name one by its number.")
        return 2
    for row in found:
        try:
            redrive.discard(row, reason=options["reason"], actor=f"operator:{options['actor']}")
        except redrive.NotParked as gone:
            console.print(str(gone), highlight=False)
            continue
        console.print(f"Gave up {row.type} of {row.subject} for {row.subscriber}.")
    return 0
