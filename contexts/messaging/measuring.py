"""What this process measures: added up in memory and passed on through Redis, for `metrics` to show.

A thread of its own passes the sums on every two seconds, so an observation costs about a microsecond and never waits
for Redis. Sums in Redis come from any number of processes on any number of machines, and outlive the processes; when
Redis is emptied they start again from 0, which Prometheus takes for a restart. See docs/adr/0012-metrics.md.
"""

from __future__ import annotations

import atexit
import os
import threading
from bisect import bisect_left

import msgspec
import redis
import structlog
from django.conf import settings

logger = structlog.get_logger(__name__)

KEY = "tradepost:metrics"
FLUSH_AFTER_S = 2.0
TIMEOUT_S = 0.5


class Measure(msgspec.Struct, frozen=True):
    """Something that processes count: a histogram where it has buckets, else a counter."""

    name: str
    help: str
    labels: tuple[str, ...]
    buckets: tuple[float, ...] = ()


HANDLER_SECONDS = Measure(
    "tradepost_handler_seconds", "Time of one call of a handler.", ("subscriber", "handler", "outcome"),
    (0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10),
)  # fmt: skip
PAGE_EVENTS = Measure(
    "tradepost_page_events", "Events in a page that a subscriber applied.", ("publisher", "subscriber"),
    (1, 2, 5, 10, 20, 50, 100, 200, 500),
)  # fmt: skip
RELAY_PAGES = Measure("tradepost_relay_pages", "Pages that a publisher sent.", ("publisher", "subscriber"))
RETRIES = Measure("tradepost_parked_retries", "Tries of parked events.", ("subscriber", "outcome"))

MEASURES = {measure.name: measure for measure in (HANDLER_SECONDS, PAGE_EVENTS, RELAY_PAGES, RETRIES)}


class Sums:
    """What this process has measured and not yet passed on: by measure and labels the counts of its buckets (none for a
    counter), and last the sum."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._sums: dict[tuple[str, tuple[str, ...]], list[float]] = {}
        self._flushing = False

    def add(self, measure: Measure, values: tuple[str, ...], amount: float) -> None:
        """Count, or for a histogram observe, `amount`."""
        key = (measure.name, values)
        with self._lock:
            row = self._sums.get(key)
            if row is None:
                row = self._sums[key] = [0.0] * (len(measure.buckets) + 2 if measure.buckets else 1)
            if measure.buckets:
                row[bisect_left(measure.buckets, amount)] += 1
            row[-1] += amount
            if self._flushing:
                return
            self._flushing = True
        timer = threading.Timer(FLUSH_AFTER_S, self.flush)
        timer.daemon = True
        timer.start()

    def take(self) -> dict[str, float]:
        """Return the sums by their field in Redis and begin anew."""
        with self._lock:
            sums, self._sums = self._sums, {}
            self._flushing = False
        return {
            msgspec.json.encode((*key, part)).decode(): amount
            for key, row in sums.items()
            for part, amount in [*((str(nr), count) for nr, count in enumerate(row[:-1]) if count), ("sum", row[-1])]
        }

    def flush(self) -> None:
        """Pass the sums on; what Redis does not take now is lost, as a restart would lose it."""
        sums = self.take()
        if not sums:
            return
        try:
            with store() as client, client.pipeline(transaction=False) as pipeline:
                for field, amount in sums.items():
                    pipeline.hincrbyfloat(KEY, field, amount)
                pipeline.execute()
        except (redis.RedisError, OSError) as problem:
            logger.info("measurements dropped", problem=str(problem))

    def forget(self) -> None:
        """Begin anew in a child process: the sums are its parent's to pass on."""
        self._lock = threading.Lock()
        self._sums, self._flushing = {}, False


_sums = Sums()
os.register_at_fork(after_in_child=_sums.forget)
atexit.register(_sums.flush)


def store() -> redis.Redis:
    """Return a connection to where the sums are kept."""
    return redis.Redis.from_url(settings.REDIS_URL, socket_timeout=TIMEOUT_S, socket_connect_timeout=TIMEOUT_S)


def count(measure: Measure, *values: str, amount: float = 1) -> None:
    """Add to a counter, or one observation to a histogram; `values` are those of the measure's labels."""
    _sums.add(measure, values, amount)


def flush() -> None:
    """Pass on what this process has measured, now."""
    _sums.flush()
