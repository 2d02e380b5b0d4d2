"""Codes, gift cards and orders that redeem them; each names only what matters."""

from __future__ import annotations

from decimal import Decimal
from typing import Any
from uuid import UUID

from django.utils import timezone
from uuid_utils.compat import uuid7

from contexts.kernel.addresses import Address
from contexts.kernel.money import Money, eur
from contexts.ordering.events import Contact, GiftCardPart, OrderCancelled, OrderPlaced
from contexts.promotions import services
from contexts.promotions.models import GiftCard, PromotionCode
from contexts.promotions.services import Terms, Wanted

ADA = "ada@example.com"
HOME = Address(name="Ada", street="Main Street 1", postcode="10115", city="Berlin", country="DE")


def ten_percent(code: str = "WELCOME10", **terms: Any) -> PromotionCode:
    return services.create_code(code, Terms(kind="percent", percent=Decimal(10), **terms))


def gift_card(cents: int = 50_00, **more: Any) -> GiftCard:
    return services.issue_gift_card(eur(cents), **more).card


def wanted(*, code: str = "", card: GiftCard | None = None, cents: int = 0, email: str = ADA, **more: Any) -> Wanted:
    """Return an order that redeems a code, `cents` of a gift card, or both."""
    fields = {
        "order_id": uuid7(), "number": "TP-7F3K-92QX", "customer_id": None, "at": timezone.now(),
        "discount": eur(2_50 if code else 0), "card_id": card.id if card else None, "from_card": eur(cents),
    }  # fmt: skip
    return Wanted(**(fields | {"code": code, "email": email} | more))


def placed(
    order_id: UUID, *, code: str = "", card: GiftCard | None = None, cents: int = 0, customer_id: UUID | None = None
) -> OrderPlaced:
    part = GiftCardPart(card_id=card.id, last4=card.last4, amount=eur(cents)) if card else None
    return OrderPlaced(
        order_id=order_id, number="TP-7F3K-92QX", customer_id=customer_id, contact=Contact(email=ADA, name="Ada"),
        shipping_address=HOME, shipping_method="standard", lines=[], subtotal=eur(25_00), shipping=eur(4_90),
        tax=eur(4_37), total=eur(27_40), payment_method="pm_1", code=code, discount=eur(2_50) if code else None,
        gift_card=part,
    )  # fmt: skip


def cancelled(order_id: UUID) -> OrderCancelled:
    return OrderCancelled(order_id=order_id, number="TP-7F3K-92QX", reason="by_customer", explanation="Not wanted.")


def uses(code: str = "WELCOME10") -> int:
    return PromotionCode.objects.get(code=code).redeemed


def balance(card: GiftCard) -> Money:
    return GiftCard.objects.get(id=card.id).balance


def recounted(card: GiftCard) -> Money:
    """Return what the ledger says is on a gift card."""
    return eur(sum(card.movements.values_list("cents", flat=True)))
