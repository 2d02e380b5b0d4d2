"""One run: processes, a network, a server and clients, all from one seed, until everything has calmed down."""

from __future__ import annotations

import hashlib
import logging
import types
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec
from django.conf import settings
from django.db import connections
from django.db.utils import Error

from contexts.messaging import (
    acknowledging,
    chores,
    crashpoints,
    delivery,
    envelope,
    inbox,
    log,
    measuring,
    parking,
    planning,
    redrive,
    sweeping,
    timers,
    transport,
    work,
)
from contexts.messaging.errors import MessagingError
from contexts.messaging.simulation import shop_statements, statements
from contexts.messaging.simulation.backend import ModelConnection
from contexts.messaging.simulation.cluster import Cluster, Row, Session, Snapshot
from contexts.messaging.simulation.history import History, Tables, tables_of_model
from contexts.messaging.simulation.network import Faults, Network, short
from contexts.messaging.simulation.scheduler import EPOCH, Fiber, Scheduler
from contexts.messaging.simulation.shop import CONTEXTS, SKUS, STOCK, Shop
from contexts.messaging.transport import Message

PARTITIONS = 2
WORKERS = 3
CLIENTS = 3
OPERATIONS = 6
BEAT_S = 1.0

#: The storm is over after this many simulated seconds, whatever the clients still want.
STORM_S = 20.0
#: Steps of the scheduler; a run that needs more never calms down.
STEPS = 60_000
#: Looks at a shop that has nothing to do: the last of them hours apart, longer than any retry.
PATIENCE_S = (0, 1, 2, 5, 15, 30, 60, 120, 300, 600, 1200, 2400, 3600, 3600)

Mutation = Callable[["Run"], Any]


class Outcome(msgspec.Struct, kw_only=True):
    """What one run left behind."""

    seed: int
    trace: list[str]
    history: list[dict[str, Any]]
    tables: Tables
    steps: int
    quiet: bool

    @property
    def fingerprint(self) -> str:
        """A digest of the trace: two runs with the same one took the same steps."""
        return hashlib.blake2b("\n".join(self.trace).encode(), digest_size=8).hexdigest()

    @property
    def events(self) -> int:
        return sum(len(tables["messaging_event"]) for tables in self.tables.values())


class Run:
    """The world of one seed."""

    def __init__(self, seed: int, *, faults: Faults | None = None, partitions: int = PARTITIONS) -> None:
        self.seed = seed
        self.scheduler = Scheduler(seed)
        self.faults = faults or Faults.drawn(self.scheduler)
        self.cluster = Cluster(self.scheduler)
        self.network = Network(self.scheduler, self.faults)
        self.history = History()
        self.shop = Shop(self)
        self.partitions = partitions
        self.page_events = self.scheduler.chance.choice((2, 5, 500))
        self.calm = False
        self.quiet = False
        self._steps = 0
        self._serial = self._taken = 0
        self._patience: list[int] = []
        self._orders: list[str] = []
        self._workers: list[Fiber] = []
        self._clients: list[tuple[Fiber, str, list[int]]] = []
        self._spare: list[list[ModelConnection]] = []
        self._next_beat = 0.0

    # --- what the shop needs to know of the world

    def chance(self) -> float:
        return self.scheduler.chance.random()

    def now(self) -> datetime:
        return self.scheduler.datetime()

    def record(self, kind: str, **facts: Any) -> None:
        self.history.record(kind, **facts)
        self.scheduler.note(f"{kind} {' '.join(str(value) for value in facts.values())}")

    def pause(self) -> None:
        self.scheduler.pause()

    def linger(self) -> None:
        self.scheduler.sleep(self.chance() * 0.4)

    @property
    def handler_fails(self) -> float:
        return 0.0 if self.calm else self.faults.handler_fails

    @property
    def bank_fails(self) -> float:
        return 0.0 if self.calm else self.faults.loss

    def uuid(self) -> UUID:
        """Return an id that grows, as UUIDv7 does, from the seed."""
        self._serial += 1
        return UUID(int=(self._serial << 80) | (7 << 76) | (2 << 62) | (self.seed & 0xFFFFFFFF))

    # --- the run

    def run(self) -> None:
        with self._installed(), self.shop.open():
            self._create()
            self.record("run", workload="simulation", seed=self.seed, partitions=self.partitions)
            for number in range(CLIENTS):
                self._start_client(f"c{number}", list(range(OPERATIONS)))
            while self._steps < STEPS and self._step():
                self._steps += 1
            self.quiet = self.quiet or self._is_quiet()
            for fiber in list(self.scheduler.fibers):
                self._kill(fiber)
            self.record("end", quiet=self.quiet)

    def _create(self) -> None:
        cluster = self.cluster
        for context in CONTEXTS:
            statements.create_tables(cluster, context)
        shop_statements.create_tables(cluster)
        for context in CONTEXTS:
            session = Session(cluster, context, "setup")
            first = {"id": 1, "head": 0, "relayed": 0, "whole_after": 0, "snapshot": Snapshot(3, 3, frozenset())}
            session.insert("messaging_sequencer", first)
            session.commit()
        self._spawn("setup", self.shop.fill)
        while self.scheduler.fibers:
            self.scheduler.step(self.scheduler.fibers[0])

    def _step(self) -> bool:
        """Let one thing happen; False when everything is over."""
        scheduler, network = self.scheduler, self.network
        scheduler.now += self.chance() * 0.01
        storm = not self.calm
        if storm and ((not self._clients and scheduler.now > 2) or scheduler.now > STORM_S):
            self._end_storm()
            storm = False
        if storm:
            self._misfortune()
            if scheduler.now >= self._next_beat:
                self._beat()
        ready = scheduler.ready()
        due = network.due() if len(self._workers) < WORKERS else 0
        if ready or due:
            index = int(self.chance() * (len(ready) + due))
            if index < len(ready):
                self._advance(ready[index])
            else:
                self._take(network.take(index - len(ready)))
            return True
        return self._wait(storm=storm)

    def _wait(self, *, storm: bool) -> bool:
        """Nothing can happen now: go to when something can, or see whether all is done."""
        later = [fiber.wake_at for fiber in self.scheduler.fibers if fiber.wake_at > self.scheduler.now]
        arriving = self.network.next_due_at()
        if arriving is not None and len(self._workers) < WORKERS:
            later.append(arriving)
        if storm:
            later.append(self._next_beat)
        if later:
            self.scheduler.now = max(self.scheduler.now, min(later))
            return True
        if self.scheduler.fibers:
            raise AssertionError("Everybody waits for somebody, and nobody noticed.")
        if self._is_quiet():
            self.quiet = True
            return False
        if not self._patience:
            return False
        self.scheduler.now += self._patience.pop(0)
        self._beat()
        return True

    def _end_storm(self) -> None:
        self.calm = True
        self.scheduler.note("the storm is over")
        self.network.faults = self.faults = Faults()
        self.network.away_until = 0.0
        self._patience = list(PATIENCE_S)
        for fiber in self.scheduler.fibers:
            fiber.wake_at = min(fiber.wake_at, self.scheduler.now + 1)

    def _beat(self) -> None:
        self._next_beat = self.scheduler.now + BEAT_S
        for context in CONTEXTS:
            if self.scheduler.now >= self.network.away_until:
                self.network.put(Message("messaging.sweep", context, (context,)))

    def _misfortune(self) -> None:
        """Kill, stall, cut, flush - or, mostly, nothing."""
        faults, scheduler = self.faults, self.scheduler
        fibers = scheduler.fibers
        if fibers and self.chance() < faults.kill:
            self._kill(scheduler.chance.choice(fibers))
        if fibers and self.chance() < faults.stall:
            fiber = scheduler.chance.choice(fibers)
            fiber.wake_at = scheduler.now + self.chance() * 8
            scheduler.note(f"{fiber.name} stands still until {fiber.wake_at:.3f}")
        if self.chance() < faults.server_crash:
            scheduler.note("the database server crashes and restarts")
            self.cluster.crash()
        if self.chance() < faults.flush:
            scheduler.note(f"the broker is emptied: {self.network.flush()} messages gone")
        if self.chance() < faults.broker_away:
            self.network.away_until = scheduler.now + self.chance() * 3
            scheduler.note(f"the broker is away until {self.network.away_until:.3f}")

    # --- processes

    def _take(self, message: Message) -> None:
        """A worker takes a message off the queue."""
        self._taken += 1
        name = f"task-{self._taken} {message.queue}"
        self.scheduler.note(f"{name} takes {short(message)}")

        self._workers.append(self._spawn(name, lambda: work.perform(message)))

    def _start_client(self, client: str, left: list[int]) -> None:
        def shop() -> None:
            while left:
                nr = left.pop(0)
                self.scheduler.sleep(self.chance() * 0.7)
                if self._orders and self.chance() < 0.55:
                    self.shop.note(self.scheduler.chance.choice(self._orders[-2:]), client=client, nr=nr)
                else:
                    self._orders.append(f"{client}.{nr}")
                    self.shop.place(client=client, nr=nr)

        self._clients.append((self._spawn(client, shop), client, left))

    def _spawn(self, name: str, function: Callable[[], None]) -> Fiber:
        """Start a process with connections of its own."""
        own = self._spare.pop() if self._spare else [ModelConnection(self.cluster, name) for name in CONTEXTS]
        for connection in own:
            connection.owner = name

        def enter() -> None:
            for connection in own:
                connections[connection.alias] = connection

        def run() -> None:
            try:
                with transport.use(self.network):
                    function()
            finally:
                for connection in own:
                    connection.hang_up()
            self._spare.append(own)

        return self.scheduler.spawn(name, run, entered=enter)

    def _advance(self, fiber: Fiber) -> None:
        self.scheduler.step(fiber)
        if fiber.done:
            self._ended(fiber)

    def _ended(self, fiber: Fiber) -> None:
        if fiber in self._workers:
            self._workers.remove(fiber)
        self._clients = [entry for entry in self._clients if entry[0] is not fiber]
        if fiber.error is None:
            return
        if isinstance(fiber.error, (Error, ConnectionError)):
            self.scheduler.note(f"{fiber.name} failed: {type(fiber.error).__name__}: {fiber.error}")
            return
        raise fiber.error

    def _kill(self, fiber: Fiber) -> None:
        self.scheduler.note(f"{fiber.name} is killed")
        for session in [session for session in self.cluster.sessions if session.owner == fiber.name]:
            session.cut()
            self.cluster.sessions.remove(session)
        client = next((entry for entry in self._clients if entry[0] is fiber), None)
        self.scheduler.kill(fiber)
        self._ended(fiber)
        if client is not None and client[2] and not self.calm:
            self._start_client(client[1], client[2])

    # --- the world that production code sees

    @contextmanager
    def _installed(self, *, own_connections: bool = True) -> Iterator[None]:
        """Put the simulated clock, ids and settings in place of the real ones."""
        with ExitStack() as stack:
            for module in (planning, acknowledging, log, inbox, parking, redrive, sweeping, timers, work):
                stack.enter_context(_replaced(module, "datetime", _clock(self.scheduler)))
            for module in (log, envelope):
                stack.enter_context(_replaced(module, "uuid7", self.uuid))
            clock = types.SimpleNamespace(sleep=self.scheduler.sleep, monotonic=lambda: self.scheduler.now)
            for module in (chores, delivery, sweeping, work):
                stack.enter_context(_replaced(module, "time", clock))
            stack.enter_context(_replaced(planning, "PAGE_EVENTS", self.page_events))
            # Making tables for events to come is no part of what is simulated.
            # What looks at the server itself, rather than at the backbone's tables.
            for caretaker in ("partitions", "watching"):
                stack.enter_context(_replaced(work, caretaker, types.SimpleNamespace(look_after=lambda context: None)))
            stack.enter_context(_replaced(settings, "CONTEXTS", CONTEXTS))
            stack.enter_context(_replaced(settings, "MESSAGING_PARTITIONS", self.partitions))
            stack.enter_context(_replaced(measuring, "count", lambda *counted, **amount: None))
            stack.enter_context(crashpoints.hooked(self._at_crash_point))
            if own_connections:
                stack.enter_context(_own_connections())
            logging.disable(logging.CRITICAL)
            stack.callback(logging.disable, logging.NOTSET)
            yield

    def _at_crash_point(self, name: str) -> None:
        self.scheduler.pause()

    # --- is all done?

    def _is_quiet(self) -> bool:
        return is_quiet(self.cluster.committed)


def is_quiet(rows: Callable[[str, str], list[Row]]) -> bool:
    """Return whether nothing is left to send, deliver, retry, fire or charge."""
    for context in CONTEXTS:
        (state,) = rows(context, "messaging_sequencer")
        head = state["head"]
        if head != len(rows(context, "messaging_event")) or state["relayed"] != head:
            return False
        for row in rows(context, "messaging_subscription"):
            if row["sent"] != row["acknowledged"] or (row["scanned"] is not None and row["scanned"] != head):
                return False
        if rows(context, "messaging_timer") or rows(context, "messaging_parked"):
            return False
    return not [row for row in rows("payments", "sim_payment") if row["state"] == "due"]


def _clock(scheduler: Scheduler) -> type[datetime]:
    class SimulatedDatetime(datetime):
        @classmethod
        def now(cls, tz: Any = None) -> Any:
            return scheduler.datetime()

    return SimulatedDatetime


@contextmanager
def _own_connections() -> Iterator[None]:
    """Put this thread's real connections aside and back again."""
    storage = connections._connections  # type: ignore[attr-defined]
    before = {context: getattr(storage, context) for context in CONTEXTS if hasattr(storage, context)}
    try:
        yield
    finally:
        for context in CONTEXTS:
            if context in before:
                connections[context] = before[context]
            elif hasattr(storage, context):
                del connections[context]


_MISSING = object()


@contextmanager
def _replaced(owner: Any, name: str, value: Any) -> Iterator[None]:
    before = getattr(owner, name, _MISSING)
    setattr(owner, name, value)
    try:
        yield
    finally:
        if before is _MISSING:
            delattr(owner, name)
        else:
            setattr(owner, name, before)


def simulate(seed: int, *, faults: Faults | None = None, mutation: Mutation | None = None) -> Outcome:
    """Run one seed; `mutation` is a context manager over the run that breaks something on purpose.

    Raises:
        MessagingError: the model does not know a statement that production sends.
    """
    run = Run(seed, faults=faults)
    if mutation is None:
        run.run()
    else:
        with mutation(run):
            run.run()
    return Outcome(
        seed=seed,
        trace=run.scheduler.trace,
        history=run.history.lines,
        tables=tables_of_model(run.cluster),
        steps=run._steps,
        quiet=run.quiet,
    )


__all__ = ["EPOCH", "SKUS", "STOCK", "MessagingError", "Outcome", "Run", "simulate"]
