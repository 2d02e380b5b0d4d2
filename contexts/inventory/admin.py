"""Inventory in the admin: stock is changed through services only, and the books can be read but not written."""

from __future__ import annotations

from collections.abc import Callable
from typing import ClassVar

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db.models import F, Model, QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.translation import gettext, gettext_lazy as _
from unfold.admin import ModelAdmin, TabularInline
from unfold.decorators import action, display

from contexts.inventory import queries, services
from contexts.inventory.forms import CountForm, ReceiveForm
from contexts.inventory.models import Hold, HoldLine, Reservation, ReservationLine, StockItem, StockMove
from contexts.kernel.staff import ReadOnly
from contexts.messaging import acting_as


class AvailabilityFilter(admin.SimpleListFilter):
    title = _("availability")
    parameter_name = "stock"

    def lookups(self, request: HttpRequest, model_admin: admin.ModelAdmin[StockItem]) -> list[tuple[str, str]]:
        return [("low", str(_("Low or sold out"))), ("out", str(_("Sold out")))]

    def queryset(self, request: HttpRequest, queryset: QuerySet[StockItem]) -> QuerySet[StockItem] | None:
        chosen = StockItem.objects.filter(pk__in=queryset.values("pk"))
        return {"low": chosen.low, "out": chosen.sold_out}.get(self.value() or "", lambda: None)()


@admin.register(StockItem)
class StockItemAdmin(ModelAdmin):
    """Stock items: receive and count by action; only the low-stock threshold is edited in place."""

    list_display = ("sku", "title", "on_hand", "held", "reserved", "available", "level", "for_sale")
    list_filter = (AvailabilityFilter, "for_sale")
    list_per_page = 50
    search_fields = ("sku", "name", "label")
    search_help_text = _("SKU or product name")
    fields = ("sku", "title", "for_sale", "on_hand", "held", "reserved", "available", "low_stock_threshold")
    readonly_fields = ("sku", "title", "for_sale", "on_hand", "held", "reserved", "available")
    actions_detail: ClassVar = ["receive_stock", "correct_count", "ledger"]
    actions_row: ClassVar = ["receive_stock", "correct_count", "ledger"]
    actions_list: ClassVar = ["verify_ledger"]

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False

    @display(description=_("available"), ordering=F("on_hand") - F("held") - F("reserved"))
    def available(self, item: StockItem) -> int:
        return item.available

    @display(description=_("level"), label={"out": "danger", "low": "warning", "good": "success"})
    def level(self, item: StockItem) -> tuple[str, str]:
        if not item.available:
            return "out", str(_("sold out"))
        return ("low", str(_("low"))) if item.is_low else ("good", str(_("good")))

    @display(description=_("product"), ordering="name")
    def title(self, item: StockItem) -> str:
        return item.title

    def save_model(self, request: HttpRequest, obj: StockItem, form: forms.Form, change: bool) -> None:
        # Never obj.save(): it would write back the numbers as they were when the page was opened.
        services.set_low_stock_threshold(sku=obj.sku, threshold=obj.low_stock_threshold)

    @action(description=_("Receive stock"), url_path="receive", icon="add_box", permissions=["change"])
    def receive_stock(self, request: HttpRequest, object_id: str) -> HttpResponse:
        def receive(item: StockItem, entered: dict[str, object], actor: str) -> str:
            changed = services.receive_stock(
                sku=item.sku, quantity=int(str(entered["quantity"])), reason=str(entered["reason"]), actor=actor
            )
            said = {"quantity": entered["quantity"], "sku": changed.sku, "on_hand": changed.on_hand}
            return str(_("%(quantity)s received: %(sku)s has %(on_hand)s on hand.") % said)

        return self._change_stock(request, object_id, str(_("Receive stock")), ReceiveForm, receive)

    @action(description=_("Correct count"), url_path="count", icon="inventory", permissions=["change"])
    def correct_count(self, request: HttpRequest, object_id: str) -> HttpResponse:
        def count(item: StockItem, entered: dict[str, object], actor: str) -> str:
            changed = services.adjust_stock(
                sku=item.sku, counted=int(str(entered["counted"])), reason=str(entered["reason"]), actor=actor
            )
            said = {"sku": changed.sku, "on_hand": changed.on_hand, "available": changed.available}
            return str(_("%(sku)s has %(on_hand)s on hand now, %(available)s of them available.") % said)

        return self._change_stock(request, object_id, str(_("Correct count")), CountForm, count)

    @action(description=_("Ledger"), url_path="ledger", icon="receipt_long", permissions=["view"])
    def ledger(self, request: HttpRequest, object_id: str) -> HttpResponse:
        return HttpResponseRedirect(
            reverse("admin:inventory_stockmove_changelist", query={"item__id__exact": object_id})
        )

    @action(description=_("Verify the ledger"), url_path="verify", icon="fact_check", permissions=["view"])
    def verify_ledger(self, request: HttpRequest) -> HttpResponse:
        balance = queries.ledger_balances()
        if balance.holds:
            counted = {"items": balance.items, "lines": balance.moves}
            agreed = _("%(items)d items and %(lines)d ledger lines agree.") % counted
            self.message_user(request, agreed, messages.SUCCESS)
        for difference in balance.differences[:10]:
            self.message_user(request, str(difference), messages.ERROR)
        if len(balance.differences) > 10:
            self.message_user(
                request, _("%(count)d differences in all.") % {"count": len(balance.differences)}, messages.ERROR
            )
        for piece in queries.pieces_missing()[:10]:
            self.message_user(
                request,
                _("%(sku)s: %(pieces)d left with a cancelled order while promised to others. Count the shelf.")
                % {"sku": piece.sku, "pieces": piece.pieces},
                messages.WARNING,
            )
        return HttpResponseRedirect(reverse("admin:inventory_stockitem_changelist"))

    def _change_stock(
        self,
        request: HttpRequest,
        object_id: str,
        title: str,
        form_class: type[forms.Form],
        change: Callable[[StockItem, dict[str, object], str], str],
    ) -> HttpResponse:
        """Show the form; on a good POST let `change` call its service and say what happened."""
        item = get_object_or_404(StockItem, pk=object_id)
        if not self.has_change_permission(request, item):
            raise PermissionDenied
        form = form_class(request.POST or None)
        if request.method == "POST" and form.is_valid():
            actor = f"staff:{request.user.pk}"
            try:
                with acting_as(actor):
                    done = change(item, form.cleaned_data, actor)
            except services.StockError as refusal:
                form.add_error(None, str(refusal))
            else:
                self.log_change(request, item, done)
                self.message_user(request, done, messages.SUCCESS)
                return HttpResponseRedirect(reverse("admin:inventory_stockitem_changelist"))
        page = {"title": title, "opts": self.opts, "item": item, "form": form}
        context = {**self.admin_site.each_context(request), **page}
        status = 422 if form.is_bound else 200
        return TemplateResponse(request, "inventory/admin/change_stock.html", context, status=status)


@admin.register(StockMove)
class StockMoveAdmin(ReadOnly, ModelAdmin):
    """The ledger."""

    list_display = ("moved_at", "item", "kind", "on_hand_line", "held_line", "reserved_line", "why", "actor")
    list_filter = ("kind", "moved_at")
    list_select_related = ("item",)
    list_per_page = 50
    show_full_result_count = False
    search_fields = ("item__sku", "=order_id", "reason")
    search_help_text = _("SKU, whole order id, or words of the reason")

    def lookup_allowed(self, lookup: str, value: object, request: HttpRequest) -> bool:
        return lookup == "item__id__exact" or super().lookup_allowed(lookup, value, request)

    @display(description=_("reason"))
    def why(self, move: StockMove) -> str:
        """What staff typed, or the shop's own words in the language being read."""
        return gettext(move.reason) if move.reason else ""

    @display(description=_("on hand"))
    def on_hand_line(self, move: StockMove) -> str:
        return _line(move.on_hand_change, move.on_hand_after)

    @display(description=_("held"))
    def held_line(self, move: StockMove) -> str:
        return _line(move.held_change, move.held_after)

    @display(description=_("reserved"))
    def reserved_line(self, move: StockMove) -> str:
        return _line(move.reserved_change, move.reserved_after)


class HoldLines(ReadOnly, TabularInline):
    model = HoldLine
    extra = 0


class ReservationLines(ReadOnly, TabularInline):
    model = ReservationLine
    extra = 0


@admin.register(Hold)
class HoldAdmin(ReadOnly, ModelAdmin):
    list_display = ("order_id", "state", "until", "started_at")
    list_filter = ("state",)
    list_per_page = 50
    show_full_result_count = False
    search_fields = ("=order_id", "lines__sku")
    inlines = (HoldLines,)


@admin.register(Reservation)
class ReservationAdmin(ReadOnly, ModelAdmin):
    list_display = ("order_id", "state", "decided_at", "changed_at")
    list_filter = ("state",)
    list_per_page = 50
    show_full_result_count = False
    search_fields = ("=order_id", "lines__sku")
    inlines = (ReservationLines,)


def _line(change: int, after: int) -> str:
    return f"{after} ({change:+d})" if change else str(after)
