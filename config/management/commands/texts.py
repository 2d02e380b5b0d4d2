"""The texts that people read and their translations: collect what is new, check that nothing is left untranslated."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.core.management.base import CommandParser
from rich.console import Console
from rich.markup import escape

from config.problems import Problem
from contexts.kernel.commands import ConsoleCommand

#: Texts named per catalogue, at most.
SHOWN = 5


class Command(ConsoleCommand):
    help = "Collect the texts of code and templates for translators, or check that every language has all of them."

    def add_arguments(self, parser: CommandParser) -> None:
        commands = parser.add_subparsers(dest="what", required=True, metavar="collect|check")
        for name, words in (
            ("collect", "Write the catalogues with today's texts, and compile them."),
            ("check", "Exit status 1: a catalogue is not up to date, or misses a translation."),
        ):
            commands.add_parser(name, help=words, description=words)

    def act(self, options: dict[str, Any], console: Console) -> int:
        try:
            from config.texts import places, state
        except ModuleNotFoundError as missing:
            raise Problem("Babel is not installed: it is one of the tools. Run `make tools`.") from missing
        wrong = 0
        languages = [code for code, _ in settings.LANGUAGES if code != settings.LANGUAGE_CODE]
        for found in [state(place, language) for place in places() for language in languages]:
            if found is None:
                continue
            stale = found.stale
            if stale and options["what"] == "collect":
                found.write()
            path = found.path.relative_to(settings.BASE_DIR)
            problems = (
                [f"{len(found.untranslated)} texts without a translation"] * bool(found.untranslated)
                + [f"{len(found.broken)} translations with other placeholders"] * bool(found.broken)
                + ["not up to date: run `manage.py texts collect`"] * (stale and options["what"] == "check")
            )
            wrong += bool(problems)
            console.print(f"{escape(str(path))}: {'; '.join(problems) or 'complete'}", highlight=False)
            for text in (found.broken + found.untranslated)[:SHOWN]:
                console.print(f"    {escape(text)}", style="dim", highlight=False)
        return 1 if wrong and options["what"] == "check" else 0
