"""`events replay`: makes a read model anew beside the live one, shows what differs, and swaps."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import msgspec
from rich.console import Console
from rich.markup import escape
from rich.progress import BarColumn, Progress, ProgressColumn, Task, TextColumn, TimeElapsedColumn, TimeRemainingColumn
from rich.text import Text

from contexts.messaging.readmodels import Comparison, Example
from contexts.messaging.replay.held import Held
from contexts.messaging.replay.targets import Rebuild, rebuilds

HELP = (
    "Make a read model anew from the log, beside the live one; show what differs; swap. Resumes where it was stopped."
)

#: What a shell makes of Ctrl-C.
INTERRUPTED = 130


class Report(msgspec.Struct, kw_only=True):
    """What became of one read model."""

    name: str
    resumed: bool
    events: int
    comparison: list[Comparison] = []
    failed: list[dict[str, Any]] = []
    swapped: bool = False

    @property
    def equal(self) -> bool:
        return all(part.equal for part in self.comparison)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "target",
        metavar="CONTEXT[:READ_MODEL]",
        nargs="?",
        help="what to make anew; without it, what there is is listed",
    )
    parser.add_argument("--yes", action="store_true", help="swap without asking")
    parser.add_argument("--dry-run", action="store_true", help="show what differs, throw the copy away, swap nothing")
    parser.add_argument("--restart", action="store_true", help="forget a copy that was begun")
    parser.add_argument(
        "--park", action="store_true", help="swap although events failed, and park those for the live read model"
    )
    parser.add_argument(
        "--json", action="store_true", help="print JSON for a script; asks nothing, so say --yes to swap"
    )


def run(options: dict[str, Any], console: Console) -> int:
    found = rebuilds(options["target"])
    if options["target"] is None:
        return _list(found, options, console)
    reports: list[Report] = []
    try:
        for rebuild in found:
            with rebuild.alone():
                reports.append(_replay(rebuild, options, console))
    except KeyboardInterrupt:
        console.print(
            f"Stopped. What was made so far is kept: the same command goes on from there, --restart begins anew. "
            f"{'Nothing was swapped.' if not any(report.swapped for report in reports) else ''}"
        )
        return INTERRUPTED
    if options["json"]:
        console.file.write(msgspec.json.encode({"replayed": reports}).decode() + "\n")
    if options["dry_run"]:
        return 0 if all(report.equal and not report.failed for report in reports) else 1
    return 0 if all(report.swapped for report in reports) else 1


def _list(found: list[Rebuild], options: dict[str, Any], console: Console) -> int:
    if options["json"]:
        console.file.write(msgspec.json.encode({"read_models": [rebuild.name for rebuild in found]}).decode() + "\n")
    else:
        console.print("Read models that can be made anew:")
        for rebuild in found:
            console.print(f"  manage.py events replay {rebuild.name}", highlight=False)
    return 0


def _replay(rebuild: Rebuild, options: dict[str, Any], console: Console) -> Report:
    quiet: bool = options["json"]
    report = Report(name=rebuild.name, resumed=rebuild.begin(restart=options["restart"]), events=0)
    if report.resumed and not quiet:
        console.print(f"{rebuild.name}: going on with the copy that was begun.", highlight=False)
    _run(rebuild, console, quiet=quiet)
    report.comparison = rebuild.compare()
    failed = rebuild.failures()
    report.failed = [_failure(one) for one in failed]
    report.events = rebuild.events
    if not quiet:
        console.print(f"{rebuild.name}: {rebuild.events} events replayed.", highlight=False)
        _show(report, console)
    if options["dry_run"]:
        rebuild.drop()
        if not quiet:
            console.print("Nothing was swapped; the copy was thrown away.")
        return report
    if failed and not options["park"]:
        if not quiet:
            console.print(
                "[red]Not swapped:[/] mend the handler and replay with --restart, or swap with --park, which parks these "
                "events to be retried later."
            )
        return report
    if not (options["yes"] or (not quiet and _agreed(console))):
        if not quiet:
            console.print("Not swapped. The copy is kept: the same command with --yes brings it up to date and swaps.")
        return report
    report.comparison = rebuild.swap(park=options["park"])
    report.swapped = True
    if not quiet:
        console.print(f"[green]Swapped.[/] {_changes(report.comparison)}", highlight=False)
    return report


def _run(rebuild: Rebuild, console: Console, *, quiet: bool) -> None:
    seen, heads = rebuild.progress()
    if quiet:
        for _ in rebuild.run():
            pass
        return
    with _bar(console) as bar:
        task = bar.add_task(rebuild.name, total=heads, completed=seen)
        for _ in rebuild.run():
            seen, heads = rebuild.progress()
            bar.update(task, completed=seen, total=heads)


class _Rate(ProgressColumn):
    def render(self, task: Task) -> Text:
        return Text(f"{task.speed:,.0f} events/s" if task.speed else "")


@contextmanager
def _bar(console: Console) -> Iterator[Progress]:
    """Show events, rate and time left; where nobody watches, nothing."""
    columns: list[ProgressColumn] = [
        TextColumn("{task.description}"), BarColumn(), TextColumn("{task.completed:,.0f} of {task.total:,.0f}"), _Rate(),
        TimeElapsedColumn(), TextColumn("left"), TimeRemainingColumn(),
    ]  # fmt: skip
    with Progress(*columns, console=console, disable=not console.is_terminal) as bar:
        yield bar


def _agreed(console: Console) -> bool:
    if not sys.stdin.isatty():
        return False
    return console.input("Swap? [y/N] ", markup=False).strip().lower() in ("y", "yes")


def _failure(one: Held) -> dict[str, Any]:
    return {
        "event_id": one.event_id, "publisher": one.publisher, "position": one.position, "subject": one.subject,
        "fingerprint": one.fingerprint, "place": one.place, "problem": one.problem,
    }  # fmt: skip


def _show(report: Report, console: Console) -> None:
    for one in report.failed[:5]:
        console.print(
            f"  [red]could not be handled:[/] {escape(one['subject'])} at {one['publisher']} {one['position']}: "
            f"{escape(one['problem'])} {escape(one['place'])}",
            highlight=False,
        )
    if len(report.failed) > 5:
        console.print(f"  ... and {len(report.failed) - 5} more")
    for part in report.comparison:
        if part.equal:
            console.print(f"  {part.where}: {part.rows} rows, all equal", highlight=False)
            continue
        console.print(
            f"  {part.where}: {part.rows} rows; {part.added} to add, {part.changed} to change, {part.removed} to remove",
            highlight=False,
        )
        for example in part.examples:
            console.print(f"    {_example(example)}", style="dim", markup=False, highlight=False)


def _example(example: Example) -> str:
    if example.live is None:
        return f"+ {example.key}"
    if example.anew is None:
        return f"- {example.key}"
    changes = [
        f"{name} {_short(example.live.get(name))} -> {_short(example.anew.get(name))}"
        for name in sorted({*example.live, *example.anew})
        if example.live.get(name) != example.anew.get(name)
    ]
    return f"~ {example.key}: {', '.join(changes)}"


def _short(value: object) -> str:
    text = msgspec.json.encode(value).decode()
    return text if len(text) <= 60 else f"{text[:57]}..."


def _changes(comparison: list[Comparison]) -> str:
    if all(part.equal for part in comparison):
        return "Nothing differed."
    return "; ".join(
        f"{part.where}: {part.added} added, {part.changed} changed, {part.removed} removed"
        for part in comparison
        if not part.equal
    ) + "."  # fmt: skip
