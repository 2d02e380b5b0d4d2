"""Giving money back: staff or a cancellation asks, the gateway pays in the background."""

from __future__ import annotations

from uuid import UUID

import structlog
from django.db import transaction
from django.db.models import F
from django.utils import timezone

from contexts.kernel.money import Money
from contexts.messaging import acting_as, background, publish, wake
from contexts.payments.events import PaymentRefunded, RefundFailed, RefundRequested
from contexts.payments.gateway import GatewayError, GatewayRefused, GatewayUnreachable, gateway_named
from contexts.payments.models import GatewayCall, Payment, Refund, RefundState, State

logger = structlog.get_logger(__name__)

PER_RUN = 100
SENT_BACK = "The shopper's bank sent the money back. Ask the shopper for another way, or refund it once more."


class RefundRefused(Exception):
    """The refund cannot be made; the message says what can."""


def refund(*, order_id: UUID, amount: Money, reason: str) -> Refund:
    """Give back part or all of what was charged for an order.

    Raises:
        RefundRefused: more than is left of the charge, another currency, nothing charged, or no reason given.
    """
    if not reason.strip():
        raise RefundRefused("Say why the money goes back; the reason is kept with the refund.")
    with transaction.atomic(using="payments"):
        payment = Payment.objects.filter(order_id=order_id).first()
        if payment is None or payment.state != State.CAPTURED:
            raise RefundRefused(f"Nothing was charged for order {payment or order_id} yet, so nothing can be refunded.")
        if amount.currency != payment.currency:
            raise RefundRefused(f"Order {payment} was charged in {payment.currency}; {amount} cannot be refunded.")
        if amount.amount <= 0:
            raise RefundRefused("Refund more than nothing.")
        return request_refund(payment, amount, reason=reason.strip())


def refund_return(*, order_id: UUID, return_id: UUID, amount: Money) -> None:
    """Goods came back: give back `amount` for them, once per return, and no more than is left of the charge.

    Raises:
        RefundRefused: nothing was charged yet.
    """
    with transaction.atomic(using="payments"):
        payment = Payment.objects.select_for_update().filter(order_id=order_id).first()
        if payment is None or payment.state != State.CAPTURED:
            raise RefundRefused(f"Nothing was charged for order {payment or order_id} yet, so nothing can be refunded.")
        if Refund.objects.filter(return_id=return_id).exists():
            return
        part = min(amount, payment.refundable)
        if part < amount:
            logger.warning(
                "less is left than came back for", order_id=str(order_id), wanted=str(amount), left=str(part)
            )
        if part:
            request_refund(payment, part, reason="Goods came back.", return_id=return_id)


def request_refund(payment: Payment, amount: Money, *, reason: str, return_id: UUID | None = None) -> Refund:
    """Set `amount` of a charge aside for the shopper; in the caller's transaction.

    Raises:
        RefundRefused: less than that is left, counting refunds under way.
    """
    # One conditional update, not "read, then write": two members of staff may refund at the same moment.
    set_aside = Payment.objects.filter(
        pk=payment.pk, refunds_requested_cents__lte=F("captured_cents") - amount.amount
    ).update(refunds_requested_cents=F("refunds_requested_cents") + amount.amount, changed_at=timezone.now())
    if not set_aside:
        payment.refresh_from_db(fields=["captured_cents", "refunds_requested_cents"])
        raise RefundRefused(
            f"{amount} wanted, {payment.refundable} left of the {payment.captured} charged for order {payment}. "
            "Reduce the amount."
        )
    asked = Refund.objects.create(
        payment=payment,
        amount_cents=amount.amount,
        currency=amount.currency,
        reason=reason,
        return_id=return_id,
        work_at=timezone.now(),
        correlation_id=payment.correlation_id,
    )
    publish(RefundRequested(order_id=payment.order_id, refund_id=asked.id, amount=amount))
    wake(pay_refunds)
    return asked


@background(every_s=5, queue="effects", per_run=PER_RUN)
def pay_refunds() -> int:
    """Ask the gateway for the refunds that are due. Repeating a key repeats nothing, so no look-up comes first."""
    done = 0
    while done < PER_RUN and (asked := Refund.objects.select_related("payment").claim()) is not None:
        _pay(asked)
        done += 1
    return done


def _pay(asked: Refund) -> None:
    payment = asked.payment
    call = GatewayCall.objects.create(payment=payment, operation="refund", key=asked.key)
    try:
        gateway_named(payment.gateway).refund(key=asked.key, charge=payment.charge, amount=asked.amount)
    except GatewayUnreachable as problem:
        call.end("unanswered", str(problem))
        asked.try_again_later()
        return
    except GatewayRefused as refusal:
        call.end("refused", str(refusal))
        _close(asked, RefundState.FAILED, problem=str(refusal))
        logger.error("refund refused", order_id=str(payment.order_id), refund=str(asked.id), refusal=str(refusal))
        return
    call.end("refunded")
    _close(asked, RefundState.DONE)


def _close(asked: Refund, state: RefundState, problem: str = "") -> None:
    with acting_as("system", correlation_id=asked.correlation_id), transaction.atomic(using="payments"):
        payment = Payment.objects.select_for_update().get(pk=asked.payment_id)
        closed = Refund.objects.filter(pk=asked.pk, state=RefundState.REQUESTED).update(
            state=state, work_at=None, lease=None, problem=problem, done_at=timezone.now()
        )
        if not closed:
            return
        if state is RefundState.FAILED:
            payment.refunds_requested_cents -= asked.amount_cents
            payment.save(update_fields=["refunds_requested_cents"])
            publish(_failed(asked, payment, came_back=False))
            return
        payment.refunded_cents += asked.amount_cents
        payment.changed_at = timezone.now()
        payment.save(update_fields=["refunded_cents", "changed_at"])
        publish(
            PaymentRefunded(
                order_id=payment.order_id, amount=asked.amount, refunded=payment.refunded, refund_id=asked.id,
                return_id=asked.return_id,
            )
        )  # fmt: skip


def _failed(asked: Refund, payment: Payment, *, came_back: bool) -> RefundFailed:
    return RefundFailed(
        order_id=payment.order_id, refund_id=asked.id, amount=asked.amount, refunded=payment.refunded,
        came_back=came_back,
    )  # fmt: skip


def check_refund(*, refund_id: UUID) -> bool:
    """The gateway says that a refund moved: ask, and if the bank sent the money back, say so to staff.

    The amount can then be refunded again. Returns whether the refund failed; repeating it is harmless.
    """
    asked = Refund.objects.select_related("payment").filter(pk=refund_id, state=RefundState.DONE).first()
    if asked is None:
        return False
    try:
        if gateway_named(asked.payment.gateway).refund_stands(key=asked.key, charge=asked.payment.charge):
            return False
    except GatewayError as problem:
        logger.warning("gateway did not answer", refund=str(refund_id), operation="refund", problem=str(problem))
        return False
    with transaction.atomic(using="payments"):
        payment = Payment.objects.select_for_update().get(pk=asked.payment_id)
        sent_back = Refund.objects.filter(pk=asked.pk, state=RefundState.DONE).update(
            state=RefundState.FAILED, problem=SENT_BACK
        )
        if not sent_back:
            return False
        payment.refunded_cents -= asked.amount_cents
        payment.refunds_requested_cents -= asked.amount_cents
        payment.changed_at = timezone.now()
        payment.save(update_fields=["refunded_cents", "refunds_requested_cents", "changed_at"])
        publish(_failed(asked, payment, came_back=True))
    logger.error("refund sent back", order_id=str(payment.order_id), refund=str(refund_id))
    return True
