"""What staff may do, in the language of whoever grants it; Django stores its own words for it in English."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.contrib.auth.models import Permission
from django.contrib.contenttypes.models import ContentType
from django.db.models import QuerySet
from django.forms import ModelMultipleChoiceField
from django.utils.translation import gettext_lazy as _

ACTIONS = {"add": _("add"), "change": _("change"), "delete": _("delete"), "view": _("view")}


class RightsField(ModelMultipleChoiceField):  # type: ignore[type-arg]  # Django's takes none at run time.
    """Rights to choose from, as "Orders | order | change": those that open something in the admin."""

    def __init__(self, queryset: QuerySet[Permission], **kwargs: Any) -> None:
        kinds = ContentType.objects.get_for_models(*admin.site._registry, for_concrete_models=False).values()
        super().__init__(queryset.filter(content_type__in=list(kinds)), **kwargs)

    def label_from_instance(self, right: Permission) -> str:
        action = ACTIONS.get(right.codename.partition("_")[0], right.name)
        return f"{right.content_type} | {action}"
