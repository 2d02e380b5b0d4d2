"""However deliveries repeat and interleave, the documents are those of one delivery in order."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import redis
from hypothesis import HealthCheck, given, settings as hypothesis_settings, strategies as st
from uuid_utils.compat import uuid7

from contexts.customers.events import CustomerErased
from contexts.history.purchases import PurchasePage, PurchaseQuery
from contexts.history.redis_store import RedisPurchaseStore
from contexts.history.store import PurchaseStore
from contexts.messaging import Event
from tests.history.factories import (
    ADA,
    EVE,
    cancelled,
    claimed,
    completed,
    confirmed,
    line,
    placed,
    refunded,
    said,
    shipped,
)
from tests.history.memory_store import MemoryPurchaseStore

MAY = datetime(2026, 5, 1, tzinfo=UTC)

#: Streams of one subject each; within a stream the order is kept (B4), between streams anything goes.
STREAMS: list[list[Event]] = [
    [placed(1, line("red-mug", cents=11_00)), confirmed(1), shipped(1), completed(1), refunded(1, 4_00)],
    [placed(2, line("red-mug"), line("blue-lamp", cents=25_00)), cancelled(2), refunded(2, 35_00)],
    [placed(3, line("blue-lamp"), customer=EVE), confirmed(3), shipped(3)],
    [placed(4, customer=EVE), confirmed(4)],
    [placed(5, line("tent", cents=200_00)), confirmed(5), refunded(5, 200_00), cancelled(5)],
    [placed(6, customer=None), confirmed(6), claimed(6, status="confirmed"), shipped(6)],
    [placed(7, customer=None), claimed(7, customer=EVE), confirmed(7)],
    [CustomerErased(customer_id=EVE)],
]
QUERIES = [
    PurchaseQuery(customer_id=customer, status=status, product_slug=product, size=2)
    for customer in (ADA, EVE)
    for status in ("", "cancelled", "shipped")
    for product in ("", "red-mug")
]


@st.composite
def deliveries(draw: st.DrawFn) -> list[tuple[int, int]]:
    """(stream, index) in an order that repeats runs of a stream, as a page sent twice does, and mixes streams."""
    cursors = dict.fromkeys(range(len(STREAMS)), 0)
    told: list[tuple[int, int]] = []
    while open_streams := [stream for stream, at in cursors.items() if at < len(STREAMS[stream])]:
        stream = draw(st.sampled_from(open_streams))
        again = draw(st.integers(0, cursors[stream]))
        upto = draw(st.integers(cursors[stream] + 1, len(STREAMS[stream])))
        told += [(stream, index) for index in range(cursors[stream] - again, upto)]
        cursors[stream] = upto
    return told


def tell(store: PurchaseStore, told: list[tuple[int, int]]) -> list[PurchasePage]:
    for stream, index in told:
        at = MAY + timedelta(hours=stream)
        store.apply(said(STREAMS[stream][index], index + 1, at=at), as_of=MAY + timedelta(hours=len(STREAMS)))
    return [store.page(query) for query in QUERIES]


def once_in_order() -> list[PurchasePage]:
    told = [(stream, index) for stream, events in enumerate(STREAMS) for index in range(len(events))]
    return tell(MemoryPurchaseStore(), told)


@given(deliveries())
@hypothesis_settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_repeats_and_interleavings_end_in_the_same_documents(
    client_of_redis: redis.Redis, told: list[tuple[int, int]]
) -> None:
    store = RedisPurchaseStore(client_of_redis, prefix=f"history-test-{uuid7()}:")

    assert tell(store, told) == once_in_order()


@given(deliveries())
@hypothesis_settings(max_examples=200, deadline=None)
def test_the_plain_store_agrees_with_itself(told: list[tuple[int, int]]) -> None:
    assert tell(MemoryPurchaseStore(), told) == once_in_order()


def test_the_keys_that_are_left_are_the_same_too(client_of_redis: redis.Redis) -> None:
    once, twice = f"history-test-{uuid7()}:", f"history-test-{uuid7()}:"
    told = [(stream, index) for stream, events in enumerate(STREAMS) for index in range(len(events))]

    tell(RedisPurchaseStore(client_of_redis, prefix=once), told)
    tell(RedisPurchaseStore(client_of_redis, prefix=twice), [*told[:9], *told])

    assert contents(client_of_redis, once) == contents(client_of_redis, twice)
    assert not [key for key in contents(client_of_redis, once) if str(EVE) in key], "erased means gone"


def contents(client: redis.Redis, prefix: str) -> dict[str, object]:
    found: dict[str, object] = {}
    for key in client.scan_iter(f"{prefix}*"):
        read: Callable[[str], object] = {"string": client.get, "hash": client.hgetall, "set": client.smembers,
                "zset": lambda name: client.zrange(name, 0, -1, withscores=True)}[str(client.type(key))]  # fmt: skip
        found[key.removeprefix(prefix)] = read(key)
    return found
