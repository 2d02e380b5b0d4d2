"""The money of an order: what was charged, what went back, and to where."""

from __future__ import annotations

from uuid import UUID

from contexts.kernel.currencies import own
from contexts.kernel.money import Money, total
from contexts.ordering.events import (
    GiftCardPart,
    OrderCharged,
    OrderRefunded,
    OrderRefundFailed,
    OrderRefundRequested,
)
from contexts.ordering.order_state import OrderState


class OrderMoney(OrderState):
    """An order with what is told of its money."""

    @property
    def currency(self) -> str:
        return self.placed.total.currency if self.placed else own()

    @property
    def refunded_to_card(self) -> Money:
        """What went back to the card that was charged; the rest of `refunded` went to the gift card."""
        nothing = Money.zero(self.currency)
        return (self.refunded or nothing) - (self.refunded_to_gift_card or nothing)

    @property
    def left_of_gift_card(self) -> Money:
        """What the gift card paid and did not get back."""
        nothing = Money.zero(self.currency)
        paid = self.placed.from_gift_card if self.placed else nothing
        return paid - (self.refunded_to_gift_card or nothing)

    def _part_back(self, amount: Money) -> GiftCardPart | None:
        """Return `amount` as a part for the order's gift card, None if there is nothing to go there."""
        card = self.placed.gift_card if self.placed else None
        return GiftCardPart(card_id=card.card_id, last4=card.last4, amount=amount) if card and amount else None

    @property
    def refund_pending(self) -> Money:
        """What is on its way back to the card that was charged, or about to be because of a return."""
        currency = self.charged.currency if self.charged else self.currency
        due = [one.card_due for one in self.returns if one.card_due]
        return max(total(due, currency), total(list(self.refunds_under_way.values()), currency))

    def note_captured(self, amount: Money) -> None:
        if self.allows(OrderCharged) and self.charged is None:
            self.record(OrderCharged(order_id=self.id, amount=amount))

    def note_refund_requested(self, refund_id: UUID, amount: Money) -> None:
        if self.allows(OrderRefundRequested) and str(refund_id) not in self.refunds_under_way:
            self.record(OrderRefundRequested(order_id=self.id, refund_id=refund_id, amount=amount))

    def note_refunded(
        self, amount: Money, refunded: Money, *, refund_id: UUID | None = None, return_id: UUID | None = None
    ) -> None:
        """`amount` went back to the card that was charged, `refunded` in all to that card."""
        if self.allows(OrderRefunded) and refunded > self.refunded_to_card:
            self.record(
                OrderRefunded(
                    order_id=self.id, amount=amount, refunded=self._with_gift_card(refunded), refund_id=refund_id,
                    return_id=return_id,
                )
            )  # fmt: skip

    def note_refunded_to_gift_card(self, amount: Money, refunded: Money, *, return_id: UUID | None) -> None:
        """`amount` went back to the order's gift card, `refunded` in all to that card."""
        before = self.refunded_to_gift_card or Money.zero(refunded.currency)
        card = self.placed.gift_card if self.placed else None
        if self.allows(OrderRefunded) and card and refunded > before:
            self.record(
                OrderRefunded(
                    order_id=self.id, amount=amount, refunded=self.refunded_to_card + refunded, return_id=return_id,
                    gift_card_last4=card.last4,
                )
            )  # fmt: skip

    def note_refund_failed(self, refund_id: UUID, amount: Money, refunded: Money, *, came_back: bool) -> None:
        if self.allows(OrderRefundFailed):
            self.record(
                OrderRefundFailed(
                    order_id=self.id, refund_id=refund_id, amount=amount, refunded=self._with_gift_card(refunded),
                    came_back=came_back,
                )
            )  # fmt: skip

    def _with_gift_card(self, refunded: Money) -> Money:
        return refunded + (self.refunded_to_gift_card or Money.zero(refunded.currency))
