"""The supervisor: a loop that passes on what programs say, restarts those that end, and stops all at the end."""

from __future__ import annotations

import os
import selectors
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from types import FrameType

from config.supervisor.console import Console
from config.supervisor.program import TRIES, Child, Program, how_it_ended

PAUSE_S = 0.5
#: Signals to stop that come this close together are one.
SAME_WISH_S = 1.0
STOP_SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


class Stopped(Exception):
    """Somebody asked the shop to stop: Ctrl-C, SIGTERM, or the terminal was closed."""


class Supervisor:
    """Runs programs until `stop`. Use as a context manager: leaving the block leaves no process behind."""

    def __init__(self, console: Console) -> None:
        self.console = console
        self.children: dict[str, Child] = {}
        self._selector = selectors.DefaultSelector()
        self._asked_at: float | None = None
        self._janitor: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> Supervisor:
        for number in STOP_SIGNALS:
            signal.signal(number, self._asked_to_stop)
        script = Path(__file__).with_name("janitor.py")
        self._janitor = subprocess.Popen(
            [sys.executable, "-IS", str(script)], stdin=subprocess.PIPE, start_new_session=True, cwd="/"
        )
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()
        assert self._janitor is not None
        assert self._janitor.stdin is not None
        self._janitor.stdin.close()
        self._janitor.wait()

    def start(self, program: Program) -> Child:
        """Start a program and watch it from now on."""
        child = Child(program)
        self.children[program.name] = child
        self._start(child)
        return child

    def run(self, until: Callable[[], bool]) -> None:
        """Watch over the programs until the condition holds (asked after every event, at least twice a second)."""
        while not until():
            self.step()

    def step(self, pause_s: float = PAUSE_S) -> None:
        """Wait for something to happen, at most `pause_s`, and see to it."""
        self._listen(self._until_next_start(pause_s))
        for child in list(self.children.values()):
            if child.process is not None and child.process.poll() is not None:
                self._ended(child)
            elif child.process is None and child.start_at is not None and time.monotonic() >= child.start_at:
                self._start(child)

    def alive(self, name: str) -> bool:
        child = self.children.get(name)
        return child is not None and child.process is not None and child.process.poll() is None

    def is_over(self, name: str) -> bool:
        """Whether a program ended and will not be started again."""
        child = self.children[name]
        return child.process is None and child.start_at is None

    def stop(self) -> None:
        """Stop everything, the stores last. Asked again meanwhile, kill at once."""
        for stores in (False, True):
            self._stop_all([child for child in self.children.values() if child.program.last is stores])

    def _stop_all(self, children: list[Child]) -> None:
        running = [child for child in children if child.process is not None and child.process.poll() is None]
        for child in running:
            assert child.process is not None
            child.process.send_signal(child.program.stop_signal)
        deadline = time.monotonic() + max((child.program.patience_s for child in running), default=0.0)
        try:
            while time.monotonic() < deadline and any(self._poll(child) is None for child in running):
                self._listen(0.05)
        except Stopped:
            self.console.show("Asked again: killing what is left.")
        for child in running:
            if self._poll(child) is None:
                self.console.show(f"{child.program.name} does not stop; killing it.")
            child.signal_group(signal.SIGKILL)
            self._forget(child)

    def _start(self, child: Child) -> None:
        child.start()
        if child.process is not None and child.process.stdout is not None:
            self._selector.register(child.process.stdout, selectors.EVENT_READ, child)
        self._tell_janitor(f"+{child.pid}\n")

    def _ended(self, child: Child) -> None:
        """Say how a program ended, remove what it left behind, and plan its next start."""
        assert child.process is not None
        status = child.process.returncode
        child.signal_group(signal.SIGKILL)
        self._forget(child)
        name = child.program.name
        if child.program.once and status == 0:
            return
        if child.program.once and child.failures + 1 >= TRIES:
            self.console.show(f"{name} {how_it_ended(status)}, the last of {TRIES} tries; the next start goes on.")
            return
        delay = child.plan_restart()
        log = f" (its log: {child.program.log})" if child.program.log else ""
        self.console.show(f"{name} {how_it_ended(status)}{log}; starting it again in {delay:g} s.")

    def _forget(self, child: Child) -> None:
        """Pass on the last words of a program that ended, and let go of its pipe."""
        assert child.process is not None
        child.process.wait()
        self._tell_janitor(f"-{child.pid}\n")
        self._pass_on(child)
        if child.process.stdout is not None:
            if child.process.stdout in self._selector.get_map():
                self._selector.unregister(child.process.stdout)
            child.process.stdout.close()
        child.process = None

    def _poll(self, child: Child) -> int | None:
        return 0 if child.process is None else child.process.poll()

    def _listen(self, pause_s: float) -> None:
        for key, _ in self._selector.select(pause_s):
            child: Child = key.data
            if not self._pass_on(child) and child.process is not None and child.process.poll() is not None:
                self._selector.unregister(key.fileobj)

    def _pass_on(self, child: Child) -> bool:
        lines = child.lines()
        for line in lines:
            self.console.say(child.program.name, line)
        return bool(lines)

    def _until_next_start(self, pause_s: float) -> float:
        planned = [child.start_at for child in self.children.values() if child.start_at is not None]
        return max(0.0, min([pause_s, *[moment - time.monotonic() for moment in planned]]))

    def _tell_janitor(self, line: str) -> None:
        if self._janitor is not None and self._janitor.stdin is not None:
            try:
                os.write(self._janitor.stdin.fileno(), line.encode())
            except BrokenPipeError:
                self._janitor = None

    def _asked_to_stop(self, number: int, frame: FrameType | None) -> None:
        # One Ctrl-C may arrive twice: from the terminal and from whoever started us.
        now = time.monotonic()
        if self._asked_at is None or now - self._asked_at > SAME_WISH_S:
            self._asked_at = now
            raise Stopped(signal.Signals(number).name)
