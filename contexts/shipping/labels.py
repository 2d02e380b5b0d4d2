"""Names of tables and fields that nobody wrote into the models, for staff; see `kernel.labels`."""

from django.utils.translation import gettext_noop as _

FIELDS = (
    _("actor"), _("cancelled at"), _("carrier"), _("created at"), _("customer id"), _("days max"), _("days min"),
    _("delivered at"), _("dispatched at"), _("expected from"), _("expected until"), _("happened at"), _("method"),
    _("names"), _("order id"), _("order number"), _("parcel"), _("parcel event"), _("parcel events"), _("parcel line"),
    _("parcel lines"), _("parcels"), _("price cents"), _("quantity"), _("shipping methods"), _("street"),
    _("tracking number"),
)  # fmt: skip
