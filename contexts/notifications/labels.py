"""Names of tables and fields that nobody wrote into the models, for staff; see `kernel.labels`."""

from django.utils.translation import gettext_noop as _

FIELDS = (
    _("asked at"), _("attempts"), _("awaited article"), _("awaited articles"), _("customer id"), _("data"), _("email"),
    _("emails"), _("error"), _("event id"), _("on sale"), _("order id"), _("product id"), _("queued at"),
    _("recipient"), _("request to be told"), _("requests to be told"), _("send at"), _("sent at"), _("subject"),
    _("times resent"), _("told at"),
)  # fmt: skip
