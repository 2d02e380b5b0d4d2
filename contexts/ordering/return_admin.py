"""Returns for staff: what shoppers want to send back, with the photos; accept, refuse, count what came."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils.translation import gettext, gettext_lazy as _
from unfold.admin import ModelAdmin
from unfold.decorators import action, display

from contexts.kernel.staff import ReadOnly
from contexts.messaging import acting_as
from contexts.ordering import queries, returns, services
from contexts.ordering.errors import CannotDo
from contexts.ordering.events import ReceivedPieces
from contexts.ordering.labels import return_state_name
from contexts.ordering.models import ReturnedOrder, ReturnPhoto
from contexts.ordering.views.returns import picture

COLOURS = {
    returns.REQUESTED: "warning", returns.APPROVED: "info", returns.RECEIVED: "info",
    returns.REFUNDED: "success", returns.REFUSED: "danger",
}  # fmt: skip


class StateFilter(admin.SimpleListFilter):
    title = _("state")
    parameter_name = "state"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [(state, return_state_name(state)) for state in COLOURS]

    def queryset(self, request: HttpRequest, queryset: QuerySet[ReturnedOrder]) -> QuerySet[ReturnedOrder]:
        return queryset.filter(return_state=self.value()) if self.value() else queryset


@admin.register(ReturnedOrder)
class ReturnAdmin(ReadOnly, ModelAdmin):
    """Orders of which something goes back; the newest first."""

    list_display = ("number", "shown_state", "name", "email", "completed_at")
    list_filter = (StateFilter,)
    search_fields = ("number__iexact", "email__iexact", "name")
    ordering = ("-completed_at",)
    list_per_page = 50
    show_full_result_count = False
    actions_detail = ("handle",)
    fields = ("number", "name", "email", "plain_state", "money_so_far")
    readonly_fields = fields

    def get_queryset(self, request: HttpRequest) -> QuerySet[ReturnedOrder]:
        orders: QuerySet[ReturnedOrder] = super().get_queryset(request).exclude(return_state="")
        return orders

    @display(description=_("state"), ordering="return_state", label=COLOURS)
    def shown_state(self, order: ReturnedOrder) -> tuple[str, str]:
        return order.return_state, return_state_name(order.return_state)

    @display(description=_("state"))
    def plain_state(self, order: ReturnedOrder) -> str:
        return return_state_name(order.return_state)

    @display(description=_("charged and returned"))
    def money_so_far(self, order: ReturnedOrder) -> str:
        sums = {"charged": order.charged, "returned": order.refunded, "pending": order.refund_pending}
        return _("%(charged)s charged, %(returned)s returned, %(pending)s on its way") % sums

    def get_urls(self) -> list[URLPattern]:
        photo = self.admin_site.admin_view(self.show_photo)
        return [path("photos/<uuid:pk>/", photo, name="ordering_returnedorder_photo"), *super().get_urls()]

    def show_photo(self, request: HttpRequest, pk: UUID) -> HttpResponseBase:
        if not self.has_view_permission(request):
            raise PermissionDenied
        return picture(get_object_or_404(ReturnPhoto, pk=pk))

    def has_handle_permission(self, request: HttpRequest, object_id: Any = None) -> bool:
        return request.user.has_perm("ordering.change_returnedorder")

    @action(description=_("Handle returns…"), url_path="handle", icon="assignment_return", permissions=["handle"])
    def handle(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """Show what goes back, with a form for what can be done next."""
        order = get_object_or_404(self.get_queryset(request), pk=object_id)
        if not self.has_handle_permission(request):
            raise PermissionDenied
        here = reverse(f"{self.admin_site.name}:ordering_returnedorder_handle", args=[object_id])
        if request.method == "POST":
            try:
                with acting_as(f"staff:{request.user.pk}"):
                    words = _act(order, request.POST)
            except (CannotDo, forms.ValidationError) as refusal:
                text = refusal.messages[0] if isinstance(refusal, forms.ValidationError) else str(refusal)
                self.message_user(request, text, messages.ERROR)
            else:
                self.message_user(request, words, messages.SUCCESS)
            return HttpResponseRedirect(here)
        back = reverse(f"{self.admin_site.name}:ordering_returnedorder_change", args=[object_id])
        page = {
            "title": _("Returns of order %(number)s") % {"number": order}, "opts": self.opts, "order": order, "back": back,
            "returns": [(one, return_state_name(one.state)) for one in queries.returns_of(order)],
        }  # fmt: skip
        context = {**self.admin_site.each_context(request), **page}
        return TemplateResponse(request, "ordering/admin/returns.html", context)


def _act(order: ReturnedOrder, data: Any) -> str:
    """Do what a form of the page asks for, and say what was done.

    Raises:
        CannotDo: not now, or not so.
        ValidationError: what was sent is not understood.
    """
    try:
        return_id = UUID(data.get("return_id", ""))
    except ValueError:
        raise forms.ValidationError(_("There is no such return.")) from None
    explanation = data.get("explanation", "")[:1000]
    match data.get("do"):
        case "approve":
            services.approve_return(order_id=order.order_id, return_id=return_id, explanation=explanation)
            return gettext("Accepted. The shopper is told where to send it.")
        case "refuse":
            services.refuse_return(order_id=order.order_id, return_id=return_id, explanation=explanation)
            return gettext("Refused. The shopper is told why.")
        case "receive":
            pieces = _counted(order, return_id, data)
            received = services.receive_return(order_id=order.order_id, return_id=return_id, pieces=pieces)
            refund = received.return_of(return_id).refund
            return _("Noted. %(amount)s goes back to the shopper.") % {"amount": refund}
    raise forms.ValidationError(_("Choose what to do."))


def _counted(order: ReturnedOrder, return_id: UUID, data: Any) -> list[ReceivedPieces]:
    asked: list[dict[str, Any]] = next((one["pieces"] for one in order.returns if one["id"] == str(return_id)), [])
    return [
        ReceivedPieces(
            sku=pieces["sku"],
            quantity=_number(data.get(f"came_{nr}", "")),
            resaleable=_number(data.get(f"good_{nr}", "")),
        )
        for nr, pieces in enumerate(asked)
    ]


def _number(text: str) -> int:
    if not (text.isascii() and text.isdigit() and len(text) < 4):
        raise forms.ValidationError(_("Give the number of pieces, 0 if none came."))
    return int(text)
