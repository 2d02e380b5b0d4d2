"""Flat cost: the same rate with a short log and a long one, and a subscriber that is a whole long log behind."""

from __future__ import annotations

import time
from statistics import median

from django.db import connections, transaction

from contexts.messaging import partitions, sequencer, transport
from contexts.messaging.bench import _play, _publishing, _stage
from contexts.messaging.bench._figures import Figure, at_least, at_most, of_rounds
from contexts.messaging.bench._play import PUBLISHER
from contexts.messaging.memory import MemoryTransport
from contexts.messaging.wakeups import relay_message

PART = "flat"

#: What the log holds at first.
SHORT = 1_000

FILL = """
insert into messaging_event
    (event_id, type, version, subject, slot, time, correlation_id, causation_id, actor, traceparent, data)
select gen_random_uuid(), %s, 1, 'thing/' || nr %% %s, nr %% 64, now(), gen_random_uuid(), null, 'system',
    '00-0123456789abcdef0123456789abcdef-0123456789abcdef-01',
    jsonb_build_object('thing', nr %% %s, 'nr', nr, 'word', %s::text)
from generate_series(1, %s) as nr
"""
FILL_AT_ONCE = 100_000


def measure(*, events: int, flow: int, rounds: int) -> list[Figure]:
    """Measure the rate with a short log, with a long one that the subscriber has caught up with, and a short one again.

    The machine may change while the long log is made; the two short ones say by how much.
    """
    with _stage.stage("batch"):
        before = _short(flow, rounds)
        _stage.empty()
        head = _fill(0, SHORT)
        _until_quiet(head)
        head = _fill(head, events)
        idle_mb = _stage.memory_mb()
        behind_s, peak_mb = _until_quiet(head)
        long, head = _flows(head, flow, rounds)
        committed = _stage.effects()
        after = _short(flow, rounds)
    short, caught_up = before + after, events / behind_s
    return [
        of_rounds(PART, f"rate at {SHORT} events in the log, before", before, "events/s"),
        of_rounds(PART, f"rate at {head - flow * rounds} events in the log", long, "events/s"),
        of_rounds(PART, f"rate at {SHORT} events in the log, afterwards", after, "events/s"),
        at_most(PART, "slower with the long log", median(short) / median(long), "times", 1.2),
        Figure(part=PART, name=f"subscriber {events} events behind catches up", value=caught_up, unit="events/s"),
        at_least(PART, "catching up / rate of the flow", caught_up / median(short), "times", 0.9),
        Figure(part=PART, name="broker's memory when idle", value=idle_mb, unit="MB"),
        at_most(PART, "broker's memory while it catches up, at most", peak_mb, "MB", 32),
        at_least(PART, "effects committed / events", committed / head, "times", 1),
    ]


def _short(flow: int, rounds: int) -> list[float]:
    _stage.empty()
    head = _fill(0, SHORT)
    _until_quiet(head)
    return _flows(head, flow, rounds)[0]


def _fill(head: int, count: int) -> int:
    """Put so many events into the log with set-based SQL, nobody woken; return the head."""
    left = count
    while left:
        size = min(left, FILL_AT_ONCE)
        partitions.ensure_ahead(PUBLISHER, room=size)
        with transaction.atomic(using=PUBLISHER), connections[PUBLISHER].cursor() as cursor:
            name, things = _play.Batch.event_name, _publishing.THINGS
            cursor.execute(FILL, [name, things, things, _play.WORD, size])
        with transaction.atomic(using=PUBLISHER):
            sequencer.take_lock(PUBLISHER)
            sequencer.sequence(PUBLISHER)
        left -= size
    with connections[PUBLISHER].cursor() as cursor:
        cursor.execute("analyze messaging_event, messaging_position")
    return head + count


def _flows(head: int, flow: int, rounds: int) -> tuple[list[float], int]:
    """Return the rates of so many rounds, and the head after them, once the database has put things in order."""
    _stage.tidy()
    rates = []
    for _ in range(rounds):
        with transport.use(MemoryTransport()):  # Nobody is woken yet.
            _publishing.publish_flow(_play.Batch, flow)
        head += flow
        took_s, _ = _until_quiet(head)
        rates.append(flow / took_s)
    return rates, head


def _until_quiet(head: int) -> tuple[float, float]:
    """Wake the relay and wait until all is acknowledged; return the seconds and the broker's highest memory in MB."""
    began, peak_mb = time.monotonic(), 0.0
    transport.current().hint(relay_message(PUBLISHER))
    while not _stage.quiet(head):
        peak_mb = max(peak_mb, _stage.memory_mb())
        _stage.require_patience(began)
        _stage.sweep_now_and_then()
        time.sleep(0.02)
    return time.monotonic() - began, peak_mb
