"""What payments tells the others: what became of the amount due for an order."""

from datetime import datetime
from uuid import UUID

from contexts.kernel.money import Money
from contexts.messaging import Event

SUBJECT = "order/{order_id}"


class PaymentActionRequired(Event, name="payments.payment_action_required", version=1, subject=SUBJECT):
    """The bank wants the shopper's confirmation at `path` before `expires_at`; nothing is authorised yet.

    The page opens with the order's key: whoever links to it adds `?key=`, a token of `kernel.checkout.OrderKey`.
    """

    order_id: UUID
    path: str
    expires_at: datetime


class PaymentAuthorised(Event, name="payments.payment_authorised", version=1, subject=SUBJECT):
    """The amount is set aside on the shopper's card; nothing is charged yet. `method_label`: "Visa ending 4242"."""

    order_id: UUID
    amount: Money
    method_label: str


class PaymentDeclined(Event, name="payments.payment_declined", version=1, subject=SUBJECT):
    """The card was refused or not confirmed in time; nothing is set aside. `explanation` is for the shopper."""

    order_id: UUID
    reason: str
    explanation: str


class PaymentRetried(Event, name="payments.payment_retried", version=1, subject=SUBJECT):
    """After a declined card the shopper gave another, `method_label`; the bank has not been asked about it yet."""

    order_id: UUID
    method_label: str


class PaymentCaptured(Event, name="payments.payment_captured", version=1, subject=SUBJECT):
    """The amount set aside was charged."""

    order_id: UUID
    amount: Money


class PaymentVoided(Event, name="payments.payment_voided", version=1, subject=SUBJECT):
    """The amount set aside was given up before it was charged."""

    order_id: UUID
    amount: Money


class RefundRequested(Event, name="payments.refund_requested", version=1, subject=SUBJECT):
    """`amount` of a charge is to go back; the gateway has not been asked yet."""

    order_id: UUID
    refund_id: UUID
    amount: Money


class PaymentRefunded(Event, name="payments.payment_refunded", version=1, subject=SUBJECT):
    """`amount` of a charge went back, `refunded` in all so far. `return_id`: for what came back with that return."""

    order_id: UUID
    amount: Money
    refunded: Money
    refund_id: UUID | None = None
    return_id: UUID | None = None


class RefundFailed(Event, name="payments.refund_failed", version=1, subject=SUBJECT):
    """A refund did not reach the shopper, so `refunded` is what has gone back in all; the amount can be refunded again.

    `came_back`: the gateway had made it, and the shopper's bank sent it back. Else the gateway refused it.
    """

    order_id: UUID
    refund_id: UUID
    amount: Money
    refunded: Money
    came_back: bool


class PaymentActionDue(Event, name="payments.payment_action_due", version=1, subject=SUBJECT):
    """The time to confirm attempt `attempt` with the bank is over; whether it was used is not yet known.

    A timer: payments sets it for itself when it asks for a confirmation.
    """

    order_id: UUID
    attempt: int
