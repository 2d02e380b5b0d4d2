"""The admin's form for shipping methods: prices in the currency's major unit, checked as the service checks."""

from __future__ import annotations

from typing import Any, ClassVar

from django import forms
from django.utils.translation import gettext_lazy as _
from unfold.widgets import UnfoldAdminDecimalFieldWidget, UnfoldAdminTextInputWidget

from contexts.kernel.amounts import AmountsField
from contexts.kernel.money import NotAnAmount, from_decimal
from contexts.shipping import services
from contexts.shipping.models import ShippingMethod


class ShippingMethodForm(forms.ModelForm):  # type: ignore[type-arg] # Django's takes none at run time.
    """What staff enter; `terms()` is what the service is given."""

    price = forms.DecimalField(
        label=_("Price"), min_value=0, max_digits=12, decimal_places=3, widget=UnfoldAdminDecimalFieldWidget
    )
    prices = AmountsField(
        label=_("Fixed prices"),
        required=False,
        help_text=_("Fixed prices in other currencies, where the exchange rate shall not count: GBP 4.50, USD 6"),
    )
    countries = forms.CharField(
        label=_("Countries"),
        help_text=_("Codes of two letters with commas between them: NL, BE, DE."),
        widget=UnfoldAdminTextInputWidget,
    )

    class Meta:
        model = ShippingMethod
        fields: ClassVar = [
            "code",
            "name",
            "names",
            "carrier",
            "price",
            "currency",
            "prices",
            "countries",
            "days_min",
            "days_max",
            "active",
        ]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if self.instance.pk:
            self.initial["price"] = self.instance.price.decimal
            self.initial["countries"] = ", ".join(self.instance.countries)

    def clean_currency(self) -> str:
        return str(self.cleaned_data["currency"]).upper()

    def clean_countries(self) -> list[str]:
        return [code.strip().upper() for code in self.cleaned_data["countries"].split(",") if code.strip()]

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or self.cleaned_data
        if not self.errors:
            try:
                services.check_method(**self.terms())
            except services.InvalidMethod as refusal:
                self.add_error(refusal.field, str(refusal))
        return cleaned

    def terms(self) -> dict[str, Any]:
        """Return the method's terms as the service takes them, `active` apart."""
        entered = self.cleaned_data
        try:
            price = from_decimal(entered["price"], entered["currency"])
        except NotAnAmount as problem:
            raise services.InvalidMethod("price", str(problem)) from problem
        names = ("name", "carrier", "countries", "days_min", "days_max")
        code = self.instance.code if self.instance.pk else entered["code"]
        return {"code": code, "price": price} | {name: entered[name] for name in names}
