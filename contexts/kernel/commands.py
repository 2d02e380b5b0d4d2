"""Commands for the terminal: a console of the right width, and what went wrong in words with an exit status."""

from __future__ import annotations

import sys
from abc import ABC, abstractmethod
from typing import IO, Any, ClassVar, NoReturn, cast

import redis
from django.core.management.base import BaseCommand, CommandError
from django.db import OperationalError
from rich.console import Console
from rich.markup import escape

from contexts.kernel.outages import outage

#: Columns of a table that goes to a pipe or a file, which have no width: nothing in it is cut.
PIPED_WIDTH = 220


class ConsoleCommand(BaseCommand, ABC):
    """A command whose `act` prints to a rich console and returns its exit status (None: nothing to tell, 0).

    Exit status 2 after one of the `refusals`, 3 when PostgreSQL or Redis does not answer; each with a sentence on stderr.
    """

    refusals: ClassVar[tuple[type[Exception], ...]] = ()

    def handle(self, *args: Any, **options: Any) -> None:
        width = None if sys.stdout.isatty() else PIPED_WIDTH
        console = Console(
            file=cast(IO[str], self.stdout), width=width, soft_wrap=width is not None, no_color=options["no_color"]
        )
        try:
            status = self.act(options, console)
        except CommandError as refusal:
            _stop(escape(str(refusal)), status=refusal.returncode)
        except self.refusals as refusal:
            _stop(escape(str(refusal)), status=2)
        except (OperationalError, redis.RedisError) as problem:
            if (sentence := outage(problem)) is None:
                raise
            title, _, rest = sentence.partition(": ")
            _stop(f"{title}:[/] {escape(rest)}", status=3)
        if status is not None:
            sys.exit(status)

    @abstractmethod
    def act(self, options: dict[str, Any], console: Console) -> int | None:
        """Do what the command is for."""


def _stop(said: str, *, status: int) -> NoReturn:
    Console(stderr=True, soft_wrap=True).print(f"[red]{said}", highlight=False)
    sys.exit(status)
