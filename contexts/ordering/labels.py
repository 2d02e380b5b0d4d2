"""What staff read where the code has only a name: an order's status, a return's state, the fields of the tables."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

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
REASONS = {
    "payment_declined": _("card declined"), "out_of_stock": _("goods not there"), "not_redeemed": _("code or gift card refused"),
    "by_customer": _("by the shopper"), "by_staff": _("by the shop"),
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


def return_state_name(state: str) -> str:
    return str(RETURN_STATES.get(state, state))
