"""Our side of `bench streams`: an aggregate, its events and a projection, in the context `bench`."""

from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from typing import Any
from uuid import UUID

from django.db import connections, models

from contexts.messaging import aggregates, chores, events, projections
from contexts.messaging.aggregates import Aggregate
from contexts.messaging.events import Event
from contexts.messaging.projections import Projection, projection

CONTEXT = "bench"


class Ours:
    """The classes, which exist only while something is measured."""

    def __init__(self) -> None:
        class Counted(Event, name="bench.counted", version=1, subject="counter/{counter_id}"):
            __module__ = CONTEXT
            counter_id: UUID
            item: str
            amount: int
            note: str

        class Counter(Aggregate, context=CONTEXT, category="counter"):
            count: int = 0
            total: int = 0
            last: str = ""

            def apply(self, event: Event) -> None:
                assert isinstance(event, Counted)
                self.count += 1
                self.total += event.amount
                self.last = event.item

        class PlainCounter(Counter, context=CONTEXT, category="counter", snapshot_every=0):
            """The same without snapshots."""

        self.event, self.kind, self.plain = Counted, Counter, PlainCounter
        self.totals: Projection[Any] = projection(
            _totals(), of=Counter, start=lambda id: _totals()(id=id, version=0, count=0, total=0, last=""), fold=_fold
        )


def _fold(row: Any, event: Any, *, at: Any, version: int) -> None:
    row.version = version
    row.count += 1
    row.total += event.amount
    row.last = event.item


@cache
def _totals() -> Any:
    class Totals(models.Model):
        id = models.UUIDField(primary_key=True)
        version = models.IntegerField()
        count = models.IntegerField()
        total = models.BigIntegerField()
        last = models.TextField()

        class Meta:
            app_label = CONTEXT
            db_table = "bench_totals"
            managed = False

        def __str__(self) -> str:
            return str(self.id)

    return Totals


@contextmanager
def ours() -> Iterator[Ours]:
    """Declare our side and make its table; forget the declarations at the end."""
    with connections[CONTEXT].cursor() as cursor:
        cursor.execute(
            "create table bench_totals (id uuid primary key, version int not null, count int not null, "
            "total bigint not null, last text not null)"
        )
    side = Ours()
    try:
        yield side
    finally:
        events._events.pop(side.event.event_name, None)
        for kind in (side.kind, side.plain):
            aggregates._declared.pop(kind.aggregate_kind, None)
        chores._chores.pop(f"{CONTEXT}.take_snapshots", None)
        projections._projections.pop(side.totals.name, None)
