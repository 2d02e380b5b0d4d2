"""`events retry`: tries parked events again, a few first."""

from __future__ import annotations

import argparse
import getpass
from collections.abc import Iterator
from typing import Any

from django.conf import settings
from rich.console import Console

from contexts.messaging import redrive
from contexts.messaging.rehearsal import rehearse

HELP = "Try parked events again: one subject, then 5, 25, ... and stop at the first failure of the same kind."


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("target", help="a parked event's number (ordering:17), an event id, a subject or a fingerprint")
    parser.add_argument("--dry-run", action="store_true", help="show what would change, and change nothing")
    parser.add_argument("--all-at-once", action="store_true", help="no canary: try everything whatever fails")
    parser.add_argument(
        "--as", dest="actor", default=getpass.getuser(), help="who you are, for the record (%(default)s)"
    )


def run(options: dict[str, Any], console: Console) -> int:
    heads = [row for row in subjects(options["target"]) if row.state != "behind"]
    if not heads:
        console.print(f'Nothing parked answers to "{options["target"]}". See: events parked.')
        return 2
    if options["dry_run"]:
        return _rehearse(heads[0], len(heads), console)
    handled = failed = 0
    for size in canary(len(heads), all_at_once=options["all_at_once"]):
        batch, heads = heads[:size], heads[size:]
        for head in batch:
            try:
                handled += redrive.retry(head, actor=f"operator:{options['actor']}")
            except redrive.NotParked as gone:
                console.print(str(gone), highlight=False)
                continue
            left = [row for row in redrive.find(head.context, head.subject) if row.subscriber == head.subscriber]
            again = next((row for row in left if row.state != "behind"), None)
            if again is None:
                continue
            failed += 1
            console.print(f"[red]{again.subject}: {again.problem}[/] {again.place}", highlight=False)
            if again.fingerprint == head.fingerprint and not options["all_at_once"]:
                console.print(
                    f"Stopped: it fails as before. {handled} events handled, {len(heads) + 1} subjects left. "
                    "Mend the handler, then try again."
                )
                return 1
    console.print(f"{handled} events handled, {failed} subjects still parked.")
    return 1 if failed else 0


def subjects(target: str) -> list[redrive.Parked]:
    """Return the first parked event of every subject that a target names, whichever of its events it names."""
    named = [row for context in settings.CONTEXTS for row in redrive.find(context, target)]
    heads: dict[tuple[str, str, str], redrive.Parked] = {}
    for row in named:
        for other in redrive.find(row.context, row.subject):
            if (other.subscriber, other.publisher) == (row.subscriber, row.publisher):
                heads.setdefault((row.subscriber, row.publisher, row.subject), other)
    return list(heads.values())


def canary(count: int, *, all_at_once: bool) -> Iterator[int]:
    """Yield how many to try in each round: 1, 5, 25, ... until `count` is reached."""
    size = count if all_at_once else 1
    while count > 0:
        yield min(size, count)
        count -= size
        size *= 5


def _rehearse(head: redrive.Parked, count: int, console: Console) -> int:
    outcome = rehearse(head)
    console.print(f"Rehearsed {head.subject} for {head.subscriber} (1 of {count} subjects); nothing was changed.")
    for change in outcome.changes:
        console.print(
            f"  {head.context}.{change.table}: {change.inserted} inserted, {change.updated} updated, {change.deleted} deleted"
        )
        for row in change.rows:
            console.print(f"    {row}", style="dim", markup=False, highlight=False)
    if outcome.problem:
        console.print(f"[red]It would fail again: {outcome.problem}[/]", highlight=False)
        return 1
    console.print(f"{outcome.handled} events would be handled.")
    return 0
