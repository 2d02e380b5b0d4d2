"""Through the real backbone: from the log to the page, and back again after Redis was lost."""

from __future__ import annotations

from collections.abc import Callable

import pytest
import redis
from django.db import transaction

from contexts.customers.events import CustomerErased
from contexts.history.purchases import PurchaseQuery
from contexts.history.redis_store import live_store
from contexts.messaging import Event, publish
from tests.history.factories import ADA, EVE, cancelled, placed

pytestmark = pytest.mark.django_db(transaction=True, databases="__all__")

#: Enough orders for every partition to have some.
ORDERS = range(1, 25)


def say(context: str, *events: Event) -> None:
    for event in events:
        with transaction.atomic(using=context):
            publish(event)


def history_of_ada() -> tuple[list[str], int]:
    page = live_store().page(PurchaseQuery(customer_id=ADA, size=100))
    return sorted(purchase.receipt.number for purchase in page.purchases), page.by_status["cancelled"]


def test_everything_comes_back_by_itself_after_redis_was_lost(
    client_of_redis: redis.Redis, deliver_all: Callable[[], int]
) -> None:
    say("ordering", placed(99, customer=EVE), *(placed(number) for number in ORDERS), cancelled(3))
    say("customers", CustomerErased(customer_id=EVE))
    deliver_all()
    before = history_of_ada()
    assert before == (sorted(f"T-{number}" for number in ORDERS), 1)

    client_of_redis.flushdb()
    say("ordering", *(placed(100 + number) for number in ORDERS))
    say("customers", CustomerErased(customer_id=EVE))
    deliver_all()

    numbers, cancellations = history_of_ada()
    assert numbers == sorted([*before[0], *(f"T-{100 + number}" for number in ORDERS)])
    assert cancellations == 1
    assert live_store().page(PurchaseQuery(customer_id=EVE)).count == 0
