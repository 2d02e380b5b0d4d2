"""The order: a stream of events, and the rules by which it grows.

A checkout is the first phase of the same stream. Commands (`place`, `note_reserved`...) record events or refuse;
`apply` folds an event into the state and decides nothing. News from other contexts comes in any order, doubled or too
late: a `note_...` that no longer matters records nothing.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from uuid import UUID

from contexts.kernel.addresses import Address
from contexts.kernel.said import Said
from contexts.ordering.errors import CheckoutOver, NoSuchOrder, TooLateToCancel
from contexts.ordering.events import (
    CancelledOrderShipped,
    CheckoutExpired,
    CheckoutHeld,
    CheckoutRenewed,
    CheckoutStarted,
    Contact,
    OrderActionRequired,
    OrderAuthorised,
    OrderCancelled,
    OrderCompleted,
    OrderConfirmed,
    OrderLine,
    OrderPaymentDeclined,
    OrderPaymentRetried,
    OrderPlaced,
    OrderRedeemed,
    OrderReserved,
    OrderShipped,
)
from contexts.ordering.order_returns import OrderReturns
from contexts.ordering.quotes import Quote
from contexts.ordering.states import ACTION_REQUIRED, CANCELLED, CHECKOUT, EXPIRED, NEW, PAYMENT_DECLINED, PLACED

#: An order whose card was declined waits at least so long for another one, however late in its hold it was placed.
RETRY_AT_LEAST = timedelta(minutes=10)


class Order(OrderReturns, context="ordering", category="order"):
    """One order, from the checkout's start to the last refund."""

    @property
    def can_be_placed(self) -> bool:
        return self.status == CHECKOUT

    # --- what shoppers and staff do

    def start_checkout(
        self, *, order_id: UUID, customer_id: UUID | None, lines: list[OrderLine], now: datetime
    ) -> None:
        """Begin to check out, or begin again with other lines; the same lines still held change nothing."""
        ran_out = self.held_until is not None and self.held_until <= now
        same = self.lines == lines and self.customer_id == customer_id
        if self.status == CHECKOUT and same and not ran_out:
            return
        if not self.allows(CheckoutStarted):
            raise CheckoutOver
        self.record(CheckoutStarted(order_id=order_id, customer_id=customer_id, lines=lines))

    def renew_hold(self) -> None:
        """Ask for the goods to be kept for longer; a second time nothing is asked.

        Raises:
            CheckoutOver: they are not kept any more.
        """
        if not self.allows(CheckoutRenewed):
            raise CheckoutOver
        if not self.renewed:
            self.record(CheckoutRenewed(order_id=self.id, lines=self.lines))

    def place(
        self,
        *,
        order_id: UUID,
        number: str,
        contact: Contact,
        shipping_address: Address,
        shipping_method: str,
        quote: Quote,
        payment_method: str,
    ) -> None:
        if self.status == NEW:
            raise NoSuchOrder
        if not self.allows(OrderPlaced):
            raise CheckoutOver
        self.record(
            OrderPlaced(
                order_id=order_id,
                number=number,
                customer_id=self.customer_id,
                contact=contact,
                shipping_address=shipping_address,
                shipping_method=shipping_method,
                lines=quote.lines,
                subtotal=quote.subtotal,
                shipping=quote.shipping,
                tax=quote.tax,
                total=quote.total,
                payment_method=payment_method,
                code=quote.code,
                discount=quote.discount,
                gift_card=quote.gift_card,
                shipping_tax_percent=quote.shipping_tax_percent,
                tax_added=quote.tax_added,
                exchange_rate=quote.exchange_rate,
            )
        )

    def cancel(self, *, reason: str, explanation: str, said: Sequence[Said] = ()) -> None:
        """Cancel before the parcel left; a cancelled order stays as it was cancelled.

        Raises:
            NoSuchOrder: nothing was placed.
            TooLateToCancel: the parcel has left.
        """
        if self.placed is None:
            raise NoSuchOrder
        if self.status == CANCELLED:
            return
        if not self.allows(OrderCancelled):
            raise TooLateToCancel
        self._cancel(reason, explanation, said)

    # --- what other contexts tell

    def note_held(self, until: datetime) -> None:
        news = self.status == EXPIRED or self.held_until != until
        if self.allows(CheckoutHeld) and news:
            self.record(CheckoutHeld(order_id=self.id, held_until=until))

    def note_hold_over(self, explanation: str, said: Sequence[Said] = ()) -> None:
        if self.allows(CheckoutExpired):
            self.record(CheckoutExpired(order_id=self.id, explanation=explanation, said=list(said)))

    def note_reserved(self) -> None:
        if self.allows(OrderReserved) and not self.reserved:
            self.record(OrderReserved(order_id=self.id))
            self._confirm_when_ready()

    def note_redeemed(self) -> None:
        if self.allows(OrderRedeemed) and not self.redeemed:
            self.record(OrderRedeemed(order_id=self.id))
            self._confirm_when_ready()

    def note_refused(self, *, reason: str, explanation: str, said: Sequence[Said] = ()) -> None:
        """The goods, the code or the gift card were refused: an order not yet confirmed ends here."""
        if self.status in (PLACED, ACTION_REQUIRED, PAYMENT_DECLINED):
            self._cancel(reason, explanation, said)

    def note_declined(self, explanation: str, said: Sequence[Said] = (), *, at: datetime) -> bool:
        """The card was declined: keep the goods for another one while there is time, else end here.

        The time runs from the first decline and is not renewed by the next. Returns whether it began to run now.
        """
        if not self.allows(OrderPaymentDeclined) or self.authorised:
            return False
        begins = self.retry_until is None
        until = self.retry_until or max(at + RETRY_AT_LEAST, self.held_until or at)
        if at >= until:
            self._cancel("payment_declined", explanation, said)
            return False
        self.record(OrderPaymentDeclined(order_id=self.id, explanation=explanation, retry_until=until, said=list(said)))
        return begins

    def note_retried(self, method_label: str) -> None:
        if self.allows(OrderPaymentRetried):
            self.record(OrderPaymentRetried(order_id=self.id, method_label=method_label))

    def note_retry_over(self, explanation: str, said: Sequence[Said] = ()) -> None:
        """The time for another card is over. One that is being asked about decides by itself."""
        if self.status == PAYMENT_DECLINED:
            self._cancel("payment_declined", explanation, said)

    def note_action_required(self, path: str, expires_at: datetime) -> None:
        wanted = OrderActionRequired(order_id=self.id, path=path, expires_at=expires_at)
        if self.allows(OrderActionRequired) and not self.authorised and wanted != self.action:
            self.record(wanted)

    def note_authorised(self, method_label: str) -> None:
        if self.allows(OrderAuthorised) and not self.authorised:
            self.record(OrderAuthorised(order_id=self.id, method_label=method_label))
            self._confirm_when_ready()

    def note_dispatched(self, carrier: str, tracking_number: str) -> None:
        if self.allows(OrderShipped):
            self.record(OrderShipped(order_id=self.id, carrier=carrier, tracking_number=tracking_number))
        elif self.allows(CancelledOrderShipped) and not self.parcel_left:
            self.record(CancelledOrderShipped(order_id=self.id, carrier=carrier, tracking_number=tracking_number))

    def note_delivered(self) -> None:
        if self.allows(OrderCompleted):
            self.record(OrderCompleted(order_id=self.id))

    # --- rules

    def _confirm_when_ready(self) -> None:
        placed = self.placed
        if placed is None or not self.reserved:
            return
        redeemed = self.redeemed or not placed.redeems
        paid = self.authorised or not placed.payable
        if redeemed and paid:
            self.record(
                OrderConfirmed(
                    order_id=placed.order_id,
                    number=placed.number,
                    customer_id=self.customer_id,
                    contact=placed.contact,
                    shipping_address=placed.shipping_address,
                    shipping_method=placed.shipping_method,
                    lines=placed.lines,
                    total=placed.total,
                    code=placed.code,
                    discount=placed.discount,
                    gift_card=placed.gift_card,
                )
            )

    def _cancel(self, reason: str, explanation: str, said: Sequence[Said]) -> None:
        assert self.placed is not None  # only placed orders reach the states that allow it
        back = None if reason == "not_redeemed" else self._part_back(self.left_of_gift_card)
        self.record(
            OrderCancelled(
                order_id=self.id, number=self.placed.number, reason=reason, explanation=explanation, gift_card=back,
                said=list(said),
            )
        )  # fmt: skip
