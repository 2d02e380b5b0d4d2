"""`bench events`: the backbone beside the naive alternative of one Celery task for each event."""

from __future__ import annotations

import argparse
import json
import os
import time
from importlib import import_module
from typing import Any

import msgspec
from rich.console import Console
from rich.table import Table

from contexts.messaging.errors import MessagingError
from contexts.messaging.naming import did_you_mean

HELP = "Events from commit to committed effect: rates, latency, price, flat cost, poison, beside one task per event."

#: The parts, with how much each does; the second is for `--quick`, whose figures say little.
PARTS: dict[str, tuple[dict[str, int], dict[str, int]]] = {
    "flow": ({"tasks": 1_000, "rounds": 5}, {"tasks": 50, "rounds": 1}),
    "latency": ({"events": 300}, {"events": 10}),
    "price": ({"rounds": 1_000}, {"rounds": 30}),
    "flat": ({"events": 1_000_000, "flow": 20_000, "rounds": 5}, {"events": 20_000, "flow": 500, "rounds": 1}),
    "poison": ({"subjects": 20_000, "rounds": 3}, {"subjects": 400, "rounds": 1}),
}


class NoSuchPart(MessagingError):
    """A part that does not exist was asked for."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("parts", nargs="*", metavar="PART", help=f"what to measure: {', '.join(PARTS)} (all)")
    parser.add_argument("--events", type=int, metavar="N", help="events in the long log of `flat` (1000000)")
    parser.add_argument("--quick", action="store_true", help="little of everything, to see that it works")
    parser.add_argument("--json", action="store_true", help="print JSON for a script")


def run(options: dict[str, Any], console: Console) -> int:
    parts = options["parts"] or list(PARTS)
    for part in parts:
        if part not in PARTS:
            raise NoSuchPart(f'There is no part "{part}". {did_you_mean(part, PARTS)}')
    began, figures = time.monotonic(), []
    for part in parts:
        sizes = PARTS[part][options["quick"]]
        if part == "flat" and options["events"] is not None:
            sizes = sizes | {"events": max(options["events"], 1)}
        if not options["json"]:
            shown = ", ".join(f"{number:,} {name}" for name, number in sizes.items())
            console.print(f"[dim]{part}: {shown} ...[/]", highlight=False)
        figures += import_module(f"contexts.messaging.bench._{part}").measure(**sizes)
    missed = [figure for figure in figures if figure.met is False]
    machine = {"cores": os.cpu_count(), "load_average": os.getloadavg()[0], "seconds": time.monotonic() - began}
    if options["json"]:
        document = {"figures": msgspec.to_builtins(figures), **machine, "met": not missed}
        console.file.write(json.dumps(document) + "\n")
    else:
        _print(console, figures)
        console.print(
            f"Two worker processes, {machine['cores']} cores, load average {machine['load_average']:.1f}, "
            f"{machine['seconds']:.0f} s. Compare within one run only.",
            highlight=False,
        )
    return 1 if missed else 0


def _print(console: Console, figures: list[Any]) -> None:
    table = Table(box=None, pad_edge=False, header_style="bold")
    table.add_column("part")
    table.add_column("measured")
    table.add_column("value", justify="right")
    for name in ("unit", "rounds", "aim"):
        table.add_column(name)
    before = ""
    for figure in figures:
        colour = {True: "green", False: "red", None: "default"}[figure.met]
        part, before = "" if figure.part == before else figure.part, figure.part
        rounds = " to ".join(_shown(value) for value in figure.spread) if figure.spread else ""
        table.add_row(part, figure.name, f"[{colour}]{_shown(figure.value)}[/]", figure.unit, rounds, figure.aim)
    console.print(table)


def _shown(value: float) -> str:
    return f"{value:,.0f}" if value >= 100 else f"{value:.2f}"
