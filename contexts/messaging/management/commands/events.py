"""`manage.py events`: what an operator asks of the backbone."""

from __future__ import annotations

import sys
from importlib import import_module
from pkgutil import iter_modules
from typing import IO, Any, cast

import redis
from django.core.management.base import BaseCommand, CommandParser
from django.db import OperationalError
from rich.console import Console
from rich.markup import escape

from contexts.messaging import cli
from contexts.messaging.errors import MessagingError

SUBCOMMANDS = {module.name: import_module(f"{cli.__name__}.{module.name}") for module in iter_modules(cli.__path__)}


class Command(BaseCommand):
    help = "Look at the event backbone and put it right."

    def add_arguments(self, parser: CommandParser) -> None:
        commands = parser.add_subparsers(dest="subcommand", required=True, metavar="COMMAND")
        for name, module in SUBCOMMANDS.items():
            added = commands.add_parser(name, help=module.HELP, description=module.HELP)
            module.add_arguments(added)

    def handle(self, *args: Any, **options: Any) -> None:
        # A pipe or a file has no width; a table in it is not cut.
        width = None if sys.stdout.isatty() else 220
        console = Console(
            file=cast(IO[str], self.stdout), width=width, soft_wrap=width is not None, no_color=options["no_color"]
        )
        try:
            status = SUBCOMMANDS[options["subcommand"]].run(options, console)
        except MessagingError as problem:
            Console(stderr=True).print(f"[red]{escape(str(problem))}[/]")
            sys.exit(2)
        except OperationalError as problem:
            Console(stderr=True).print(f"[red]The database does not answer:[/] {escape(str(problem).splitlines()[0])}")
            sys.exit(3)
        except redis.RedisError as problem:
            Console(stderr=True).print(f"[red]Redis does not answer:[/] {escape(str(problem).splitlines()[0])}")
            sys.exit(3)
        sys.exit(status)
