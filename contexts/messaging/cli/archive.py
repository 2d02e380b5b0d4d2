"""`events archive`: moves old events from the log into compressed files, whole partitions that nobody waits for."""

from __future__ import annotations

import argparse
from datetime import datetime
from pathlib import Path
from typing import Any

import msgspec
from django.conf import settings
from rich.console import Console
from rich.markup import escape

from contexts.messaging.archive import moving
from contexts.messaging.archive.moving import CannotArchive, Partition
from contexts.messaging.archive.shelf import Archive
from contexts.messaging.tracing import require_context
from contexts.messaging.wording import moment

HELP = "Move old events from the log into compressed files, which replay, verify, trace and where still read."

#: What a shell makes of Ctrl-C.
INTERRUPTED = 130


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("context", nargs="*", metavar="CONTEXT", help="only these contexts' logs; all, if left out")
    parser.add_argument(
        "--before", required=True, metavar="WHEN",
        help="a moment (2026-01-31), an age (90d) or a position: only what lies wholly before it goes",
    )  # fmt: skip
    parser.add_argument("--to", metavar="FOLDER", help=f"where the files go ({settings.MESSAGING_ARCHIVE_DIR})")
    parser.add_argument("--dry-run", action="store_true", help="say what would go and what stays, and move nothing")
    parser.add_argument("--json", action="store_true", help="print JSON for a script")


def run(options: dict[str, Any], console: Console) -> int:
    before: datetime | int = int(options["before"]) if options["before"].isdigit() else moment(options["before"])
    folder = Path(options["to"] or settings.MESSAGING_ARCHIVE_DIR).expanduser().absolute()
    contexts = [require_context(name) for name in options["context"]] or list(settings.CONTEXTS)
    found = [partition for context in contexts for partition in moving.survey(context, before=before)]
    going = [partition for partition in found if not partition.reason]
    moved: list[Archive] = []
    for partition in [] if options["dry_run"] else going:
        if not options["json"]:
            console.print(f"{partition.context}: {_span(partition)} to {escape(str(folder / partition.file))} ...")
        try:
            moved.append(_move(partition, folder))
        except KeyboardInterrupt:
            console.print(
                "Stopped. Nothing is lost: a file that is not finished counts for nothing; say the same again."
            )
            return INTERRUPTED
        if not options["json"]:
            console.print(_done(moved[-1]), highlight=False)
    if options["json"]:
        document = {
            "archived": moved, "would_archive": going if options["dry_run"] else [],
            "staying": [partition for partition in found if partition.reason],
        }  # fmt: skip
        console.file.write(msgspec.json.encode(document).decode() + "\n")
        return 0
    _explain(found, going, options, console)
    return 0


def _move(partition: Partition, folder: Path) -> Archive:
    try:
        return moving.move(partition, folder)
    except OSError as problem:
        raise CannotArchive(
            f"{problem.filename or folder}: {problem.strerror}. Nothing was taken out of the log; choose a folder that can be "
            "written to with --to."
        ) from problem


def _explain(found: list[Partition], going: list[Partition], options: dict[str, Any], console: Console) -> None:
    if options["dry_run"]:
        for partition in going:
            console.print(f"{partition.context}: {_span(partition)} would go.", highlight=False)
    for partition in found:
        if partition.reason:
            console.print(
                f"{partition.context}: {_span(partition)} stays: {escape(partition.reason)}.", highlight=False
            )
    if not going:
        console.print(f"Nothing to archive before {options['before']}.", highlight=False)


def _span(partition: Partition) -> str:
    return (
        f"the partition of identities {partition.first_event} to {partition.end_event - 1} "
        f"({partition.events + partition.kept} events)"
    )


def _done(archive: Archive) -> str:
    kept = f" {archive.kept} events of streams stay in the log." if archive.kept else ""
    return f"  {archive.events} events, {archive.bytes / 1e6:.1f} MB, sha256 {archive.sha256[:16]}....{kept}"
