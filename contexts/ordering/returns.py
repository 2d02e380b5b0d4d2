"""What of an order may be sent back, and what money goes back for it. Pure functions of the order."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING
from uuid import UUID

import msgspec

from contexts.kernel.money import Money, total
from contexts.ordering.events import OrderLine, OrderPlaced, ReceivedPieces, ReturnedPieces
from contexts.ordering.invoicing.document import Row, article, shipping_row

if TYPE_CHECKING:
    from contexts.ordering.order_money import OrderMoney

#: So long after its delivery something may be sent back.
RETURN_WITHIN = timedelta(days=30)

REQUESTED, APPROVED, REFUSED, RECEIVED, REFUNDED = "requested", "approved", "refused", "received", "refunded"
#: The states that somebody has to do something about.
OPEN = (REQUESTED, APPROVED, RECEIVED)


class Return(msgspec.Struct, kw_only=True):
    """Some pieces of an order on their way back. `refund` is what goes back for those that were `received`.

    `to_gift_card` is the part of it that is the gift card's.

    `card_due` and `gift_due` are what of it has not reached the charged card and the gift card yet.
    """

    id: UUID
    state: str
    pieces: list[ReturnedPieces]
    received: list[ReceivedPieces] = []
    refund: Money | None = None
    to_gift_card: Money | None = None
    card_due: Money | None = None
    gift_due: Money | None = None

    def note_refunded(self, *, to_gift_card: bool) -> None:
        """One of the two parts went back; with the last the return is over."""
        if to_gift_card:
            self.gift_due = None
        else:
            self.card_due = None
        if not self.card_due and not self.gift_due:
            self.state = REFUNDED


class Due(msgspec.Struct, frozen=True, kw_only=True):
    """What goes back for pieces that came back, and to where."""

    to_card: Money
    to_gift_card: Money

    @property
    def whole(self) -> Money:
        return self.to_card + self.to_gift_card


def deadline(delivered_at: datetime) -> datetime:
    return delivered_at + RETURN_WITHIN


def returnable(order: OrderMoney) -> dict[str, int]:
    """Return how many pieces of each SKU were bought and neither came back nor are about to."""
    left = {line.sku: line.quantity for line in order.lines}
    for one in order.returns:
        if one.state == REFUSED:
            continue
        for pieces in one.received or one.pieces:
            left[pieces.sku] -= pieces.quantity
    return {sku: quantity for sku, quantity in left.items() if quantity > 0}


def credited_rows(
    placed: OrderPlaced,
    back: Mapping[str, int],
    *,
    before: Mapping[str, int],
    percents: Mapping[str, Decimal],
    shipping_percent: Decimal = Decimal(0),
) -> list[Row]:
    """Return what goes back for the pieces in `back`, each with its share of the discount, when `before` had come back.

    With the last piece of the order its shipping goes back too.
    """
    rows = [
        article(
            line,
            back[line.sku],
            percents.get(line.sku, Decimal(0)),
            before=before.get(line.sku, 0),
            added=placed.tax_added,
        )
        for line in placed.lines
        if back.get(line.sku)
    ]
    everything = all(back.get(line.sku, 0) + before.get(line.sku, 0) >= line.quantity for line in placed.lines)
    if rows and everything and (shipping := shipping_row(placed, shipping_percent)):
        rows.append(shipping)
    return rows


def refund_for(order: OrderMoney, back: Sequence[ReceivedPieces]) -> Due:
    """Return the money for pieces that came back: first to the card, up to what was charged and has not gone back.

    The rest goes to the gift card, up to what it paid and did not get back.
    """
    placed = order.placed
    assert placed is not None  # Only what was delivered comes back.
    now = {pieces.sku: pieces.quantity for pieces in back}
    # Tax that prices contain changes no amount; that which was added does, and such an order has its rates noted.
    rows = credited_rows(
        placed,
        now,
        before=came_back(order),
        percents={line.sku: line.tax_percent or Decimal(0) for line in placed.lines},
        shipping_percent=placed.shipping_tax_percent or Decimal(0),
    )
    currency = placed.total.currency
    wanted = total([row.gross for row in rows], currency)
    nothing = Money.zero(currency)
    on_card = (order.charged or nothing) - order.refunded_to_card - order.refund_pending
    to_card = min(wanted, max(on_card, nothing))
    promised = total([one.gift_due for one in order.returns if one.gift_due], currency)
    on_gift_card = order.left_of_gift_card - promised
    return Due(to_card=to_card, to_gift_card=min(wanted - to_card, max(on_gift_card, nothing)))


def came_back(order: OrderMoney, *, but: UUID | None = None) -> dict[str, int]:
    """Return how many pieces of each SKU have come back already, but for those of the return `but`."""
    back: dict[str, int] = {}
    for one in order.returns:
        if one.id != but:
            for pieces in one.received:
                back[pieces.sku] = back.get(pieces.sku, 0) + pieces.quantity
    return back


def line_names(lines: Sequence[OrderLine]) -> dict[str, str]:
    """Return what articles are called, by SKU, in the words that the shopper read."""
    return {line.sku: f"{line.name} ({line.label})" if line.label else line.name for line in lines}
