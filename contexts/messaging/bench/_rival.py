"""The Python `eventsourcing` library doing what our streams do, with its PostgreSQL recorder and its own defaults."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from uuid import UUID

from django.db import connections

from contexts.messaging.errors import MessagingError


class NotInstalled(MessagingError):
    """The library that is measured beside ours is missing."""


try:
    from eventsourcing.application import Application
    from eventsourcing.domain import Aggregate, event
    from eventsourcing.persistence import Tracking
    from eventsourcing.postgres import PostgresTrackingRecorder
    from eventsourcing.projection import Projection, ProjectionRunner
    from psycopg.sql import SQL, Identifier
except ImportError as missing:
    raise NotInstalled(
        "The eventsourcing library is not installed; only this benchmark needs it. Run: .venv/bin/pip install eventsourcing"
    ) from missing


class Counter(Aggregate):
    """The same aggregate as ours: a name, a count, a sum."""

    class Counted(Aggregate.Event):
        item: str
        amount: int
        note: str

    def __init__(self) -> None:
        self.count = 0
        self.total = 0
        self.last = ""

    @event(Counted)
    def tally(self, item: str, amount: int, note: str) -> None:
        self.count += 1
        self.total += amount
        self.last = item


# The library calls tables after an application's name, which is its class's unless given: both use the same.
class Counters(Application[UUID]):
    name = "Counters"


class SnapshottingCounters(Application[UUID]):
    name = "Counters"
    is_snapshotting_enabled = True


class Totals(PostgresTrackingRecorder):
    """The read model: a row for each aggregate, and how far the projection is, in one transaction."""

    def __init__(self, datastore: Any, **kwargs: Any) -> None:
        super().__init__(datastore, **kwargs)
        self.table = SQL("{}.{}").format(Identifier(datastore.schema), Identifier("rival_totals"))
        self.sql_create_statements.append(
            SQL(
                "create table if not exists {} (id uuid primary key, version int not null, count int not null, "
                "total bigint not null, last text not null)"
            ).format(self.table)
        )
        self.upsert = SQL(
            "insert into {0} values (%s, %s, %s, %s, %s) on conflict (id) do update set version = excluded.version, "
            "count = {0}.count + excluded.count, total = {0}.total + excluded.total, last = excluded.last"
        ).format(self.table)

    def note(self, tracking: Tracking, row: tuple[Any, ...]) -> None:
        with self.datastore.transaction(commit=True) as cursor:
            self._insert_tracking(cursor, tracking)
            cursor.execute(self.upsert, row, prepare=True)


class TotalsProjection(Projection[Totals]):
    name = "totals"

    def process_event(self, domain_event: Any, tracking: Tracking) -> None:
        counted = isinstance(domain_event, Counter.Counted)
        self.view.note(
            tracking,
            (
                domain_event.originator_id, domain_event.originator_version, int(counted),
                domain_event.amount if counted else 0, domain_event.item if counted else "",
            ),
        )  # fmt: skip


def environment(alias: str) -> dict[str, str]:
    """Return the library's settings for the database of an alias."""
    place = connections[alias].settings_dict
    return {
        "PERSISTENCE_MODULE": "eventsourcing.postgres",
        "POSTGRES_DBNAME": place["NAME"],
        "POSTGRES_HOST": str(place["HOST"] or "localhost"),
        "POSTGRES_PORT": str(place["PORT"] or 5432),
        "POSTGRES_USER": place["USER"],
        "POSTGRES_PASSWORD": place["PASSWORD"],
        "POSTGRES_SCHEMA": alias,
    }


@contextmanager
def application(alias: str, *, snapshots: bool = False) -> Iterator[Application[UUID]]:
    kind = SnapshottingCounters if snapshots else Counters
    with kind(env={**os.environ, **environment(alias)}) as made:
        yield made


def project_all(alias: str, application: Application[UUID]) -> None:
    """Run the projection over everything the application has recorded, from nothing."""
    last = application.recorder.max_notification_id()
    with ProjectionRunner(
        application_class=Counters, projection_class=TotalsProjection, view_class=Totals, env=environment(alias)
    ) as runner:
        runner.wait(last, timeout=600)


def forget(cursor: Any, alias: str) -> None:
    """Empty the read model and its position, where they exist already."""
    cursor.execute(
        "select tablename from pg_tables where schemaname = %s and (tablename = 'rival_totals' or tablename like %s)",
        [alias, "%tracking"],
    )
    for (table,) in cursor.fetchall():
        which = " where application_name <> '__migration__'" if table.endswith("tracking") else ""
        cursor.execute(SQL("delete from {}.{}").format(Identifier(alias), Identifier(table)).as_string() + which)
