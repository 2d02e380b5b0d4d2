"""The shopper's answer to the bank. The bank's notice or the shopper's browser may bring it, in either order.

Neither is believed: both only make payments ask the gateway how the charge stands.
"""

from __future__ import annotations

from uuid import UUID

import structlog
from django.db import transaction
from django.db.models import F
from django.utils import timezone

from contexts.messaging import acting_as
from contexts.payments.gateway import Answer, GatewayError, GatewayRefused, Status, gateway_named
from contexts.payments.models import Payment, RefusedNotice, StaleState, State
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
    if payment is None or payment.state != State.ACTION_REQUIRED or payment.gateway != bank.SandboxGateway.name:
        return payment
    try:
        bank.answer_confirmation(charge=payment.charge, approve=approve)
    except GatewayRefused as refusal:
        logger.warning("answer not taken by the bank", order_id=str(order_id), refusal=str(refusal))
        return payment
    gateway_says(order_id=order_id)
    payment.refresh_from_db()
    return payment


def confirmation_page(payment: Payment) -> str:
    """Return the gateway's own page on which the shopper confirms, "" where there is none (any more)."""
    try:
        return gateway_named(payment.gateway).confirmation_page(payment.charge)
    except GatewayError as problem:
        logger.warning("no confirmation page", order_id=str(payment.order_id), problem=str(problem))
        return ""


def gateway_says(*, order_id: UUID) -> bool:
    """Ask the gateway how the order's charge stands, and record it if it moved. Repeating it is harmless.

    A notice may come before the answer that it is about: a payment whose answer is awaited, or lost, is settled too.
    """
    payment = Payment.objects.filter(order_id=order_id).first()
    if payment is None or not payment.gateway or not _may_have_moved(payment):
        return False
    gateway = gateway_named(payment.gateway)
    try:
        if payment.charge:
            answer: Answer | None = gateway.status_of(payment.charge)
        else:
            answer = gateway.find(key=payment.key("authorise"), card=payment.card)
    except GatewayError as problem:
        logger.warning("gateway did not answer", order_id=str(order_id), operation="find", problem=str(problem))
        return False
    if answer is None or answer.status in (Status.ACTION_REQUIRED, Status.CAPTURED, Status.REFUNDED):
        return False
    with acting_as("system", correlation_id=payment.correlation_id), transaction.atomic(using="payments"):
        locked = Payment.objects.select_for_update().get(pk=payment.pk)
        if locked.attempt != payment.attempt or not _may_have_moved(locked):
            return False
        if locked.state == State.CANCELLED and answer.status is not Status.AUTHORISED:
            return False
        try:
            record_authorisation(locked, answer)
        except StaleState:
            return False
    return True


def count_refused(*, gateway: str, problem: str) -> None:
    """Count a notice that was refused, for staff to see. `problem` is one of a few fixed sentences."""
    now = timezone.now()
    of_today = RefusedNotice.objects.filter(day=now.date(), gateway=gateway, problem=problem)
    with transaction.atomic(using="payments"):
        if not of_today.update(count=F("count") + 1, last_at=now):
            first = RefusedNotice(day=now.date(), gateway=gateway, problem=problem, last_at=now)
            RefusedNotice.objects.bulk_create([first], ignore_conflicts=True)
            of_today.update(count=F("count") + 1, last_at=now)


def _may_have_moved(payment: Payment) -> bool:
    if payment.state == State.DUE:
        return payment.in_flight
    return payment.state in (State.ACTION_REQUIRED, State.ACTION_OVERDUE, State.CANCELLED)
