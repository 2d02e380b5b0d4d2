"""The payment of one order: when it becomes due, and what cancellation and dispatch mean for it.

Every function here is called with the news of another context, in the transaction of its delivery.
"""

from __future__ import annotations

from uuid import UUID

import structlog
from django.db import transaction
from django.utils import timezone

from contexts.kernel.money import Money
from contexts.kernel.prepared import Lookup, Rewrite
from contexts.messaging import Discard, cancel_timers, wake
from contexts.payments.events import PaymentActionDue
from contexts.payments.gateway import current_gateway
from contexts.payments.models import Card, Payment, State
from contexts.payments.services import refunds, work

logger = structlog.get_logger(__name__)

_card = Lookup(Card, "token")
_rewrite = Rewrite(Payment)


def note_amount_due(
    *,
    order_id: UUID,
    number: str,
    amount: Money,
    card: str,
    language: str,
    redeems: bool = False,
    correlation_id: UUID | None = None,
) -> None:
    """The order was placed: `amount` is due on the card with that token, as soon as the goods are reserved.

    `redeems`: and as soon as its code and gift card are redeemed too. Where nothing is due, no gateway is asked.
    """
    with transaction.atomic(using="payments"):
        payment = Payment.locked(order_id)
        if payment.amount_cents is not None:
            return
        known = _card(card)
        payment.order_number, payment.language, payment.card = number, language, card
        payment.amount_cents, payment.currency = amount.amount, amount.currency
        payment.gateway = known.gateway if known else current_gateway().name
        payment.card_brand, payment.card_last4 = (known.brand, known.last4) if known else ("Card", "")
        payment.correlation_id, payment.redemption_awaited = correlation_id, redeems
        _rewrite(payment)
        _make_due_when_complete(payment)


def note_stock_reserved(*, order_id: UUID, correlation_id: UUID | None = None) -> None:
    """The order's goods are its own: set the amount aside, as soon as it is known."""
    with transaction.atomic(using="payments"):
        payment = Payment.locked(order_id)
        if payment.stock_reserved:
            return
        payment.stock_reserved, payment.correlation_id = True, payment.correlation_id or correlation_id
        payment.save(update_fields=["stock_reserved", "correlation_id"])
        _make_due_when_complete(payment)


def note_redeemed(*, order_id: UUID) -> None:
    """The order's code and gift card are its own: nothing but the card is left to be asked."""
    with transaction.atomic(using="payments"):
        payment = Payment.locked(order_id)
        if payment.redeemed:
            return
        payment.redeemed = True
        payment.save(update_fields=["redeemed"])
        _make_due_when_complete(payment)


def _make_due_when_complete(payment: Payment) -> None:
    if payment.state != State.WAITING or payment.amount_cents is None:
        return
    if payment.amount_cents == 0:
        payment.move(State.NOTHING_DUE)
    elif payment.stock_reserved and (payment.redeemed or not payment.redemption_awaited):
        payment.move(State.DUE, work=True)
        wake(work.authorise_due)


def release_money(*, order_id: UUID, correlation_id: UUID | None = None) -> None:
    """The order was cancelled: give up what was set aside, give back what was charged."""
    with transaction.atomic(using="payments"):
        payment = Payment.locked(order_id)
        payment.correlation_id = correlation_id or payment.correlation_id
        payment.cancel_requested = True
        payment.save(update_fields=["correlation_id", "cancel_requested"])
        match State(payment.state):
            case State.WAITING:
                payment.move(State.CANCELLED)
            case State.DUE | State.CAPTURE_DUE if payment.in_flight:
                logger.info("cancelled while the gateway is asked", order_id=str(order_id))
            case State.DUE:
                payment.move(State.CANCELLED)
            case State.ACTION_REQUIRED | State.AUTHORISED | State.CAPTURE_DUE:
                payment.move(State.VOID_DUE, work=True)
                cancel_timers(PaymentActionDue, subject=f"order/{order_id}")
                wake(work.void_due)
            case State.CAPTURED if payment.refundable:
                refunds.request_refund(payment, payment.refundable, reason="The order was cancelled.")
            case _nothing_to_release:
                pass


def charge_card(*, order_id: UUID, correlation_id: UUID | None = None) -> None:
    """The parcel left: charge what was set aside."""
    with transaction.atomic(using="payments"):
        payment = Payment.locked(order_id)
        if payment.state == State.NOTHING_DUE:
            return
        if payment.state != State.AUTHORISED:
            raise Discard(
                f"The parcel of order {payment} left while its payment was {payment.state}; nothing is charged."
            )
        payment.move(State.CAPTURE_DUE, work=True, correlation_id=correlation_id or payment.correlation_id)
        wake(work.capture_due)


def stop_waiting_for_confirmation(*, order_id: UUID, attempt: int) -> None:
    """The time to confirm with the bank is over: find out whether it was used, and close the payment."""
    with transaction.atomic(using="payments"):
        payment = Payment.locked(order_id)
        if payment.state != State.ACTION_REQUIRED or payment.attempt != attempt:
            return
        payment.move(State.ACTION_OVERDUE, work=True)
        wake(work.settle_overdue_actions)


def try_again(*, order_id: UUID) -> bool:
    """Staff looked at a payment the gateway refused: ask it once more. False if there is nothing to ask."""
    with transaction.atomic(using="payments"):
        payment = Payment.objects.select_for_update().filter(order_id=order_id).exclude(problem="").first()
        if payment is None:
            return False
        if payment.state == State.DECLINED:
            # A new attempt: under the old key the gateway would repeat its old answer.
            payment.move(State.DUE, work=True, attempt=payment.attempt + 1, charge="")
        else:
            Payment.objects.filter(pk=payment.pk).update(problem="", work_at=timezone.now(), lease=None)
        for worker in (work.authorise_due, work.capture_due, work.void_due, work.settle_overdue_actions):
            wake(worker)
    return True
