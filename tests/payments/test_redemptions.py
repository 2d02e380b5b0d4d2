"""No bank is asked before an order's code and gift card are its own, and none at all where nothing is left to pay."""

from __future__ import annotations

import itertools

import pytest
from msgspec import structs
from uuid_utils.compat import uuid7

from contexts.kernel.money import eur
from contexts.ordering.events import GiftCardPart
from contexts.payments import services
from contexts.payments.models import GatewayCall, State
from contexts.payments.sandbox.ledger import BankCharge
from contexts.promotions.events import PromotionRedeemed
from tests.payments.factories import dispatched, order_cancelled, order_placed, payment_of, stock_reserved

pytestmark = pytest.mark.django_db(databases=["payments"])


def placed_with(cents: int, **more):
    part = GiftCardPart(card_id=uuid7(), last4="92QX", amount=eur(cents))
    return structs.replace(order_placed(), gift_card=part, **more)


@pytest.mark.parametrize("turns", list(itertools.permutations(range(3))))
def test_the_rest_is_due_when_order_goods_and_redemption_are_there_in_any_order(deliver, turns):
    order = placed_with(10_00)
    news = [order, stock_reserved(order.order_id), PromotionRedeemed(order_id=order.order_id)]

    for place, turn in enumerate(turns):
        if place:
            assert payment_of(order.order_id).state == State.WAITING
        deliver(news[turn], times=2)

    assert payment_of(order.order_id).state == State.DUE
    services.authorise_due()
    assert [charge.amount for charge in BankCharge.objects.all()] == [eur(9_98)]


@pytest.mark.parametrize("turns", list(itertools.permutations(range(3))))
def test_where_nothing_is_left_nothing_is_ever_due(deliver, turns):
    order = placed_with(19_98, payment_method="")
    news = [order, stock_reserved(order.order_id), PromotionRedeemed(order_id=order.order_id)]

    for turn in turns:
        deliver(news[turn], times=2)
    services.authorise_due()
    deliver(dispatched(order.order_id))
    services.capture_due()
    deliver(order_cancelled(order.order_id))
    services.void_due()

    assert payment_of(order.order_id).state == State.NOTHING_DUE
    assert GatewayCall.objects.count() == 0


def test_an_order_cancelled_before_its_redemption_was_told_stays_cancelled(deliver):
    order = placed_with(10_00)
    for event in (order, stock_reserved(order.order_id), order_cancelled(order.order_id)):
        deliver(event)

    deliver(PromotionRedeemed(order_id=order.order_id))

    assert payment_of(order.order_id).state == State.CANCELLED
