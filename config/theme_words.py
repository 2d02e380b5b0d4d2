"""What the admin's theme says. It brings no German along; `manage.py texts` finds its words here."""

from django.utils.translation import gettext_noop as _, ngettext_lazy

WORDS = (
    _("Add new item"), _("Add row"), _("All applications"), _("Apply Filters"), _("Choose file to upload"), _("Click to cancel"),
    _("Click to download"), _("Dark"), _("Date from"), _("Date to"), _("Expand row"), _("False"), _("Filters"),
    _("Forgotten your password or username?"), _("From"), _("General"), _("Go back"), _("Image preview"), _("Light"),
    _("Loading more results..."), _("More actions"), _("No data"), _("No recent searches"), _("No results found"),
    _("No results matching your query"), _("Not enough data."), _("Recent searches"), _("Record picture"), _("Reset filters"),
    _("Return to site"), _("Run"), _("Search apps and models..."), _("Select action to run"), _("Select action"),
    _("Select all rows"), _("Select currency"), _("Select record"), _("Select value"), _("System"),
    _("This item will be deleted."),
    _("This page yielded into no results. Create a new item or reset your filters."), _("To"), _("Toggle password visibility"),
    _("True"), _("Type to search"), _("Value"), _("Welcome back to"),
    _("access attempt expiration"), _("access attempt expirations"),
    _("You have been successfully logged out from the administration"),
)  # fmt: skip
FOUND = ngettext_lazy(
    "\n                Found %(counter)s result in %(time)s seconds\n            ",
    "\n                Found %(counter)s results in %(time)s seconds\n            ",
    "counter",
)
