"""Money back: never more than was charged, whoever asks at the same moment."""

from __future__ import annotations

import threading
from typing import Any

import pytest
from django.db import IntegrityError, connections, transaction
from uuid_utils.compat import uuid7

from contexts.kernel.money import Money, eur
from contexts.ordering.events import ReceivedPieces, ReturnReceived
from contexts.payments import services
from contexts.payments.events import PaymentRefunded, RefundFailed, RefundRequested
from contexts.payments.models import Payment, Refund, RefundState
from contexts.payments.sandbox.ledger import BankCharge
from tests.payments.factories import payment_authorised, payment_captured, payment_of

pytestmark = pytest.mark.django_db(databases=["payments"])


def test_a_partial_refund_goes_back_and_is_told(published_events: Any) -> None:
    payment = payment_captured()
    published_events.clear()

    services.refund(order_id=payment.order_id, amount=eur(5_00), reason="One mug was chipped.")
    services.pay_refunds()
    services.refund(order_id=payment.order_id, amount=eur(14_98), reason="The other one too.")
    services.pay_refunds()

    first, second = Refund.objects.order_by("requested_at").values_list("id", flat=True)
    assert published_events == [
        RefundRequested(order_id=payment.order_id, refund_id=first, amount=eur(5_00)),
        PaymentRefunded(order_id=payment.order_id, amount=eur(5_00), refunded=eur(5_00), refund_id=first),
        RefundRequested(order_id=payment.order_id, refund_id=second, amount=eur(14_98)),
        PaymentRefunded(order_id=payment.order_id, amount=eur(14_98), refunded=eur(19_98), refund_id=second),
    ]
    assert BankCharge.objects.get(order=payment.order_id).refunded_cents == 1998


@pytest.mark.parametrize(
    ("amount", "reason", "words"),
    [
        (eur(20_00), "too much", "20.00 EUR wanted, 19.98 EUR left of the 19.98 EUR charged for order TP-1001"),
        (eur(0), "nothing", "more than nothing"),
        (Money(500, "USD"), "dollars", "was charged in EUR; 5.00 USD cannot be refunded"),
        (eur(5_00), "  ", "Say why"),
    ],
)
def test_a_refund_that_cannot_be_is_refused_in_plain_words(amount: Money, reason: str, words: str) -> None:
    payment = payment_captured()

    with pytest.raises(services.RefundRefused, match=words):
        services.refund(order_id=payment.order_id, amount=amount, reason=reason)

    assert not Refund.objects.exists()
    assert payment_of(payment.order_id).refunds_requested_cents == 0


def test_what_was_not_charged_cannot_be_refunded() -> None:
    payment = payment_authorised()

    with pytest.raises(services.RefundRefused, match="Nothing was charged for order TP-1001"):
        services.refund(order_id=payment.order_id, amount=eur(1_00), reason="kindness")


def received(payment: Payment, refund: Money) -> ReturnReceived:
    return ReturnReceived(
        order_id=payment.order_id, return_id=uuid7(), number="TP-1001", refund=refund,
        pieces=[ReceivedPieces(sku="RED-MUG", quantity=1, resaleable=1)],
    )  # fmt: skip


def test_goods_that_came_back_bring_their_money_back_once(deliver: Any, published_events: Any) -> None:
    payment = payment_captured()
    news = received(payment, eur(9_99))
    published_events.clear()

    deliver(news, times=2)
    services.refund_return(order_id=payment.order_id, return_id=news.return_id, amount=eur(9_99))
    services.pay_refunds()

    assert [event for event in published_events if isinstance(event, PaymentRefunded)] == [
        PaymentRefunded(
            order_id=payment.order_id, amount=eur(9_99), refunded=eur(9_99), refund_id=Refund.objects.get().id,
            return_id=news.return_id,
        )
    ]  # fmt: skip


def test_no_more_than_is_left_of_the_charge_goes_back_for_a_return(deliver: Any) -> None:
    payment = payment_captured()
    services.refund(order_id=payment.order_id, amount=eur(15_00), reason="kindness")

    deliver(received(payment, eur(9_99)))
    deliver(received(payment, eur(1_00)))

    assert sorted(refund.amount.amount for refund in Refund.objects.all()) == [4_98, 15_00]


def test_a_refund_the_gateway_refuses_frees_its_amount_again_and_is_told(published_events: Any) -> None:
    payment = payment_captured()
    BankCharge.objects.filter(order=payment.order_id).update(refunded_cents=1998)
    services.refund(order_id=payment.order_id, amount=eur(5_00), reason="chipped")

    services.pay_refunds()

    refund = Refund.objects.get()
    assert refund.state == RefundState.FAILED
    assert "0.00 EUR of the charge is left" in refund.problem
    assert published_events[-1] == RefundFailed(
        order_id=payment.order_id, refund_id=refund.id, amount=eur(5_00), refunded=eur(0), came_back=False
    )
    assert payment_of(payment.order_id).refundable == eur(19_98)


def test_the_table_itself_refuses_more_than_was_charged() -> None:
    payment = payment_captured()

    with pytest.raises(IntegrityError, match="payment_refunds_within_captured"), transaction.atomic(using="payments"):
        Payment.objects.filter(pk=payment.pk).update(refunds_requested_cents=1999)


@pytest.mark.django_db(transaction=True, databases=["payments"])
def test_eight_refunds_at_once_give_back_the_charge_and_not_a_cent_more() -> None:
    payment = payment_captured(total=eur(10_00))
    start, refused = threading.Barrier(8), []

    def ask() -> None:
        start.wait()
        try:
            services.refund(order_id=payment.order_id, amount=eur(3_00), reason="race")
        except services.RefundRefused as refusal:
            refused.append(refusal)
        services.pay_refunds()
        connections["payments"].close()

    threads = [threading.Thread(target=ask) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    services.pay_refunds()

    after = payment_of(payment.order_id)
    assert len(refused) == 5
    assert (after.refunds_requested_cents, after.refunded_cents) == (900, 900)
    assert BankCharge.objects.get(order=payment.order_id).refunded_cents == 900


@pytest.mark.django_db(transaction=True, databases=["payments"])
def test_many_workers_authorise_each_payment_once(published_events: Any) -> None:
    from tests.payments.factories import payment_due

    payments = [payment_due() for _ in range(6)]
    published_events.clear()

    def work() -> None:
        services.authorise_due()
        connections["payments"].close()

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert sorted(event.order_id for event in published_events) == sorted(payment.order_id for payment in payments)
