"""`manage.py streams`: what is derived from event-sourced streams - prove it, rebuild it, throw it away."""

from __future__ import annotations

import json
import time
from typing import Any

import msgspec
from django.conf import settings
from django.core.management.base import CommandParser
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from contexts.kernel.commands import ConsoleCommand
from contexts.messaging import projections, proofs
from contexts.messaging.aggregates import aggregates
from contexts.messaging.errors import MessagingError
from contexts.messaging.naming import did_you_mean
from contexts.messaging.projections import Projection
from contexts.messaging.snapshots import forget_snapshots
from contexts.messaging.snapshotting import take_due


class NothingThere(MessagingError):
    """A context that has no streams, or a projection that does not exist."""


class Command(ConsoleCommand):
    help = "Prove, rebuild or throw away what is derived from event-sourced streams: snapshots and projections."
    refusals = (MessagingError,)

    def add_arguments(self, parser: CommandParser) -> None:
        commands = parser.add_subparsers(dest="what", required=True, metavar="verify|rebuild|snapshot|forget")
        for name, words in {
            "verify": "prove that snapshots and projections equal a replay from nothing; exit status 1 if not",
            "rebuild": "replay the streams into their projections, and put the tables right",
            "snapshot": "take the snapshots that the policies ask for, now",
            "forget": "throw the snapshots away; loads replay from nothing until new ones are taken",
        }.items():
            command = commands.add_parser(name, help=words, description=words)
            command.add_argument(
                "context", nargs="?", metavar="CONTEXT", help="all contexts that have streams, if left out"
            )
            if name == "rebuild":
                command.add_argument("--only", metavar="MODEL", help="one projection, such as OrderSummary")
            command.add_argument("--json", action="store_true", help="print JSON for a script")

    def act(self, options: dict[str, Any], console: Console) -> int | None:
        contexts = _contexts(options["context"])
        status: int = getattr(self, f"_{options['what']}")(contexts, options, console)
        return status

    def _verify(self, contexts: list[str], options: dict[str, Any], console: Console) -> int:
        proven = [proofs.verify(context) for context in contexts]
        wrong = [difference for proof in proven for difference in proof.differences]
        if options["json"]:
            _print_json(console, {"proofs": proven, "equal": not wrong})
            return 1 if wrong else 0
        table = Table(box=None, pad_edge=False, header_style="bold")
        table.add_column("context")
        for name in ("streams", "events", "snapshots", "ignored", "rows", "differences"):
            table.add_column(name, justify="right")
        for proof in proven:
            counts = (proof.streams, proof.events, proof.snapshots, proof.ignored, proof.rows, len(proof.differences))
            table.add_row(proof.context, *(str(count) for count in counts))
        console.print(table)
        for difference in wrong:
            console.print(
                f"[red]{difference.where}[/] of {escape(difference.subject)}: {escape(difference.problem)}",
                highlight=False,
            )
        if not wrong:
            console.print("Everything equals a replay from nothing.")
        for step in sorted({NEXT[difference.kind] for difference in wrong}):
            console.print(step)
        return 1 if wrong else 0

    def _rebuild(self, contexts: list[str], options: dict[str, Any], console: Console) -> int:
        results = []
        for declared in _projections(contexts, options["only"]):
            began = time.monotonic()
            rebuilt = projections.rebuild(declared)
            results.append(rebuilt)
            if not options["json"]:
                took = time.monotonic() - began
                console.print(
                    f"{rebuilt.projection}: {rebuilt.rows} rows replayed in {took:.1f} s; {rebuilt.added} added, "
                    f"{rebuilt.changed} changed, {rebuilt.removed} removed.",
                    highlight=False,
                )
        if options["json"]:
            _print_json(console, {"rebuilt": results})
        return 0

    def _snapshot(self, contexts: list[str], options: dict[str, Any], console: Console) -> int:
        self._count("taken", {context: take_due(context) for context in contexts}, options, console)
        return 0

    def _forget(self, contexts: list[str], options: dict[str, Any], console: Console) -> int:
        self._count("thrown away", {context: forget_snapshots(context) for context in contexts}, options, console)
        return 0

    def _count(self, done: str, counts: dict[str, int], options: dict[str, Any], console: Console) -> None:
        if options["json"]:
            _print_json(console, {"snapshots": counts})
            return
        for context, count in counts.items():
            console.print(f"{context}: {count} {'snapshot' if count == 1 else 'snapshots'} {done}.", highlight=False)


NEXT = {
    "snapshot": "Next: manage.py streams forget throws the snapshots away; loads then replay from nothing.",
    "projection": "Next: manage.py streams rebuild puts the rows right.",
    "stream": "Next: find out who wrote to the log by hand, and restore what is missing from a backup.",
}


def _contexts(name: str | None) -> list[str]:
    """Return the context asked for, or all that have streams in this process."""
    known = sorted({kind.aggregate_context for kind in aggregates()} & set(settings.CONTEXTS))
    if name is None:
        return known
    if name not in known:
        raise NothingThere(f'"{name}" has no event-sourced streams here. {did_you_mean(name, known)}')
    return [name]


def _projections(contexts: list[str], only: str | None) -> list[Projection[Any]]:
    found = [declared for context in contexts for declared in projections.projections(context)]
    if only is None:
        return found
    chosen = [declared for declared in found if only in (declared.name, declared.model.__name__)]
    if not chosen:
        raise NothingThere(f'No projection "{only}". {did_you_mean(only, [one.model.__name__ for one in found])}')
    return chosen


def _print_json(console: Console, document: dict[str, Any]) -> None:
    console.file.write(json.dumps(msgspec.to_builtins(document)) + "\n")
