"""Wishlists as a Django app."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class WishlistsConfig(AppConfig):
    name = "contexts.wishlists"
    label = "wishlists"
    verbose_name = _("Wishlists")
    default_auto_field = "django.db.models.BigAutoField"
