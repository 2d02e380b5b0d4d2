"""The app that ties the others together: Celery, start-up checks, the admin site."""

from django.apps import AppConfig
from django.contrib.admin.apps import AdminConfig


class ConfigConfig(AppConfig):
    name = "config"
    label = "config"
    verbose_name = "Tradepost"

    def ready(self) -> None:
        from config import celery, checks  # noqa: F401 - shared tasks bind to the app; checks register themselves


class StaffAdminConfig(AdminConfig):
    """Django's admin behind the shop's own door."""

    default_site = "contexts.customers.staff_door.StaffSite"
