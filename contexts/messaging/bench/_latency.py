"""Latency from a commit to the committed effect at a quiet rate, beside a bare Celery hop at the same rate.

The two alternate event by event, so that both meet the same machine.
"""

from __future__ import annotations

import time

from django.db import transaction

from contexts.messaging.bench import _play, _publishing, _stage
from contexts.messaging.bench._figures import Figure, at_most, percentile
from contexts.messaging.bench._play import PUBLISHER
from contexts.messaging.publishing import publish

PART = "latency"
PER_SECOND = 20
WARM = 20


def measure(*, events: int) -> list[Figure]:
    """Publish so many events, 20 a second, and send as many bare tasks between them."""
    with _stage.stage("timed", naive=True):
        for nr in range(1, WARM + 1):  # Connections, statements to prepare, caches.
            _ours(-nr)
            _hop(-nr - WARM)
            time.sleep(1 / PER_SECOND)
        _stage.await_moments(2 * WARM)
        effects, hops = {}, {}
        for nr in _publishing.pace(events * 2, PER_SECOND * 2):
            if nr % 2:
                hops[nr] = _hop(nr)
            else:
                effects[nr] = _ours(nr)
                _stage.sweep_now_and_then()
        moments = _stage.await_moments(2 * (WARM + events))
    ours = [(moments[nr] - committed) * 1000 for nr, committed in effects.items()]
    bare = [(moments[nr] - sent) * 1000 for nr, sent in hops.items()]
    return [
        Figure(part=PART, name="bare Celery hop, p50", value=percentile(bare, 0.5), unit="ms"),
        Figure(part=PART, name="bare Celery hop, p99", value=percentile(bare, 0.99), unit="ms"),
        Figure(part=PART, name="commit to effect, p50", value=percentile(ours, 0.5), unit="ms"),
        Figure(part=PART, name="commit to effect, p99", value=percentile(ours, 0.99), unit="ms"),
        at_most(PART, "commit to effect / bare hop, p50", percentile(ours, 0.5) / percentile(bare, 0.5), "times", 3),
    ]


def _ours(nr: int) -> float:
    """Publish one event; return when its commit began."""
    with transaction.atomic(using=PUBLISHER):
        publish(_play.Timed(thing=nr, nr=nr))
        return time.time()


def _hop(nr: int) -> float:
    began = time.time()
    _play.hop.apply_async((nr,), queue=_stage.NAIVE_QUEUE)
    return began
