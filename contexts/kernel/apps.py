"""The kernel as a Django app: it has static files, template tags and no tables."""

from __future__ import annotations

from contextlib import suppress
from typing import Any

from django.apps import AppConfig
from django.core.cache import InvalidCacheBackendError, caches
from django.core.signals import setting_changed


class KernelConfig(AppConfig):
    name = "contexts.kernel"
    label = "kernel"
    verbose_name = "Kernel"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        setting_changed.connect(_forget_fragments)


def _forget_fragments(**_: Any) -> None:
    """Settings are the one thing a part of a page depends on and is not kept by; only tests change them."""
    with suppress(InvalidCacheBackendError):
        caches["template_fragments"].clear()
