"""The same shop, one step after another, over real PostgreSQL or over the model: crashes fall on crash points.

What cannot be shown here is two transactions at once; that is what the model is for. What is shown here is that the
model means what PostgreSQL means: with one seed, both worlds leave the same trace and the same rows.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

from django.db import connections
from django.db.utils import Error

from contexts.messaging import transport, work
from contexts.messaging.crashpoints import Crash
from contexts.messaging.simulation import shop_statements, statements
from contexts.messaging.simulation.backend import ModelConnection
from contexts.messaging.simulation.cluster import Row, Session, Snapshot
from contexts.messaging.simulation.history import Tables, tables_of_model, tables_of_postgres
from contexts.messaging.simulation.network import short
from contexts.messaging.simulation.run import BEAT_S, PATIENCE_S, Outcome, Run, is_quiet
from contexts.messaging.simulation.shop import CONTEXTS

#: Things that happen in the storm, and the chance that one of them is cut short at a crash point.
HAPPENINGS = 110
CRASH = 0.12


class Store(Protocol):
    """Where the tables are."""

    def begin(self, run: SerialRun) -> None: ...

    def crashed(self) -> None: ...

    def rows(self, schema: str, table: str) -> list[Row]: ...

    def tables(self) -> Tables: ...


class ModelStore:
    """The model, without anything going on at the same time."""

    def begin(self, run: SerialRun) -> None:
        self._cluster = run.cluster
        for context in CONTEXTS:
            statements.create_tables(self._cluster, context)
        shop_statements.create_tables(self._cluster)
        for context in CONTEXTS:
            session = Session(self._cluster, context, "setup")
            first = {"id": 1, "head": 0, "relayed": 0, "whole_after": 0, "snapshot": Snapshot(3, 3, frozenset())}
            session.insert("messaging_sequencer", first)
            session.commit()
        self.crashed()

    def crashed(self) -> None:
        """A new process has new connections."""
        for session in list(self._cluster.sessions):
            session.cut()
        self._cluster.sessions.clear()
        for context in CONTEXTS:
            connections[context] = ModelConnection(self._cluster, context)

    def rows(self, schema: str, table: str) -> list[Row]:
        return self._cluster.committed(schema, table)

    def tables(self) -> Tables:
        return tables_of_model(self._cluster)


class PostgresStore:
    """The real tables, through this process's own connections; the shop's own are made by the caller."""

    def begin(self, run: SerialRun) -> None:
        pass

    def crashed(self) -> None:
        """Django has rolled back what was open when the crash went through it."""

    def rows(self, schema: str, table: str) -> list[Row]:
        with connections[schema].cursor() as cursor:
            cursor.execute(f"select * from {table}")
            names = [column.name for column in cursor.description]
            return [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]

    def tables(self) -> Tables:
        return tables_of_postgres(CONTEXTS)


class SerialRun(Run):
    """One process that does everything, and dies now and then."""

    def __init__(self, seed: int, store: Store) -> None:
        super().__init__(seed)
        self.store = store
        self.crashes: list[str] = []
        self._crash_in = 0
        self._nr = 0

    def run(self) -> None:
        if isinstance(self.store, ModelStore):
            with self._installed():
                self._go()
        else:
            with self._installed(own_connections=False):
                self._go()

    def _go(self) -> None:
        with self.shop.open(), transport.use(self.network):
            self.store.begin(self)
            self.record("run", workload="simulation", seed=self.seed, partitions=self.partitions)
            self.shop.fill()
            for _ in range(HAPPENINGS):
                self.scheduler.now += self.chance() * 0.2
                self._happening()
            self._end_storm()
            self._settle()
            self.record("end", quiet=self.quiet)

    def _happening(self) -> None:
        """Something that would go on at the same time as other things elsewhere; here it is alone."""
        if self.scheduler.now >= self._next_beat:
            self._next_beat = self.scheduler.now + BEAT_S
            self._beat()
        if self.chance() < self.faults.flush:
            self.scheduler.note(f"the broker is emptied: {self.network.flush()} messages gone")
        self._crash_in = 1 + int(self.chance() * 6) if self.chance() < CRASH else 0
        due = self.network.due()
        if due and self.chance() < 0.75:
            message = self.network.take(int(self.chance() * due))
            self._do(short(message), lambda: work.perform(message))
        elif self._orders and self.chance() < 0.5:
            order_id = self.scheduler.chance.choice(self._orders)
            self._do(f"note {order_id}", lambda: self.shop.note(order_id, client="c", nr=self._next_nr()))
        else:
            nr = self._next_nr()
            self._orders.append(f"c.{nr}")
            self._do(f"place c.{nr}", lambda: self.shop.place(client="c", nr=nr))
        self._crash_in = 0

    def _next_nr(self) -> int:
        self._nr += 1
        return self._nr

    def _do(self, what: str, act: Callable[[], None]) -> None:
        self.scheduler.note(what)
        try:
            act()
        except Crash as crash:
            self.crashes.append(str(crash))
            self.scheduler.note(f"crashed at {crash}")
            self.store.crashed()
        except (Error, ConnectionError) as problem:
            self.scheduler.note(f"failed: {type(problem).__name__}")

    def _at_crash_point(self, name: str) -> None:
        if self._crash_in:
            self._crash_in -= 1
            if self._crash_in == 0:
                raise Crash(name)

    def _settle(self) -> None:
        """Go on without faults until nothing is left to do."""
        for wait_s in PATIENCE_S:
            self.scheduler.now += wait_s
            self._beat()
            while (at := self.network.next_due_at()) is not None:
                self.scheduler.now = max(self.scheduler.now, at)
                message = self.network.take(0)
                self._do(short(message), lambda message=message: work.perform(message))  # type: ignore[misc]
            if is_quiet(self.store.rows):
                self.quiet = True
                return


def simulate_serially(seed: int, store: Store) -> tuple[Outcome, list[str]]:
    """Run one seed over a store; return what it left behind and where it crashed."""
    run = SerialRun(seed, store)
    run.run()
    outcome = Outcome(
        seed=seed, trace=run.scheduler.trace, history=run.history.lines, tables=store.tables(),
        steps=HAPPENINGS, quiet=run.quiet,
    )  # fmt: skip
    return outcome, run.crashes
