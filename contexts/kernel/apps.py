"""The kernel as a Django app: it has static files, template tags and no tables."""

from django.apps import AppConfig


class KernelConfig(AppConfig):
    name = "contexts.kernel"
    label = "kernel"
    verbose_name = "Kernel"
    default_auto_field = "django.db.models.BigAutoField"
