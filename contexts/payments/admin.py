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
from django.utils.translation import get_language, gettext_lazy as _, ngettext
from unfold.admin import ModelAdmin, TabularInline
from unfold.decorators import action, display
from unfold.widgets import UnfoldAdminDecimalFieldWidget, UnfoldAdminTextareaWidget

from contexts.kernel.money import Money, NotAnAmount, from_decimal, minor_digits
from contexts.kernel.staff import ORDERS, ReadOnly, page_of
from contexts.kernel.templatetags.tradepost import money
from contexts.messaging import acting_as
from contexts.payments import services
from contexts.payments.cards import card_label
from contexts.payments.models import GatewayCall, Payment, Refund, RefusedNotice, State
from contexts.payments.sandbox.ledger import BankCharge, BankEntry, BankNotice
from contexts.payments.wording import explanation_of

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


class RefundForm(forms.Form):
    """How much of a charge goes back, and why."""

    amount = forms.DecimalField(widget=UnfoldAdminDecimalFieldWidget, min_value=Decimal("0.01"), label=_("Amount"))
    reason = forms.CharField(
        widget=UnfoldAdminTextareaWidget(attrs={"rows": 3}), label=_("Reason"), help_text=_("Kept with the refund.")
    )

    def __init__(self, *args: Any, left: Money, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.left = left
        self.fields["amount"].help_text = _("At most %(amount)s.") % {"amount": left}

    def clean_amount(self) -> Money:
        currency = self.left.currency
        try:
            return from_decimal(self.cleaned_data["amount"], currency)
        except NotAnAmount as problem:
            raise forms.ValidationError(
                _("%(currency)s has %(digits)d digits after the point.")
                % {"currency": currency, "digits": minor_digits(currency)}
            ) from problem


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
        (None, {"fields": ("its_order", "state", "due", "charged", "given_back", "paid_with", "problem")}),
        (
            _("How it got here"),
            {
                "fields": (
                    "stock_reserved",
                    "cancel_requested",
                    "renewed",
                    "why_declined",
                    "action_expires_at",
                    "authorised_at",
                    "captured_at",
                    "created_at",
                    "changed_at",
                )
            },
        ),
        (
            _("At the gateway"),
            {"fields": ("gateway", "charge", "attempt", "work_at", "tries", "order_id", "correlation_id")},
        ),
    )
    readonly_fields = ("its_order", "why_declined", "due", "charged", "given_back", "paid_with")

    @admin.display(description=_("Order"), ordering="order_number")
    def order(self, payment: Payment) -> str:
        return str(payment)

    @admin.display(description=_("Order"))
    def its_order(self, payment: Payment) -> str:
        return page_of(ORDERS, payment.order_id, str(payment))

    @admin.display(description=_("Declined because"))
    def why_declined(self, payment: Payment) -> str:
        if not payment.decline_reason:
            return "—"
        return explanation_of(payment.decline_reason, language=get_language() or payment.language)

    @display(description=_("State"), label=STATE_COLOURS)
    def shown_state(self, payment: Payment) -> tuple[str, str]:
        return payment.state, str(State(payment.state).label)

    @admin.display(description=_("Due"), ordering="amount_cents")
    def due(self, payment: Payment) -> str:
        return money(payment.amount) if payment.amount else str(_("not known yet"))

    @admin.display(description=_("Charged"), ordering="captured_cents")
    def charged(self, payment: Payment) -> str:
        return money(payment.captured) if payment.captured else "—"

    @admin.display(description=_("Refunded"), ordering="refunded_cents")
    def given_back(self, payment: Payment) -> str:
        return money(payment.refunded) if payment.refunded else "—"

    @admin.display(description=_("Card"))
    def paid_with(self, payment: Payment) -> str:
        return card_label(payment.card_brand, payment.card_last4) if payment.card_last4 else "—"

    @admin.action(description=_("Ask the gateway again (where it refused)"))
    def try_again(self, request: HttpRequest, chosen: QuerySet[Payment]) -> None:
        with acting_as(f"staff:{request.user.pk}"):
            freed = sum(services.try_again(order_id=payment.order_id) for payment in chosen)
        if freed:
            words = ngettext(
                "The gateway is asked again about %(count)d payment.",
                "The gateway is asked again about %(count)d payments.", freed,
            )  # fmt: skip
            self.message_user(request, words % {"count": freed}, messages.SUCCESS)
        else:
            self.message_user(
                request, _("None of these payments was refused by the gateway; nothing to ask."), messages.WARNING
            )

    @action(description=_("Refund…"), url_path="refund")
    def give_back(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """Ask how much goes back and why; nothing happens before that form is sent."""
        payment = Payment.objects.get(pk=object_id)
        back = reverse(f"{self.admin_site.name}:payments_payment_change", args=[object_id])
        if not payment.refundable:
            self.message_user(
                request, _("Nothing is left to refund: only what was charged can go back."), messages.WARNING
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
                words = _("%(amount)s is on its way back to the shopper.") % {"amount": amount}
                self.message_user(request, words, messages.SUCCESS)
                return HttpResponseRedirect(back)
        context = self.admin_site.each_context(request) | {
            "title": _("Refund order %(number)s") % {"number": payment},
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
