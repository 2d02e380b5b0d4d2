"""Giving a card: the number goes to the gateway and is forgotten; its token, brand and last four digits stay."""

from __future__ import annotations

from uuid import UUID

import structlog
from django.db import transaction
from django.utils.translation import gettext as _

from contexts.kernel.checkout import PaymentMethod
from contexts.payments.cards import InvalidCard, card_label, card_number
from contexts.payments.gateway import GatewayRefused, GatewayUnreachable, current_gateway
from contexts.payments.models import Card

logger = structlog.get_logger(__name__)


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
