"""Promotions as a Django app."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class PromotionsConfig(AppConfig):
    name = "contexts.promotions"
    label = "promotions"
    verbose_name = _("Promotions")
    default_auto_field = "django.db.models.BigAutoField"
