"""The history context as Django sees it. It has no tables: its documents, and its position, are in Redis."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class HistoryConfig(AppConfig):
    name = "contexts.history"
    label = "history"
    verbose_name = _("Purchase history")
    default_auto_field = "django.db.models.BigAutoField"
