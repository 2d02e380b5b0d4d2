"""The states of an order, and how its events lead from one to the next."""

from __future__ import annotations

from contexts.messaging import Event
from contexts.ordering.events import (
    CancelledOrderShipped,
    CheckoutExpired,
    CheckoutHeld,
    CheckoutRenewed,
    CheckoutStarted,
    OrderActionRequired,
    OrderAuthorised,
    OrderCancelled,
    OrderCharged,
    OrderClaimed,
    OrderCompleted,
    OrderConfirmed,
    OrderPaymentDeclined,
    OrderPaymentRetried,
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
