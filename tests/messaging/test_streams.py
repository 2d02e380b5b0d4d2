"""Event-sourced streams: versions without gaps, conflicts reported, and the stream is what subscribers receive."""

from __future__ import annotations

import threading
from uuid import UUID

import pytest
from django.db import connections, transaction
from uuid_utils.compat import uuid7

from contexts.messaging import Aggregate, Conflict, Event, load, save
from contexts.messaging.errors import MisdeclaredEvent, NotInTransaction
from contexts.ordering.events import OrderCompleted, OrderReserved
from tests.messaging.conftest import sql


class Count(Aggregate, context="ordering", category="order"):
    """Counts what happened to it."""

    happened: int = 0

    def apply(self, event: Event) -> None:
        self.happened += 1


def reserved(order_id: UUID) -> OrderReserved:
    return OrderReserved(order_id=order_id)


@pytest.mark.django_db(databases=["ordering"])
def test_state_is_what_the_events_add_up_to(published_events):
    order = load(Count, uuid7())
    order.record(reserved(order.id))
    order.record(OrderCompleted(order_id=order.id))
    with transaction.atomic(using="ordering"):
        save(order)

    loaded = load(Count, order.id)

    assert (loaded.happened, loaded.version, loaded.pending) == (2, 2, [])
    assert load(Count, order.id, version=1).happened == 1
    assert published_events == [reserved(order.id), OrderCompleted(order_id=order.id)]


@pytest.mark.django_db(databases=["ordering"])
@pytest.mark.parametrize("start", [0, 2])
@pytest.mark.parametrize("more", [1, 3])
def test_who_comes_second_is_told_and_stores_nothing(published_events, start, more):
    order_id = uuid7()
    if start:
        order = load(Count, order_id)
        order.record(reserved(order_id))
        order.record(reserved(order_id))
        with transaction.atomic(using="ordering"):
            save(order)
    first, second = load(Count, order_id), load(Count, order_id)
    first.record(reserved(order_id))
    for _ in range(more):
        second.record(reserved(order_id))
    with transaction.atomic(using="ordering"):
        save(first)

    with pytest.raises(Conflict, match=f"no longer at version {start}"), transaction.atomic(using="ordering"):
        save(second)

    assert len(published_events) == start + 1


@pytest.mark.django_db(databases=["ordering"])
def test_saving_needs_a_transaction_and_the_streams_own_events():
    order = load(Count, uuid7())
    order.record(reserved(order.id))

    with pytest.raises(NotInTransaction):
        save(order)
    with pytest.raises(MisdeclaredEvent):
        order.record(reserved(uuid7()))


@pytest.mark.django_db(transaction=True, databases=["ordering"])
def test_fifty_writers_on_one_stream_lose_and_double_no_version():
    order_id, conflicts, done, lock = uuid7(), 0, 0, threading.Lock()
    barrier = threading.Barrier(50)

    def write() -> None:
        nonlocal conflicts, done
        try:
            barrier.wait()
            while True:
                order = load(Count, order_id)
                order.record(reserved(order_id))
                try:
                    with transaction.atomic(using="ordering"):
                        save(order)
                except Conflict:
                    with lock:
                        conflicts += 1
                else:
                    with lock:
                        done += 1
                    return
        finally:
            connections["ordering"].close()

    threads = [threading.Thread(target=write) for _ in range(50)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    versions = [row[0] for row in sql("ordering", "select stream_version from messaging_event order by id")]
    assert versions == list(range(1, 51))
    assert done == 50
    assert conflicts > 0
    assert sql("ordering", "select version from messaging_stream") == [(50,)]


def test_an_aggregate_that_folds_nothing_is_refused_where_it_is_declared():
    with pytest.raises(MisdeclaredEvent, match=r"def apply\(self, event: Event\)"):
        type(Aggregate)("Forgetful", (Aggregate,), {}, context="ordering", category="order")
