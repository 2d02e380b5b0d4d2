"""Promotions as a Django app."""

from django.apps import AppConfig


class PromotionsConfig(AppConfig):
    name = "contexts.promotions"
    label = "promotions"
    verbose_name = "Promotions"
    default_auto_field = "django.db.models.BigAutoField"
