"""What orders redeem: once, within every limit, and given back when they are cancelled."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

import msgspec
from django.db import connections, transaction
from django.db.models import F, Q
from django.utils import timezone

from contexts.kernel.money import Money
from contexts.messaging import publish
from contexts.promotions.errors import CannotRedeem
from contexts.promotions.events import PromotionRedeemed, PromotionRefused
from contexts.promotions.models import GiftCard, Movement, PromotionCode, Redemption
from contexts.promotions.services import codes, gift_cards


class Wanted(msgspec.Struct, frozen=True, kw_only=True):
    """What a placed order redeems: a code ("" for none), a part of a gift card, or both. `at` is when it was placed."""

    order_id: UUID
    number: str
    email: str
    customer_id: UUID | None
    code: str
    discount: Money
    card_id: UUID | None
    from_card: Money
    at: datetime


def redeem(wanted: Wanted) -> None:
    """Use an order's code and take its part of the gift card, both or neither, and tell which. Repeating changes nothing.

    The discount is the one that the shopper was shown: terms that changed since then do not matter, limits do.
    """
    with transaction.atomic(using="promotions"):
        _lock_order(wanted.order_id)
        if Redemption.objects.filter(order_id=wanted.order_id).exists():
            return
        reason = ""
        try:
            with transaction.atomic(using="promotions"):
                code = _use_code(wanted) if wanted.code else None
                card = _take_from_card(wanted) if wanted.card_id else None
        except CannotRedeem as refusal:
            reason, code, card = refusal.reason, None, None
        Redemption.objects.create(
            order_id=wanted.order_id,
            number=wanted.number,
            state=Redemption.State.REFUSED if reason else Redemption.State.REDEEMED,
            reason=reason,
            code=code,
            card=card,
            currency=wanted.discount.currency,
            discount_cents=wanted.discount.amount if code else 0,
            card_cents=wanted.from_card.amount if card else 0,
            email=_as_compared(wanted.email),
            customer_id=wanted.customer_id,
            at=wanted.at,
        )
        if reason:
            publish(PromotionRefused(order_id=wanted.order_id, reason=reason))
        else:
            publish(PromotionRedeemed(order_id=wanted.order_id))


def release(order_id: UUID) -> None:
    """The order was cancelled: its code may be used again, and what is left goes back to the gift card.

    An order that redeemed nothing, or was released before, changes nothing.
    """
    with transaction.atomic(using="promotions"):
        _lock_order(order_id)
        given_back = Redemption.objects.filter(order_id=order_id, state=Redemption.State.REDEEMED).update(
            state=Redemption.State.RELEASED, released_at=timezone.now()
        )
        if not given_back:
            return
        redemption = Redemption.objects.get(order_id=order_id)
        if redemption.code_id:
            PromotionCode.objects.filter(code=redemption.code_id).update(redeemed=F("redeemed") - 1)
            code = PromotionCode.objects.get(code=redemption.code_id)
            if code.limit is not None and code.redeemed == code.limit - 1:
                codes.announce(code)
        left = redemption.card_cents - redemption.refunded_cents
        if redemption.card_id and left:
            gift_cards.move(
                redemption.card_id, left, kind=Movement.Kind.RELEASED, order_id=order_id, number=redemption.number
            )


def one_delivery_at_a_time() -> None:
    """Wait until no other delivery of events redeems or releases; held until the transaction ends.

    A page of events is one transaction, so it locks the codes and cards of many orders in no order at all; two such
    pages would deadlock, whatever order each single order locks in.
    """
    _lock("promotions deliveries")


def _use_code(wanted: Wanted) -> PromotionCode:
    """Count one more use, if the code still allows it: one conditional update, whoever else is at it.

    The update locks the code's row, so nobody else uses it while this customer's uses are counted.
    """
    still_valid = PromotionCode.objects.filter(
        Q(valid_from=None) | Q(valid_from__lte=wanted.at),
        Q(valid_until=None) | Q(valid_until__gt=wanted.at),
        code=wanted.code,
        active=True,
    )
    within_limit = Q(limit=None) | Q(redeemed__lt=F("limit"))
    if not still_valid.filter(within_limit).update(redeemed=F("redeemed") + 1):
        raise CannotRedeem("code_used_up" if still_valid.exists() else "code_over")
    code = PromotionCode.objects.get(code=wanted.code)
    if code.per_customer is not None and wanted.email:
        before = Redemption.objects.filter(
            code=code, email=_as_compared(wanted.email), state=Redemption.State.REDEEMED
        ).count()
        if before >= code.per_customer:
            raise CannotRedeem("code_used_before")
    if code.used_up:
        codes.announce(code)
    return code


def _take_from_card(wanted: Wanted) -> GiftCard:
    assert wanted.card_id is not None
    card = gift_cards.move(
        wanted.card_id, -wanted.from_card.amount, kind=Movement.Kind.REDEEMED, order_id=wanted.order_id,
        number=wanted.number, currency=wanted.from_card.currency,
    )  # fmt: skip
    if card is None:
        active = GiftCard.objects.filter(id=wanted.card_id, active=True).exists()
        raise CannotRedeem("gift_card_balance" if active else "gift_card_stopped")
    return card


def _as_compared(email: str) -> str:
    return email.strip().lower()


def _lock_order(order_id: UUID) -> None:
    """Wait until nobody else redeems or releases for this order: there is no row to lock before the first time."""
    _lock(f"promotions of order {order_id}")


def _lock(name: str) -> None:
    with connections["promotions"].cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", [name])
