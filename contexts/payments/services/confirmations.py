"""The shopper's answer to the bank. The bank's notice or the shopper's browser may bring it, in either order.

Neither is believed: both only make payments ask the gateway how the charge stands.
"""

from __future__ import annotations

from uuid import UUID

import structlog
from django.db import transaction

from contexts.messaging import acting_as
from contexts.payments.gateway import GatewayRefused, GatewayUnreachable, Status, gateway_named
from contexts.payments.models import Payment, StaleState, State
from contexts.payments.sandbox import bank
from contexts.payments.services.work import record_authorisation

logger = structlog.get_logger(__name__)


def confirmation_for(order_id: UUID) -> Payment | None:
    """Return the payment whose confirmation the order's shopper may have been asked for."""
    payment: Payment | None = Payment.objects.filter(order_id=order_id).first()
    return payment if payment is not None and payment.charge else None


def answer_confirmation(*, order_id: UUID, approve: bool) -> Payment | None:
    """The shopper answered on the sandbox bank's page; an answer that comes too late changes nothing."""
    payment = confirmation_for(order_id)
    if payment is None or payment.state != State.ACTION_REQUIRED:
        return payment
    try:
        bank.answer_confirmation(charge=payment.charge, approve=approve)
    except GatewayRefused as refusal:
        logger.warning("answer not taken by the bank", order_id=str(order_id), refusal=str(refusal))
        return payment
    gateway_says(order_id=order_id)
    payment.refresh_from_db()
    return payment


def gateway_says(*, order_id: UUID) -> bool:
    """Ask the gateway how the order's charge stands, and record it if it moved. Repeating it is harmless."""
    payment = Payment.objects.filter(order_id=order_id).first()
    asked = (State.ACTION_REQUIRED, State.ACTION_OVERDUE, State.CANCELLED)
    if payment is None or not payment.gateway or payment.state not in asked:
        return False
    try:
        answer = gateway_named(payment.gateway).find(payment.key("authorise"))
    except GatewayUnreachable:
        logger.warning("gateway did not answer", order_id=str(order_id), operation="find")
        return False
    if answer is None or answer.status in (Status.ACTION_REQUIRED, Status.CAPTURED, Status.REFUNDED):
        return False
    with acting_as("system", correlation_id=payment.correlation_id), transaction.atomic(using="payments"):
        locked = Payment.objects.select_for_update().get(pk=payment.pk)
        if locked.state == State.CANCELLED and answer.status is not Status.AUTHORISED:
            return False
        try:
            record_authorisation(locked, answer)
        except StaleState:
            return False
    return True
