"""Crash points: the places between two steps where a process may die, so that tests can let it die exactly there.

In production `crash_point("relay: committed, not sent")` looks at one variable. A test arms a point with the fixture
`crash_point` of the test kit; the simulation makes each one a moment at which anything may happen.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager

#: Every place where a crash may fall between two steps, in the order of an event's way.
POINTS = (
    "publish: written, not committed",
    "relay: planned, not committed",
    "relay: committed, not sent",
    "deliver: effects written, position not moved",
    "deliver: position moved, not committed",
    "deliver: committed, not acknowledged",
    "acknowledge: noted, not committed",
    "acknowledge: committed, next page not sent",
)

#: The same for making a read model anew.
REPLAY_POINTS = (
    "replay: page applied, not committed",
    "replay: page committed",
    "replay: caught up, not swapped",
    "replay: swapped, not committed",
    "replay: swapped, not dropped",
)

#: The same for moving old events into files.
ARCHIVE_POINTS = (
    "archive: file written, without its name",
    "archive: file named, not indexed",
    "archive: file there, events in the log too",
    "archive: events out of the log, not committed",
    "archive: events out of the log",
)


class Crash(BaseException):
    """The process died here. Not an `Exception`: nothing that catches errors may survive a crash."""


_hook: Callable[[str], None] | None = None


def crash_point(name: str) -> None:
    """Mark a place between two steps; does nothing unless a test armed it."""
    if _hook is not None:
        _hook(name)


@contextmanager
def hooked(hook: Callable[[str], None]) -> Iterator[None]:
    """Call `hook` with the name of every crash point that is passed inside the block."""
    global _hook
    before, _hook = _hook, hook
    try:
        yield
    finally:
        _hook = before


class CrashPoints:
    """Arms crash points: `with crash_at("relay: committed, not sent"): ...` swallows the crash it causes.

    `passed` lists every point that was passed inside, so that a test can tell that it tested something.
    """

    def __init__(self) -> None:
        self.passed: list[str] = []

    @contextmanager
    def __call__(self, name: str, *, time: int = 1) -> Iterator[None]:
        """Crash when `name` is passed for the `time`-th time; the block ends there, like the process.

        Raises:
            ValueError: there is no such point.
            AssertionError: the point was not reached.
        """
        known = (*POINTS, *REPLAY_POINTS, *ARCHIVE_POINTS)
        if name not in known:
            raise ValueError(f'There is no crash point "{name}". There are: {", ".join(known)}.')
        left = time

        def crash(passed: str) -> None:
            nonlocal left
            self.passed.append(passed)
            if passed == name:
                left -= 1
                if left == 0:
                    raise Crash(name)

        try:
            with hooked(crash):
                yield
        except Crash:
            return
        raise AssertionError(f'"{name}" was not reached {time} times; passed were: {self.passed or "none"}.')
