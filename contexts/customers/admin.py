"""Accounts for staff: look, close, reopen, forget, and say who is staff."""

from __future__ import annotations

from typing import Any, ClassVar
from uuid import UUID

from django.apps import apps
from django.contrib import admin, messages
from django.contrib.auth.models import Group
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.html import format_html_join
from django.utils.safestring import mark_safe
from django.utils.translation import gettext as _, gettext_lazy
from unfold.admin import ModelAdmin, TabularInline
from unfold.decorators import action

from contexts.customers import services
from contexts.customers.models import Account, SavedAddress
from contexts.customers.rights import RightsField
from contexts.kernel.staff import ReadOnly
from contexts.messaging import acting_as, receipts, receipts_awaited


class SavedAddressInline(ReadOnly, TabularInline):
    model = SavedAddress
    fields = ("name", "street", "postcode", "city", "country", "is_default")
    extra = 0


@admin.register(Account)
class AccountAdmin(ModelAdmin):
    """Name, e-mail and password belong to the customer; what staff may do belongs to superusers."""

    list_display = ("email", "name", "is_active", "is_staff", "language", "registered_at")
    list_filter = ("is_active", "is_staff", "language", "registered_at")
    search_fields = ("email", "name")
    ordering = ("-registered_at",)
    inlines = (SavedAddressInline,)
    actions = ("deactivate", "reactivate")
    actions_detail: ClassVar[list[str]] = ["erase"]
    filter_horizontal = ("groups", "user_permissions")
    personal = ("id", "email", "name", "language", "currency", "is_active", "registered_at", "last_login", "erase_at",
                "erased_at", "erasure")  # fmt: skip
    rights = ("is_staff", "is_superuser", "groups", "user_permissions")
    fieldsets = (
        (None, {"fields": personal}),
        (gettext_lazy("What they may do in this admin"), {"fields": rights}),
    )

    def get_readonly_fields(self, request: HttpRequest, obj: Account | None = None) -> tuple[str, ...]:
        # Staff who could hand out rights could hand them to themselves.
        mine = obj is not None and obj.erased_at is None and request.user.is_superuser
        return self.personal if mine else (*self.personal, *self.rights)

    def formfield_for_manytomany(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        if db_field.name == "user_permissions":
            kwargs["form_class"] = RightsField
        return super().formfield_for_manytomany(db_field, request, **kwargs)

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Account | None = None) -> bool:
        return False

    @admin.display(description=gettext_lazy("Receipts of the erasure"))
    def erasure(self, account: Account) -> str:
        """What each context erased; those that have not answered yet are named too."""
        if account.erased_at is None:
            return "—"
        person = f"customer/{account.id}"
        said = [
            (
                _name(one.context),
                ", ".join(f"{count} {_(name)}" for name, count in one.erased.items() if count) or _("nothing kept"),
            )
            for one in receipts(person)
        ]
        said += [(_name(context), _("on its way")) for context in receipts_awaited(person)]
        return format_html_join(mark_safe("<br>"), "{}: {}", said)

    @admin.action(description=gettext_lazy("Close: no more sign-ins"), permissions=["change"])
    def deactivate(self, request: HttpRequest, accounts: QuerySet[Account]) -> None:
        closing = [account.id for account in accounts if account.is_active and self._may_close(request, account)]
        spared = sum(account.is_active and account.id not in closing for account in accounts)
        with acting_as(f"staff:{request.user.pk}"):
            for customer_id in closing:
                services.deactivate(customer_id=customer_id)
        self.message_user(request, _("%d accounts are closed.") % len(closing), messages.SUCCESS)
        if spared:
            words = _("%d staff accounts stay open: a superuser closes them, and nobody closes their own.")
            self.message_user(request, words % spared, messages.WARNING)

    @staticmethod
    def _may_close(request: HttpRequest, account: Account) -> bool:
        return account.pk != request.user.pk and (request.user.is_superuser or not account.is_staff)

    @admin.action(description=gettext_lazy("Reopen"), permissions=["change"])
    def reactivate(self, request: HttpRequest, accounts: QuerySet[Account]) -> None:
        reopening = [account.id for account in accounts if not account.is_active and account.erased_at is None]
        with acting_as(f"staff:{request.user.pk}"):
            for customer_id in reopening:
                services.reactivate(customer_id=customer_id)
        self.message_user(request, _("%d accounts are open again.") % len(reopening), messages.SUCCESS)

    @action(description=gettext_lazy("Erase this customer"), url_path="erase")
    def erase(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """Ask first, then forget the customer in every context."""
        account = get_object_or_404(Account, pk=UUID(object_id))
        if not self.has_change_permission(request, account):
            raise PermissionDenied
        page = reverse("admin:customers_account_change", args=[object_id])
        if request.method != "POST":
            context = {**self.admin_site.each_context(request), "account": account, "page": page, "opts": self.opts,
                       "title": _("Erase this customer?")}  # fmt: skip
            return TemplateResponse(request, "customers/admin/erase.html", context)
        try:
            with acting_as(f"staff:{request.user.pk}"):
                services.erase(customer_id=account.id)
        except services.StaffAccount as problem:
            self.message_user(request, str(problem), messages.ERROR)
        else:
            self.message_user(request, _("The customer is erased here; the other contexts follow."), messages.SUCCESS)
        return redirect(page)


def _name(context: str) -> str:
    return str(apps.get_app_config(context).verbose_name) if apps.is_installed(f"contexts.{context}") else context


admin.site.unregister(Group)


@admin.register(Group)
class GroupAdmin(ModelAdmin):
    search_fields = ("name",)
    filter_horizontal = ("permissions",)

    def formfield_for_manytomany(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        if db_field.name == "permissions":
            kwargs["form_class"] = RightsField
        return super().formfield_for_manytomany(db_field, request, **kwargs)
