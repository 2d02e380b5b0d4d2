"""Wishlists as a Django app."""

from django.apps import AppConfig


class WishlistsConfig(AppConfig):
    name = "contexts.wishlists"
    label = "wishlists"
    verbose_name = "Wishlists"
    default_auto_field = "django.db.models.BigAutoField"
