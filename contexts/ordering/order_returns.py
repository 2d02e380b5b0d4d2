"""Sending pieces of an order back: what a shopper asks for and what staff answer."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from django.utils.translation import gettext as _

from contexts.ordering import returns
from contexts.ordering.errors import NotReturnable
from contexts.ordering.events import (
    ReceivedPieces,
    ReturnApproved,
    ReturnedPieces,
    ReturnReceived,
    ReturnRefused,
    ReturnRequested,
)
from contexts.ordering.order_money import OrderMoney
from contexts.ordering.returns import Return


class OrderReturns(OrderMoney):
    """An order of which something may come back."""

    def request_return(
        self,
        *,
        return_id: UUID,
        pieces: list[ReturnedPieces],
        reason: str,
        remark: str,
        photos: int,
        delivered_at: datetime | None,
        now: datetime,
    ) -> None:
        """Ask to send pieces back.

        Raises:
            NotReturnable: not delivered yet, too long ago, or more than there is to send back.
        """
        if self.placed is None or not self.allows(ReturnRequested) or delivered_at is None:
            raise NotReturnable(_("Something can be sent back once it was delivered."))
        if now > returns.deadline(delivered_at):
            raise NotReturnable(_("This order was delivered more than 30 days ago and can no longer be sent back."))
        left = returns.returnable(self)
        if not pieces or any(not 0 < one.quantity <= left.get(one.sku, 0) for one in pieces):
            raise NotReturnable(_("Choose what to send back, and no more than there is."))
        self.record(
            ReturnRequested(
                order_id=self.id, return_id=return_id, number=self.placed.number, customer_id=self.customer_id,
                pieces=pieces, reason=reason, remark=remark, photos=photos,
            )
        )  # fmt: skip

    def approve_return(self, return_id: UUID, explanation: str, *, send_to: list[str]) -> None:
        self._expect(return_id, returns.REQUESTED)
        self.record(ReturnApproved(order_id=self.id, return_id=return_id, explanation=explanation, send_to=send_to))

    def refuse_return(self, return_id: UUID, explanation: str) -> None:
        self._expect(return_id, returns.REQUESTED)
        self.record(ReturnRefused(order_id=self.id, return_id=return_id, explanation=explanation))

    def receive_return(self, return_id: UUID, pieces: list[ReceivedPieces]) -> None:
        """Pieces of an approved return are here; what did not come can be sent back another time.

        Raises:
            NotReturnable: the return is not on its way, or other pieces came than it is about.
        """
        one = self._expect(return_id, returns.APPROVED)
        wanted = {pieces.sku: pieces.quantity for pieces in one.pieces}
        for came in pieces:
            if not 0 <= came.resaleable <= came.quantity <= wanted.get(came.sku, 0):
                raise NotReturnable(_("More pieces came back than the return is about. Count again."))
        came_back = [came for came in pieces if came.quantity]
        if not came_back or self.placed is None:
            raise NotReturnable(_("Say which pieces came back."))
        due = returns.refund_for(self, came_back)
        self.record(
            ReturnReceived(
                order_id=self.id, return_id=return_id, number=self.placed.number, pieces=came_back,
                refund=due.whole, gift_card=self._part_back(due.to_gift_card),
            )
        )  # fmt: skip

    def _expect(self, return_id: UUID, state: str) -> Return:
        one = next((one for one in self.returns if one.id == return_id), None)
        if one is None:
            raise NotReturnable(_("There is no such return."))
        if one.state != state:
            raise NotReturnable(_("Somebody else was faster: look at the return once more."))
        return one
