"""What staff read where the code has only a name: an order's status, what happened to it, who did it, the tables' fields."""

from __future__ import annotations

from uuid import UUID

from django.utils.translation import gettext_lazy as _

from contexts.kernel.staff import ACCOUNTS, page_of

STATUSES = {
    "placed": _("placed"), "action_required": _("action required"), "payment_declined": _("payment declined"),
    "confirmed": _("confirmed"), "shipped": _("shipped"), "completed": _("completed"), "cancelled": _("cancelled"),
    "checkout": _("checkout"), "expired": _("expired"),
}  # fmt: skip
RETURN_STATES = {
    "requested": _("requested"), "approved": _("approved"), "refused": _("refused"), "received": _("received"),
    "refunded": _("refunded"),
}  # fmt: skip
#: Why an order was cancelled.
CANCELLATIONS = {
    "payment_declined": _("the card was declined"), "out_of_stock": _("sold out"),
    "not_redeemed": _("the code or gift card could not be used"), "by_customer": _("the shopper wanted it"),
    "by_staff": _("staff wanted it"),
}  # fmt: skip
EVENTS = {
    "CheckoutStarted": _("Checkout begun"), "CheckoutHeld": _("Goods held for the checkout"),
    "CheckoutRenewed": _("Goods held for longer"), "CheckoutExpired": _("Checkout ended"),
    "OrderPlaced": _("Order placed"), "OrderClaimed": _("Order came to an account"),
    "OrderRedeemed": _("Code or gift card used"), "OrderReserved": _("Goods reserved"),
    "OrderActionRequired": _("The bank asks the shopper"), "OrderAuthorised": _("Payment approved"),
    "OrderPaymentDeclined": _("Card declined"), "OrderPaymentRetried": _("Another card given"),
    "OrderConfirmed": _("Order confirmed"), "OrderCancelled": _("Order cancelled"),
    "CancelledOrderShipped": _("Sent although cancelled"), "OrderShipped": _("Parcel sent"),
    "OrderCompleted": _("Parcel delivered"), "OrderCharged": _("Card charged"), "OrderRefunded": _("Money returned"),
    "ReturnRequested": _("Return asked for"), "ReturnApproved": _("Return accepted"),
    "ReturnRefused": _("Return refused"), "ReturnReceived": _("Return received"),
    "OrderRefundRequested": _("Refund asked for"), "OrderRefundFailed": _("Refund failed"),
}  # fmt: skip
#: Names of tables and fields that nobody wrote into the models; see `kernel.labels`.
FIELDS = (
    _("address"), _("cancelled at"), _("carrier"), _("completed at"), _("confirmed at"), _("created at"),
    _("customer id"), _("days max"), _("days min"), _("document"), _("email"), _("explanation"), _("image"),
    _("issued at"), _("last added"), _("last added at"), _("method label"), _("number"), _("on sale"), _("order id"),
    _("placed at"), _("price cents"), _("product id"), _("product slug"), _("quantity"), _("recipient"),
    _("seen price cents"), _("serial"), _("shipped at"), _("sku"), _("status"), _("touched at"), _("tracking number"),
)  # fmt: skip


def status_name(status: str) -> str:
    """Return an order's status in the language being read."""
    return str(STATUSES.get(status, status.replace("_", " ")))


def cancellation_name(reason: str) -> str:
    return str(CANCELLATIONS.get(reason, reason.replace("_", " ")))


def event_words(name: str) -> str:
    """Return what an event of an order says, in the language being read; "" for one that has no words."""
    return str(EVENTS.get(name, ""))


def actor_name(actor: str, *, customer: str = "") -> str:
    """Return who did something, leading to the account where there is one; `customer` is what the shopper is called."""
    kind, _colon, key = actor.partition(":")
    match kind:
        case "guest":
            return str(_("a guest"))
        case "system":
            return str(_("the shop"))
        case "customer" | "staff":
            words = (customer if kind == "customer" else "") or str(
                _("a customer") if kind == "customer" else _("staff")
            )
            try:
                return page_of(ACCOUNTS, UUID(key), words)
            except ValueError:
                return words
    return actor


def return_state_name(state: str) -> str:
    return str(RETURN_STATES.get(state, state))
