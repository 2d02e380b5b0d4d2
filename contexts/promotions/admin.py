"""Promotions in the admin: codes with who used them, gift cards with their ledgers. Everything goes through the services."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, ClassVar

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db.models import Model
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from unfold.admin import ModelAdmin, TabularInline
from unfold.decorators import action, display

from contexts.kernel.amounts import AmountsField
from contexts.kernel.money import Money
from contexts.messaging import acting_as
from contexts.promotions import services
from contexts.promotions.errors import PromotionsError
from contexts.promotions.forms import CodeForm, IssueForm, RefundForm
from contexts.promotions.models import GiftCard, Movement, PromotionCode, Redemption

STATE_COLOURS = {"redeemed": "success", "refused": "danger", "released": "info"}
CARDS = "admin:promotions_giftcard_changelist"


class ReadOnly:
    """The services write these rows; people read them."""

    def has_add_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False


class Redemptions(ReadOnly, TabularInline):
    """Who used a code or a gift card, and what became of it."""

    model = Redemption
    fields = ("number", "state", "reason", "discount", "from_card", "email", "at")
    readonly_fields = fields
    extra = 0
    per_page = 20

    @display(description=_("discount"))
    def discount(self, redemption: Redemption) -> Money:
        return redemption.discount

    @display(description=_("from the gift card"))
    def from_card(self, redemption: Redemption) -> Money:
        return redemption.from_card


@admin.register(PromotionCode)
class PromotionCodeAdmin(ModelAdmin):
    """Codes: what they are worth, how often they may be used and were."""

    form = CodeForm
    list_display = ("code", "worth", "used", "per_customer", "valid_from", "valid_until", "active")
    list_filter = ("active", "kind")
    search_fields = ("code",)
    list_per_page = 50
    readonly_fields = ("redeemed",)
    inlines = (Redemptions,)
    fieldsets = (
        (None, {"fields": (("code", "active"), "kind", ("percent", "amounts"))}),
        (_("Conditions"), {"fields": ("minimums", "product_slugs", ("valid_from", "valid_until"))}),
        (_("Limits"), {"fields": (("limit", "per_customer"), "redeemed")}),
    )

    def has_delete_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        # Orders name it, and so do the copies of others: it is stopped instead.
        return False

    def get_readonly_fields(self, request: HttpRequest, obj: PromotionCode | None = None) -> Sequence[str]:
        return ("redeemed", "code") if obj else ("redeemed",)

    def save_model(self, request: HttpRequest, obj: PromotionCode, form: CodeForm, change: bool) -> None:
        # Never obj.save(): it would write back the count as it was when the page was opened.
        with acting_as(f"staff:{request.user.pk}"):
            if change:
                services.change_code(obj.pk, form.terms)
            else:
                services.create_code(obj.code, form.terms)

    def changeform_view(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        try:
            response: HttpResponse = super().changeform_view(request, *args, **kwargs)
        except PromotionsError as refusal:
            # Somebody was faster between the form's check and the service's.
            self.message_user(request, str(refusal), messages.ERROR)
            return HttpResponseRedirect(request.path)
        return response

    @display(description=_("worth"))
    def worth(self, code: PromotionCode) -> str:
        if code.kind == "percent":
            return f"{code.percent:g} % off"
        return f"{AmountsField().prepare_value(code.amounts)} off" if code.kind == "amount" else "free shipping"

    @display(description=_("used"), ordering="redeemed")
    def used(self, code: PromotionCode) -> str:
        return f"{code.redeemed} of {code.limit}" if code.limit is not None else str(code.redeemed)


class Movements(ReadOnly, TabularInline):
    model = Movement
    fields = ("at", "kind", "amount", "balance_after", "number", "note")
    readonly_fields = fields
    extra = 0
    per_page = 50

    @display(description=_("amount"))
    def amount(self, movement: Movement) -> Money:
        return Money(movement.cents, movement.card.currency)

    @display(description=_("balance after"))
    def balance_after(self, movement: Movement) -> Money:
        return Money(movement.balance_cents, movement.card.currency)


@admin.register(GiftCard)
class GiftCardAdmin(ModelAdmin):
    """Gift cards: issued with an amount, stopped, their ledgers read. A code is shown once, when it is issued."""

    list_display = ("last4", "balance", "active", "note", "issued_at")
    list_filter = ("active",)
    search_fields = ("last4__iexact", "note")
    search_help_text = "The last four letters, the note"
    list_per_page = 50
    fields = ("last4", "balance", "active", "note", "issued_at")
    inlines = (Movements,)
    actions_detail: ClassVar = ["switch"]

    def get_readonly_fields(self, request: HttpRequest, obj: GiftCard | None = None) -> Sequence[str]:
        return self.fields

    def has_delete_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False

    @display(description=_("balance"), ordering="balance_cents")
    def balance(self, card: GiftCard) -> Money:
        return card.balance

    def add_view(self, request: HttpRequest, form_url: str = "", extra_context: Any = None) -> HttpResponse:
        """Issue a gift card: its amount is asked for, its code told once."""
        if not self.has_add_permission(request):
            raise PermissionDenied
        form = IssueForm(request.POST or None)
        if request.method == "POST" and form.is_valid():
            with acting_as(f"staff:{request.user.pk}"):
                issued = services.issue_gift_card(form.money, note=form.cleaned_data["note"])
            self.log_addition(request, issued.card, f"Issued with {issued.card.balance}")
            return self._page(request, "promotions/admin/issued.html", title="Gift card issued", issued=issued)
        return self._page(request, "promotions/admin/form.html", title="Issue a gift card", form=form, send="Issue")

    @action(description="Stop or let go", url_path="switch", icon="block", permissions=["change"])
    def switch(self, request: HttpRequest, object_id: str) -> HttpResponse:
        card = get_object_or_404(GiftCard, pk=object_id)
        if not self.has_change_permission(request, card):
            raise PermissionDenied
        title = "Stop" if card.active else "Let go"
        if request.method != "POST":
            said = (
                "No order can use it from now on; the balance stays."
                if card.active
                else "Orders can use its balance again."
            )
            return self._page(
                request, "promotions/admin/form.html", title=f"{title}: {card}", consequence=said, send=title
            )
        with acting_as(f"staff:{request.user.pk}"):
            card = services.switch_gift_card(card.pk, active=not card.active)
        said = f"{card} can be used again." if card.active else f"{card} is stopped."
        self.log_change(request, card, said)
        self.message_user(request, said, messages.SUCCESS)
        return HttpResponseRedirect(reverse(CARDS))

    def _page(self, request: HttpRequest, template: str, **page: Any) -> HttpResponse:
        context = {**self.admin_site.each_context(request), "opts": self.opts, "back": reverse(CARDS), **page}
        bad = "form" in page and page["form"].is_bound
        return TemplateResponse(request, template, context, status=422 if bad else 200)


@admin.register(Redemption)
class RedemptionAdmin(ModelAdmin):
    """Which order redeemed what; a part of a gift card can go back to it."""

    list_display = ("number", "shown_state", "code", "discount", "card", "from_card", "email", "at")
    list_filter = ("state",)
    list_select_related = ("code", "card")
    search_fields = ("number__iexact", "email__iexact", "code__code__iexact")
    search_help_text = "Order number, whole e-mail address, code"
    list_per_page = 50
    show_full_result_count = False
    fields = ("number", "shown_state", "reason", "code", "discount", "card", "from_card", "email", "at", "released_at")
    actions_detail: ClassVar = ["refund"]

    def get_readonly_fields(self, request: HttpRequest, obj: Redemption | None = None) -> Sequence[str]:
        return self.fields

    def has_add_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False

    @display(description=_("state"), ordering="state", label=STATE_COLOURS)
    def shown_state(self, redemption: Redemption) -> tuple[str, str]:
        return redemption.state, redemption.get_state_display()

    @display(description=_("discount"), ordering="discount_cents")
    def discount(self, redemption: Redemption) -> Money:
        return redemption.discount

    @display(description=_("from the gift card"), ordering="card_cents")
    def from_card(self, redemption: Redemption) -> Money:
        return redemption.from_card

    @action(description="Refund to the gift card", url_path="refund", icon="undo", permissions=["change"])
    def refund(self, request: HttpRequest, object_id: str) -> HttpResponse:
        redemption = get_object_or_404(Redemption, pk=object_id)
        if not self.has_change_permission(request, redemption):
            raise PermissionDenied
        back = reverse("admin:promotions_redemption_change", args=[object_id])
        form = RefundForm(request.POST or None)
        if request.method == "POST" and form.is_valid():
            amount = form.money(redemption.currency)
            try:
                with acting_as(f"staff:{request.user.pk}"):
                    card = services.refund_to_gift_card(
                        order_id=redemption.order_id, amount=amount, note=form.cleaned_data["note"]
                    )
            except PromotionsError as refusal:
                form.add_error("amount", str(refusal))
            else:
                self.log_change(request, redemption, f"{amount} refunded to {card}")
                self.message_user(request, f"{amount} went back to {card}.", messages.SUCCESS)
                return HttpResponseRedirect(back)
        page = {"title": f"Refund to the gift card of order {redemption}", "form": form, "send": "Refund", "back": back}
        context = {**self.admin_site.each_context(request), "opts": self.opts, **page}
        status = 422 if form.is_bound else 200
        return TemplateResponse(request, "promotions/admin/form.html", context, status=status)
