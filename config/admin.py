"""The staff's sidebar: one group per context, each with that context's lists."""

from __future__ import annotations

from typing import Any

from django.apps import apps
from django.conf import settings
from django.contrib import admin
from django.http import HttpRequest
from django.urls import reverse

#: Symbols of Google's Material set, which the theme brings along.
SYMBOLS = {
    "customers": "group",
    "catalog": "sell",
    "inventory": "inventory_2",
    "ordering": "shopping_cart",
    "payments": "credit_card",
    "shipping": "local_shipping",
    "reviews": "reviews",
    "wishlists": "favorite",
    "promotions": "percent",
    "notifications": "mail",
    "history": "history",
    "messaging": "sync_alt",
}


def navigation(request: HttpRequest) -> list[dict[str, Any]]:
    """Return the sidebar: what this person may see of each context."""
    return [group for context in (*settings.CONTEXTS, "messaging") if (group := _group(request, context))]


def _group(request: HttpRequest, context: str) -> dict[str, Any] | None:
    lists = [
        {
            "title": str(model._meta.verbose_name_plural).capitalize(),
            "icon": SYMBOLS[context],
            "link": reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_changelist"),
        }
        for model, model_admin in admin.site._registry.items()
        if model._meta.app_label == context and model_admin.has_view_permission(request)
    ]
    return {"title": apps.get_app_config(context).verbose_name, "separator": True, "items": lists} if lists else None
