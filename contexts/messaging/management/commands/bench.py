"""`manage.py bench`: measure beside alternatives, in the same run on the same machine.

Benchmarks are the modules of `contexts.messaging.bench`, and of a package `bench` of the project or of any context.
"""

from __future__ import annotations

from collections.abc import Iterator
from importlib import import_module
from importlib.util import find_spec
from pkgutil import iter_modules
from typing import Any

from django.conf import settings
from django.core.management.base import CommandParser
from rich.console import Console

from contexts.kernel.commands import ConsoleCommand
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


class Command(ConsoleCommand):
    help = "Measure the shop and its backbone beside alternatives. Exit status 1: a target was missed."
    refusals = (MessagingError,)

    def add_arguments(self, parser: CommandParser) -> None:
        commands = parser.add_subparsers(dest="subcommand", required=True, metavar="BENCHMARK")
        for name, module in benchmarks():
            added = commands.add_parser(name, help=module.HELP, description=module.HELP)
            module.add_arguments(added)
            added.set_defaults(benchmark=module)

    def act(self, options: dict[str, Any], console: Console) -> int | None:
        status: int = options["benchmark"].run(options, console)
        return status
