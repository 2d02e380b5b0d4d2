"""`manage.py contracts`: proves that what contexts tell each other can still be read, and writes it down."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from pathlib import Path
from typing import IO, Any, cast

import msgspec
from django.conf import settings
from django.core.management.base import BaseCommand, CommandParser
from rich.console import Console
from rich.markup import escape

from contexts.messaging.contracts.checking import Finding, check_documents, check_events, check_handlers
from contexts.messaging.contracts.documents import documents
from contexts.messaging.contracts.golden import Golden, golden_of, read_goldens, write_golden
from contexts.messaging.contracts.landscape import Told, landscape, missing_contexts
from contexts.messaging.errors import MessagingError

TITLES = {
    "breaking": "[red]breaks[/]",
    "handler": "[red]needs what is not sent[/]",
    "unaccepted": "[yellow]not accepted yet[/]",
    "stale": "[yellow]out of date[/]",
}


class Command(BaseCommand):
    help = "Check, accept and document what contexts tell each other. Needs no database."
    requires_system_checks: list[str] = []  # A missing upcaster is explained here better than there.

    def add_arguments(self, parser: CommandParser) -> None:
        commands = parser.add_subparsers(dest="subcommand", required=True, metavar="COMMAND")
        for name, words in (
            ("check", "Fail on breaking changes, handlers that need what is not sent, and stale documents."),
            ("accept", "Pin new events, new versions and new optional fields in golden files. Refuses what breaks."),
            ("export", "Write the event catalogue, its diagram and the AsyncAPI document."),
        ):
            command = commands.add_parser(name, help=words, description=words)
            command.add_argument("--json", action="store_true", help="print JSON for a script")
            command.add_argument(
                "--golden", type=Path, default=settings.BASE_DIR / "tests/contracts/golden", metavar="DIR"
            )
            command.add_argument("--docs", type=Path, default=settings.BASE_DIR / "docs/events", metavar="DIR")

    def handle(self, *args: Any, **options: Any) -> None:
        console = Console(
            file=cast(IO[str], self.stdout), soft_wrap=True, no_color=options["no_color"], highlight=False
        )
        run: Callable[[Console, dict[str, Any]], int] = {"check": check, "accept": accept, "export": export}[
            options["subcommand"]
        ]
        try:
            status = run(console, options)
        except (MessagingError, OSError) as problem:
            Console(stderr=True, soft_wrap=True).print(f"[red]{escape(str(problem))}[/]")
            sys.exit(2)
        if status:
            sys.exit(status)


def ended(words: str) -> str:
    """Return a sentence with its full stop; some have one, or end with a question."""
    return words if words.endswith((".", "?")) else f"{words}."


def findings(told: list[Told], golden_folder: Path, docs: Path) -> list[Finding]:
    """Return everything that is wrong with the contexts of this process."""
    found = check_events({entry.event.event_name: entry.event for entry in told}, goldens_of_here(golden_folder))
    found += check_handlers(told)
    if not missing_contexts():
        found += check_documents(told, docs)
    return found


def goldens_of_here(folder: Path) -> dict[tuple[str, int], Golden]:
    """Return the golden files of the contexts in this process."""
    return {key: golden for key, golden in read_goldens(folder).items() if golden.context in settings.CONTEXTS}


def check(console: Console, options: dict[str, Any]) -> int:
    told = landscape()
    found = findings(told, options["golden"], options["docs"])
    if options["json"]:
        document = {"ok": not found, "events": len(told), "findings": msgspec.to_builtins(found)}
        console.file.write(json.dumps(document, indent=2) + "\n")
        return 1 if found else 0
    for finding in found:
        console.print(f"{TITLES[finding.kind]}: [bold]{escape(finding.what)}[/] {escape(ended(finding.problem))}")
        console.print(f"  {escape(finding.remedy)}")
    if absent := missing_contexts():
        console.print(
            f"Not looked at, because this process does not have them: {', '.join(absent)}; nor the documents."
        )
    if found:
        console.print(f"[red]{len(found)} found wrong.[/]")
        return 1
    goldens = goldens_of_here(options["golden"])
    hearers = sum(len(entry.hearers) for entry in told)
    console.print(
        f"[green]All well:[/] {len(told)} events, {hearers} subscriptions, {len(goldens)} golden files still read."
    )
    return 0


def accept(console: Console, options: dict[str, Any]) -> int:
    """Write goldens for what is new; events that break keep theirs."""
    told = landscape()
    events = {entry.event.event_name: entry.event for entry in told}
    goldens = goldens_of_here(options["golden"])
    found = check_events(events, goldens)
    breaking = [finding for finding in found if finding.kind == "breaking"]
    refused = {finding.what for finding in breaking}
    news = sorted({finding.what for finding in found if finding.kind == "unaccepted"} - refused)
    written = []
    for name in news:
        event = events[name]
        golden = golden_of(event, goldens.get((name, event.event_version)))
        written.append(write_golden(options["golden"], golden).name)
    if options["json"]:
        document = {"ok": not breaking, "written": written, "refused": msgspec.to_builtins(breaking)}
        console.file.write(json.dumps(document, indent=2) + "\n")
        return 1 if breaking else 0
    for name in written:
        console.print(f"[green]pinned[/] {name}")
    for finding in breaking:
        console.print(f"[red]refused[/]: [bold]{escape(finding.what)}[/] {escape(ended(finding.problem))}")
        console.print(f"  {escape(finding.remedy)}")
    if not written and not breaking:
        console.print("Nothing new to accept.")
    return 1 if breaking else 0


def export(console: Console, options: dict[str, Any]) -> int:
    absent = missing_contexts()
    if absent:
        raise MessagingError(
            f"This process does not have {', '.join(absent)}, so the documents would lack what they say. "
            "Run it without CONTEXTS."
        )
    options["docs"].mkdir(parents=True, exist_ok=True)
    written = []
    for name, text in documents(landscape()).items():
        file = options["docs"] / name
        if not file.exists() or file.read_text() != text:
            file.write_text(text)
            written.append(name)
    if options["json"]:
        console.file.write(json.dumps({"written": written}) + "\n")
    else:
        console.print(f"Wrote {', '.join(written)}." if written else "Everything is up to date.")
    return 0
