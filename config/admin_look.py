"""How the staff's admin presents itself (django-unfold)."""

from __future__ import annotations

from typing import Any

from django.templatetags.static import static

UNFOLD: dict[str, Any] = {
    "SITE_TITLE": "Tradepost",
    "SITE_HEADER": "Tradepost",
    "SITE_SUBHEADER": "Staff",
    "SITE_SYMBOL": "storefront",
    "SITE_FAVICONS": [
        {"rel": "icon", "type": "image/svg+xml", "href": lambda request: static("kernel/favicon.svg")},
    ],
    "SITE_URL": "/",
    "SHOW_HISTORY": True,
    "SHOW_VIEW_ON_SITE": True,
    "SIDEBAR": {"show_search": True, "show_all_applications": False, "navigation": "config.admin.navigation"},
}
