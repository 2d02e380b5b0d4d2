"""The code and the gift card that a shopper gives at the checkout: found, checked against the copies, kept."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

import msgspec
from django.db.models import Count, IntegerField, OuterRef, Subquery, Value
from django.db.models.functions import Coalesce
from django.utils import timezone
from django.utils.translation import gettext as _

from contexts.kernel.currencies import own
from contexts.kernel.rates import with_rate
from contexts.kernel.vouchers import card_digest, code_as_stored
from contexts.ordering import discounts, states
from contexts.ordering.errors import NoSuchOrder
from contexts.ordering.events import OrderLine
from contexts.ordering.models import Checkout, Code, ExchangeRate, GiftCard, OrderSummary


class Given(msgspec.Struct, frozen=True, kw_only=True):
    """A checkout's code and gift card as ordering knows them. `used_before`: by orders of the same e-mail address."""

    code: Code | None = None
    used_before: int = 0
    card: GiftCard | None = None


def find_code(typed: str, *, email: str = "", currency: str = "") -> Given:
    """Return the code that somebody typed, or nothing where there is none of that name."""
    return _with_code(code_as_stored(typed)[:40], email, currency or own())


def find_card(typed: str) -> Given:
    """Return the gift card that somebody typed, or nothing where there is none."""
    return Given(card=GiftCard.objects.filter(digest=card_digest(typed)).first())


def given(checkout: Checkout, currency: str = "") -> Given:
    """Return what the checkout was given, for prices in a currency."""
    by_code = _with_code(checkout.code, checkout.email, currency or own()) if checkout.code else Given()
    card = GiftCard.objects.filter(card_id=checkout.gift_card_id).first() if checkout.gift_card_id else None
    return msgspec.structs.replace(by_code, card=card)


def objections(given: Given, lines: list[OrderLine], *, now: datetime | None = None) -> dict[str, str]:
    """Return why the code or the card (by its last four letters) does not count for these lines at present prices."""
    found: dict[str, str] = {}
    if given.code is not None:
        why = discounts.objection(given.code, lines, now=now or timezone.now(), used_before=given.used_before)
        found |= {given.code.code: why} if why else {}
    if given.card is not None and (why := card_objection(given.card, lines)):
        found[given.card.last4] = why
    return found


def card_objection(card: GiftCard, lines: list[OrderLine]) -> str:
    """Return why a gift card cannot pay for these lines, in words for the shopper; "" where it can."""
    named = {"last4": card.last4, "currency": card.currency}
    if not card.usable:
        return _("The gift card ending %(last4)s cannot be used at the moment.") % named
    if not card.balance_cents:
        return _("The gift card ending %(last4)s is used up.") % named
    if lines and lines[0].unit_price.currency != card.currency:
        named["other"] = lines[0].unit_price.currency
        return (
            _("The gift card ending %(last4)s is in %(currency)s, so it cannot pay for an order in %(other)s.") % named
        )
    return ""


def save_vouchers(*, order_id: UUID, code: str, gift_card_id: UUID | None) -> None:
    """Keep the code ("" for none) and the gift card of a checkout; both are checked again when the order is placed.

    Raises:
        NoSuchOrder: no such checkout was begun.
    """
    if not Checkout.objects.filter(order_id=order_id).update(code=code, gift_card_id=gift_card_id):
        raise NoSuchOrder


def _with_code(code: str, email: str, currency: str) -> Given:
    """Ask for the code, and in the same question for the orders that used it."""
    theirs = (
        OrderSummary.objects.filter(code=OuterRef("code"), email__iexact=email.strip())
        .exclude(status=states.CANCELLED)
        .order_by()
        .values("code")
        .annotate(orders=Count("pk"))
        .values("orders")
    )
    used = Coalesce(Subquery(theirs, output_field=IntegerField()), 0) if email.strip() else Value(0)
    row = with_rate(Code.objects.filter(code=code), currency, ExchangeRate).annotate(used=used).first()
    return Given(code=row, used_before=row.used) if row else Given()
