"""The order: a stream of events, and the rules by which it grows.

A checkout is the first phase of the same stream. Commands (`place`, `note_reserved`...) record events or refuse;
`apply` folds an event into the state and decides nothing. News from other contexts comes in any order, doubled or too
late: a `note_...` that no longer matters records nothing.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from uuid import UUID

from django.utils.translation import gettext as _

from contexts.kernel.addresses import Address
from contexts.kernel.money import Money, total
from contexts.messaging import Aggregate, Event
from contexts.ordering import returns
from contexts.ordering.errors import CheckoutOver, NoSuchOrder, NotReturnable, TooLateToCancel
from contexts.ordering.events import (
    CancelledOrderShipped,
    CheckoutExpired,
    CheckoutHeld,
    CheckoutRenewed,
    CheckoutStarted,
    Contact,
    GiftCardPart,
    OrderActionRequired,
    OrderAuthorised,
    OrderCancelled,
    OrderCharged,
    OrderClaimed,
    OrderCompleted,
    OrderConfirmed,
    OrderLine,
    OrderPaymentDeclined,
    OrderPaymentRetried,
    OrderPlaced,
    OrderRedeemed,
    OrderRefunded,
    OrderRefundFailed,
    OrderRefundRequested,
    OrderReserved,
    OrderShipped,
    ReceivedPieces,
    ReturnApproved,
    ReturnedPieces,
    ReturnReceived,
    ReturnRefused,
    ReturnRequested,
)
from contexts.ordering.quotes import Quote
from contexts.ordering.returns import Return

NEW, CHECKOUT, EXPIRED = "new", "checkout", "expired"
PLACED, ACTION_REQUIRED, PAYMENT_DECLINED = "placed", "action_required", "payment_declined"
CONFIRMED = "confirmed"
SHIPPED, COMPLETED, CANCELLED = "shipped", "completed", "cancelled"

#: The states in which each event may happen, and the state after it (None: the same).
TRANSITIONS: dict[type[Event], tuple[frozenset[str], str | None]] = {
    CheckoutStarted: (frozenset({NEW, CHECKOUT, EXPIRED}), CHECKOUT),
    # From EXPIRED too: an old hold may run out while the goods of a checkout begun anew are being held.
    CheckoutHeld: (frozenset({CHECKOUT, EXPIRED}), CHECKOUT),
    CheckoutRenewed: (frozenset({CHECKOUT}), None),
    CheckoutExpired: (frozenset({CHECKOUT}), EXPIRED),
    OrderPlaced: (frozenset({CHECKOUT}), PLACED),
    OrderReserved: (frozenset({PLACED, ACTION_REQUIRED, PAYMENT_DECLINED}), None),
    OrderRedeemed: (frozenset({PLACED, ACTION_REQUIRED, PAYMENT_DECLINED}), None),
    OrderActionRequired: (frozenset({PLACED, ACTION_REQUIRED}), ACTION_REQUIRED),
    OrderPaymentDeclined: (frozenset({PLACED, ACTION_REQUIRED}), PAYMENT_DECLINED),
    OrderPaymentRetried: (frozenset({PAYMENT_DECLINED}), PLACED),
    OrderAuthorised: (frozenset({PLACED, ACTION_REQUIRED}), PLACED),
    OrderConfirmed: (frozenset({PLACED}), CONFIRMED),
    OrderShipped: (frozenset({CONFIRMED}), SHIPPED),
    OrderCompleted: (frozenset({SHIPPED}), COMPLETED),
    OrderCancelled: (frozenset({PLACED, ACTION_REQUIRED, PAYMENT_DECLINED, CONFIRMED}), CANCELLED),
    CancelledOrderShipped: (frozenset({CANCELLED}), None),
    OrderCharged: (frozenset({CONFIRMED, SHIPPED, COMPLETED, CANCELLED}), None),
    OrderRefunded: (frozenset({CONFIRMED, SHIPPED, COMPLETED, CANCELLED}), None),
    OrderRefundRequested: (frozenset({CONFIRMED, SHIPPED, COMPLETED, CANCELLED}), None),
    OrderRefundFailed: (frozenset({CONFIRMED, SHIPPED, COMPLETED, CANCELLED}), None),
    OrderClaimed: (
        frozenset({PLACED, ACTION_REQUIRED, PAYMENT_DECLINED, CONFIRMED, SHIPPED, COMPLETED, CANCELLED}),
        None,
    ),
    ReturnRequested: (frozenset({COMPLETED}), None),
    ReturnApproved: (frozenset({COMPLETED}), None),
    ReturnRefused: (frozenset({COMPLETED}), None),
    ReturnReceived: (frozenset({COMPLETED}), None),
}


#: An order whose card was declined waits at least so long for another one, however late in its hold it was placed.
RETRY_AT_LEAST = timedelta(minutes=10)


class Order(Aggregate, context="ordering", category="order"):
    """One order, from the checkout's start to the last refund."""

    status: str = NEW
    lines: list[OrderLine] = []
    customer_id: UUID | None = None
    held_until: datetime | None = None
    renewed: bool = False
    placed: OrderPlaced | None = None
    reserved: bool = False
    redeemed: bool = False
    authorised: bool = False
    action: OrderActionRequired | None = None
    retry_until: datetime | None = None
    parcel_left: bool = False
    charged: Money | None = None
    refunded: Money | None = None
    refunded_to_gift_card: Money | None = None
    refunds_under_way: dict[str, Money] = {}
    returns: list[Return] = []

    def allows(self, event: type[Event]) -> bool:
        return self.status in TRANSITIONS[event][0]

    def record(self, event: Event) -> None:
        # Here and not in `apply`: an event that is stored is history, whatever today's table says.
        if not self.allows(type(event)):
            raise ValueError(f"{type(event).__name__} cannot happen to an order that is {self.status}.")
        super().record(event)

    def apply(self, event: Event) -> None:
        self.status = TRANSITIONS[type(event)][1] or self.status
        if isinstance(event, CheckoutStarted):
            self.renewed = False
        match event:
            case CheckoutStarted():
                self.lines, self.customer_id, self.held_until = event.lines, event.customer_id, None
            case CheckoutHeld():
                self.held_until = event.held_until
            case CheckoutRenewed():
                self.held_until, self.renewed = None, True
            case OrderPlaced():
                self.placed, self.lines = event, event.lines
            case OrderClaimed():
                self.customer_id = event.customer_id
            case OrderReserved():
                self.reserved = True
            case OrderRedeemed():
                self.redeemed = True
            case OrderActionRequired():
                self.action = event
            case OrderPaymentDeclined():
                self.retry_until, self.action = event.retry_until, None
            case OrderAuthorised():
                self.authorised = True
            case OrderShipped() | CancelledOrderShipped():
                self.parcel_left = True
            case OrderCharged():
                self.charged = event.amount
            case OrderRefundRequested():
                self.refunds_under_way = {**self.refunds_under_way, str(event.refund_id): event.amount}
            case OrderRefunded():
                self.refunded = event.refunded
                self._refund_over(event.refund_id)
                if event.gift_card_last4:
                    before = self.refunded_to_gift_card
                    self.refunded_to_gift_card = before + event.amount if before else event.amount
                if event.return_id is not None:
                    self.return_of(event.return_id).note_refunded(to_gift_card=bool(event.gift_card_last4))
            case OrderRefundFailed():
                self.refunded = event.refunded
                self._refund_over(event.refund_id)
            case ReturnRequested():
                one = Return(id=event.return_id, state=returns.REQUESTED, pieces=event.pieces)
                self.returns = [*self.returns, one]
            case ReturnApproved():
                self.return_of(event.return_id).state = returns.APPROVED
            case ReturnRefused():
                self.return_of(event.return_id).state = returns.REFUSED
            case ReturnReceived():
                one = self.return_of(event.return_id)
                one.received, one.refund, one.card_due = event.pieces, event.refund, event.to_card
                one.gift_due = event.gift_card.amount if event.gift_card else None
                one.state = returns.RECEIVED if event.refund else returns.REFUNDED

    @property
    def is_placed(self) -> bool:
        return self.placed is not None

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
            )
        )

    def cancel(self, *, reason: str, explanation: str) -> None:
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
        self._cancel(reason, explanation)

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

    @property
    def currency(self) -> str:
        return self.placed.total.currency if self.placed else "EUR"

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

    def return_of(self, return_id: UUID) -> Return:
        return next(one for one in self.returns if one.id == return_id)

    def _expect(self, return_id: UUID, state: str) -> Return:
        one = next((one for one in self.returns if one.id == return_id), None)
        if one is None:
            raise NotReturnable(_("There is no such return."))
        if one.state != state:
            raise NotReturnable(_("Somebody else was faster: look at the return once more."))
        return one

    def _refund_over(self, refund_id: UUID | None) -> None:
        self.refunds_under_way = {
            key: amount for key, amount in self.refunds_under_way.items() if key != str(refund_id)
        }

    # --- what other contexts tell

    def note_held(self, until: datetime) -> None:
        news = self.status == EXPIRED or self.held_until != until
        if self.allows(CheckoutHeld) and news:
            self.record(CheckoutHeld(order_id=self.id, held_until=until))

    def note_hold_over(self, explanation: str) -> None:
        if self.allows(CheckoutExpired):
            self.record(CheckoutExpired(order_id=self.id, explanation=explanation))

    def note_reserved(self) -> None:
        if self.allows(OrderReserved) and not self.reserved:
            self.record(OrderReserved(order_id=self.id))
            self._confirm_when_ready()

    def note_redeemed(self) -> None:
        if self.allows(OrderRedeemed) and not self.redeemed:
            self.record(OrderRedeemed(order_id=self.id))
            self._confirm_when_ready()

    def note_refused(self, *, reason: str, explanation: str) -> None:
        """The goods, the code or the gift card were refused: an order not yet confirmed ends here."""
        if self.status in (PLACED, ACTION_REQUIRED, PAYMENT_DECLINED):
            self._cancel(reason, explanation)

    def note_declined(self, explanation: str, *, at: datetime) -> bool:
        """The card was declined: keep the goods for another one while there is time, else end here.

        The time runs from the first decline and is not renewed by the next. Returns whether it began to run now.
        """
        if not self.allows(OrderPaymentDeclined) or self.authorised:
            return False
        begins = self.retry_until is None
        until = self.retry_until or max(at + RETRY_AT_LEAST, self.held_until or at)
        if at >= until:
            self._cancel("payment_declined", explanation)
            return False
        self.record(OrderPaymentDeclined(order_id=self.id, explanation=explanation, retry_until=until))
        return begins

    def note_retried(self, method_label: str) -> None:
        if self.allows(OrderPaymentRetried):
            self.record(OrderPaymentRetried(order_id=self.id, method_label=method_label))

    def note_retry_over(self, explanation: str) -> None:
        """The time for another card is over. One that is being asked about decides by itself."""
        if self.status == PAYMENT_DECLINED:
            self._cancel("payment_declined", explanation)

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

    def _cancel(self, reason: str, explanation: str) -> None:
        assert self.placed is not None  # only placed orders reach the states that allow it
        back = None if reason == "not_redeemed" else self._part_back(self.left_of_gift_card)
        self.record(
            OrderCancelled(
                order_id=self.id, number=self.placed.number, reason=reason, explanation=explanation, gift_card=back
            )
        )
