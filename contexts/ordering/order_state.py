"""What an order's stream folds into: its fields, and what each event does to them. Nothing is decided here."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from contexts.kernel.money import Money
from contexts.messaging import Aggregate, Event
from contexts.ordering import returns
from contexts.ordering.events import (
    CancelledOrderShipped,
    CheckoutHeld,
    CheckoutRenewed,
    CheckoutStarted,
    OrderActionRequired,
    OrderAuthorised,
    OrderCharged,
    OrderClaimed,
    OrderLine,
    OrderPaymentDeclined,
    OrderPlaced,
    OrderRedeemed,
    OrderRefunded,
    OrderRefundFailed,
    OrderRefundRequested,
    OrderReserved,
    OrderShipped,
    ReturnApproved,
    ReturnReceived,
    ReturnRefused,
    ReturnRequested,
)
from contexts.ordering.returns import Return
from contexts.ordering.states import NEW, TRANSITIONS


class OrderState(Aggregate):
    """An order as it is; `Order` adds what may happen to it."""

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
                one.gift_due = one.to_gift_card = event.gift_card.amount if event.gift_card else None
                one.state = returns.RECEIVED if event.refund else returns.REFUNDED

    @property
    def is_placed(self) -> bool:
        return self.placed is not None

    def return_of(self, return_id: UUID) -> Return:
        return next(one for one in self.returns if one.id == return_id)

    def _refund_over(self, refund_id: UUID | None) -> None:
        self.refunds_under_way = {
            key: amount for key, amount in self.refunds_under_way.items() if key != str(refund_id)
        }
