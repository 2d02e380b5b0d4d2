"""Shipping in the admin: parcels are moved by actions, methods saved through the service that announces them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, ClassVar
from uuid import UUID

from django.contrib import admin, messages
from django.contrib.admin.helpers import ACTION_CHECKBOX_NAME
from django.core.exceptions import PermissionDenied
from django.db.models import Model, QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.formats import date_format
from django.utils.html import format_html
from django.utils.translation import gettext_lazy as _, ngettext_lazy
from unfold.admin import ModelAdmin, TabularInline
from unfold.dataclasses import UnfoldAction
from unfold.decorators import action, display

from contexts.kernel.countries import country_name
from contexts.kernel.languages import in_language, said_in_language
from contexts.kernel.links import link
from contexts.kernel.staff import ACCOUNTS, ORDERS, ReadOnly, page_of
from contexts.messaging import acting_as
from contexts.shipping import services
from contexts.shipping.forms import ShippingMethodForm
from contexts.shipping.models import Parcel, ParcelEvent, ParcelLine, ShippingMethod

DISPATCH, DELIVER = "dispatch", "deliver"
TITLE = {DISPATCH: _("Dispatch"), DELIVER: _("Mark as delivered")}
CONSEQUENCE = {
    DISPATCH: _("The shopper's card is charged, the goods are booked out and the shopper gets an e-mail. "
                "A dispatched parcel cannot be called back."),
    DELIVER: _("The order is completed and the shopper gets an e-mail."),
}  # fmt: skip
#: The confirmation page names every parcel, and a browser's form has room for so many.
MOST_AT_ONCE = 500
MOVED = {
    DISPATCH: ngettext_lazy("%(count)d parcel dispatched.", "%(count)d parcels dispatched.", "count"),
    DELIVER: ngettext_lazy("%(count)d parcel marked as delivered.", "%(count)d parcels marked as delivered.", "count"),
}


class ParcelLines(ReadOnly, TabularInline):
    model = ParcelLine
    extra = 0
    hide_title = True
    fields = ("sku", "shown_name", "shown_label", "quantity")
    readonly_fields = fields

    @display(description=_("name"))
    def shown_name(self, line: ParcelLine) -> str:
        return said_in_language(line.name, line.names)

    @display(description=_("label"))
    def shown_label(self, line: ParcelLine) -> str:
        return said_in_language(line.label, line.labels)


class ParcelEvents(ReadOnly, TabularInline):
    model = ParcelEvent
    extra = 0
    hide_title = True


@admin.register(Parcel)
class ParcelAdmin(ModelAdmin):
    """Parcels: read, dispatch, deliver. Nothing is edited in place."""

    list_display = ("order_number", "status", "destination", "carrier", "tracking", "created_at", "dispatched_at")
    list_filter = ("state", "method")
    list_per_page = 50
    show_full_result_count = False
    search_fields = ("=order_number", "=tracking_number", "name", "city")
    search_help_text = _("Whole order or tracking number, name or city")
    inlines = (ParcelLines, ParcelEvents)
    actions = ("dispatch_selected", "deliver_selected")
    actions_detail: ClassVar = ["dispatch_parcel", "deliver_parcel"]
    actions_row: ClassVar = ["dispatch_parcel", "deliver_parcel"]
    fieldsets = (
        (None, {"fields": ("order", "plain_status", "shown_method", "carrier", "tracking", "expected")}),
        (_("Address"), {"fields": ("name", "street", "postcode", "city", "shown_country", "account")}),
        (_("Times"), {"fields": ("created_at", "dispatched_at", "delivered_at", "cancelled_at")}),
    )

    def has_add_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False

    def get_readonly_fields(self, request: HttpRequest, obj: Parcel | None = None) -> Sequence[str]:
        return [name for _title, part in self.fieldsets for name in part["fields"]]

    def changeform_view(
        self, request: HttpRequest, object_id: str | None = None, form_url: str = "", extra_context: Any = None
    ) -> HttpResponse:
        """Nothing here can be saved: parcels move by their buttons."""
        spared = {"show_save": False, "show_save_and_continue": False}
        page: HttpResponse = super().changeform_view(request, object_id, form_url, {**(extra_context or {}), **spared})
        return page

    def get_actions_detail(self, request: HttpRequest, object_id: Any) -> list[UnfoldAction]:
        """Offer what this parcel can do from where it is."""
        offered: list[UnfoldAction] = super().get_actions_detail(request, object_id)
        parcel = Parcel.objects.filter(pk=object_id).only("state").first()
        targets = {"dispatch": Parcel.State.DISPATCHED, "deliver": Parcel.State.DELIVERED}
        return [
            action
            for action in offered
            if action.path not in targets or (parcel and parcel.state in Parcel.TRANSITIONS[targets[action.path]])
        ]

    @display(description=_("order"))
    def order(self, parcel: Parcel) -> str:
        return page_of(ORDERS, parcel.order_id, parcel.order_number)

    @display(description=_("method"))
    def shown_method(self, parcel: Parcel) -> str:
        method = ShippingMethod.objects.filter(code=parcel.method).first()
        return in_language(method.name, method.names) if method else parcel.method

    @display(description=_("expected"))
    def expected(self, parcel: Parcel) -> str:
        days = sorted({day for day in (parcel.expected_from, parcel.expected_until) if day})
        return " – ".join(date_format(day) for day in days) or "—"

    @display(description=_("country"))
    def shown_country(self, parcel: Parcel) -> str:
        return country_name(parcel.country)

    @display(description=_("account"))
    def account(self, parcel: Parcel) -> str:
        return page_of(ACCOUNTS, parcel.customer_id, parcel.name) if parcel.customer_id else str(_("a guest"))

    @display(
        description=_("state"),
        ordering="state",
        label={"created": "warning", "dispatched": "info", "delivered": "success", "cancelled": "danger"},
    )
    def status(self, parcel: Parcel) -> tuple[str, str]:
        return parcel.state, parcel.get_state_display()

    @display(description=_("state"))
    def plain_status(self, parcel: Parcel) -> str:
        return parcel.get_state_display()

    @display(description=_("destination"), ordering="city")
    def destination(self, parcel: Parcel) -> str:
        return f"{parcel.city}, {parcel.country}"

    @display(description=_("tracking"), ordering="tracking_number")
    def tracking(self, parcel: Parcel) -> str:
        address = link("tracking", tracking_number=parcel.tracking_number)
        return format_html('<a class="text-link" href="{}">{}</a>', address, parcel.tracking_number)

    @admin.action(description=_("Dispatch selected parcels"), permissions=["change"])
    def dispatch_selected(self, request: HttpRequest, queryset: QuerySet[Parcel]) -> HttpResponse | None:
        return self._confirm_then_move(request, list(queryset), DISPATCH, services.dispatch, "dispatch_selected")

    @admin.action(description=_("Mark selected parcels as delivered"), permissions=["change"])
    def deliver_selected(self, request: HttpRequest, queryset: QuerySet[Parcel]) -> HttpResponse | None:
        return self._confirm_then_move(request, list(queryset), DELIVER, services.deliver, "deliver_selected")

    @action(description=TITLE[DISPATCH], url_path="dispatch", icon="local_shipping", permissions=["change"])
    def dispatch_parcel(self, request: HttpRequest, object_id: str) -> HttpResponse:
        return self._move_one(request, object_id, DISPATCH, services.dispatch)

    @action(description=TITLE[DELIVER], url_path="deliver", icon="home_pin", permissions=["change"])
    def deliver_parcel(self, request: HttpRequest, object_id: str) -> HttpResponse:
        return self._move_one(request, object_id, DELIVER, services.deliver)

    def _move_one(self, request: HttpRequest, object_id: str, title: str, move: Callable[..., Parcel]) -> HttpResponse:
        parcel = get_object_or_404(Parcel, pk=object_id)
        if not self.has_change_permission(request, parcel):
            raise PermissionDenied
        if answer := self._confirm_then_move(request, [parcel], title, move, ""):
            return answer
        return HttpResponseRedirect(reverse("admin:shipping_parcel_changelist"))

    def _confirm_then_move(
        self, request: HttpRequest, parcels: list[Parcel], title: str, move: Callable[..., Parcel], action_name: str
    ) -> HttpResponse | None:
        """Ask first; once confirmed, move each parcel that can be and say what became of all."""
        if request.method == "POST" and "confirmed" in request.POST:
            self._move(request, [parcel.id for parcel in parcels], title, move)
            return None
        if len(parcels) > MOST_AT_ONCE:
            counted = {"count": len(parcels), "most": MOST_AT_ONCE}
            excess = _("%(count)d parcels are too many for one go; choose up to %(most)d.") % counted
            self.message_user(request, excess, messages.WARNING)
            return None
        page = {
            "title": TITLE[title],
            "opts": self.opts,
            "parcels": parcels,
            "consequence": CONSEQUENCE[title],
            "action_name": action_name,
            "action_checkbox_name": ACTION_CHECKBOX_NAME,
        }
        context = {**self.admin_site.each_context(request), **page}
        return TemplateResponse(request, "shipping/admin/confirm.html", context)

    def _move(self, request: HttpRequest, parcel_ids: list[UUID], title: str, move: Callable[..., Parcel]) -> None:
        actor = f"staff:{request.user.pk}"
        moved = 0
        for parcel_id in parcel_ids:
            try:
                with acting_as(actor):
                    parcel = move(parcel_id, actor=actor)
            except services.NotPossible as refusal:
                self.message_user(request, str(refusal), messages.WARNING)
            else:
                moved += 1
                self.log_change(request, parcel, MOVED[title] % {"count": 1})
        if moved:
            self.message_user(request, MOVED[title] % {"count": moved}, messages.SUCCESS)


@admin.register(ShippingMethod)
class ShippingMethodAdmin(ModelAdmin):
    """Shipping methods; one that is no longer offered is made inactive, because old orders name it."""

    form = ShippingMethodForm
    list_display = ("name", "code", "price_shown", "carrier", "days", "countries_shown", "active")
    list_filter = ("active",)

    def get_readonly_fields(self, request: HttpRequest, obj: ShippingMethod | None = None) -> Sequence[str]:
        return ("code",) if obj else ()

    def has_delete_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False

    @display(description=_("price"), ordering="price_cents")
    def price_shown(self, method: ShippingMethod) -> str:
        return str(method.price)

    @display(description=_("working days"), ordering="days_min")
    def days(self, method: ShippingMethod) -> str:
        same = method.days_min == method.days_max
        return (
            str(method.days_min)
            if same
            else _("%(least)d to %(most)d") % {"least": method.days_min, "most": method.days_max}
        )

    @display(description=_("countries"))
    def countries_shown(self, method: ShippingMethod) -> str:
        return ", ".join(method.countries)

    def save_model(
        self, request: HttpRequest, obj: ShippingMethod, form: ShippingMethodForm, change: bool
    ) -> None:  # fmt: skip
        actor = f"staff:{request.user.pk}"
        with acting_as(actor):
            saved = services.save_method(
                **form.terms(),
                active=form.cleaned_data["active"],
                names=form.cleaned_data["names"] or {},
                prices=form.cleaned_data["prices"],
            )
        obj.pk = saved.pk

    def save_related(self, request: HttpRequest, form: Any, formsets: Any, change: bool) -> None:
        """Nothing hangs on a method; the base class would save the form's own copy of it."""
