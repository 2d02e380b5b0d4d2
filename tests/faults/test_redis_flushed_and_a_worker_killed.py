"""Two hundred orders, while Redis is emptied and a worker is killed: each of them reaches its end, exactly once."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from uuid import UUID

import pytest
from django.conf import settings

from config.chaos import shelves
from config.chaos.doors import ServiceDoor, Wish
from config.chaos.judges import checked
from config.chaos.notebook import Notebook
from config.chaos.shoppers import give_up_declined
from contexts.messaging.status import log_of, subscriptions_of
from contexts.messaging.verify import verify_log, verify_subscriptions
from contexts.ordering.models import OrderSummary
from tests.faults.house import House, open_house
from tests.plugins import databases

pytestmark = [pytest.mark.faults, pytest.mark.slow, pytest.mark.xdist_group("faults")]

ORDERS = 200
DECLINED_EVERY = 10
APPROVED, DECLINED = "4242424242424242", "4000000000000002"


@pytest.fixture
def house(
    process_environment: dict[str, str], transactional_db: None, tmp_path: Path
) -> Iterator[tuple[House, list[str]]]:
    with open_house(process_environment, tmp_path / "processes.txt", articles=6, pieces=500) as (opened, skus):
        # All but the scarce one.
        yield opened, skus[1:]
    databases._redis().flushdb()


@pytest.mark.django_db(transaction=True, databases="__all__")
@pytest.mark.timeout(1200)
def test_all_of_200_orders_reach_their_end(house: tuple[House, list[str]], tmp_path: Path):
    shop, skus = house
    notebook = Notebook(tmp_path / "history.jsonl")
    notebook.given(shelves.given())
    killed = []

    for number in range(ORDERS):
        _buy(number, skus, notebook)
        if number in (60, 131):
            shop.flush_redis()
        if number in (90, 131):
            shop.until(lambda: shop.pid("worker") is not None, "the worker runs")
            killed.append(shop.kill("worker"))
        shop.look_after()
    shop.until(lambda: _over(notebook.orders), "every order reaches its end")
    shop.until(_everybody_was_told, "every event reaches its subscribers")
    notebook.end(quiet=True)

    orders = OrderSummary.objects.filter(order_id__in=notebook.orders)
    assert len(killed) == 2
    assert shop.pid("worker") not in killed
    assert Counter(orders.values_list("status", "reason")) == {
        ("confirmed", ""): ORDERS - ORDERS // DECLINED_EVERY,
        ("cancelled", "by_customer"): ORDERS // DECLINED_EVERY,
    }
    assert not orders.filter(status="cancelled", explanation="").exists()
    assert [log.problems for log in map(verify_log, settings.CONTEXTS) if log.problems] == []
    verdicts = [verdict for context in settings.CONTEXTS for verdict in verify_subscriptions(context)]
    assert [verdict for verdict in verdicts if verdict.problems] == []
    assert checked(notebook.path) == []


def _buy(number: int, skus: list[str], notebook: Notebook) -> None:
    door = ServiceDoor()
    card = DECLINED if number % DECLINED_EVERY == 0 else APPROVED
    wish = Wish(
        skus[number % len(skus)], 1 + number % 2, card, f"shopper{number}@example.org", settings.CURRENCIES[number % 3]
    )
    basket = door.fill(wish)
    op = notebook.intends(basket.order_id, basket.total_cents, door=door.name)
    door.place(basket)
    notebook.placed(op, basket.order_id)


def _over(orders: set[UUID]) -> bool:
    give_up_declined()
    return OrderSummary.objects.filter(order_id__in=orders, status__in=["confirmed", "cancelled"]).count() == ORDERS


def _everybody_was_told() -> bool:
    return not any(
        log_of(context).unsequenced or any(one.lag_events for one in subscriptions_of(context))
        for context in settings.CONTEXTS
    )
