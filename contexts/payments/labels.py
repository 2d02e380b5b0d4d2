"""Names of tables and fields that nobody wrote into the models, for staff; see `kernel.labels`."""

from django.utils.translation import gettext_noop as _

FIELDS = (
    _("action expires at"), _("amount cents"), _("attempt"), _("authorised at"), _("bank charge"), _("bank charges"),
    _("bank entries"), _("bank entry"), _("bank notice"), _("bank notices"), _("cancel requested"), _("captured at"),
    _("captured cents"), _("card"), _("card brand"), _("card last4"), _("card token"), _("changed at"), _("charge"),
    _("charge at the gateway"), _("correlation id"), _("count"), _("created at"), _("decline reason"), _("detail"),
    _("done at"), _("ended at"), _("gateway"), _("gateway call"), _("gateway calls"), _("last at"), _("made at"),
    _("operation"), _("order id"), _("order number"), _("outcome"), _("payment"), _("payments"), _("problem"),
    _("redeemed"), _("redemption awaited"), _("refund"), _("refunded cents"), _("refunds"),
    _("refunds requested cents"), _("refused notice"), _("refused notices"), _("renewed"), _("requested at"),
    _("return id"), _("send at"), _("started at"), _("status"), _("stock reserved"), _("taken at"), _("tries"),
    _("work at"),
)  # fmt: skip
