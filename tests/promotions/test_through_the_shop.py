"""Whole purchases with a code and a gift card: what is shown, charged, taken and given back agrees everywhere."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from uuid import UUID

import pytest
from django.core import mail

from contexts.inventory.models import StockItem
from contexts.kernel.addresses import Address
from contexts.kernel.money import eur
from contexts.ordering import services as ordering
from contexts.ordering.entering import CARD, CODE, enter
from contexts.ordering.events import Contact, OrderCancelled, OrderConfirmed, ReceivedPieces, ReturnedPieces
from contexts.ordering.guesses import Guesses
from contexts.ordering.models import Invoice, OrderSummary
from contexts.payments import services as payments
from contexts.payments.models import GatewayCall, Payment, State
from contexts.payments.sandbox.ledger import BankCharge
from contexts.promotions import services
from contexts.promotions.models import Redemption
from contexts.shipping import services as shipping
from contexts.shipping.models import Parcel
from tests.promotions.factories import balance, recounted, ten_percent, uses
from tests.whole_shop import begin_checkout, let_it_be_paid, open_with_a_mug

pytestmark = pytest.mark.django_db(transaction=True, databases="__all__")
APPROVED = "4242424242424242"


@pytest.fixture(autouse=True)
def open_shop(settings: Any) -> None:
    """One article of 20 euro in stock and one way to send it for 4.90."""
    settings.SITE_URL = "http://127.0.0.1:9"  # nobody takes the bank's notices there; the shop must not need them
    open_with_a_mug(cents=20_00)


@pytest.fixture
def buy(deliver_all: Callable[..., int]) -> Callable[..., UUID]:
    def purchase(*, code: str = "", card: str = "", email: str = "ada@example.com", deliver: bool = True) -> UUID:
        deliver_all()
        order_id = begin_checkout(email=email)
        entered = enter(
            {CODE: code, CARD: card}, kept=None, email=email, lines=[], guesses=Guesses(order_id=order_id, address="")
        ).given
        ordering.save_vouchers(
            order_id=order_id,
            code=code,
            gift_card_id=entered.card.card_id if entered.card else None,
        )
        ordering.save_payment_method(order_id=order_id, payment=payments.add_card(order_id=order_id, number=APPROVED))
        ordering.place_order(order_id=order_id)
        if deliver:
            let_it_be_paid(deliver_all)
        return order_id

    return purchase


def order(order_id: UUID) -> OrderSummary:
    return OrderSummary.objects.get(order_id=order_id)


def test_a_code_and_a_part_of_a_gift_card_leave_the_rest_to_the_card(
    buy: Callable[..., UUID], published_events: Any
) -> None:
    ten_percent(limit=1)
    issued = services.issue_gift_card(eur(10_00))

    order_id = buy(code="WELCOME10", card=issued.code)

    assert [event.order_id for event in published_events.of(OrderConfirmed)] == [order_id]
    # 20.00 - 2.00 + 4.90 = 22.90; 10.00 from the gift card
    assert (order(order_id).total, order(order_id).payable) == (eur(22_90), eur(12_90))
    assert [charge.amount for charge in BankCharge.objects.all()] == [eur(12_90)]
    assert (uses(), balance(issued.card), recounted(issued.card)) == (1, eur(0), eur(0))
    for letter in mail.outbox:
        assert "Discount with WELCOME10: −€2.00" in letter.body
        assert "To pay: €12.90" in letter.body


def test_an_order_that_a_gift_card_covers_never_asks_the_gateway_not_even_when_it_ships(
    buy: Callable[..., UUID], deliver_all: Callable[..., int], published_events: Any
) -> None:
    issued = services.issue_gift_card(eur(50_00))

    order_id = buy(card=issued.code)
    parcel = Parcel.objects.get(order_id=order_id)
    shipping.dispatch(parcel.pk)
    deliver_all()

    assert [event.order_id for event in published_events.of(OrderConfirmed)] == [order_id]
    assert order(order_id).status == "shipped"
    assert Payment.objects.get(order_id=order_id).state == State.NOTHING_DUE
    assert (GatewayCall.objects.count(), BankCharge.objects.count()) == (0, 0)
    assert balance(issued.card) == eur(25_10)


def test_cancelling_gives_each_part_back_where_it_came_from(
    buy: Callable[..., UUID], deliver_all: Callable[..., int]
) -> None:
    ten_percent(limit=1)
    issued = services.issue_gift_card(eur(10_00))
    order_id = buy(code="WELCOME10", card=issued.code)

    ordering.cancel_order(order_id=order_id)
    deliver_all()

    assert (uses(), balance(issued.card), recounted(issued.card)) == (0, eur(10_00), eur(10_00))
    assert [charge.status for charge in BankCharge.objects.all()] == ["voided"]
    assert Redemption.objects.get().state == "released"
    assert StockItem.objects.get().available == 10


def test_what_is_sent_back_goes_first_to_the_card_and_the_rest_to_the_gift_card(
    buy: Callable[..., UUID], deliver_all: Callable[..., int]
) -> None:
    ten_percent()
    issued = services.issue_gift_card(eur(10_00))
    order_id = buy(code="WELCOME10", card=issued.code)
    parcel = Parcel.objects.get(order_id=order_id)
    shipping.dispatch(parcel.pk)
    let_it_be_paid(deliver_all)
    payments.capture_due()
    deliver_all()
    shipping.deliver(parcel.pk)
    deliver_all()
    mail.outbox.clear()

    return_id = ordering.request_return(
        order_id=order_id, pieces=[ReturnedPieces(sku="RED-MUG", name="Mug", quantity=1)], reason="changed_mind"
    )
    ordering.approve_return(order_id=order_id, return_id=return_id)
    ordering.receive_return(
        order_id=order_id, return_id=return_id, pieces=[ReceivedPieces(sku="RED-MUG", quantity=1, resaleable=1)]
    )
    deliver_all()
    payments.pay_refunds()
    deliver_all()

    # 22.90 were paid: 12.90 by the card, 10.00 by the gift card
    assert [(charge.captured_cents, charge.refunded_cents) for charge in BankCharge.objects.all()] == [(12_90, 12_90)]
    assert (balance(issued.card), recounted(issued.card)) == (eur(10_00), eur(10_00))
    assert (order(order_id).refunded, order(order_id).return_state) == (eur(22_90), "refunded")
    assert [paper.content.total for paper in Invoice.objects.order_by("serial")] == [eur(22_90), eur(22_90)]
    letters = "\n".join(letter.body for letter in mail.outbox)
    assert f"€12.90 to your card and €10.00 to your gift card ending {issued.card.last4}" in letters
    assert f"to your gift card ending {issued.card.last4}." in letters


def test_of_two_orders_with_the_last_use_one_is_told_before_any_money_moves(
    buy: Callable[..., UUID], deliver_all: Callable[..., int], published_events: Any
) -> None:
    ten_percent(limit=1)
    # Both are placed before promotions hears of either.
    first = buy(code="WELCOME10", email="ada@example.com", deliver=False)
    second = buy_without_waiting(code="WELCOME10", email="bob@example.com")

    let_it_be_paid(deliver_all)

    states = sorted([order(first).status, order(second).status])
    assert states == ["cancelled", "confirmed"]
    [cancelled] = published_events.of(OrderCancelled)
    assert cancelled.reason == "not_redeemed"
    assert "used the code WELCOME10 for the last time" in cancelled.explanation
    assert [charge.amount for charge in BankCharge.objects.all()] == [eur(22_90)]
    assert Payment.objects.get(order_id=cancelled.order_id).state == State.CANCELLED
    assert GatewayCall.objects.filter(payment__order_id=cancelled.order_id).count() == 0
    assert uses() == 1
    assert StockItem.objects.get().available == 9


def buy_without_waiting(*, code: str, email: str) -> UUID:
    cart = ordering.add_to_cart(cart_id=None, sku="RED-MUG")
    order_id = ordering.start_checkout(cart_id=cart.cart_id)
    ordering.save_details(
        order_id=order_id,
        contact=Contact(email=email, name="Bob"),
        address=Address(name="Bob", street="Main Street 2", postcode="10115", city="Berlin", country="DE"),
        shipping_method="post",
    )
    ordering.save_vouchers(order_id=order_id, code=code, gift_card_id=None)
    ordering.save_payment_method(order_id=order_id, payment=payments.add_card(order_id=order_id, number=APPROVED))
    ordering.place_order(order_id=order_id)
    return order_id
