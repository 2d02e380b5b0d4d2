"""Giving a card, on the gateway's own page or, to a pretend bank, on ours; and another one after a decline.

A number goes to the gateway and is forgotten; the card's token, brand and last four digits stay.
"""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

import structlog
from django.db import transaction
from django.utils import timezone
from django.utils.translation import get_language, gettext as _, override

from contexts.kernel.checkout import PaymentMethod
from contexts.messaging import publish, wake
from contexts.payments.cards import InvalidCard, card_label, card_number
from contexts.payments.events import PaymentRetried
from contexts.payments.gateway import (
    CardToken,
    GatewayError,
    GatewayRefused,
    GatewayUnreachable,
    HasCardPage,
    TakesNumbers,
    current_gateway,
)
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
    if not isinstance(gateway, TakesNumbers):
        raise LookupError(f"The gateway {gateway.name} asks for cards on a page of its own.")
    try:
        token = gateway.tokenise(digits)
    except GatewayRefused:
        raise InvalidCard(
            _("This shop takes test cards only. Choose one from the list; do not enter a real card.")
        ) from None
    except GatewayUnreachable:
        logger.warning("card not taken, gateway unreachable", order_id=str(order_id), gateway=gateway.name)
        raise InvalidCard(no_answer()) from None
    return _keep(token, order_id=order_id, gateway=gateway.name)


def open_card_page(*, order_id: UUID, currency: str, back: str, away: str) -> str:
    """Return the address of the gateway's own page for the order's card; see `HasCardPage.open_card_page`.

    Raises:
        InvalidCard: the gateway does not answer, or opens no page; the message is for the shopper.
    """
    gateway = current_gateway()
    if not isinstance(gateway, HasCardPage):
        raise LookupError(f"The gateway {gateway.name} has no page for cards.")
    try:
        return gateway.open_card_page(
            order=str(order_id), currency=currency, back=back, away=away, language=get_language() or "en"
        )
    except GatewayError as problem:
        logger.error("no card page", order_id=str(order_id), gateway=gateway.name, problem=str(problem))
        raise InvalidCard(no_answer()) from None


def take_card_from_page(*, order_id: UUID, page: str) -> PaymentMethod:
    """Keep the card that the shopper gave on the gateway's page; asking twice is harmless.

    Raises:
        InvalidCard: no card was given there, or for another order; the message is for the shopper.
    """
    gateway = current_gateway()
    if not isinstance(gateway, HasCardPage):
        raise LookupError(f"The gateway {gateway.name} has no page for cards.")
    try:
        token = gateway.card_from_page(page, order=str(order_id))
    except GatewayRefused:
        raise InvalidCard(_("No card was given. You can try again; nothing was charged.")) from None
    except GatewayUnreachable:
        logger.warning("card page not read, gateway unreachable", order_id=str(order_id), gateway=gateway.name)
        raise InvalidCard(no_answer()) from None
    return _keep(token, order_id=order_id, gateway=gateway.name)


def no_answer() -> str:
    return _("Our payment provider does not answer at the moment. Try again in a minute.")


def _keep(token: CardToken, *, order_id: UUID, gateway: str) -> PaymentMethod:
    with transaction.atomic(using="payments"):
        card = Card(token=token.token, order_id=order_id, gateway=gateway, brand=token.brand, last4=token.last4)
        Card.objects.bulk_create([card], ignore_conflicts=True)
    return PaymentMethod(
        order_id=order_id,
        payment_method=token.token,
        method_label=card_label(token.brand, token.last4),
    )


def declined_payment(order_id: UUID) -> Payment | None:
    """Return the order's payment if its card was declined and another may be given."""
    payment: Payment | None = Payment.objects.filter(
        order_id=order_id, state=State.DECLINED, cancel_requested=False, renewed=False
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
        if payment is None or given is None or not wanted or payment.renewed or timezone.now() >= before:
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
