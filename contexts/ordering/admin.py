"""Ordering for staff: orders, carts and offers to read, for the events own the truth; an order can be cancelled."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db.models import Count, QuerySet, Sum
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.template.loader import render_to_string
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.html import format_html, format_html_join
from django.utils.translation import gettext_lazy as _
from unfold.admin import ModelAdmin, TabularInline
from unfold.dataclasses import UnfoldAction
from unfold.decorators import action, display

from contexts.kernel.countries import country_name
from contexts.kernel.links import link
from contexts.kernel.staff import ACCOUNTS, LETTERS, PARCELS, PAYMENTS, ReadOnly, found_in, page_of
from contexts.kernel.templatetags.tradepost import money
from contexts.messaging import MessagingError, Told, acting_as, duration, event_named, story
from contexts.ordering import queries, services, travel, wording
from contexts.ordering.errors import CannotDo
from contexts.ordering.forms import CancelForm
from contexts.ordering.labels import actor_name, cancellation_name, event_words, status_name
from contexts.ordering.models import Cart, CartItem, Invoice, Offer, OrderSummary, ShippingMethod
from contexts.ordering.order_numbers import as_typed
from contexts.ordering.return_admin import ReturnAdmin as ReturnAdmin
from contexts.ordering.views.invoices import pdf_of

STATUS_COLOURS = {
    "placed": "info", "action_required": "warning", "payment_declined": "warning", "confirmed": "success", "shipped": "success",
    "completed": "success", "cancelled": "danger",
}  # fmt: skip


class StatusFilter(admin.SimpleListFilter):
    title = _("status")
    parameter_name = "status"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [(status, status_name(status)) for status in STATUS_COLOURS]

    def queryset(self, request: HttpRequest, queryset: QuerySet[OrderSummary]) -> QuerySet[OrderSummary]:
        return queryset.filter(status=self.value()) if self.value() else queryset


def _short(moment: datetime | None) -> str:
    """Write a moment so that a row of the list stays one line high."""
    return date_format(timezone.localtime(moment), "SHORT_DATETIME_FORMAT") if moment else "—"


@admin.register(OrderSummary)
class OrderAdmin(ReadOnly, ModelAdmin):
    """Placed orders, newest first, each with all that happened to it."""

    list_display = ("number", "shown_status", "shown_total", "name", "email", "shown_placed", "shown_shipped")
    list_filter = (StatusFilter, "placed_at")
    search_fields = ("number__iexact", "email__iexact", "name", "tracking_number__iexact")
    search_help_text = _("Order number, whole e-mail address, name, tracking number")
    ordering = ("-placed_at",)
    list_per_page = 50
    show_full_result_count = False
    actions_detail = ("see_past", "cancel_order")
    fieldsets = (
        (None, {"fields": ("number", "plain_status", "shown_lines", "shown_total", "made_cheaper", "money_so_far", "more")}),
        (_("Shopper"), {"fields": ("name", "email", "shown_address", "shown_method", "paid_with", "account")}),
        (_("Parcel"), {"fields": ("carrier", "tracking")}),
        (_("Cancellation"), {"fields": ("shown_reason", "shown_explanation")}),
        (_("What happened"), {"fields": ("timeline",)}),
    )  # fmt: skip
    readonly_fields = (
        "plain_status", "shown_lines", "shown_total", "made_cheaper", "money_so_far", "more", "shown_address",
        "shown_method", "paid_with", "account", "tracking", "shown_reason", "shown_explanation", "timeline",
    )  # fmt: skip

    def get_fieldsets(self, request: HttpRequest, obj: OrderSummary | None = None) -> Any:
        """Leave out what this order has nothing of: a parcel, a cancellation."""
        spared = {_("Parcel"): not (obj and obj.shipped_at), _("Cancellation"): not (obj and obj.reason)}
        return [part for part in super().get_fieldsets(request, obj) if not spared.get(part[0], False)]

    def get_queryset(self, request: HttpRequest) -> QuerySet[OrderSummary]:
        orders: QuerySet[OrderSummary] = super().get_queryset(request).filter(placed_at__isnull=False)
        return orders

    def get_search_results(self, request: HttpRequest, queryset: Any, search_term: str) -> tuple[Any, bool]:
        """Find a number however it was typed: "tp7f3k92qx" too."""
        typed = search_term.strip()
        if typed.upper().startswith("TP") and (found := queryset.filter(number=as_typed(typed))):
            return found, False
        result: tuple[Any, bool] = super().get_search_results(request, queryset, search_term)
        return result

    @display(description=_("status"), ordering="status", label=STATUS_COLOURS)
    def shown_status(self, order: OrderSummary) -> tuple[str, str]:
        return order.status, status_name(order.status)

    @display(description=_("status"))
    def plain_status(self, order: OrderSummary) -> str:
        return status_name(order.status)

    @display(description=_("total"), ordering="total_cents")
    def shown_total(self, order: OrderSummary) -> str:
        return money(order.total)

    @display(description=_("placed at"), ordering="placed_at")
    def shown_placed(self, order: OrderSummary) -> str:
        return _short(order.placed_at)

    @display(description=_("shipped at"), ordering="shipped_at")
    def shown_shipped(self, order: OrderSummary) -> str:
        return _short(order.shipped_at)

    @display(description=_("to pay"))
    def made_cheaper(self, order: OrderSummary) -> str:
        said = [money(order.payable)]
        if order.code:
            said.append(_("%(code)s took %(amount)s off") % {"code": order.code, "amount": money(order.discount)})
        if order.gift_cents:
            paid = {"last4": order.gift_last4, "amount": money(order.gift)}
            said.append(_("gift card ending %(last4)s pays %(amount)s") % paid)
        return "; ".join(said)

    @display(description=_("charged and returned"))
    def money_so_far(self, order: OrderSummary) -> str:
        sums = {"charged": money(order.charged), "returned": money(order.refunded)}
        return _("%(charged)s charged, %(returned)s returned") % sums

    @display(description=_("lines"))
    def shown_lines(self, order: OrderSummary) -> str:
        lines = ((line.quantity, line.name, line.label) for line in wording.shown_lines(order))
        return format_html_join("; ", "{} × {} {}", lines)

    @display(description=_("explanation"))
    def shown_explanation(self, order: OrderSummary) -> str:
        return wording.explanation_of(order) or "—"

    @display(description=_("address"))
    def shown_address(self, order: OrderSummary) -> str:
        if not order.address:
            return "—"
        street, town = order.address["street"], f"{order.address['postcode']} {order.address['city']}"
        return ", ".join((order.address["name"], street, town, country_name(order.address["country"])))

    @display(description=_("shipping"))
    def shown_method(self, order: OrderSummary) -> str:
        return queries.method_name(order.shipping_method)

    @display(description=_("paid with"))
    def paid_with(self, order: OrderSummary) -> str:
        return wording.paid_with(order) or "—"

    @display(description=_("account"))
    def account(self, order: OrderSummary) -> str:
        return page_of(ACCOUNTS, order.customer_id, order.name) if order.customer_id else str(_("a guest"))

    @display(description=_("see also"))
    def more(self, order: OrderSummary) -> str:
        number = order.number or ""
        ways = [
            page_of("ordering_returnedorder", order.order_id, str(_("Returns"))) if order.returns else "",
            found_in(PAYMENTS, number, str(_("Payment"))), found_in(PARCELS, number, str(_("Parcel"))),
            found_in(LETTERS, number, str(_("E-mails"))),
        ]  # fmt: skip
        return format_html_join(" · ", "{}", ((way,) for way in ways if way))

    @display(description=_("tracking number"))
    def tracking(self, order: OrderSummary) -> str:
        if not order.tracking_number:
            return "—"
        address = link("tracking", tracking_number=order.tracking_number)
        return format_html('<a class="text-link" href="{}">{}</a>', address, order.tracking_number)

    @display(description=_("reason"))
    def shown_reason(self, order: OrderSummary) -> str:
        return cancellation_name(order.reason)

    @display(description=_("events"))
    def timeline(self, order: OrderSummary) -> str:
        past = reverse(f"{self.admin_site.name}:ordering_ordersummary_see_past", args=[order.pk])
        entries = [
            (entry, event_words(entry.title), actor_name(entry.actor, customer=order.name))
            for entry in queries.stream(order.order_id)
        ]
        return render_to_string("ordering/admin/timeline.html", {"entries": entries, "past": past})

    @action(description=_("Travel in time"), url_path="past", icon="history")
    def see_past(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """Show the order as it was at each of its versions, and what it set in motion in every context."""
        order = get_object_or_404(self.get_queryset(request), pk=object_id)
        if not self.has_view_permission(request, order):
            raise PermissionDenied
        back = reverse(f"{self.admin_site.name}:ordering_ordersummary_change", args=[object_id])
        try:
            now = travel.at(order.order_id, request.GET.get("version"))
        except (travel.NoSuchPast, MessagingError) as problem:
            self.message_user(request, str(problem), messages.WARNING)
            return HttpResponseRedirect(back)
        before = travel.at(order.order_id, str(now.version - 1)).order if now.version > 1 else None
        page = {
            "title": _("The past of order %(number)s") % {"number": order}, "opts": self.opts, "order": order, "back": back,
            "moment": now, "here": request.path, "entries": queries.stream(order.order_id),
            "facts": travel.facts(now.order, customer=lambda key: page_of(ACCOUNTS, key, order.name or str(key))),
            "actor": actor_name(now.entry.actor, customer=order.name),
            "changes": travel.differences(before, now.order) if before else [], "why": travel.why(now.entry),
            "title_then": type(now.entry.event).__name__,
            "story": [_row(told, order) for told in story(str(order.order_id))],
        }  # fmt: skip
        return TemplateResponse(request, "ordering/admin/past.html", {**self.admin_site.each_context(request), **page})

    def get_actions_detail(self, request: HttpRequest, object_id: Any) -> list[UnfoldAction]:
        """Offer to cancel while that is possible."""
        offered: list[UnfoldAction] = super().get_actions_detail(request, object_id)
        order = OrderSummary.objects.filter(pk=object_id).first()
        can_cancel = order is not None and queries.can_be_cancelled(order)
        return [action for action in offered if can_cancel or action.path != "cancel"]

    def has_cancel_permission(self, request: HttpRequest, object_id: Any = None) -> bool:
        return request.user.has_perm("ordering.change_ordersummary")

    @action(description=_("Cancel order…"), url_path="cancel", icon="cancel", permissions=["cancel"])
    def cancel_order(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """Ask for the reason; nothing happens before that form is sent."""
        order = get_object_or_404(self.get_queryset(request), pk=object_id)
        if not self.has_cancel_permission(request):
            raise PermissionDenied
        back = reverse(f"{self.admin_site.name}:ordering_ordersummary_change", args=[object_id])
        if not queries.can_be_cancelled(order):
            said = {"number": order, "status": status_name(order.status)}
            words = _("Order %(number)s cannot be cancelled any more. Its status: %(status)s.") % said
            self.message_user(request, words, messages.WARNING)
            return HttpResponseRedirect(back)
        form = CancelForm(request.POST or None)
        if request.method == "POST" and form.is_valid():
            try:
                with acting_as(f"staff:{request.user.pk}"):
                    services.cancel_order(
                        order_id=order.order_id, reason="by_staff", explanation=form.cleaned_data["explanation"]
                    )
            except CannotDo as refusal:
                self.message_user(request, str(refusal), messages.ERROR)
            else:
                words = _("Order %(number)s is cancelled. Stock and money are being released.") % {"number": order}
                self.message_user(request, words, messages.SUCCESS)
            return HttpResponseRedirect(back)
        page = {
            "title": _("Cancel order %(number)s") % {"number": order},
            "opts": self.opts,
            "order": order,
            "form": form,
            "back": back,
        }
        context = {**self.admin_site.each_context(request), **page}
        return TemplateResponse(request, "ordering/admin/cancel.html", context, status=422 if form.is_bound else 200)


def _row(told: Told, order: OrderSummary) -> dict[str, Any]:
    """Return an event of the story as the page shows it."""
    heard = [
        f"{one.subscriber} {'+' + duration(one.after_s) if one.after_s is not None else one.state}"
        for one in told.heard
    ]
    mine = told.subject == f"order/{order.order_id}" and told.source == "ordering"
    try:
        title = event_named(told.type).__name__
    except MessagingError:
        title = told.type
    return {
        "indent": "\u2003" * told.depth + ("↳ " if told.depth else ""), "source": told.source, "title": title,
        "version": told.stream_version if mine else None, "time": told.time, "heard": ", ".join(heard) or _("nobody"),
        "after": _("not yet due") if told.due else "" if told.after_s is None else _later(told.after_s),
    }  # fmt: skip


def _later(seconds: float) -> str:
    """Return "+12 ms"; a shop that made its past by setting the clock back has effects before their causes."""
    return f"+{duration(seconds)}" if seconds >= 0 else duration(seconds)


class CartItems(ReadOnly, TabularInline):
    model = CartItem
    fields = ("offer", "quantity", "last_added_at")
    extra = 0


@admin.register(Invoice)
class InvoiceAdmin(ReadOnly, ModelAdmin):
    """Invoices and credit notes as they were issued, newest first."""

    list_display = ("number", "kind", "order_number", "shown_total", "issued_at", "pdf")
    list_display_links = None
    list_filter = ("kind", "year", "issued_at")
    search_fields = ("document__order_number__iexact", "serial__iexact")
    search_help_text = _("Order number, or the invoice's number without its year")
    list_per_page = 50
    show_full_result_count = False

    @display(description=_("order"))
    def order_number(self, invoice: Invoice) -> str:
        return invoice.content.order_number

    @display(description=_("total"))
    def shown_total(self, invoice: Invoice) -> str:
        return money(invoice.content.total)

    @display(description=_("document"))
    def pdf(self, invoice: Invoice) -> str:
        address = reverse(f"{self.admin_site.name}:ordering_invoice_pdf", args=[invoice.pk])
        return format_html('<a class="text-link" href="{}">PDF</a>', address)

    def get_urls(self) -> list[URLPattern]:
        draw = self.admin_site.admin_view(self.show_pdf)
        return [path("<int:pk>/pdf/", draw, name="ordering_invoice_pdf"), *super().get_urls()]

    def show_pdf(self, request: HttpRequest, pk: int) -> HttpResponse:
        if not self.has_view_permission(request):
            raise PermissionDenied
        return pdf_of(get_object_or_404(Invoice, pk=pk))


@admin.register(Cart)
class CartAdmin(ReadOnly, ModelAdmin):
    list_display = ("id", "rows", "pieces", "order_id", "created_at", "touched_at")
    ordering = ("-touched_at",)
    list_per_page = 50
    show_full_result_count = False
    inlines = (CartItems,)

    def get_queryset(self, request: HttpRequest) -> QuerySet[Cart]:
        carts: QuerySet[Cart] = super().get_queryset(request)
        return carts.annotate(item_count=Count("items"), piece_count=Sum("items__quantity"))

    @display(description=_("rows"))
    def rows(self, cart: Any) -> int:
        count: int = cart.item_count
        return count

    @display(description=_("pieces"))
    def pieces(self, cart: Any) -> int:
        return cart.piece_count or 0


@admin.register(Offer)
class OfferAdmin(ReadOnly, ModelAdmin):
    """What ordering sells from: catalog's word, with what inventory says is left."""

    list_display = ("sku", "title", "shown_price", "tax_class", "on_sale", "available")
    list_filter = ("on_sale", "tax_class")
    search_fields = ("sku", "name", "label")
    list_per_page = 50
    show_full_result_count = False

    @display(description=_("price"), ordering="price_cents")
    def shown_price(self, offer: Offer) -> str:
        return money(offer.price)


@admin.register(ShippingMethod)
class ShippingMethodAdmin(ReadOnly, ModelAdmin):
    """The ways of shipping as the checkout offers them; shipping owns them."""

    list_display = ("code", "name", "shown_price", "days_min", "days_max", "active")

    @display(description=_("price"), ordering="price_cents")
    def shown_price(self, method: ShippingMethod) -> str:
        return money(method.price)
