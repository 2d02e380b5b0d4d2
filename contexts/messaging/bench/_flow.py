"""Steady flow: events from their commit in the publisher to their committed effect, beside a naive task for each.

Both sides start with changes that are committed. The naive one sends its tasks, as it does after every commit, while
its workers already take them; ours wakes the relay.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from functools import partial

from contexts.messaging import transport
from contexts.messaging.bench import _play, _publishing, _stage
from contexts.messaging.bench._figures import Figure, of_rounds, ratio_of_rounds
from contexts.messaging.bench._play import PUBLISHER
from contexts.messaging.events import Event
from contexts.messaging.memory import MemoryTransport
from contexts.messaging.wakeups import relay_message

PART = "flow"

#: A round has so many times as many events as tasks as is aimed at, so that it takes about as long.
SINGLE_SHARE, BATCH_SHARE = 15, 40

#: Each round begins with a part of it that does not count.
WARM_SHARE = 5


def measure(*, tasks: int, rounds: int) -> list[Figure]:
    """Let tasks and events flow in turns; the median of the rounds counts."""
    single, batch = tasks * SINGLE_SHARE, tasks * BATCH_SHARE
    ways: dict[str, Callable[[], float]] = {
        "naive": lambda: _steady(_naive, tasks),
        "single": lambda: _steady(partial(_committed, _play.Single), single),
        "batch": lambda: _steady(partial(_committed, _play.Batch), batch),
        "batch, publishing": lambda: _steady(partial(_publishing_too, _play.Batch), batch),
    }
    rates: dict[str, list[float]] = {way: [] for way in ways}
    with _stage.stage("single", "batch", naive=True):
        for _ in range(rounds):
            for way, flow in ways.items():
                rates[way].append(flow())
    naive = rates["naive"]
    return [
        of_rounds(PART, "one task per event (naive)", naive, "events/s"),
        of_rounds(PART, "handler with one insert", rates["single"], "events/s"),
        of_rounds(PART, "batch handler", rates["batch"], "events/s"),
        of_rounds(PART, "batch handler, publisher at work beside", rates["batch, publishing"], "events/s"),
        ratio_of_rounds(PART, "handler with one insert / naive", rates["single"], naive, 15),
        ratio_of_rounds(PART, "batch handler / naive", rates["batch"], naive, 40),
    ]


def _steady(flow: Callable[[int], float], count: int) -> float:
    """Return the rate of so many, after some that do not count: connections, plans, caches."""
    _stage.empty()
    flow(max(count // WARM_SHARE, 10))
    return flow(count)


def _naive(count: int) -> float:
    began, before = time.monotonic(), _stage.effects()
    with _publishing.elsewhere(_publishing.send_flow, count):
        _stage.await_effects(before + count)
    return count / (time.monotonic() - began)


def _committed(event: type[Event], count: int) -> float:
    before = _stage.effects()
    with transport.use(MemoryTransport()):  # Nobody is woken yet.
        _publishing.publish_flow(event, count)
    began = time.monotonic()
    transport.current().hint(relay_message(PUBLISHER))
    return _rate(count, began, before)


def _publishing_too(event: type[Event], count: int) -> float:
    began, before = time.monotonic(), _stage.effects()
    with _publishing.elsewhere(_publishing.publish_flow, event, count):
        return _rate(count, began, before)


def _rate(count: int, began: float, before: int) -> float:
    """Return the rate up to the last acknowledgement: counting tens of thousands of effects would cost what is measured."""
    _stage.await_quiet(before + count)
    took_s = time.monotonic() - began
    _stage.await_effects(before + count)
    return count / took_s
