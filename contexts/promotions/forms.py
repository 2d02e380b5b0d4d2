"""What staff fill in: a code's terms, a new gift card, an amount that goes back to one."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Any

from django import forms
from django.utils.translation import gettext as _, gettext_lazy
from unfold.widgets import UnfoldAdminDecimalFieldWidget, UnfoldAdminTextareaWidget, UnfoldAdminTextInputWidget

from contexts.kernel.amounts import AmountsField, amount_typed
from contexts.kernel.currencies import own
from contexts.kernel.money import Money
from contexts.promotions.models import Kind, PromotionCode
from contexts.promotions.services import Terms

if TYPE_CHECKING:
    CodeModelForm = forms.ModelForm[PromotionCode]
else:
    CodeModelForm = forms.ModelForm

#: What "Save" hands on to `services`.
TERMS = Terms.__struct_fields__


class SlugsField(forms.CharField):
    """Products by the last part of their address, one a line."""

    widget = UnfoldAdminTextareaWidget

    def prepare_value(self, value: Any) -> Any:
        return "\n".join(value) if isinstance(value, list) else value

    def clean(self, value: Any) -> list[str]:
        return sorted(set(super().clean(value).split()))

    def has_changed(self, initial: Any, data: Any) -> bool:
        return super().has_changed(self.prepare_value(initial), data)


class CodeForm(CodeModelForm):
    """A code and its terms."""

    amounts = AmountsField(
        label=gettext_lazy("Amounts"), required=False,
        help_text=gettext_lazy("For the kind “Amount off the goods”, one per currency: EUR 5.00, USD 6"),
    )  # fmt: skip
    minimums = AmountsField(
        label=gettext_lazy("Minimum value of the goods"), required=False, help_text=gettext_lazy("For example EUR 30.00"),
    )  # fmt: skip
    product_slugs = SlugsField(
        label=gettext_lazy("Only these products"), required=False,
        help_text=gettext_lazy("The last part of their addresses, one a line: /p/red-mug/ is red-mug. Empty: all."),
    )  # fmt: skip

    class Meta:
        model = PromotionCode
        fields = ("code", *TERMS)

    def clean_code(self) -> str:
        return str(self.cleaned_data["code"]).upper()

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        kind = cleaned.get("kind")
        if kind == Kind.PERCENT and not cleaned.get("percent"):
            self.add_error("percent", _("Say how many percent."))
        if kind == Kind.AMOUNT and not cleaned.get("amounts") and "amounts" not in self.errors:
            self.add_error("amounts", _("Say how much, as in EUR 5.00."))
        begins, ends = cleaned.get("valid_from"), cleaned.get("valid_until")
        if begins and ends and ends <= begins:
            self.add_error("valid_until", _("It would end before it begins."))
        limit = cleaned.get("limit")
        if limit is not None and limit < self.instance.redeemed:
            used = _("%(redeemed)d orders use it already. Allow at least so many.") % {
                "redeemed": self.instance.redeemed
            }
            self.add_error("limit", used)
        return cleaned

    @property
    def terms(self) -> Terms:
        return Terms(**{field: self.cleaned_data[field] for field in TERMS})


class IssueForm(forms.Form):
    """A new gift card."""

    amount = forms.DecimalField(
        label=gettext_lazy("Amount"), min_value=Decimal("0.01"), max_value=Decimal(10_000), decimal_places=2,
        widget=UnfoldAdminDecimalFieldWidget,
    )  # fmt: skip
    currency = forms.RegexField(
        r"^[A-Z]{3}$", label=gettext_lazy("Currency"), initial=own, widget=UnfoldAdminTextInputWidget
    )
    note = forms.CharField(
        label=gettext_lazy("Note"), max_length=200, required=False, widget=UnfoldAdminTextInputWidget,
        help_text=gettext_lazy("For staff. No names, please: it is kept as long as the gift card."),
    )  # fmt: skip

    @property
    def money(self) -> Money:
        return amount_typed(f"{self.cleaned_data['currency']} {self.cleaned_data['amount']}")


class RefundForm(forms.Form):
    """What goes back to a gift card of an order."""

    amount = forms.DecimalField(
        label=gettext_lazy("Amount"), min_value=Decimal("0.01"), decimal_places=2, widget=UnfoldAdminDecimalFieldWidget
    )
    note = forms.CharField(label=gettext_lazy("Reason"), max_length=200, widget=UnfoldAdminTextInputWidget)

    def money(self, currency: str) -> Money:
        return amount_typed(f"{currency} {self.cleaned_data['amount']}")
