"""Codes and gift cards are redeemed once, within their limits, and given back when an order is cancelled."""

from __future__ import annotations

import itertools
from datetime import timedelta
from uuid import uuid4

import pytest
from django.utils import timezone
from uuid_utils.compat import uuid7

from contexts.customers.events import CustomerErased
from contexts.kernel.money import Money, eur
from contexts.kernel.vouchers import card_digest
from contexts.ordering.events import GuestErased
from contexts.promotions import services
from contexts.promotions.errors import BadAmount, CodeTaken, LimitBelowUse, NotTaken
from contexts.promotions.events import CodeChanged, GiftCardChanged, PromotionRedeemed, PromotionRefused
from contexts.promotions.models import Movement, PromotionCode, Redemption
from contexts.promotions.services import Terms
from tests.promotions.factories import (
    balance,
    cancelled,
    gift_card,
    placed,
    recounted,
    ten_percent,
    uses,
    wanted,
)

pytestmark = pytest.mark.django_db(databases=["promotions"])


def refusal(events) -> str:
    [refused] = events.of(PromotionRefused)
    return refused.reason


# --- codes


def test_a_code_is_announced_with_its_terms(published_events):
    ten_percent(" welcome10 ", minimums={"EUR": 20_00}, limit=1)

    assert published_events == [
        CodeChanged(
            code="WELCOME10", kind="percent", percent_hundredths=10_00, amounts=[], minimums=[eur(20_00)],
            product_slugs=[], valid_from=None, valid_until=None, per_customer=None, usable=True,
        )
    ]  # fmt: skip


def test_a_code_that_exists_is_not_made_again():
    ten_percent(limit=3)

    with pytest.raises(CodeTaken, match="WELCOME10 already"):
        ten_percent()

    assert PromotionCode.objects.get().limit == 3


def test_redeeming_counts_one_use_and_tells(published_events):
    ten_percent(limit=2)
    published_events.clear()
    order = wanted(code="WELCOME10")

    services.redeem(order)

    assert uses() == 1
    assert published_events == [PromotionRedeemed(order_id=order.order_id)]


def test_the_last_use_is_announced_and_the_next_is_refused(published_events):
    ten_percent(limit=1)
    published_events.clear()

    services.redeem(wanted(code="WELCOME10"))
    services.redeem(wanted(code="WELCOME10", email="bob@example.com"))

    assert [event.usable for event in published_events.of(CodeChanged)] == [False]
    assert refusal(published_events) == "code_used_up"
    assert uses() == 1


def test_a_customer_may_use_a_code_so_often_however_the_address_is_written(published_events):
    ten_percent(per_customer=1)
    services.redeem(wanted(code="WELCOME10"))

    services.redeem(wanted(code="WELCOME10", email=" Ada@Example.com"))
    services.redeem(wanted(code="WELCOME10", email="bob@example.com"))

    assert refusal(published_events) == "code_used_before"
    assert uses() == 2


def test_a_cancelled_order_lets_the_customer_use_the_code_again(published_events):
    ten_percent(per_customer=1, limit=1)
    order = wanted(code="WELCOME10")
    services.redeem(order)

    services.release(order.order_id)
    services.redeem(wanted(code="WELCOME10"))

    assert uses() == 1
    assert published_events.of(PromotionRefused) == []
    assert [event.usable for event in published_events.of(CodeChanged)] == [True, False, True, False]


@pytest.mark.parametrize(
    "terms",
    [
        {"active": False},
        {"valid_from": timezone.now() + timedelta(days=1)},
        {"valid_until": timezone.now() - timedelta(days=1)},
    ],
)
def test_a_code_that_is_stopped_not_yet_valid_or_over_is_refused(published_events, terms):
    ten_percent(**terms)

    services.redeem(wanted(code="WELCOME10"))

    assert refusal(published_events) == "code_over"
    assert uses() == 0


def test_what_counts_is_when_the_order_was_placed_and_not_when_we_heard_of_it(published_events):
    ten_percent(valid_until=timezone.now() - timedelta(minutes=1))

    services.redeem(wanted(code="WELCOME10", at=timezone.now() - timedelta(minutes=2)))

    assert published_events.of(PromotionRefused) == []


def test_a_code_nobody_made_is_refused(published_events):
    services.redeem(wanted(code="NOSUCH"))

    assert refusal(published_events) == "code_over"


def test_a_limit_cannot_be_set_below_the_use():
    ten_percent(limit=5)
    for _ in range(2):
        services.redeem(wanted(code="WELCOME10"))

    with pytest.raises(LimitBelowUse, match="limited to 1, but 2 orders use it"):
        services.change_code("WELCOME10", Terms(kind="free_shipping", limit=1))

    assert PromotionCode.objects.values_list("kind", "limit", "redeemed").get() == ("percent", 5, 2)


def test_changing_a_code_keeps_its_count(published_events):
    ten_percent(limit=5)
    services.redeem(wanted(code="WELCOME10"))
    published_events.clear()

    services.change_code("WELCOME10", Terms(kind="free_shipping", limit=1))

    [changed] = published_events
    assert (changed.kind, changed.usable, uses()) == ("free_shipping", False, 1)


# --- gift cards


def test_a_gift_card_is_known_by_a_digest_and_its_code_is_told_once(published_events):
    issued = services.issue_gift_card(eur(50_00), note="For Bob")

    assert len(issued.code.replace("-", "")) == 16
    assert issued.card.digest == card_digest(issued.code.lower().replace("-", " "))
    assert published_events == [
        GiftCardChanged(
            card_id=issued.card.id, digest=issued.card.digest, last4=issued.code[-4:], balance=eur(50_00), usable=True
        )
    ]
    assert list(issued.card.movements.values_list("kind", "cents", "balance_cents")) == [("issued", 50_00, 50_00)]


@pytest.mark.parametrize("cents", [0, -1])
def test_a_gift_card_of_nothing_is_not_issued(cents):
    with pytest.raises(BadAmount):
        services.issue_gift_card(eur(cents))

    assert Movement.objects.count() == 0


def test_a_gift_card_is_used_in_parts(published_events):
    card = gift_card(50_00)
    published_events.clear()

    for cents in (20_00, 30_00):
        services.redeem(wanted(card=card, cents=cents))

    assert balance(card) == recounted(card) == eur(0)
    assert [event.balance for event in published_events.of(GiftCardChanged)] == [eur(30_00), eur(0)]


def test_more_than_is_left_is_refused_and_nothing_is_taken(published_events):
    card = gift_card(50_00)

    services.redeem(wanted(card=card, cents=50_01))

    assert refusal(published_events) == "gift_card_balance"
    assert balance(card) == recounted(card) == eur(50_00)


def test_another_currency_is_refused(published_events):
    card = gift_card(50_00)

    services.redeem(wanted(card=card, from_card=Money(10_00, "USD")))

    assert refusal(published_events) == "gift_card_balance"
    assert balance(card) == eur(50_00)


def test_a_stopped_gift_card_is_refused_until_it_is_let_go_again(published_events):
    card = gift_card(50_00)
    services.switch_gift_card(card.id, active=False)
    services.redeem(wanted(card=card, cents=10_00))

    services.switch_gift_card(card.id, active=True)
    services.redeem(wanted(card=card, cents=10_00))

    assert refusal(published_events) == "gift_card_stopped"
    assert balance(card) == eur(40_00)


def test_a_code_refused_leaves_the_gift_card_alone_and_the_other_way_round(published_events):
    ten_percent(limit=1)
    card = gift_card(10_00)

    services.redeem(wanted(code="WELCOME10", card=card, cents=10_01))
    services.redeem(wanted(code="NOSUCH", card=card, cents=10_00))

    assert [event.reason for event in published_events.of(PromotionRefused)] == ["gift_card_balance", "code_over"]
    assert (uses(), balance(card)) == (0, eur(10_00))
    assert [event.usable for event in published_events.of(CodeChanged)] == [True]


def test_what_is_refunded_before_a_cancellation_is_not_released_again():
    card = gift_card(50_00)
    order = wanted(card=card, cents=40_00)
    services.redeem(order)

    services.refund_to_gift_card(order_id=order.order_id, amount=eur(15_00), note="The blue mug came back.")
    with pytest.raises(NotTaken, match=r"25\.01 EUR wanted, 25\.00 EUR"):
        services.refund_to_gift_card(order_id=order.order_id, amount=eur(25_01))
    services.release(order.order_id)

    assert balance(card) == recounted(card) == eur(50_00)
    kinds = list(card.movements.values_list("kind", "cents"))
    assert kinds == [("issued", 50_00), ("redeemed", -40_00), ("refunded", 15_00), ("released", 25_00)]


# --- as events


def test_an_order_told_twice_redeems_once_and_one_cancelled_twice_releases_once(deliver, published_events):
    ten_percent(limit=5)
    card, order_id = gift_card(50_00), uuid7()

    deliver(placed(order_id, code="WELCOME10", card=card, cents=20_00), times=2)
    deliver(placed(order_id, code="WELCOME10", card=card, cents=20_00))
    assert (uses(), balance(card)) == (1, eur(30_00))

    deliver(cancelled(order_id), times=2)
    deliver(cancelled(order_id))

    assert (uses(), balance(card)) == (0, eur(50_00))
    assert recounted(card) == eur(50_00)
    assert published_events.of(PromotionRedeemed) == [PromotionRedeemed(order_id=order_id)]


def test_an_order_without_either_leaves_no_trace(deliver, published_events):
    order_id = uuid7()

    deliver(placed(order_id))
    deliver(cancelled(order_id))

    assert Redemption.objects.count() == 0
    assert published_events == []


def test_a_refused_order_that_is_cancelled_gives_nothing_back(deliver):
    ten_percent(limit=1)
    services.redeem(wanted(code="WELCOME10"))
    order_id = uuid7()

    deliver(placed(order_id, code="WELCOME10"))
    deliver(cancelled(order_id))

    assert uses() == 1
    assert Redemption.objects.get(order_id=order_id).state == "refused"


@pytest.mark.parametrize("turns", list(itertools.permutations(range(3))))
def test_orders_of_several_shoppers_in_any_order_take_what_there_is(deliver, turns):
    ten_percent(limit=1)
    card = gift_card(50_00)
    orders = [
        placed(uuid7(), code="WELCOME10"),
        placed(uuid7(), card=card, cents=30_00),
        placed(uuid7(), card=card, cents=30_00),
    ]

    for turn in turns:
        deliver(orders[turn], times=2)

    assert (uses(), balance(card)) == (1, eur(20_00))


def test_an_erased_customer_is_no_longer_named_in_what_was_redeemed(deliver):
    ten_percent()
    customer, order_id = uuid4(), uuid7()
    deliver(placed(order_id, code="WELCOME10", customer_id=customer))

    deliver(CustomerErased(customer_id=customer), times=2)

    assert Redemption.objects.values_list("email", "customer_id").get() == ("", None)
    assert uses() == 1


def test_an_erased_guest_is_no_longer_named_either(deliver):
    ten_percent()
    order_id, others = uuid7(), uuid7()
    for one in (order_id, others):
        deliver(placed(one, code="WELCOME10"))

    deliver(GuestErased(order_id=order_id))

    assert Redemption.objects.get(order_id=order_id).email == ""
    assert Redemption.objects.get(order_id=others).email == "ada@example.com"
