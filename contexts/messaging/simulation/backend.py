"""A Django connection to the model, so that production code runs on it unchanged: `connections`, `atomic`, `on_commit`."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import django.db.utils
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.backends.dummy.base import DatabaseWrapper as DummyWrapper
from django.db.backends.dummy.features import DummyDatabaseFeatures

from contexts.messaging.simulation import statements
from contexts.messaging.simulation.cluster import Cluster, Session

SETTINGS: dict[str, Any] = {"AUTOCOMMIT": True, "CONN_MAX_AGE": 0, "CONN_HEALTH_CHECKS": False, "TIME_ZONE": None}


class _Features(DummyDatabaseFeatures):
    uses_savepoints = True
    supports_transactions = True


class Cursor:
    """What DB-API asks of a cursor, as far as the backbone uses it."""

    def __init__(self, wrapper: ModelConnection) -> None:
        self._wrapper = wrapper
        self._rows: list[tuple[Any, ...]] = []
        self.rowcount = -1

    def execute(self, sql: str, parameters: Sequence[Any] | None = None) -> None:
        self._rows, self.rowcount = self._wrapper.run(sql, list(parameters or ()))

    def executemany(self, sql: str, rows: Sequence[Sequence[Any]]) -> None:
        for parameters in rows:
            self.execute(sql, parameters)

    def fetchone(self) -> tuple[Any, ...] | None:
        return self._rows.pop(0) if self._rows else None

    def fetchall(self) -> list[tuple[Any, ...]]:
        rows, self._rows = self._rows, []
        return rows

    def __iter__(self) -> Any:
        return iter(self.fetchall())

    def close(self) -> None:
        pass

    def __enter__(self) -> Cursor:
        return self

    def __exit__(self, *problem: object) -> None:
        self.close()


class ModelConnection(BaseDatabaseWrapper):
    """Django's connection to one schema of a `Cluster`; every statement and commit is a moment for the scheduler."""

    vendor = "model"
    Database = django.db.utils
    features_class = _Features
    client_class = DummyWrapper.client_class
    creation_class = DummyWrapper.creation_class
    introspection_class = DummyWrapper.introspection_class
    ops_class = DummyWrapper.ops_class

    def __init__(self, cluster: Cluster, alias: str) -> None:
        super().__init__(dict(SETTINGS), alias)
        self._cluster, self.owner = cluster, ""

    def hang_up(self) -> None:
        """Close, without the checks of a process that lives on."""
        self._close()
        self.connection = None

    @property
    def session(self) -> Session:
        session: Session = self.connection
        return session

    def cursor(self) -> Cursor:  # type: ignore[override]  # what the backbone uses of a CursorWrapper
        """Return a cursor without Django's wrappers, which have nothing to convert here."""
        if self.connection is None:
            self.connect()
        return Cursor(self)

    def run(self, sql: str, parameters: list[Any]) -> statements.Result:
        self.validate_no_broken_transaction()
        self._cluster.scheduler.pause()
        result = statements.execute(self.session, sql, parameters)
        if self.session.autocommit:
            self.session.commit()
        return result

    def ensure_connection(self) -> None:
        if self.connection is None:
            self.connect()

    def connect(self) -> None:
        self.in_atomic_block = self.needs_rollback = self.closed_in_transaction = False
        self.savepoint_ids, self.atomic_blocks, self.run_on_commit = [], [], []
        self.connection = Session(self._cluster, self.alias, self.owner)
        self.autocommit = True

    def is_usable(self) -> bool:
        return self.connection is not None and self.session.alive

    def _set_autocommit(self, autocommit: bool) -> None:
        self.session.autocommit = autocommit

    def _commit(self) -> None:
        if self.connection is None:
            return
        scheduler = self._cluster.scheduler
        scheduler.pause()
        self.session.commit()
        scheduler.pause()  # committed, but nobody was told yet
        if not self.session.alive:
            raise django.db.utils.OperationalError("server closed the connection before it said that it committed")

    def _rollback(self) -> None:
        if self.connection is not None and self.session.alive:
            self.session.rollback()

    def _close(self) -> None:
        if self.connection is not None and self.session.alive:
            self.session.cut()
            self._cluster.sessions.remove(self.session)

    def _savepoint(self, sid: str) -> None:
        self._cluster.scheduler.pause()
        self.session.require_alive()
        self.session.savepoint(sid)

    def _savepoint_rollback(self, sid: str) -> None:
        self.session.require_alive()
        self.session.rollback_to(sid)

    def _savepoint_commit(self, sid: str) -> None:
        self.session.require_alive()
        self.session.release(sid)
