"""Giving a card: the number goes to the gateway and is forgotten; its token, brand and last four digits stay."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

import structlog
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _, override

from contexts.kernel.checkout import PaymentMethod
from contexts.messaging import publish, wake
from contexts.payments.cards import InvalidCard, card_label, card_number
from contexts.payments.events import PaymentRetried
from contexts.payments.gateway import GatewayRefused, GatewayUnreachable, current_gateway
from contexts.payments.models import Card, Payment, State
from contexts.payments.services import work

logger = structlog.get_logger(__name__)


class NothingToPay(Exception):
    """No other card is wanted for the order: it is paid, being asked about, cancelled, or out of time."""


def add_card(*, order_id: UUID, number: str) -> PaymentMethod:
    """Give the card to the gateway; returns what ordering needs to place the order with it.

    `number` is as typed, with or without spaces.

    Raises:
        InvalidCard: the number cannot be right, or the gateway does not take it; the message is for the shopper.
    """
    digits = card_number(number)
    gateway = current_gateway()
    try:
        token = gateway.tokenise(digits)
    except GatewayRefused:
        raise InvalidCard(
            _("This shop takes test cards only. Choose one from the list; do not enter a real card.")
        ) from None
    except GatewayUnreachable:
        logger.warning("card not taken, gateway unreachable", order_id=str(order_id), gateway=gateway.name)
        raise InvalidCard(_("Our payment provider does not answer at the moment. Try again in a minute.")) from None
    with transaction.atomic(using="payments"):
        Card.objects.create(
            token=token.token,
            order_id=order_id,
            gateway=gateway.name,
            brand=token.brand,
            last4=token.last4,
        )
    return PaymentMethod(
        order_id=order_id,
        payment_method=token.token,
        method_label=card_label(token.brand, token.last4),
    )


def declined_payment(order_id: UUID) -> Payment | None:
    """Return the order's payment if its card was declined and another may be given."""
    payment: Payment | None = Payment.objects.filter(
        order_id=order_id, state=State.DECLINED, cancel_requested=False
    ).first()
    return payment


def pay_with_another_card(*, order_id: UUID, card: str, before: datetime) -> None:
    """Ask the bank about another card, by its token, for an order whose last one was declined.

    The first of two cards given at the same moment counts. Whether the order still waits for one when the bank has
    answered is ordering's to say: if it was cancelled meanwhile, what was set aside is released.

    Raises:
        NothingToPay: no card is wanted, or it is too late; nothing was changed.
    """
    with transaction.atomic(using="payments"):
        payment = Payment.objects.select_for_update().filter(order_id=order_id).first()
        given = Card.objects.filter(token=card, order_id=order_id).first()
        wanted = payment is not None and payment.state == State.DECLINED and not payment.cancel_requested
        if payment is None or given is None or not wanted or timezone.now() >= before:
            raise NothingToPay
        payment.move(
            State.DUE,
            work=True,
            attempt=payment.attempt + 1,
            gateway=given.gateway,
            card=given.token,
            card_brand=given.brand,
            card_last4=given.last4,
            charge="",
            decline_reason="",
            action_expires_at=None,
        )
        with override(payment.language):
            label = card_label(given.brand, given.last4)
        publish(PaymentRetried(order_id=order_id, method_label=label))
        wake(work.authorise_due)
