"""What a person sees of a campaign: lines while it goes on, a table at its end, and a file to keep."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import msgspec
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from config.chaos import figures, pages
from config.chaos.campaign import Blow, Outcome, Wanted
from config.chaos.faults import FULL
from config.problems import Problem

#: So many problems of a judge are shown; the report file has all of them.
SHOWN = 10


class Screen:
    """The terminal. With `to_stderr`, standard output is left to a script."""

    def __init__(self, *, to_stderr: bool) -> None:
        out = sys.stderr if to_stderr else sys.stdout
        self._console = Console(
            file=out, no_color=not out.isatty(), soft_wrap=not out.isatty(), width=None if out.isatty() else 140,
            highlight=False,
        )  # fmt: skip
        self._total = 0

    def say(self, text: str) -> None:
        self._console.print(escape(text))

    @contextmanager
    def working(self, what: str) -> Iterator[None]:
        self._console.print(f"{what}: this takes some seconds.")
        yield

    def opened(self, wanted: Wanted) -> None:
        """Say that it begins."""
        self._total = sum(count for kind, count in FULL.items() if not wanted.only or kind in wanted.only)
        self._total = self._total if wanted.full else 0
        length = f"{self._total} faults" if wanted.full else f"{wanted.minutes:g} minutes of faults"
        self._console.print(f"[bold]Chaos[/] with seed {wanted.seed}: {length}. Ctrl-C stops everything.")

    def tell(self, blow: Blow) -> None:
        """Print a line for a fault once the shop is well after it."""
        number = f"{blow.number}/{self._total}" if self._total else str(blow.number)
        if blow.problem:
            words = f"[red]{escape(blow.problem)}[/]"
        elif blow.recovery_s is None:
            words = "[dim]and at once:[/]"
        else:
            words = f"ordering after {blow.ordering_s:.1f} s, well after [bold]{blow.recovery_s:.1f} s[/]"
        line = f"[dim]{_clock(blow.at_s)}[/]  {number:>7}  {blow.kind:<17} {words}"
        last = f"; last heard {blow.last}" if blow.last else ""
        self._console.print(f"{line}  [dim]{escape(blow.what)}{escape(last)}[/]")

    def conclude(self, outcome: Outcome) -> None:
        """Print what became of it."""
        console = self._console
        table = Table(title="How long until the shop was well", title_justify="left", box=None, pad_edge=False)
        for name in ("fault", "struck", "measured", "p50", "p90", "worst", "ordering p50"):
            table.add_column(name, justify="left" if name == "fault" else "right", header_style="bold")
        for row in figures.rows(outcome.blows):
            times = [figures.seconds(value) for value in (row.p50, row.p90, row.worst, row.ordering_p50)]
            style = "bold" if row.kind == "all" else ""
            table.add_row(row.kind, str(row.struck), str(row.measured), *times, style=style)
        console.print()
        console.print(table)
        console.print()
        for name, words in figures.facts(outcome):
            console.print(f"{name + ':':<16} {escape(words)}")
        console.print()
        console.print(", ".join(_verdict(name, count) for name, count in figures.verdict(outcome)))
        for one in outcome.verdicts:
            colour = "red" if one.problems else "green"
            words = f"{len(one.problems)} problems" if one.problems else "nothing wrong"
            console.print(f"{one.judge + ':':<16} [{colour}]{words}[/] in {one.looked_at}")
            for problem in one.problems[:SHOWN]:
                console.print(f"  [red]{escape(problem)}[/]")
            if len(one.problems) > SHOWN:
                console.print(f"  and {len(one.problems) - SHOWN} more")
        for problem in [*outcome.problems, *(f"never done: {left}" for left in outcome.unfinished)]:
            console.print(f"[red]{escape(problem)}[/]")
        console.print()
        console.print(
            "[bold green]Every promise was kept.[/]" if outcome.kept else "[bold red]A promise was broken.[/]"
        )
        console.print(f"Again: {figures.repeat(outcome)}")


def write(outcome: Outcome, file: Path) -> None:
    """Write the report in the form that the file's name asks for.

    Raises:
        Problem: it cannot be written.
    """
    document = msgspec.to_builtins(outcome) | {"kept": outcome.kept}
    made = {
        ".md": lambda: pages.markdown(outcome),
        ".html": lambda: pages.html(outcome),
        ".json": lambda: json.dumps(document, indent=2) + "\n",
    }
    try:
        file.write_text(made[file.suffix](), encoding="utf-8")
    except OSError as problem:
        raise Problem(f"The report {file} cannot be written: {problem.strerror}.") from problem


def _verdict(name: str, count: int) -> str:
    return f"[red]{name} {count}[/]" if count else f"{name} [green]0[/]"


def _clock(at_s: float) -> str:
    return f"{int(at_s) // 60:02d}:{at_s % 60:04.1f}"
