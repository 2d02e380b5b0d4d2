"""Names of tables and fields that nobody wrote into the models, for staff; see `kernel.labels`."""

from django.utils.translation import gettext_noop as _

FIELDS = (
    _("actor"), _("changed at"), _("decided at"), _("held after"), _("held change"), _("hold"), _("hold line"),
    _("hold lines"), _("holds"), _("item"), _("low stock threshold"), _("missing"), _("moved at"), _("on hand after"),
    _("on hand change"), _("opened at"), _("order id"), _("product id"), _("quantity"), _("reservation"),
    _("reservation line"), _("reservation lines"), _("reservations"), _("reserved after"), _("reserved change"),
    _("started at"), _("stock item"), _("stock items"), _("stock move"), _("stock moves"), _("until"),
)  # fmt: skip

#: Why stock moved, where nobody typed it.
REASONS = (
    _("Checkout started"), _("Hold ran out"), _("Order cancelled"), _("Order placed"), _("Parcel dispatched"),
    _("Return received"),
)  # fmt: skip
