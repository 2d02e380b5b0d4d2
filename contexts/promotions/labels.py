"""Names of tables and fields that nobody wrote into the models, for staff; see `kernel.labels`."""

from django.utils.translation import gettext_noop as _

FIELDS = (
    _("card"), _("customer id"), _("order id"), _("refunded cents"), _("return id"),
)  # fmt: skip
