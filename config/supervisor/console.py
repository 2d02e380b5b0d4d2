"""One terminal for many processes: every line says who speaks."""

from __future__ import annotations

import os
import sys
from typing import TextIO

COLOURS = (36, 33, 32, 35, 34, 96, 93, 92)
WIDTH = 8


class Console:
    """Prints lines with the speaker's name before them, in colour on a terminal. With `plain` only the lines."""

    def __init__(self, out: TextIO | None = None, *, plain: bool = False) -> None:
        self.out = out or sys.stdout
        self.plain = plain
        self.coloured = "NO_COLOR" not in os.environ and (self.out.isatty() or os.environ.get("FORCE_COLOR") == "1")
        self._colours: dict[str, int] = {}

    def say(self, speaker: str, line: str) -> None:
        """Print one line. A terminal that went away is no reason to stop."""
        try:
            self.out.write((line if self.plain else f"{self._prefix(speaker)} {line}") + "\n")
            self.out.flush()
        except (BrokenPipeError, OSError):
            self.out = open(os.devnull, "w")  # noqa: SIM115 - kept for the rest of the run

    def show(self, text: str) -> None:
        """Print a text of our own, for people only."""
        if not self.plain:
            for line in text.splitlines():
                self.say("shop", line)

    def bold(self, text: str) -> str:
        return f"\033[1m{text}\033[0m" if self.coloured else text

    def _prefix(self, speaker: str) -> str:
        label = f"{speaker:<{WIDTH}} |"
        if not self.coloured:
            return label
        colour = self._colours.setdefault(speaker, COLOURS[len(self._colours) % len(COLOURS)])
        return f"\033[{colour}m{label}\033[0m"
