"""A program that the supervisor runs: how it is started, what it says, how it ended."""

from __future__ import annotations

import os
import signal
import subprocess
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from config.embedded.process import dying_with

SHORTEST_DELAY_S = 0.5
LONGEST_DELAY_S = 30.0
#: A program that ran this long starts again without a grown delay.
STEADY_S = 30.0
#: A program that has one task and fails at it is given up after so many times.
TRIES = 10


@dataclass(frozen=True)
class Program:
    """What to run. `last` programs (the stores) are stopped after all others; `once` ones run until they succeed.

    What it says goes to the terminal, or into the file `log`. `nice` is how far it stands back for the others when
    all want the processors, from 0 to 19.
    """

    name: str
    command: list[str]
    environment: dict[str, str] = field(default_factory=dict)
    stop_signal: int = signal.SIGTERM
    patience_s: float = 15.0
    last: bool = False
    once: bool = False
    popen: dict[str, Any] = field(default_factory=dict)
    folder: str | None = None
    log: Path | None = None
    nice: int = 0


class Child:
    """A program while it is ours: running, or waiting to be started again."""

    def __init__(self, program: Program) -> None:
        self.program = program
        self.process: subprocess.Popen[bytes] | None = None
        self.started_at = 0.0
        self.start_at: float | None = None
        self.failures = 0
        self._unfinished = b""

    @property
    def pid(self) -> int | None:
        return self.process.pid if self.process else None

    def start(self) -> None:
        """Start in a process group of its own, so that the terminal's Ctrl-C reaches only the supervisor."""
        program = self.program
        words = program.log.open("ab") if program.log else None
        self.process = subprocess.Popen(
            program.command,
            stdin=subprocess.DEVNULL,
            stdout=words or subprocess.PIPE,
            stderr=subprocess.STDOUT,
            env={**os.environ, **program.environment},
            cwd=program.folder,
            process_group=0,
            preexec_fn=self._before_program(os.getpid()),  # safe here: the supervisor has one thread
            **program.popen,
        )
        if words is not None:
            words.close()
        if self.process.stdout is not None:
            os.set_blocking(self.process.stdout.fileno(), False)
        self.started_at, self.start_at = time.monotonic(), None

    def _before_program(self, supervisor: int) -> Callable[[], None]:
        end_with_us = dying_with(supervisor, self.program.stop_signal)

        def before_program() -> None:
            end_with_us()
            os.nice(self.program.nice)

        return before_program

    def lines(self) -> list[str]:
        """Return the whole lines said since the last call."""
        if self.process is None or self.process.stdout is None:
            return []
        try:
            said = os.read(self.process.stdout.fileno(), 65536)
        except BlockingIOError:
            return []
        *whole, self._unfinished = (self._unfinished + said).split(b"\n")
        if not said and self._unfinished:
            whole, self._unfinished = [self._unfinished], b""
        return [line.decode(errors="replace").rstrip("\r") for line in whole]

    def signal_group(self, number: int) -> None:
        """Send a signal to the program and all that it started."""
        if self.pid is not None:
            try:
                os.killpg(self.pid, number)
            except (ProcessLookupError, PermissionError):
                return

    def plan_restart(self) -> float:
        """Decide when to start again and return the delay: half a second, doubled at each failure in a row."""
        # What has one task must not fail at it for ever, however long it takes to.
        steady = not self.program.once and time.monotonic() - self.started_at >= STEADY_S
        self.failures = 0 if steady else self.failures
        delay: float = min(SHORTEST_DELAY_S * 2**self.failures, LONGEST_DELAY_S)
        self.failures += 1
        self.start_at = time.monotonic() + delay
        return delay


def how_it_ended(status: int) -> str:
    """Say a Popen return code in words."""
    if status >= 0:
        return f"ended with status {status}"
    try:
        return f"was killed by {signal.Signals(-status).name}"
    except ValueError:
        return f"was killed by signal {-status}"
