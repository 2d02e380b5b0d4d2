"""The scheduler: runs fibers one at a time, in an order drawn from a seed, on a clock of its own.

A fiber is a greenlet: it runs until it gives way, at every statement, commit, message and crash point, so those are
the only moments at which anything else can happen - and all of them are.
"""

from __future__ import annotations

import random
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

from greenlet import greenlet

from contexts.messaging.crashpoints import Crash

EPOCH = datetime(2026, 1, 1, tzinfo=UTC)


class Killed(Crash):
    """The simulated process was killed; unwinds the fiber without any effect."""


class Fiber:
    """One task in one process, from its start to its end or death."""

    def __init__(
        self, scheduler: Scheduler, name: str, function: Callable[[], None], entered: Callable[[], None]
    ) -> None:
        self.name, self.killed, self.done = name, False, False
        self.error: BaseException | None = None
        self.waits_for: Callable[[], bool] | None = None
        self.wake_at = 0.0
        self._scheduler, self._function, self._entered = scheduler, function, entered
        self._greenlet = greenlet(self._run)

    def _run(self) -> None:
        try:
            self._function()
        except Killed:
            pass
        except BaseException as problem:
            self.error = problem
        finally:
            self.done = True

    @property
    def ready(self) -> bool:
        if self.done or self.wake_at > self._scheduler.now:
            return False
        if self.waits_for is not None and not self.waits_for():
            return False
        self.waits_for = None
        return True

    def resume(self) -> None:
        """Let the fiber run until it gives way or ends."""
        self._scheduler.current = self
        if self._scheduler.last is not self:
            self._scheduler.last = self
            self._entered()
        self._greenlet.switch()
        self._scheduler.current = None

    def give_way(self) -> None:
        """Called inside the fiber: let the scheduler decide who is next."""
        if self.killed:
            raise Killed
        self._greenlet.parent.switch()
        if self.killed:
            raise Killed


class Scheduler:
    """Decides who runs next; all chance comes from `chance`."""

    def __init__(self, seed: int) -> None:
        self.chance = random.Random(seed)  # noqa: S311 - an order of steps, not a secret
        self.now = 0.0
        self.fibers: list[Fiber] = []
        self.current: Fiber | None = None
        self.last: Fiber | None = None
        self.trace: list[str] = []

    def datetime(self) -> datetime:
        return EPOCH + timedelta(seconds=self.now)

    def note(self, what: str) -> None:
        """Write a line of the trace."""
        who = self.current.name if self.current else "world"
        self.trace.append(f"{self.now:9.3f}  {who:<24} {what}")

    def spawn(self, name: str, function: Callable[[], None], *, entered: Callable[[], None]) -> Fiber:
        """Start a process; `entered` is called each time it goes on, to put its own world in place."""
        fiber = Fiber(self, name, function, entered)
        self.fibers.append(fiber)
        return fiber

    def ready(self) -> list[Fiber]:
        return [fiber for fiber in self.fibers if fiber.ready]

    def step(self, fiber: Fiber) -> None:
        """Let a fiber take one step."""
        fiber.resume()
        if fiber.done:
            self.fibers.remove(fiber)

    def kill(self, fiber: Fiber) -> None:
        """End a process where it stands; the owner has cut its connections before."""
        fiber.killed, fiber.waits_for, fiber.wake_at = True, None, 0.0
        while not fiber.done:
            fiber.resume()
        self.fibers.remove(fiber)

    def pause(self) -> None:
        """A moment at which anything may happen; no effect outside of a fiber."""
        if self.current is not None:
            self.current.give_way()

    def wait(self, until: Callable[[], bool]) -> None:
        """Let the current fiber wait for a condition."""
        fiber = self.current
        if fiber is None:
            raise AssertionError("Nobody else runs, so what is waited for can never come.")
        while not until():
            fiber.waits_for = until
            fiber.give_way()

    def sleep(self, seconds: float) -> None:
        """Let the current fiber sleep in simulated time."""
        if self.current is not None:
            self.current.wake_at = self.now + seconds
            self.current.give_way()
