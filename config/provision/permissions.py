"""Permissions: who may see what in the admin is decided where the accounts are, for the lists of every context.

Django makes the permissions of a model in the alias that holds its table; ours are asked for in customers'.
"""

from __future__ import annotations

from django.apps import apps
from django.conf import settings
from django.contrib.auth.management import create_permissions
from django.contrib.contenttypes.models import ContentType

ACCOUNTS = "customers"


def make_known() -> None:
    """Make the permissions of every context's models known to the accounts."""
    known = set(ContentType.objects.using(ACCOUNTS).values_list("app_label", "model"))
    for context in settings.CONTEXTS:
        config = apps.get_app_config(context)
        if any((context, model._meta.model_name) not in known for model in config.get_models()):
            create_permissions(config, verbosity=0, interactive=False, using=ACCOUNTS)
