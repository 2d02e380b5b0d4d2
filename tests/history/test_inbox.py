"""The position and the documents move together, in Redis."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest
import redis
from django.conf import settings
from redis.backoff import NoBackoff
from redis.retry import Retry

from contexts.customers.events import CustomerErased
from contexts.history import handlers, inbox, redis_store
from contexts.history.purchases import PurchaseQuery
from contexts.history.redis_store import RedisPurchaseStore, live_store
from contexts.history.store import Move
from contexts.messaging import Conflict
from tests.history.factories import ADA, cancelled, completed, confirmed, envelope, placed, said, shipped

pytestmark = pytest.mark.django_db(databases=["history"])

Deliver = Callable[..., None]


@pytest.fixture
def store(client_of_redis: redis.Redis) -> RedisPurchaseStore:
    return live_store()


def statuses(store: RedisPurchaseStore) -> list[str]:
    return [purchase.status for purchase in store.page(PurchaseQuery(customer_id=ADA)).purchases]


def places(client: redis.Redis) -> dict[Any, Any]:
    return dict(client.hgetall("history:g1:places"))


def test_an_order_appears_and_moves_as_its_events_arrive(store: RedisPurchaseStore, deliver: Deliver) -> None:
    for event in (placed(1), confirmed(1), shipped(1), completed(1)):
        deliver(event)

    assert statuses(store) == ["completed"]


def test_a_page_delivered_twice_counts_once(
    store: RedisPurchaseStore, client_of_redis: redis.Redis, deliver: Deliver
) -> None:
    deliver(placed(1), times=3)
    first = places(client_of_redis)
    deliver(cancelled(1), times=2)

    assert statuses(store) == ["cancelled"]
    year = store.page(PurchaseQuery(customer_id=ADA)).years[0]
    assert (year.orders, year.spent[0].amount) == (1, 0)
    [(subscription, place)] = first.items()
    assert subscription.startswith("ordering/history/")
    assert place.startswith("1 ")


def test_a_forgotten_customer_leaves_the_history(store: RedisPurchaseStore, deliver: Deliver) -> None:
    deliver(placed(1))

    deliver(CustomerErased(customer_id=ADA))

    assert statuses(store) == []


def test_losing_redis_loses_the_position_with_the_documents(
    store: RedisPurchaseStore, client_of_redis: redis.Redis, deliver: Deliver
) -> None:
    deliver(placed(1))

    client_of_redis.flushdb()

    assert store.place("ordering", "history", 0) == (0, ""), "so that everything is sent again"
    deliver(placed(1))
    assert statuses(store) == ["placed"]


def receive(*, upto: int, meanwhile: Callable[[], None]) -> None:
    """Deliver a page with one order to partition 0; `meanwhile` happens before it ends."""
    with inbox.RedisInbox(live_store).open("ordering", "history", 0) as place:
        event = placed(1)
        handlers.add_purchase(event, envelope(event, version=1))
        place.move(upto, "ab")
        meanwhile()


def test_a_failing_page_leaves_no_trace(store: RedisPurchaseStore, client_of_redis: redis.Redis) -> None:
    def fail() -> None:
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        receive(upto=1, meanwhile=fail)

    assert client_of_redis.keys("history:*") == []


def test_a_page_that_came_too_early_leaves_no_trace(client_of_redis: redis.Redis) -> None:
    with inbox.RedisInbox(live_store).open("ordering", "history", 0):
        pass  # Delivery answers that an earlier page is missing, and moves nothing.

    assert client_of_redis.keys("history:*") == [], "an empty history must not look like a filled one"


def test_two_deliveries_of_one_page_meet_and_one_starts_over(store: RedisPurchaseStore) -> None:
    faster = Move(publisher="ordering", subscriber="history", partition=0, after=0, upto=5, digest="ff")

    with pytest.raises(Conflict):
        receive(upto=3, meanwhile=lambda: store.apply(said(placed(2), 1), move=faster))

    assert store.place("ordering", "history", 0) == (5, "ff")
    assert [purchase.receipt.number for purchase in store.page(PurchaseQuery(customer_id=ADA)).purchases] == ["T-2"]


def test_a_parked_event_is_applied_at_once_when_it_is_released(store: RedisPurchaseStore) -> None:
    event = placed(1)

    handlers.add_purchase(event, envelope(event, version=1))

    assert statuses(store) == ["placed"]


def test_a_rebuild_beside_the_live_one_is_not_seen_until_it_is_swapped_in(client_of_redis: redis.Redis) -> None:
    live = RedisPurchaseStore(client_of_redis, prefix="history:")
    beside = RedisPurchaseStore(client_of_redis, prefix="history:", generation="g2")
    live.apply(said(placed(1), 1), move=Move(publisher="ordering", subscriber="history", partition=0, after=0, upto=1,
                                             digest="aa"))  # fmt: skip

    beside.apply(said(placed(1), 1))
    beside.apply(said(placed(2), 1))
    assert len(statuses(live)) == 1
    client_of_redis.set("history:generation", "g2")

    assert len(statuses(live)) == 2
    assert live.place("ordering", "history", 0) == (0, "")


def test_redis_away_is_an_outage_and_not_the_events_fault(monkeypatch: pytest.MonkeyPatch) -> None:
    away = redis.Redis(host="127.0.0.1", port=1, socket_connect_timeout=0.2, retry=Retry(NoBackoff(), 0))

    with pytest.raises(redis.ConnectionError):
        RedisPurchaseStore(away).apply(said(placed(1), 1))

    assert settings.REDIS_URL


def test_the_times_of_old_pages_are_forgotten(
    client_of_redis: redis.Redis, store: RedisPurchaseStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(redis_store, "PAGES_KEPT", 2)
    for after in range(4):
        store.apply([], move=Move(publisher="ordering", subscriber="history", partition=0, after=after, upto=after + 1,
                                  digest="d", at=datetime(2026, 5, 1, tzinfo=UTC)))  # fmt: skip

    assert [bool(store.moved_past("ordering", "history", 0, upto)) for upto in range(1, 5)] == [
        False,
        False,
        True,
        True,
    ]
