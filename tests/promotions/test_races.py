"""Many at once: the last use of a code goes to exactly one order, and no gift card pays more than it has."""

from __future__ import annotations

import os
from concurrent.futures import ThreadPoolExecutor
from uuid import uuid4

import pytest
from django.db import connections

from contexts.kernel.money import eur
from contexts.promotions import services
from contexts.promotions.models import Redemption
from tests.promotions.factories import balance, gift_card, recounted, ten_percent, uses, wanted

pytestmark = pytest.mark.django_db(databases=["promotions"], transaction=True)

#: Shoppers who all place their order at the same moment.
SHOPPERS = 50


def at_once(jobs, threads=SHOPPERS):
    """Run jobs in threads of their own connections; the first exception is raised."""

    def run(job):
        try:
            return job()
        finally:
            connections["promotions"].close()

    with ThreadPoolExecutor(threads) as pool:
        return list(pool.map(run, jobs))


def states(orders) -> list[str]:
    rows = Redemption.objects.filter(order_id__in=[order.order_id for order in orders])
    return sorted(rows.values_list("state", flat=True))


def one_code_for_many(number: int, *, threads: int) -> None:
    code = ten_percent(f"ONLY-ONE-{number}", limit=1).code
    orders = [wanted(code=code, email=f"shopper{one}@example.com") for one in range(SHOPPERS)]

    at_once([lambda order=order: services.redeem(order) for order in orders], threads)

    assert states(orders) == ["redeemed"] + ["refused"] * (SHOPPERS - 1)
    assert uses(code) == 1


def test_of_many_shoppers_exactly_one_gets_the_last_use_of_a_code():
    for number in range(3):
        one_code_for_many(number, threads=8)


@pytest.mark.campaign
def test_of_fifty_shoppers_exactly_one_gets_the_last_use_every_time():
    for number in range(int(os.environ.get("ROUNDS", "200"))):
        one_code_for_many(number, threads=SHOPPERS)


def test_one_customer_with_many_tabs_uses_a_code_once():
    ten_percent(per_customer=1)
    orders = [wanted(code="WELCOME10") for _ in range(16)]

    at_once([lambda order=order: services.redeem(order) for order in orders], 8)

    assert states(orders) == ["redeemed"] + ["refused"] * 15
    assert uses() == 1


def test_a_gift_card_pays_what_it_has_and_not_a_cent_more():
    card = gift_card(50_00)
    orders = [wanted(card=card, cents=12_00) for _ in range(16)]

    at_once([lambda order=order: services.redeem(order) for order in orders], 8)

    assert states(orders) == ["redeemed"] * 4 + ["refused"] * 12
    assert balance(card) == recounted(card) == eur(2_00)


def test_the_same_order_many_times_at_once_redeems_once():
    ten_percent(limit=5)
    card = gift_card(50_00)
    order = wanted(code="WELCOME10", card=card, cents=20_00)

    at_once([lambda: services.redeem(order)] * 8, 8)

    assert (uses(), balance(card)) == (1, eur(30_00))


def test_redeeming_and_cancelling_at_once_always_adds_up():
    ten_percent(limit=3)
    card = gift_card(50_00)
    orders = [wanted(code="WELCOME10", card=card, cents=15_00, email=f"{uuid4()}@example.com") for _ in range(24)]

    def live(place, order):
        services.redeem(order)
        if place % 2:
            services.release(order.order_id)

    at_once([lambda pair=pair: live(*pair) for pair in enumerate(orders)], 8)

    kept = Redemption.objects.filter(state="redeemed")
    assert uses() == kept.count() <= 3
    assert balance(card) == recounted(card) == eur(50_00 - 15_00 * kept.count())
