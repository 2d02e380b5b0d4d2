"""A model of PostgreSQL: what the backbone's promises rest on, and nothing else.

Row versions with xmin and xmax, snapshots of (xmin, xmax, xip), READ COMMITTED with a snapshot for each statement,
row locks that wait and look again at the newest version, unique keys that wait for the other writer, advisory locks,
identities drawn before the commit and never given back, savepoints, deadlocks, and a server that dies.
What a statement means is in `statements`; `tests/simulation` runs both worlds side by side.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from django.db.utils import IntegrityError, OperationalError

from contexts.messaging.simulation.scheduler import Scheduler

Row = dict[str, Any]

#: Dead row versions are cleared away after this many transactions, at the next moment at which none is open.
VACUUM_AFTER = 40


class Version:
    """One version of a row."""

    __slots__ = ("locker", "newer", "row", "xmax", "xmin")

    def __init__(self, row: Row, xmin: int) -> None:
        self.row, self.xmin = row, xmin
        self.xmax: int | None = None
        self.newer: Version | None = None
        self.locker: int | None = None


class Table:
    """All versions of a table's rows, in the order of their writing."""

    def __init__(self, unique: tuple[tuple[str, ...], ...] = ()) -> None:
        self.versions: list[Version] = []
        self.unique = unique


class Snapshot:
    """Who counted as finished at one moment, as pg_snapshot says it."""

    __slots__ = ("xip", "xmax", "xmin")

    def __init__(self, xmin: int, xmax: int, xip: frozenset[int]) -> None:
        self.xmin, self.xmax, self.xip = xmin, xmax, xip

    def contains(self, xid: int) -> bool:
        """Whether the transaction had ended by then."""
        return xid < self.xmax and xid not in self.xip

    def __str__(self) -> str:
        return f"{self.xmin}:{self.xmax}:{','.join(map(str, sorted(self.xip)))}"


class Cluster:
    """A server with a schema per context: transaction ids and locks are shared by all of them."""

    def __init__(self, scheduler: Scheduler) -> None:
        self.scheduler = scheduler
        self.tables: dict[tuple[str, str], Table] = {}
        self.sequences: dict[tuple[str, str], int] = {}
        self.next_xid = 3
        self.latest_completed = 2
        self.running: dict[int, Session] = {}
        self.aborted: set[int] = set()
        self.advisory: dict[int, int] = {}
        self.sessions: list[Session] = []
        self._waits: dict[int, int] = {}
        self._ended = 0

    def create(self, schema: str, name: str, *unique: tuple[str, ...]) -> Table:
        made = self.tables[schema, name] = Table(unique)
        return made

    def draw(self, schema: str, sequence: str) -> int:
        """Take the next value of a sequence; a rollback does not give it back."""
        value = self.sequences.get((schema, sequence), 0) + 1
        self.sequences[schema, sequence] = value
        return value

    def snapshot(self, own: int | None = None) -> Snapshot:
        """Return who counts as finished now; like pg_current_snapshot(), a transaction does not count itself."""
        xmax = self.latest_completed + 1
        xip = frozenset(xid for xid in self.running if xid < xmax and xid != own)
        return Snapshot(min(xip, default=xmax), xmax, xip)

    def wait_for(self, waiter: int, holder: int) -> None:
        """Let a transaction wait until another has ended."""
        other: int | None = holder
        while other is not None:
            if other == waiter:
                raise OperationalError("deadlock detected")
            other = self._waits.get(other)
        self._waits[waiter] = holder
        try:
            self.scheduler.wait(lambda: holder not in self.running or waiter not in self.running)
        finally:
            self._waits.pop(waiter, None)

    def end(self, xid: int, *, committed: bool) -> None:
        self.running.pop(xid, None)
        self.latest_completed = max(self.latest_completed, xid)
        if not committed:
            self.aborted.add(xid)
        self._ended += 1
        if not self.running and self._ended > VACUUM_AFTER:
            self._vacuum()
        for key in [key for key, holder in self.advisory.items() if holder == xid]:
            del self.advisory[key]

    def _vacuum(self) -> None:
        """Forget row versions that nobody can see any more; nothing is in progress."""
        self._ended = 0
        for table in self.tables.values():
            table.versions = [
                version
                for version in table.versions
                if version.xmin not in self.aborted and (version.xmax is None or version.xmax in self.aborted)
            ]
        for table in self.tables.values():
            for version in table.versions:
                version.xmax = version.locker = None
        self.aborted.clear()

    def crash(self) -> None:
        """The server dies and comes back: every transaction in progress is gone, every connection is cut."""
        for session in self.sessions:
            session.cut()
        self.sessions.clear()

    def committed(self, schema: str, name: str) -> list[Row]:
        """Return a table's rows as a new connection would see them."""
        now = self.snapshot()
        return [version.row for version in self.tables[schema, name].versions if self._visible(version, now, None)]

    def _visible(self, version: Version, snapshot: Snapshot, own: int | None) -> bool:
        if not self._counts(version.xmin, snapshot, own):
            return False
        return version.xmax is None or not self._counts(version.xmax, snapshot, own)

    def _counts(self, xid: int, snapshot: Snapshot, own: int | None) -> bool:
        return xid == own or (snapshot.contains(xid) and xid not in self.aborted)


class Session:
    """A connection to one schema."""

    def __init__(self, cluster: Cluster, schema: str, owner: str) -> None:
        self.cluster, self.schema, self.owner = cluster, schema, owner
        self.alive = True
        self.autocommit = True
        self.xid_: int | None = None
        self.snapshot = cluster.snapshot()
        self._undo: list[Callable[[], None]] = []
        self._savepoints: list[tuple[str, int]] = []
        cluster.sessions.append(self)

    # --- transactions

    def require_alive(self) -> None:
        if not self.alive:
            raise OperationalError("server closed the connection unexpectedly")

    def xid(self) -> int:
        """Return the id of this transaction, drawn at its first write or lock."""
        if self.xid_ is None:
            self.xid_ = self.cluster.next_xid
            self.cluster.next_xid += 1
            self.cluster.running[self.xid_] = self
        return self.xid_

    def begin_statement(self) -> None:
        """Take the snapshot of one statement."""
        self.require_alive()
        self.snapshot = self.cluster.snapshot(self.xid_)

    def commit(self) -> None:
        self.require_alive()
        self._end(committed=True)

    def rollback(self) -> None:
        self.require_alive()
        self._end(committed=False)

    def cut(self) -> None:
        """The connection is gone; the server rolls back what was open."""
        self.alive = False
        self._end(committed=False)

    def _end(self, *, committed: bool) -> None:
        if self.xid_ is not None:
            self.cluster.end(self.xid_, committed=committed)
        self.xid_ = None
        self._undo.clear()
        self._savepoints.clear()

    def savepoint(self, name: str) -> None:
        self._savepoints.append((name, len(self._undo)))

    def rollback_to(self, name: str) -> None:
        mark = next(length for other, length in reversed(self._savepoints) if other == name)
        while len(self._undo) > mark:
            self._undo.pop()()

    def release(self, name: str) -> None:
        while self._savepoints and self._savepoints.pop()[0] != name:
            pass

    def advisory_lock(self, key: int) -> None:
        """Wait for a lock that is held until the transaction ends."""
        xid = self.xid()
        while self.cluster.advisory.get(key, xid) != xid:
            self.cluster.wait_for(xid, self.cluster.advisory[key])
            self.require_alive()
        self.cluster.advisory[key] = xid

    # --- rows

    def table(self, name: str) -> Table:
        return self.cluster.tables[self.schema, name]

    def _seen(self, name: str) -> Iterator[Version]:
        for version in self.table(name).versions:
            if self.cluster._visible(version, self.snapshot, self.xid_):
                yield version

    def select(self, name: str, wanted: Callable[[Row], bool] | None = None) -> list[Row]:
        return [version.row for version in self._seen(name) if wanted is None or wanted(version.row)]

    def lock(
        self,
        name: str,
        wanted: Callable[[Row], bool],
        *,
        order: str | None = None,
        skip_locked: bool = False,
        limit: int | None = None,
    ) -> list[Version]:
        """SELECT ... FOR UPDATE: wait for other writers, look again at what they left, lock what still matches."""
        locked: list[Version] = []
        found = [version for version in self._seen(name) if wanted(version.row)]
        if order is not None:
            found.sort(key=lambda version: version.row[order])
        for seen in found:
            if limit is not None and len(locked) == limit:
                break
            version = self._newest(seen, wanted, skip_locked=skip_locked)
            if version is not None:
                version.locker = self.xid()
                locked.append(version)
        return locked

    def _newest(self, version: Version, wanted: Callable[[Row], bool], *, skip_locked: bool) -> Version | None:
        running, xid = self.cluster.running, self.xid()
        while True:
            holders = [holder for holder in (version.xmax, version.locker) if holder in running and holder != xid]
            if holders:
                if skip_locked:
                    return None
                self.cluster.wait_for(xid, holders[0])
                self.require_alive()
                continue
            if version.xmax is None or version.xmax in self.cluster.aborted:
                return version
            if version.xmax == xid or version.newer is None:
                return None
            version = version.newer
            if not wanted(version.row):
                return None

    def insert(self, name: str, row: Row, *, or_nothing: bool = False) -> bool:
        """Insert a row; with `or_nothing` a unique key that is taken leaves everything as it is and returns False."""
        table = self.table(name)
        for key in table.unique:
            if self._taken(table, key, row):
                if or_nothing:
                    return False
                raise IntegrityError(f"duplicate key {key} in {name}: {[row[column] for column in key]}")
        version = Version(row, self.xid())
        table.versions.append(version)
        self._undo.append(lambda: table.versions.remove(version))
        return True

    def _taken(self, table: Table, key: tuple[str, ...], row: Row) -> bool:
        xid = self.xid()
        wanted = [row[column] for column in key]
        for version in list(table.versions):
            if [version.row[column] for column in key] != wanted or version.xmin in self.cluster.aborted:
                continue
            for holder in (version.xmin, version.xmax):
                if holder in self.cluster.running and holder != xid:
                    self.cluster.wait_for(xid, holder)
                    self.require_alive()
                    return self._taken(table, key, row)
            if version.xmax is None or version.xmax in self.cluster.aborted:
                return True
        return False

    def update(self, name: str, wanted: Callable[[Row], bool], change: Callable[[Row], Row]) -> list[Row]:
        """Update the rows that match, as they are once their locks are ours; return the new rows."""
        return [self.replace(name, version, change(version.row)) for version in self.lock(name, wanted)]

    def replace(self, name: str, version: Version, changes: Row) -> Row:
        """Put a new version in the place of a locked one."""
        table, xid = self.table(name), self.xid()
        new = Version(version.row | changes, xid)
        before, version.xmax, version.newer = version.xmax, xid, new
        # The new version takes the old one's place in the heap's order, as far as anybody can tell.
        table.versions.insert(table.versions.index(version) + 1, new)

        def undo() -> None:
            table.versions.remove(new)
            version.xmax, version.newer = before, None

        self._undo.append(undo)
        return new.row

    def delete(self, name: str, versions: list[Version]) -> None:
        for version in versions:
            before, version.xmax = version.xmax, self.xid()

            def undo(version: Version = version, before: int | None = before) -> None:
                version.xmax = before

            self._undo.append(undo)
