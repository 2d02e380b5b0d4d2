"""A clock that the demo shop sets back, so that its past was made by the services as they are."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta, tzinfo
from time import monotonic

from django.utils import timezone

from contexts.messaging import log


class Clock:
    """Tells the time of the demo's past; it runs, and is set forward by hand."""

    def __init__(self, start: datetime) -> None:
        self.set(start)

    def set(self, moment: datetime) -> None:
        self._moment, self._since = moment, monotonic()

    def now(self, tz: tzinfo | None = None) -> datetime:
        return (self._moment + timedelta(seconds=monotonic() - self._since)).astimezone(tz or UTC)


@contextmanager
def set_back(to: datetime) -> Iterator[Clock]:
    """Let this process live in the past: what services and the log write carries that time.

    Only Django's `timezone.now` and the log's own clock are set back; the databases' clocks are not, so timers that
    fall due in the past fire at once.
    """
    clock = Clock(to)
    real_now, real_log_now = timezone.now, log.now
    timezone.now = log.now = clock.now
    try:
        yield clock
    finally:
        timezone.now, log.now = real_now, real_log_now
