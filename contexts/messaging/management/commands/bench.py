"""`manage.py bench`: measure beside alternatives, in the same run on the same machine.

Benchmarks are the modules of `contexts.messaging.bench`, and of a package `bench` of the project or of any context.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
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


def benchmarks() -> Iterator[tuple[str, Any]]:
    """Yield the benchmarks and their names; a module that begins with "_" is a part that they share.

    A package that is a benchmark itself has the name of its context.
    """
    project = settings.ROOT_URLCONF.partition(".")[0]
    for package in (bench.__name__, f"{project}.bench", *(f"contexts.{name}.bench" for name in settings.CONTEXTS)):
        if find_spec(package) is None:
            continue
        module = import_module(package)
        if hasattr(module, "HELP"):
            yield package.split(".")[-2], module
            continue
        for found in iter_modules(module.__path__):
            if not found.name.startswith("_"):
                yield found.name, import_module(f"{package}.{found.name}")


class Command(BaseCommand):
    help = "Measure the shop and its backbone beside alternatives. Exit status 1: a target was missed."

    def add_arguments(self, parser: CommandParser) -> None:
        commands = parser.add_subparsers(dest="subcommand", required=True, metavar="BENCHMARK")
        for name, module in benchmarks():
            added = commands.add_parser(name, help=module.HELP, description=module.HELP)
            module.add_arguments(added)
            added.set_defaults(benchmark=module)

    def handle(self, *args: Any, **options: Any) -> None:
        width = None if sys.stdout.isatty() else 220
        console = Console(
            file=cast(IO[str], self.stdout), width=width, soft_wrap=width is not None, no_color=options["no_color"]
        )
        try:
            status = options["benchmark"].run(options, console)
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
