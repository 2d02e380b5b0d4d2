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
    "STYLES": [lambda request: static("kernel/admin.css")],
    "DASHBOARD_CALLBACK": "config.dashboard.dashboard",
    "SHOW_HISTORY": True,
    "SHOW_VIEW_ON_SITE": True,
    # The shop's green-black and its yellow, from the lightest to the darkest.
    "COLORS": {
        "base": {
            "50": "#f6f7f5",
            "100": "#eef1ed",
            "200": "#dde2dc",
            "300": "#c4ccc4",
            "400": "#97a39b",
            "500": "#66726a",
            "600": "#54605a",
            "700": "#3b4640",
            "800": "#222b26",
            "900": "#16201c",
            "950": "#0c110f",
        },
        "primary": {
            "50": "#fff9e5",
            "100": "#fff4d1",
            "200": "#ffe8a0",
            "300": "#ffd966",
            "400": "#ffcf3d",
            "500": "#ffc61a",
            "600": "#8a5a00",
            "700": "#7a4a00",
            "800": "#5f3a00",
            "900": "#4a2e00",
            "950": "#2e1c00",
        },
    },
    "SIDEBAR": {"show_search": True, "show_all_applications": False, "navigation": "config.admin.navigation"},
}
