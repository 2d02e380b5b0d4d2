"""A supervised shop over the test's own stores: workers, effects and beat as they really run."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import redis
from django.conf import settings
from django.test import override_settings

from config import processes
from config.chaos import shelves
from config.embedded.process import children_of
from config.supervisor.console import Console
from config.supervisor.program import Program
from config.supervisor.supervisor import STOP_SIGNALS, Supervisor

#: Nothing here takes so long; it ends a test that would otherwise wait for ever.
PATIENCE_S = 600.0


class House:
    """The processes of a shop, and what can happen to them."""

    def __init__(self, supervisor: Supervisor, log: Path) -> None:
        self._supervisor, self._log = supervisor, log

    def look_after(self) -> None:
        """Let the supervisor see to what happened since the last call."""
        self._supervisor.step(pause_s=0)

    def until(self, holds: Callable[[], bool], what: str) -> None:
        """Wait for something, with the supervisor at work.

        Raises:
            AssertionError: it does not happen.
        """
        deadline = time.monotonic() + PATIENCE_S
        while not holds():
            if time.monotonic() > deadline:
                raise AssertionError(f"It did not happen within {PATIENCE_S:.0f} s that {what}.\n{self.said()}")
            self._supervisor.step(pause_s=0.1)

    def kill(self, name: str) -> int:
        """Kill a program in the middle of what it does, with its children; return its process."""
        pid = self._supervisor.children[name].pid
        assert pid is not None
        for victim in (pid, *children_of(pid)):
            os.kill(victim, signal.SIGKILL)
        return pid

    def pid(self, name: str) -> int | None:
        return self._supervisor.children[name].pid

    def flush_redis(self) -> None:
        """Empty this test's Redis: queues, hints, heartbeats, the purchase history, all of it."""
        with redis.Redis.from_url(settings.REDIS_URL) as client:
            client.flushdb()

    def said(self) -> str:
        return self._log.read_text(errors="replace")[-4000:]


@contextmanager
def open_house(
    environment: dict[str, str], log: Path, *, articles: int, pieces: int
) -> Iterator[tuple[House, list[str]]]:
    """Start the processes, fill the shelves, and wait until ordering knows of them; yields the SKUs too."""
    with override_settings(WORKER_PROCESSES=2):
        commands = {"worker": processes.worker(), "effects": processes.effects(), "beat": processes.beat()}
    before = {number: signal.getsignal(number) for number in STOP_SIGNALS}
    try:
        with log.open("w") as words, Supervisor(Console(words)) as supervisor:
            for name, command in commands.items():
                folder = str(settings.BASE_DIR)
                supervisor.start(Program(name, command, environment=environment, folder=folder, patience_s=5))
            house = House(supervisor, log)
            skus = shelves.fill(articles=articles, pieces=pieces)
            house.until(lambda: shelves.known_to_ordering(skus), "ordering knows what is on the shelves")
            yield house, skus
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
