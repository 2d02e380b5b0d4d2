"""The addresses of this process: those of its contexts, the admin, and what supervisors ask."""

from __future__ import annotations

from django.conf import settings
from django.urls import URLPattern, URLResolver, include, path

from config import health, policy_reports, roster

urlpatterns: list[URLPattern | URLResolver] = [
    path("livez", health.livez, name="livez"),
    path("readyz", health.readyz, name="readyz"),
    path(policy_reports.PATH.lstrip("/"), policy_reports.take, name="policy-reports"),
]
if settings.HAS_CUSTOMERS:
    from django.contrib import admin

    urlpatterns += [path("admin/", admin.site.urls)]

urlpatterns += [
    path("", include(f"contexts.{context}.urls"))
    for context in ("kernel", "messaging", *settings.CONTEXTS)
    if roster.has_module(context, "urls")
]

if settings.DEMO or settings.DEBUG:
    from django.views.static import serve

    urlpatterns += [path("media/<path:path>", serve, {"document_root": settings.MEDIA_ROOT})]

handler500 = "config.unavailable.server_error"
