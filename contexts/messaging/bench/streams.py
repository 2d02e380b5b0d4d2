"""`bench streams`: event-sourced streams beside the Python `eventsourcing` library on the same server."""

from __future__ import annotations

import argparse
import json
import os
import time
from collections.abc import Callable
from contextlib import ExitStack
from importlib import import_module
from importlib.metadata import version
from statistics import median
from typing import Any
from uuid import UUID

import msgspec
from django.db import connections, transaction
from rich.console import Console
from rich.table import Table
from uuid_utils.compat import uuid7

from contexts.messaging import projections, snapshots, transport
from contexts.messaging.bench._counters import Ours, ours
from contexts.messaging.bench._scratch import scratch
from contexts.messaging.memory import MemoryTransport
from contexts.messaging.streams import load, save

HELP = "Event-sourced streams: appends, loads, snapshots and projections, beside the eventsourcing library."

NOTE = "left at the door, as agreed on the telephone"


class Figure(msgspec.Struct, frozen=True, kw_only=True):
    """One thing measured on both sides: rates, the median of the rounds.

    `ratio` is how many times faster ours is, `lowest` and `highest` what single rounds gave; `target` what it should be.
    """

    name: str
    unit: str
    ours: float
    theirs: float
    ratio: float
    lowest: float
    highest: float
    target: float
    met: bool


class Measurement(msgspec.Struct, frozen=True, kw_only=True):
    """A round of work on each side: `count` things done, timed."""

    name: str
    unit: str
    target: float
    count: int
    ours: Callable[[], None]
    theirs: Callable[[], None]
    before: Callable[[], None] = lambda: None


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--rounds", type=int, default=5, metavar="N", help="interleaved rounds; the median counts (5)")
    parser.add_argument("--long", type=int, default=10_000, metavar="N", help="events of the long stream (10000)")
    parser.add_argument("--projected", type=int, default=2_000, metavar="N", help="events to project (2000)")
    parser.add_argument("--json", action="store_true", help="print JSON for a script")


def run(options: dict[str, Any], console: Console) -> int:
    rounds, long, projected = (
        max(least, options[name]) for name, least in (("rounds", 1), ("long", 100), ("projected", 10))
    )
    rival = import_module("contexts.messaging.bench._rival")
    began = time.monotonic()
    with ExitStack() as stack:
        stack.enter_context(scratch())
        stack.enter_context(transport.use(MemoryTransport()))
        bench = Bench(stack.enter_context(ours()), rival, stack)
        figures = [_figure(one, rounds, console, options) for one in bench.measurements(long=long, projected=projected)]
        growth = bench.growth(rounds)
        server = _server()
    missed = [figure for figure in figures if not figure.met]
    load_average = os.getloadavg()[0]
    if options["json"]:
        document = {
            "figures": figures, "snapshot_load_ms": growth, "rounds": rounds, "load_average": load_average,
            "cores": os.cpu_count(), "server": server, "eventsourcing": version("eventsourcing"), "met": not missed,
        }  # fmt: skip
        console.file.write(json.dumps(msgspec.to_builtins(document)) + "\n")
        return 1 if missed else 0
    _print(console, figures)
    short, grown = growth.values()
    console.print(
        f"A load with a snapshot takes {short:.3f} ms for a stream of {next(iter(growth))} events and {grown:.3f} ms for one "
        f"of {list(growth)[1]}.",
        highlight=False,
    )
    console.print(
        f"Medians of {rounds} interleaved rounds in {time.monotonic() - began:.0f} s; eventsourcing "
        f"{version('eventsourcing')}, {server}; load average {load_average:.1f} on {os.cpu_count()} cores.",
        highlight=False,
    )
    for figure in missed:
        console.print(f"[red]{figure.name}: {figure.ratio:.2f} times, {figure.target} wanted.[/]", highlight=False)
    return 1 if missed else 0


class Bench:
    """Both sides with their streams; each measurement does the same on both."""

    def __init__(self, side: Ours, rival: Any, stack: ExitStack) -> None:
        self.side, self.rival, self.stack = side, rival, stack
        self.application = stack.enter_context(rival.application("bench"))

    def measurements(self, *, long: int, projected: int) -> list[Measurement]:
        """Fill the streams and return what is to be measured; projecting comes first, while nothing else is there."""
        self._fill(projected // 10, 10)
        our_ids, their_ids = self._ids, self._their_ids
        return [
            Measurement(
                name="project from nothing", unit="events/s", target=2, count=projected // 10 * 10 + projected // 10,
                ours=lambda: self._rebuild(), theirs=lambda: self.rival.project_all("bench", self.application),
                before=self._empty_read_models,
            ),
            self._append("append one event", 1, 200, 1.3),
            self._append("append ten in a transaction", 10, 100, 2),
            Measurement(
                name="load an order of 10 events", unit="loads/s", target=2, count=min(200, len(our_ids)),
                ours=lambda: self._load_all(self.side.plain, our_ids[:200]),
                theirs=lambda: self._load_theirs(self.application, their_ids[:200]),
            ),
            *self._long(long),
        ]  # fmt: skip

    def growth(self, rounds: int) -> dict[int, float]:
        """Return how long a load with a snapshot takes, in ms, by the length of the stream."""
        took: dict[int, list[float]] = {}
        for _ in range(max(rounds, 3)):
            for length, id in self._snapshotted.items():
                began = time.perf_counter()
                for _ in range(100):
                    load(self.side.kind, id)
                took.setdefault(length, []).append((time.perf_counter() - began) * 10)
        return {length: median(times) for length, times in sorted(took.items())}

    # --- the work

    def _append(self, name: str, size: int, count: int, target: float) -> Measurement:
        mine = [load(self.side.kind, uuid7()) for _ in range(20)]
        yours = [self.rival.Counter() for _ in range(20)]
        for aggregate, other in zip(mine, yours, strict=True):
            self._append_ours(aggregate, 1)
            self.application.save(other)

        def our_way() -> None:
            for nr in range(count):
                self._append_ours(mine[nr % 20], size)

        def their_way() -> None:
            for nr in range(count):
                self._append_theirs(yours[nr % 20], size)

        return Measurement(
            name=name, unit="events/s", target=target, count=count * size, ours=our_way, theirs=their_way
        )

    def _long(self, long: int) -> list[Measurement]:
        mine, other = load(self.side.kind, uuid7()), self.rival.Counter()
        short = load(self.side.kind, uuid7())
        snapshotting = self.stack.enter_context(self.rival.application("bench", snapshots=True))
        for aggregate, length in ((mine, long), (short, long // 10)):
            for size in _pieces(length - 5):
                self._append_ours(aggregate, size)
            snapshots.keep(aggregate)
            self._append_ours(aggregate, 5)
        snapshotting.save(other)
        for size in _pieces(long - 6):
            self._append_theirs(other, size)
        snapshotting.take_snapshot(other.id)
        self._append_theirs(other, 5)
        self._snapshotted = {long // 10: short.id, long: mine.id}
        return [
            Measurement(
                name=f"load {long} events, no snapshot", unit="loads/s", target=2, count=2,
                ours=lambda: self._load_all(self.side.plain, [mine.id] * 2),
                theirs=lambda: self._load_theirs(self.application, [other.id] * 2),
            ),
            Measurement(
                name=f"load {long} events, snapshot", unit="loads/s", target=1, count=100,
                ours=lambda: self._load_all(self.side.kind, [mine.id] * 100),
                theirs=lambda: self._load_theirs(snapshotting, [other.id] * 100),
            ),
        ]  # fmt: skip

    def _fill(self, streams: int, length: int) -> None:
        self._ids: list[UUID] = []
        self._their_ids: list[UUID] = []
        for _ in range(streams):
            mine, other = load(self.side.kind, uuid7()), self.rival.Counter()
            # Their first event is the creation, so that both have `length` and one.
            self._append_ours(mine, length + 1)
            self._append_theirs(other, length)
            self._ids.append(mine.id)
            self._their_ids.append(other.id)

    def _append_ours(self, aggregate: Any, size: int) -> None:
        for nr in range(size):
            aggregate.record(self.side.event(counter_id=aggregate.id, item=f"item {nr}", amount=nr, note=NOTE))
        with transaction.atomic(using="bench"):
            save(aggregate)

    def _append_theirs(self, aggregate: Any, size: int) -> None:
        for nr in range(size):
            aggregate.tally(item=f"item {nr}", amount=nr, note=NOTE)
        self.application.save(aggregate)

    def _load_all(self, kind: Any, ids: list[UUID]) -> None:
        for id in ids:
            load(kind, id)

    def _load_theirs(self, application: Any, ids: list[UUID]) -> None:
        for id in ids:
            application.repository.get(id)

    def _rebuild(self) -> None:
        projections.rebuild(self.side.totals)

    def _empty_read_models(self) -> None:
        with connections["bench"].cursor() as cursor:
            cursor.execute("truncate bench_totals")
            self.rival.forget(cursor, "bench")


def _pieces(length: int) -> list[int]:
    """Return sizes of at most 500 that add up to a length."""
    return [500] * (length // 500) + ([length % 500] if length % 500 else [])


def _figure(one: Measurement, rounds: int, console: Console, options: dict[str, Any]) -> Figure:
    """Time both sides in turns, the first to go alternating, after a round that does not count."""
    took: dict[str, list[float]] = {"ours": [], "theirs": []}
    for nr in range(rounds + 1):
        one.before()
        for side in ("ours", "theirs") if nr % 2 else ("theirs", "ours"):
            began = time.perf_counter()
            getattr(one, side)()
            if nr:
                took[side].append(time.perf_counter() - began)
    rates = {side: one.count / median(times) for side, times in took.items()}
    ratio = rates["ours"] / rates["theirs"]
    by_round = [theirs / ours for ours, theirs in zip(took["ours"], took["theirs"], strict=True)]
    return Figure(
        name=one.name, unit=one.unit, ours=rates["ours"], theirs=rates["theirs"], ratio=ratio, lowest=min(by_round),
        highest=max(by_round), target=one.target, met=ratio >= one.target,
    )  # fmt: skip


def _server() -> str:
    with connections["bench"].cursor() as cursor:
        cursor.execute("select current_setting('server_version'), current_setting('fsync')")
        number, fsync = cursor.fetchone()
        return f"PostgreSQL {number.split()[0]}, fsync {fsync}"


def _print(console: Console, figures: list[Figure]) -> None:
    table = Table(box=None, pad_edge=False, header_style="bold")
    table.add_column("measured")
    for name in ("ours", "eventsourcing", "ratio", "of rounds", "target"):
        table.add_column(name, justify="right")
    table.add_column("unit")
    for figure in figures:
        colour = "green" if figure.met else "red"
        table.add_row(
            figure.name, _rate(figure.ours), _rate(figure.theirs), f"[{colour}]{figure.ratio:.2f}[/]",
            f"{figure.lowest:.2f} to {figure.highest:.2f}", f"{figure.target:g}", figure.unit,
        )  # fmt: skip
    console.print(table)


def _rate(rate: float) -> str:
    return f"{rate:,.0f}" if rate >= 100 else f"{rate:.1f}"
