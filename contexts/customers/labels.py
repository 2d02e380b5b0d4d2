"""What a receipt of an erasure counts, for staff to read; the contexts call it so."""

from django.utils.translation import gettext_noop as _

ERASED = (
    _("accounts"), _("acts on parked events"), _("addresses"), _("checkouts"), _("contacts"), _("copies"), _("emails"),
    _("invoices"), _("keys"), _("mails"), _("parcels"), _("parked events"), _("photos"), _("purchases"), _("redemptions"),
    _("requests"), _("reviews"), _("sessions"), _("wishlists"),
)  # fmt: skip
