"""`events simulate`: many runs of the backbone in a world that goes wrong, each repeatable by its seed."""

from __future__ import annotations

import argparse
import json
import time
from collections import Counter
from typing import TYPE_CHECKING, Any

import msgspec
from rich.console import Console
from rich.progress import Progress

from contexts.messaging.errors import MessagingError

if TYPE_CHECKING:
    from contexts.messaging.simulation.explore import Verdict

HELP = "Simulate the backbone under kills, losses and crashes, seed by seed, and check every promise."

#: Lines of a failing seed's trace that are shown; all of them with --trace.
LAST = 40


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--seeds", type=int, metavar="N", help="how many seeds to run (100; 1 with --seed)")
    parser.add_argument("--seed", type=int, default=None, metavar="S", help="the first seed (1)")
    parser.add_argument("--jobs", type=int, metavar="N", help="processes (one for each core)")
    parser.add_argument(
        "--trace", action="store_true", help="print the whole trace of the seeds that fail, or of one seed"
    )
    parser.add_argument("--json", action="store_true", help="print JSON for a script")


def run(options: dict[str, Any], console: Console) -> int:
    first = 1 if options["seed"] is None else options["seed"]
    count = options["seeds"] if options["seeds"] is not None else (100 if options["seed"] is None else 1)
    if first < 0 or count < 1 or (options["jobs"] is not None and options["jobs"] < 1):
        raise MessagingError("--seed is 0 or more, --seeds and --jobs are 1 or more.")
    try:
        from contexts.messaging.simulation import explore
    except ModuleNotFoundError as problem:
        raise MessagingError(
            f"The simulation needs {problem.name}: pip install -r tests/requirements.txt, then try again."
        ) from problem
    explore.load_checker()
    started = time.monotonic()
    verdicts = []
    with Progress(console=console, transient=True, disable=options["json"] or not console.is_terminal) as progress:
        task = progress.add_task("seeds", total=count)
        for verdict in explore.explore(range(first, first + count), jobs=options["jobs"]):
            verdicts.append(verdict)
            progress.advance(task)
    took_s = time.monotonic() - started
    failed = sorted((verdict for verdict in verdicts if verdict.violations), key=lambda verdict: verdict.seed)
    if options["json"]:
        document = {"seeds": count, "first": first, "seconds": round(took_s, 1), "failed": failed, **_sums(verdicts)}
        console.print_json(json.dumps(msgspec.to_builtins(document)))
    else:
        _print(console, verdicts, failed, took_s, whole=options["trace"])
        if options["trace"] and count == 1 and not failed:
            _print_trace(console, first, whole=True)
    return 1 if failed else 0


def _sums(verdicts: list[Verdict]) -> dict[str, Any]:
    misfortunes: Counter[str] = Counter()
    for verdict in verdicts:
        misfortunes.update(verdict.misfortunes)
    return {
        "events": sum(verdict.events for verdict in verdicts),
        "steps": sum(verdict.steps for verdict in verdicts),
        "misfortunes": dict(misfortunes),
    }


def _print(console: Console, verdicts: list[Verdict], failed: list[Verdict], took_s: float, *, whole: bool) -> None:
    sums = _sums(verdicts)
    console.print(
        f"{len(verdicts):,} seeds, {sums['events']:,} events, {sums['steps']:,} steps in {took_s:.1f} s "
        f"({took_s / len(verdicts) * 1000:.0f} ms a seed)"
    )
    console.print(", ".join(f"{count:,} {name}" for name, count in sums["misfortunes"].items()))
    if not failed:
        console.print("[green]Every promise was kept in every seed.[/]")
        return
    console.print(f"[red]{len(failed)} seeds broke a promise.[/]")
    for verdict in failed[:10]:
        console.print(f"[bold]seed {verdict.seed}[/]")
        for promise, what in verdict.violations[:5]:
            console.print(f"  [red]{promise}[/]  {what}", highlight=False)
    shown = failed[0]
    console.print(
        f"\nThe trace of seed {shown.seed}; [bold]manage.py events simulate --seed {shown.seed} --trace[/] repeats it:"
    )
    again = _print_trace(console, shown.seed, whole=whole)
    if again != shown.fingerprint:
        console.print("[red]This seed did not repeat itself: something in it does not come from the seed.[/]")


def _print_trace(console: Console, seed: int, *, whole: bool) -> str:
    """Run a seed once more and print what happened; return its fingerprint."""
    from contexts.messaging.simulation.run import simulate

    outcome = simulate(seed)
    lines = outcome.trace if whole else outcome.trace[-LAST:]
    if len(lines) < len(outcome.trace):
        console.print(f"  ... {len(outcome.trace) - len(lines)} steps before; --trace shows all", highlight=False)
    for line in lines:
        console.print(f"  {line}", highlight=False, markup=False)
    return outcome.fingerprint
