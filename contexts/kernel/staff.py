"""What the admins of the contexts share."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from django.http import HttpRequest
from django.urls import NoReverseMatch, reverse
from django.utils.html import format_html

#: Lists of the admin to which others lead, each by what it is searched with or by the key of its rows.
ACCOUNTS, ORDERS, PARCELS = "customers_account", "ordering_ordersummary", "shipping_parcel"
PAYMENTS, LETTERS = "payments_payment", "notifications_email"


def page_of(things: str, key: UUID, words: str) -> str:
    """Return words that lead to a thing's own page in the admin, or the words alone where its context runs elsewhere."""
    try:
        return _linked(reverse(f"admin:{things}_change", args=[key]), words)
    except NoReverseMatch:
        return words


def found_in(things: str, term: str, words: str) -> str:
    """Return words that lead to what a list of the admin finds by a term, or "" where its context runs elsewhere."""
    try:
        return _linked(f"{reverse(f'admin:{things}_changelist')}?{urlencode({'q': term})}", words)
    except NoReverseMatch:
        return ""


def _linked(address: str, words: str) -> str:
    return format_html('<a class="text-link" href="{}">{}</a>', address, words)


class ReadOnly:
    """Rows that only the services write: staff read them. Goes before the admin class."""

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False
