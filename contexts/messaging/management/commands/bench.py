"""`manage.py bench`: measure the backbone beside its alternatives, in the same run on the same machine."""

from __future__ import annotations

import sys
from importlib import import_module
from pkgutil import iter_modules
from typing import IO, Any, cast

from django.core.management.base import BaseCommand, CommandParser
from django.db import OperationalError
from rich.console import Console

from contexts.messaging import bench
from contexts.messaging.errors import MessagingError


class Command(BaseCommand):
    help = "Measure the backbone beside its alternatives. Exit status 1: a target was missed."

    def add_arguments(self, parser: CommandParser) -> None:
        commands = parser.add_subparsers(dest="subcommand", required=True, metavar="BENCHMARK")
        for found in iter_modules(bench.__path__):
            if found.name.startswith("_"):  # Parts that benchmarks share.
                continue
            module = import_module(f"{bench.__name__}.{found.name}")
            added = commands.add_parser(found.name, help=module.HELP, description=module.HELP)
            module.add_arguments(added)

    def handle(self, *args: Any, **options: Any) -> None:
        width = None if sys.stdout.isatty() else 220
        console = Console(
            file=cast(IO[str], self.stdout), width=width, soft_wrap=width is not None, no_color=options["no_color"]
        )
        try:
            status = import_module(f"{bench.__name__}.{options['subcommand']}").run(options, console)
        except MessagingError as problem:
            Console(stderr=True).print(f"[red]{problem}[/]")
            sys.exit(2)
        except OperationalError as problem:
            Console(stderr=True).print(f"[red]The database does not answer:[/] {str(problem).splitlines()[0]}")
            sys.exit(3)
        sys.exit(status)
