"""`manage.py bench`: measure the backbone beside its alternatives, in the same run on the same machine."""

from __future__ import annotations

import sys
from importlib import import_module
from importlib.util import find_spec
from pkgutil import iter_modules
from typing import IO, Any, cast

import redis
from django.conf import settings
from django.core.management.base import BaseCommand, CommandParser
from django.db import OperationalError
from rich.console import Console

from contexts.messaging import bench
from contexts.messaging.errors import MessagingError


class Command(BaseCommand):
    help = "Measure the backbone beside its alternatives. Exit status 1: a target was missed."

    def add_arguments(self, parser: CommandParser) -> None:
        commands = parser.add_subparsers(dest="subcommand", required=True, metavar="BENCHMARK")
        for name, place in benchmarks().items():
            module = import_module(place)
            added = commands.add_parser(name, help=module.HELP, description=module.HELP)
            module.add_arguments(added)

    def handle(self, *args: Any, **options: Any) -> None:
        width = None if sys.stdout.isatty() else 220
        console = Console(
            file=cast(IO[str], self.stdout), width=width, soft_wrap=width is not None, no_color=options["no_color"]
        )
        try:
            status = import_module(benchmarks()[options["subcommand"]]).run(options, console)
        except MessagingError as problem:
            Console(stderr=True).print(f"[red]{problem}[/]")
            sys.exit(2)
        except OperationalError as problem:
            Console(stderr=True).print(f"[red]The database does not answer:[/] {str(problem).splitlines()[0]}")
            sys.exit(3)
        except redis.RedisError as problem:
            Console(stderr=True).print(f"[red]Redis does not answer:[/] {problem}")
            sys.exit(3)
        sys.exit(status)


def benchmarks() -> dict[str, str]:
    """Return the modules of all benchmarks by name: the backbone's own, and one of each context that has a `bench`."""
    # Those with an underscore are parts that benchmarks share.
    own = [found.name for found in iter_modules(bench.__path__) if not found.name.startswith("_")]
    contexts = [name for name in settings.CONTEXTS if find_spec(f"contexts.{name}.bench")]
    return {name: f"{bench.__name__}.{name}" for name in own} | {name: f"contexts.{name}.bench" for name in contexts}
