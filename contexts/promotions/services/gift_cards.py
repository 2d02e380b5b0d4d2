"""Gift cards: issued, stopped, refunded to. Every change of a balance is a line of the ledger."""

from __future__ import annotations

import secrets
from uuid import UUID

import msgspec
import structlog
from django.db import transaction
from django.db.models import F

from contexts.kernel.money import Money
from contexts.kernel.vouchers import ALPHABET, CARD_LETTERS, card_digest, grouped
from contexts.messaging import publish
from contexts.promotions.errors import BadAmount, NoSuchGiftCard, NotTaken
from contexts.promotions.events import GiftCardChanged, GiftCardRefunded
from contexts.promotions.models import GiftCard, Movement, Redemption

logger = structlog.get_logger(__name__)


class Issued(msgspec.Struct, frozen=True, kw_only=True):
    """A new gift card with its code, which nobody can be told again."""

    card: GiftCard
    code: str


def issue_gift_card(amount: Money, *, note: str = "", code: str = "") -> Issued:
    """Make a gift card of that amount; without `code` it gets one that nobody can guess.

    Raises:
        BadAmount: it is not above nothing.
    """
    if amount.amount <= 0:
        raise BadAmount(amount)
    code = code or grouped("".join(secrets.choice(ALPHABET) for _ in range(CARD_LETTERS)))
    with transaction.atomic(using="promotions"):
        card = GiftCard.objects.create(
            digest=card_digest(code), last4=code[-4:], currency=amount.currency, balance_cents=0, note=note
        )
        moved = move(card.id, amount.amount, kind=Movement.Kind.ISSUED, note=note)
        assert moved is not None  # Nothing was taken from it.
    return Issued(card=moved, code=code)


def switch_gift_card(card_id: UUID, *, active: bool) -> GiftCard:
    """Stop a gift card, as when it was stolen, or let it be used again. Its balance stays.

    Raises:
        NoSuchGiftCard: it was never issued.
    """
    with transaction.atomic(using="promotions"):
        card = GiftCard.objects.select_for_update().filter(id=card_id).first()
        if card is None:
            raise NoSuchGiftCard
        if card.active != active:
            card.active = active
            card.save(update_fields=["active"])
            announce(card)
    return card


def refund_return(*, order_id: UUID, return_id: UUID, amount: Money) -> None:
    """Goods came back: give `amount` back to the order's gift card, once per return, and no more than it took.

    Less is left only where staff gave a part back meanwhile.
    """
    with transaction.atomic(using="promotions"):
        redemption = Redemption.objects.select_for_update().filter(order_id=order_id).first()
        if Movement.objects.filter(return_id=return_id).exists():
            return
        part = min(amount, _left(redemption, amount.currency))
        if part < amount:
            logger.warning(
                "less is left than came back for", order_id=str(order_id), wanted=str(amount), left=str(part)
            )
        if part:
            refund_to_gift_card(order_id=order_id, amount=part, return_id=return_id)


def refund_to_gift_card(*, order_id: UUID, amount: Money, note: str = "", return_id: UUID | None = None) -> GiftCard:
    """Give back part or all of what an order took from its gift card, as when goods are returned.

    Raises:
        NotTaken: the order did not take so much, or it went back already.
    """
    with transaction.atomic(using="promotions"):
        redemption = Redemption.objects.select_for_update().filter(order_id=order_id, card__isnull=False).first()
        left = _left(redemption, amount.currency)
        if redemption is None or amount.amount <= 0 or amount > left or amount.currency != redemption.currency:
            raise NotTaken(wanted=amount, left=left)
        redemption.refunded_cents += amount.amount
        redemption.save(update_fields=["refunded_cents"])
        assert redemption.card_id is not None
        card = move(
            redemption.card_id, amount.amount, kind=Movement.Kind.REFUNDED, note=note, order_id=order_id,
            number=redemption.number, return_id=return_id,
        )  # fmt: skip
        assert card is not None  # A balance that grows is never short.
        refunded = Money(redemption.refunded_cents, redemption.currency)
        publish(GiftCardRefunded(order_id=order_id, amount=amount, refunded=refunded, return_id=return_id))
    return card


def _left(redemption: Redemption | None, currency: str) -> Money:
    """Return what an order took from its gift card and has not given back."""
    if redemption is None or redemption.state != Redemption.State.REDEEMED or redemption.card_id is None:
        return Money.zero(currency)
    return Money(redemption.card_cents - redemption.refunded_cents, currency)


def move(
    card_id: UUID,
    cents: int,
    *,
    kind: Movement.Kind,
    order_id: UUID | None = None,
    number: str = "",
    note: str = "",
    currency: str | None = None,
    return_id: UUID | None = None,
) -> GiftCard | None:
    """Change a balance and write the ledger's line, in the caller's transaction; None if the card does not allow it.

    What is taken (`cents` below 0) needs a card that is active and has it, in `currency`: one conditional update, not
    "read, then write".
    """
    cards = GiftCard.objects.filter(id=card_id)
    if cents < 0:
        cards = cards.filter(active=True, balance_cents__gte=-cents, currency=currency)
    if not cards.update(balance_cents=F("balance_cents") + cents):
        return None
    card = GiftCard.objects.get(id=card_id)
    Movement.objects.create(
        card=card, kind=kind, cents=cents, balance_cents=card.balance_cents, order_id=order_id, number=number, note=note,
        return_id=return_id,
    )  # fmt: skip
    announce(card)
    return card


def announce(card: GiftCard) -> None:
    publish(
        GiftCardChanged(card_id=card.id, digest=card.digest, last4=card.last4, balance=card.balance, usable=card.active)
    )
