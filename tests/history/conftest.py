"""The stores that the contract is tested against."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
import redis
from django.conf import settings
from uuid_utils.compat import uuid7

from contexts.history.redis_store import RedisPurchaseStore, client_of
from contexts.history.store import PurchaseStore
from tests.history.memory_store import MemoryPurchaseStore


@pytest.fixture
def client_of_redis(django_db_setup: None) -> redis.Redis:
    return client_of(settings.REDIS_URL)


@pytest.fixture(params=["redis", "memory"])
def store(request: pytest.FixtureRequest) -> Iterator[PurchaseStore]:
    """Every test that takes it runs once for each implementation."""
    if request.param == "memory":
        yield MemoryPurchaseStore()
        return
    client = request.getfixturevalue("client_of_redis")
    yield RedisPurchaseStore(client, prefix=f"history-test-{uuid7()}:")
