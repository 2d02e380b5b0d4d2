"""`manage.py events`: what an operator asks of the backbone."""

from __future__ import annotations

from importlib import import_module
from pkgutil import iter_modules
from typing import Any

from django.core.management.base import CommandParser
from rich.console import Console

from contexts.kernel.commands import ConsoleCommand
from contexts.messaging import cli
from contexts.messaging.errors import MessagingError

SUBCOMMANDS = {module.name: import_module(f"{cli.__name__}.{module.name}") for module in iter_modules(cli.__path__)}


class Command(ConsoleCommand):
    help = "Look at the event backbone and put it right."
    refusals = (MessagingError,)

    def add_arguments(self, parser: CommandParser) -> None:
        commands = parser.add_subparsers(dest="subcommand", required=True, metavar="COMMAND")
        for name, module in SUBCOMMANDS.items():
            added = commands.add_parser(name, help=module.HELP, description=module.HELP)
            module.add_arguments(added)

    def act(self, options: dict[str, Any], console: Console) -> int | None:
        status: int = SUBCOMMANDS[options["subcommand"]].run(options, console)
        return status
