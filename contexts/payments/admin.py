"""Payments for staff: read-only, for the events own the truth; money goes back and stuck calls go on from here."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from django import forms
from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from unfold.admin import ModelAdmin, TabularInline
from unfold.decorators import action, display
from unfold.widgets import UnfoldAdminDecimalFieldWidget, UnfoldAdminTextareaWidget

from contexts.kernel.money import Money, NotAnAmount, from_decimal
from contexts.messaging import acting_as
from contexts.payments import services
from contexts.payments.models import GatewayCall, Payment, Refund, RefusedNotice, State
from contexts.payments.sandbox.ledger import BankCharge, BankEntry, BankNotice

STATE_COLOURS = {
    State.AUTHORISED: "success",
    State.CAPTURED: "success",
    State.DECLINED: "danger",
    State.ACTION_REQUIRED: "warning",
    State.ACTION_OVERDUE: "warning",
    State.DUE: "info",
    State.CAPTURE_DUE: "info",
    State.VOID_DUE: "info",
}


class ReadOnly:
    """What happened cannot be edited."""

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


class RefundForm(forms.Form):
    """How much of a charge goes back, and why."""

    amount = forms.DecimalField(widget=UnfoldAdminDecimalFieldWidget, min_value=Decimal("0.01"), label=_("Amount"))
    reason = forms.CharField(
        widget=UnfoldAdminTextareaWidget(attrs={"rows": 3}), label=_("Reason"), help_text=_("Kept with the refund.")
    )

    def __init__(self, *args: Any, left: Money, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.left = left
        self.fields["amount"].help_text = f"At most {left}."

    def clean_amount(self) -> Money:
        try:
            return from_decimal(self.cleaned_data["amount"], self.left.currency)
        except NotAnAmount as problem:
            raise forms.ValidationError(str(problem)) from problem


class CallInline(ReadOnly, TabularInline):
    model = GatewayCall
    fields = ("operation", "outcome", "detail", "key", "started_at", "ended_at")
    extra = 0
    tab = True


class RefundInline(ReadOnly, TabularInline):
    model = Refund
    fields = ("amount", "state", "reason", "problem", "requested_at", "done_at")
    readonly_fields = ("amount",)
    extra = 0
    tab = True


@admin.register(Payment)
class PaymentAdmin(ReadOnly, ModelAdmin):
    list_display = ("order", "shown_state", "due", "charged", "given_back", "paid_with", "problem", "changed_at")
    list_filter = ("state", "gateway", "card_brand", ("problem", admin.EmptyFieldListFilter))
    search_fields = ("order_number", "order_id", "charge", "card_last4")
    date_hierarchy = "created_at"
    list_per_page = 50
    show_full_result_count = False
    inlines = (CallInline, RefundInline)
    actions = ("try_again",)
    actions_detail = ("give_back",)
    fieldsets = (
        (None, {"fields": ("order", "shown_state", "due", "charged", "given_back", "paid_with", "problem")}),
        (
            "How it got here",
            {
                "fields": (
                    "stock_reserved",
                    "cancel_requested",
                    "renewed",
                    "decline_reason",
                    "action_expires_at",
                    "authorised_at",
                    "captured_at",
                    "created_at",
                    "changed_at",
                )
            },
        ),
        (
            "At the gateway",
            {"fields": ("gateway", "charge", "attempt", "work_at", "tries", "order_id", "correlation_id")},
        ),
    )
    readonly_fields = ("order", "shown_state", "due", "charged", "given_back", "paid_with")

    @admin.display(description=_("Order"), ordering="order_number")
    def order(self, payment: Payment) -> str:
        return str(payment)

    @display(description=_("State"), label={State(s).label: colour for s, colour in STATE_COLOURS.items()})
    def shown_state(self, payment: Payment) -> str:
        return State(payment.state).label

    @admin.display(description=_("Due"), ordering="amount_cents")
    def due(self, payment: Payment) -> Money | str:
        return payment.amount or "not known yet"

    @admin.display(description=_("Charged"), ordering="captured_cents")
    def charged(self, payment: Payment) -> Money | str:
        return payment.captured or "—"

    @admin.display(description=_("Refunded"), ordering="refunded_cents")
    def given_back(self, payment: Payment) -> Money | str:
        return payment.refunded or "—"

    @admin.display(description=_("Card"))
    def paid_with(self, payment: Payment) -> str:
        return f"{payment.card_brand} {payment.card_last4}".strip()

    @admin.action(description=_("Ask the gateway again (where it refused)"))
    def try_again(self, request: HttpRequest, chosen: QuerySet[Payment]) -> None:
        with acting_as(f"staff:{request.user.pk}"):
            freed = sum(services.try_again(order_id=payment.order_id) for payment in chosen)
        if freed:
            self.message_user(request, f"The gateway is asked again about {freed} payment(s).", messages.SUCCESS)
        else:
            self.message_user(
                request, "None of these payments was refused by the gateway; nothing to ask.", messages.WARNING
            )

    @action(description=_("Refund…"), url_path="refund")
    def give_back(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """Ask how much goes back and why; nothing happens before that form is sent."""
        payment = Payment.objects.get(pk=object_id)
        back = reverse(f"{self.admin_site.name}:payments_payment_change", args=[object_id])
        if not payment.refundable:
            self.message_user(
                request, "Nothing is left to refund: only what was charged can go back.", messages.WARNING
            )
            return HttpResponseRedirect(back)
        initial = {"amount": payment.refundable.decimal}
        form = RefundForm(request.POST or None, left=payment.refundable, initial=initial)
        if request.method == "POST" and form.is_valid():
            amount, reason = form.cleaned_data["amount"], form.cleaned_data["reason"]
            try:
                with acting_as(f"staff:{request.user.pk}"):
                    services.refund(order_id=payment.order_id, amount=amount, reason=reason)
            except services.RefundRefused as refusal:
                form.add_error("amount", str(refusal))
            else:
                self.message_user(request, f"{amount} is on its way back to the shopper.", messages.SUCCESS)
                return HttpResponseRedirect(back)
        context = self.admin_site.each_context(request) | {
            "title": f"Refund order {payment}",
            "opts": self.opts,
            "payment": payment,
            "form": form,
            "back": back,
        }
        return TemplateResponse(request, "payments/admin/refund.html", context)


class EntryInline(ReadOnly, TabularInline):
    model = BankEntry
    fields = ("kind", "amount_cents", "key", "made_at")
    extra = 0


class NoticeInline(ReadOnly, TabularInline):
    model = BankNotice
    fields = ("kind", "made_at", "tries", "taken_at")
    extra = 0


@admin.register(BankCharge)
class BankChargeAdmin(ReadOnly, ModelAdmin):
    """The sandbox bank's own books, to compare with ours."""

    list_display = ("reference", "status", "amount", "captured_cents", "refunded_cents", "card", "order", "created_at")
    list_filter = ("status", "card__behaviour")
    list_select_related = ("card",)
    search_fields = ("reference", "order", "key")
    show_full_result_count = False
    inlines = (EntryInline, NoticeInline)


@admin.register(GatewayCall)
class GatewayCallAdmin(ReadOnly, ModelAdmin):
    list_display = ("payment", "operation", "outcome", "detail", "started_at", "ended_at")
    list_filter = ("operation", "outcome")
    list_select_related = ("payment",)
    search_fields = ("key", "payment__order_number")
    show_full_result_count = False


@admin.register(RefusedNotice)
class RefusedNoticeAdmin(ReadOnly, ModelAdmin):
    """Webhooks that were not the gateway's: a few are noise, many are somebody at the door or a wrong secret."""

    list_display = ("day", "gateway", "problem", "count", "last_at")
    list_filter = ("gateway", "problem")
    date_hierarchy = "day"
    show_full_result_count = False


@admin.register(Refund)
class RefundAdmin(ReadOnly, ModelAdmin):
    list_display = ("payment", "amount", "state", "reason", "problem", "requested_at", "done_at")
    list_filter = ("state",)
    list_select_related = ("payment",)
    search_fields = ("payment__order_number", "reason")
    show_full_result_count = False
    exclude = ("lease",)
