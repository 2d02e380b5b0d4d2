"""Whole purchases through all contexts: each test card leads to its end; money and letters agree with it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from django.core import mail
from django.db import connections
from django.utils import timezone

from contexts.inventory.models import StockItem
from contexts.kernel.money import eur
from contexts.ordering import services as ordering
from contexts.ordering.events import OrderCancelled, OrderConfirmed, OrderPaymentDeclined
from contexts.payments import services
from contexts.payments.models import State
from contexts.payments.sandbox.ledger import BankCharge
from tests.payments.factories import APPROVED, CONFIRM, DECLINED, INSUFFICIENT, LOST, SLOW, payment_of
from tests.whole_shop import begin_checkout, let_it_be_paid, open_with_a_mug

pytestmark = pytest.mark.django_db(transaction=True, databases="__all__")


@pytest.fixture(autouse=True)
def open_shop(settings: Any) -> None:
    """One article in stock, one way to send it, and a bank that is not that slow."""
    settings.SANDBOX_SLOW_S = 0.05
    settings.SITE_URL = "http://127.0.0.1:9"  # nobody takes the bank's notices there; the shop must not need them
    open_with_a_mug(cents=9_99)


@pytest.fixture
def buy(deliver_all: Callable[..., int]) -> Callable[[str], UUID]:
    def purchase(card: str) -> UUID:
        deliver_all()
        order_id = begin_checkout()
        ordering.save_payment_method(order_id=order_id, payment=services.add_card(order_id=order_id, number=card))
        ordering.place_order(order_id=order_id)
        let_it_be_paid(deliver_all)
        return order_id

    return purchase


@pytest.mark.parametrize("card", [APPROVED, SLOW, LOST])
def test_a_good_card_leads_to_a_confirmed_order(buy: Callable[[str], UUID], published_events: Any, card: str) -> None:
    order_id = buy(card)

    assert [event.order_id for event in published_events.of(OrderConfirmed)] == [order_id]
    assert payment_of(order_id).state == State.AUTHORISED
    assert [charge.amount for charge in BankCharge.objects.all()] == [eur(14_89)]
    number = payment_of(order_id).order_number
    assert [message.subject for message in mail.outbox] == [
        f"We have your order {number}", f"Order {number} is confirmed",
    ]  # fmt: skip


@pytest.mark.parametrize("card", [DECLINED, INSUFFICIENT])
def test_a_declined_card_and_no_other_in_time_lead_to_a_cancelled_order(
    buy: Callable[[str], UUID], deliver_all: Callable[..., int], published_events: Any, card: str
) -> None:
    order_id = buy(card)
    [declined] = published_events.of(OrderPaymentDeclined)
    assert declined.explanation.startswith("Your bank declined the card")
    assert published_events.of(OrderCancelled) == []

    let_timers_be_due("ordering")
    deliver_all()

    [cancelled] = published_events.of(OrderCancelled)
    assert payment_of(order_id).state == State.DECLINED
    assert payment_of(order_id).cancel_requested
    assert cancelled.explanation in mail.outbox[-1].body
    assert stock("RED-MUG") == 10


def test_a_declined_card_and_another_lead_to_a_confirmed_order(
    buy: Callable[[str], UUID], deliver_all: Callable[..., int], published_events: Any
) -> None:
    order_id = buy(DECLINED)

    for number in (INSUFFICIENT, APPROVED):
        card = services.add_card(order_id=order_id, number=number).payment_method
        services.pay_with_another_card(order_id=order_id, card=card, before=timezone.now() + timedelta(minutes=1))
        deliver_all()
    let_timers_be_due("ordering")
    deliver_all()

    assert [event.order_id for event in published_events.of(OrderConfirmed)] == [order_id]
    assert published_events.of(OrderCancelled) == []
    assert sorted(BankCharge.objects.values_list("status", flat=True)) == ["authorised", "declined", "declined"]
    assert stock("RED-MUG") == 9


def let_timers_be_due(context: str) -> None:
    with connections[context].cursor() as cursor:
        cursor.execute("update messaging_timer set due_at = now() - interval '1 second'")


def stock(sku: str) -> int:
    return StockItem.objects.get(sku=sku).available


@pytest.mark.parametrize("approve", [True, False])
def test_a_confirmation_decides_the_order(
    buy: Callable[[str], UUID], deliver_all: Callable[..., int], published_events: Any, approve: bool
) -> None:
    order_id = buy(CONFIRM)
    assert mail.outbox[-1].subject.endswith("please confirm your payment")

    services.answer_confirmation(order_id=order_id, approve=approve)
    deliver_all()
    let_timers_be_due("ordering")
    deliver_all()

    assert len(published_events.of(OrderConfirmed if approve else OrderCancelled)) == 1
    assert payment_of(order_id).state == (State.AUTHORISED if approve else State.DECLINED)


def test_an_order_cancelled_by_its_shopper_gives_the_money_up(
    buy: Callable[[str], UUID], deliver_all: Callable[..., int]
) -> None:
    order_id = buy(APPROVED)

    ordering.cancel_order(order_id=order_id)
    deliver_all()

    assert payment_of(order_id).state == State.VOIDED
    assert BankCharge.objects.get().status == "voided"
    assert mail.outbox[-1].subject.endswith("was cancelled")
