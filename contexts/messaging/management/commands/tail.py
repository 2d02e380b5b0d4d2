"""`manage.py tail`: run the log tailers, look after their slots."""

from __future__ import annotations

import json
import signal
import sys
import threading
from typing import Any

import msgspec
from django.conf import settings
from django.core.management.base import CommandParser
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from contexts.kernel.commands import ConsoleCommand
from contexts.messaging.errors import MessagingError
from contexts.messaging.naming import did_you_mean
from contexts.messaging.tailing import lsn, refused, slots, status, tailer
from contexts.messaging.tailing.status import MB, verdict_on

NOTHING = (
    "No context tails its log. One does if it has a captures.py, or if MESSAGING_OUTBOX gives it the write-ahead log."
)


class Command(ConsoleCommand):
    help = "Take events from PostgreSQL's write-ahead log, and look after the slots that keep it."
    refusals = (MessagingError,)

    def add_arguments(self, parser: CommandParser) -> None:
        commands = parser.add_subparsers(dest="action", required=True, metavar="COMMAND")
        run = commands.add_parser("run", help="tail these contexts, or all that want it, until stopped")
        run.add_argument("contexts", nargs="*", metavar="CONTEXT")
        run.add_argument("--once", action="store_true", help="end when everything committed by now is taken over")
        shown = commands.add_parser("status", help="show every slot: who reads it, what it keeps, what to do")
        shown.add_argument("--json", action="store_true", help="print JSON for a script")
        shown.add_argument("--check", action="store_true", help="exit with 1 when somebody has to act")
        for name, words in {
            "recreate": "replace a lost or missing slot; begin from now on",
            "drop": "give up a slot, so that the server keeps no log for it",
            "refused": "show the row changes that could not become events",
            "retry": "take refused row changes again",
            "discard": "forget refused row changes",
        }.items():
            added = commands.add_parser(name, help=words)
            added.add_argument("context", metavar="CONTEXT")
            if name in {"recreate", "drop", "discard"}:
                added.add_argument("--yes", action="store_true", help="do not ask")

    def act(self, options: dict[str, Any], console: Console) -> int | None:
        status: int = getattr(self, f"_{options['action']}")(options, console)
        return status

    def _run(self, options: dict[str, Any], console: Console) -> int:
        contexts = [_context(name) for name in options["contexts"]] or slots.tailed_contexts()
        if not contexts:
            console.print(NOTHING)
            return 0
        if options["once"]:
            for context in contexts:
                console.print(f"{context}: {_catch_up(context)} changes and messages taken over.")
            return 0
        stop = threading.Event()
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda *_: stop.set())
        threads = [threading.Thread(target=tailer.run, args=(context, stop), name=context) for context in contexts]
        for thread in threads:
            thread.start()
        while not stop.wait(1.0) and all(thread.is_alive() for thread in threads):
            continue
        # A tailer that ended by a fault nobody foresaw takes the process along, so that the supervisor sees it.
        fell = not stop.is_set()
        stop.set()
        for thread in threads:
            thread.join()
        return 1 if fell else 0

    def _status(self, options: dict[str, Any], console: Console) -> int:
        found = [slots.facts(context) for context in status.contexts_with_slots()]
        verdicts = [verdict_on(one) for one in found]
        strangers = status.strangers()
        wrong = any(verdict.wrong for verdict in verdicts)
        if options["json"]:
            document = {
                "slots": [
                    msgspec.to_builtins(one) | msgspec.to_builtins(verdict)
                    for one, verdict in zip(found, verdicts, strict=True)
                ],
                "unused_slots_of_others": [{"slot": slot, "retained": kept} for slot, kept in strangers],
                "wrong": wrong,
            }
            console.print_json(json.dumps(document))
            return 1 if options["check"] and wrong else 0
        if not found:
            console.print(NOTHING)
        else:
            _print(console, found, verdicts)
        for verdict in verdicts:
            if verdict.sentence:
                console.print(f"[{'red' if verdict.wrong else 'yellow'}]{escape(verdict.sentence)}[/]")
        for slot, kept in strangers:
            console.print(
                f"[yellow]The slot {slot} belongs to no context of this process, nobody reads it at this moment, and it "
                f"keeps {kept / MB:.0f} MB.[/]"
            )
        return 1 if options["check"] and wrong else 0

    def _recreate(self, options: dict[str, Any], console: Console) -> int:
        context = _context(options["context"])
        if not _agreed(options, f"Give up what the old slot of {context} has not passed on, and begin anew?"):
            return 2
        slots.recreate_slot(context)
        console.print(f"{context} is tailed from now on.")
        return 0

    def _drop(self, options: dict[str, Any], console: Console) -> int:
        context = _context(options["context"])
        if not _agreed(options, f"Drop the slot of {context}? Changes are not captured any more."):
            return 2
        slots.drop_slot(context)
        console.print(f"The slot of {context} is gone; the server keeps no log for it.")
        return 0

    def _refused(self, options: dict[str, Any], console: Console) -> int:
        changes = refused.refused_changes(_context(options["context"]))
        if not changes:
            console.print("No row change was refused.")
        for change in changes:
            console.print(f"[bold]{change.id}[/] {change.kind} in {change.table} at {change.at:%Y-%m-%d %H:%M:%S}")
            console.print(f"  before {escape(str(change.before))}\n  after  {escape(str(change.after))}")
            console.print(f"  [red]{escape(change.problem)}[/]")
        return 0

    def _retry(self, options: dict[str, Any], console: Console) -> int:
        outcome = refused.retry(_context(options["context"]))
        console.print(
            f"{outcome.taken} taken, {outcome.outdated} outdated (the row has changed since), {outcome.failed} failed again."
        )
        return 1 if outcome.failed else 0

    def _discard(self, options: dict[str, Any], console: Console) -> int:
        context = _context(options["context"])
        if not _agreed(options, f"Forget the refused row changes of {context}?"):
            return 2
        console.print(f"{refused.discard(context)} forgotten.")
        return 0


def _context(name: str) -> str:
    if name not in settings.CONTEXTS:
        raise MessagingError(f'No context "{name}" here. {did_you_mean(name, settings.CONTEXTS)}')
    return name


def _agreed(options: dict[str, Any], question: str) -> bool:
    if options["yes"]:
        return True
    if not sys.stdin.isatty():
        raise MessagingError(f"{question} Say --yes.")
    return input(f"{question} [y/N] ").strip().lower() in {"y", "yes"}


def _catch_up(context: str) -> int:
    one = tailer.Tailer(context)
    try:
        one.open()
        taken = 0
        while moved := one.pass_once():
            taken += moved
        return taken
    finally:
        one.close()


def _print(console: Console, found: list[slots.Facts], verdicts: list[status.Verdict]) -> None:
    table = Table(box=None, pad_edge=False, header_style="bold")
    for name in ("context", "slot", "place"):
        table.add_column(name)
    for name in ("behind", "keeps", "until lost", "refused"):
        table.add_column(name, justify="right")
    table.add_column("state")
    for one, verdict in zip(found, verdicts, strict=True):
        table.add_row(
            one.context, one.slot or "-", lsn.text(one.place), status._size(one.behind), status._size(one.retained),
            status._size(one.safe), str(one.refused), f"[red]{verdict.state}[/]" if verdict.wrong else verdict.state,
        )  # fmt: skip
    console.print(table)
