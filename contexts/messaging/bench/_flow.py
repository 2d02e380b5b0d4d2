"""Steady flow: events from their commit in the publisher to their committed effect, beside a naive task for each.

Both sides start with changes that are committed. The naive one sends its tasks, as it does after every commit, while
its workers already take them; ours wakes the relay.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from statistics import median

from contexts.messaging import transport
from contexts.messaging.bench import _play, _publishing, _stage
from contexts.messaging.bench._figures import Figure, at_least
from contexts.messaging.bench._play import PUBLISHER
from contexts.messaging.events import Event
from contexts.messaging.memory import MemoryTransport
from contexts.messaging.wakeups import relay_message

PART = "flow"

#: A round has so many times as many events as tasks, so that it takes about as long.
SINGLE_SHARE, BATCH_SHARE = 6, 24


def measure(*, tasks: int, rounds: int) -> list[Figure]:
    """Let tasks and events flow in turns; the median of the rounds counts."""
    ways: dict[str, Callable[[int], float]] = {
        "naive": lambda share: _naive(max(tasks // share, 10)),
        "single": lambda share: _committed(_play.Single, max(tasks * SINGLE_SHARE // share, 10)),
        "batch": lambda share: _committed(_play.Batch, max(tasks * BATCH_SHARE // share, 10)),
        "batch, publishing": lambda share: _publishing_too(_play.Batch, max(tasks * BATCH_SHARE // share, 10)),
    }
    rates: dict[str, list[float]] = {way: [] for way in ways}
    with _stage.stage("single", "batch", naive=True):
        for flow in ways.values():  # A round that does not count: connections, caches.
            flow(20)
        for _ in range(rounds):
            for way, flow in ways.items():
                rates[way].append(flow(1))
    rate = {way: median(found) for way, found in rates.items()}
    return [
        Figure(part=PART, name="one task per event (naive)", value=rate["naive"], unit="events/s"),
        Figure(part=PART, name="handler with one insert", value=rate["single"], unit="events/s"),
        Figure(part=PART, name="batch handler", value=rate["batch"], unit="events/s"),
        Figure(part=PART, name="batch handler, publisher at work beside", value=rate["batch, publishing"], unit="events/s"),
        at_least(PART, "handler with one insert / naive", rate["single"] / rate["naive"], "times", 15),
        at_least(PART, "batch handler / naive", rate["batch"] / rate["naive"], "times", 40),
    ]  # fmt: skip


def _naive(count: int) -> float:
    _stage.empty()
    began = time.monotonic()
    with _publishing.elsewhere(_publishing.send_flow, count):
        return _rate(count, began)


def _committed(event: type[Event], count: int) -> float:
    _stage.empty()
    with transport.use(MemoryTransport()):  # Nobody is woken yet.
        _publishing.publish_flow(event, count)
    began = time.monotonic()
    transport.current().hint(relay_message(PUBLISHER))
    return _rate(count, began)


def _publishing_too(event: type[Event], count: int) -> float:
    _stage.empty()
    began = time.monotonic()
    with _publishing.elsewhere(_publishing.publish_flow, event, count):
        return _rate(count, began)


def _rate(count: int, began: float) -> float:
    _stage.await_effects(count)
    took_s = time.monotonic() - began
    _stage.settle()
    return count / took_s
