"""Break a shop of its own on purpose, for minutes, and prove that it kept its promises."""

from __future__ import annotations

import json
import os
import signal
import sys
from pathlib import Path
from random import SystemRandom
from types import FrameType
from typing import Any

import msgspec
from django.conf import settings
from django.core.management.base import BaseCommand, CommandParser

from config import roster
from config.chaos import house
from config.chaos.faults import FULL
from config.problems import Problem

HELP = (
    "Start a shop of its own below DATA_DIR/chaos, let people buy in it, kill its processes, empty its Redis and stop "
    "its PostgreSQL, measure how long it takes to get well, and let independent judges say whether anything was lost, "
    "doubled or put out of order. Exit status 1 if so."
)


class Command(BaseCommand):
    help = HELP
    requires_system_checks = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--minutes", type=float, default=2.0, help="how long faults strike (default 2)")
        parser.add_argument("--full", action="store_true", help="200 SIGKILLs, 50 flushes, 20 immediate restarts")
        parser.add_argument(
            "--storm", action="store_true", help="most faults come while the shop still suffers from the one before"
        )
        parser.add_argument("--seed", type=int, help="repeat the faults and the shoppers of a campaign")
        parser.add_argument(
            "--orders-per-minute", type=float, default=60.0, metavar="N", help="half through the web (default 60)"
        )
        parser.add_argument(
            "--only", action="append", default=[], choices=list(FULL), metavar="FAULT",
            help=f"only this kind of fault; may be repeated. There are: {', '.join(FULL)}",
        )  # fmt: skip
        parser.add_argument("--report", metavar="FILE", help="write a report: FILE.md, FILE.html or FILE.json")
        parser.add_argument("--json", action="store_true", help="print one JSON object; what happens goes to stderr")
        parser.add_argument("--keep", action="store_true", help="keep the shop's data and logs afterwards")
        parser.add_argument(
            "--embedded", action="store_true",
            help="leave the stores that DATABASE_URL and REDIS_URL name alone, and start embedded ones",
        )  # fmt: skip

    def handle(self, *args: Any, **options: Any) -> None:
        _check(options)
        if house.VARIABLE not in os.environ:
            _move_in(options)
        for number in (signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, _interrupt)
        from config.chaos.campaign import Wanted
        from config.chaos.report import Screen, write
        from config.chaos.run import run

        screen = Screen(to_stderr=options["json"])
        wanted = Wanted(
            seed=options["seed"], full=options["full"], storm=options["storm"], minutes=options["minutes"],
            orders_per_minute=options["orders_per_minute"], only=options["only"],
        )  # fmt: skip
        outcome = run(Path(os.environ[house.VARIABLE]), screen, wanted, keep=options["keep"])
        if outcome is None:
            sys.exit(130)
        screen.conclude(outcome)
        if options["report"]:
            write(outcome, Path(options["report"]))
        if options["json"]:
            self.stdout.write(json.dumps(msgspec.to_builtins(outcome) | {"kept": outcome.kept}))
        sys.exit(0 if outcome.kept else 1)


def _check(options: dict[str, Any]) -> None:
    """Refuse what makes no sense, before anything is started.

    Raises:
        Problem: an option does not.
    """
    if not 0 < options["minutes"] <= 24 * 60:
        raise Problem("--minutes takes more than 0 and at most 1440.")
    if not 1 <= options["orders_per_minute"] <= 1200:
        raise Problem("--orders-per-minute takes 1 to 1200; this measures faults, not throughput.")
    if options["report"]:
        report = Path(options["report"])
        if report.suffix not in (".md", ".html", ".json"):
            raise Problem(f"--report writes .md, .html or .json; {report.name} is none of them.")
        if not report.absolute().parent.is_dir():
            raise Problem(f"There is no folder {report.absolute().parent} for the report.")
    if missing := [name for name in roster.CONTEXTS if name not in settings.CONTEXTS]:
        raise Problem(f"This process has no {', '.join(missing)}. Run it with all contexts (unset CONTEXTS).")


def _move_in(options: dict[str, Any]) -> None:
    """Become the same command with settings of a shop of its own.

    Raises:
        Problem: the settings name stores that belong to somebody.
    """
    theirs = ["DATABASE_URL"] if settings.DATABASE_URL else []
    theirs += [] if settings.EMBEDDED_REDIS else ["REDIS_URL"]
    theirs += [f"{name.upper()}_DATABASE_URL" for name in settings.CONTEXT_DATABASE_URLS]
    if theirs and not options["embedded"]:
        raise Problem(
            f"{' and '.join(theirs)} name stores of yours, and this command empties and stops stores. Add --embedded to "
            "leave them alone and break embedded ones instead, or unset them."
        )
    seed = options["seed"] if options["seed"] is not None else SystemRandom().randrange(10_000)
    house.move_in(seed=seed, arguments=[] if options["seed"] is not None else ["--seed", str(seed)])


def _interrupt(number: int, frame: FrameType | None) -> None:
    raise KeyboardInterrupt
