"""What shoppers send us."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from django import forms
from django.utils.translation import get_language, gettext_lazy as _, ngettext
from unfold.widgets import UnfoldAdminTextareaWidget

from contexts.kernel.addresses import Address
from contexts.kernel.templatetags.tradepost import money
from contexts.ordering import entering
from contexts.ordering.events import Contact, OrderLine
from contexts.ordering.guesses import Guesses
from contexts.ordering.models import MAX_QUANTITY, Checkout, ShippingMethod
from contexts.ordering.services.vouchers import Given
from contexts.ordering.tax import RATES

#: The countries whose tax we know, by name.
COUNTRIES = {
    "AT": _("Austria"), "BE": _("Belgium"), "CA": _("Canada"), "CH": _("Switzerland"), "CZ": _("Czechia"),
    "DE": _("Germany"), "DK": _("Denmark"), "ES": _("Spain"), "FI": _("Finland"), "FR": _("France"),
    "GB": _("United Kingdom"), "IE": _("Ireland"), "IT": _("Italy"), "JP": _("Japan"), "LU": _("Luxembourg"),
    "NL": _("Netherlands"), "PL": _("Poland"), "PT": _("Portugal"), "SE": _("Sweden"), "SK": _("Slovakia"),
    "US": _("United States"),
}  # fmt: skip
FIELDS = ("email", "name", "street", "postcode", "city", "country", "shipping_method")


class AddForm(forms.Form):
    """The form of a product page."""

    sku = forms.CharField(max_length=64)
    quantity = forms.IntegerField(min_value=1, max_value=MAX_QUANTITY, required=False)

    def clean_quantity(self) -> int:
        return self.cleaned_data["quantity"] or 1


class QuantityForm(forms.Form):
    """A row of the cart; 0 removes it."""

    sku = forms.CharField(max_length=64)
    quantity = forms.IntegerField(min_value=0, max_value=MAX_QUANTITY)


def _text(label: Any, autocomplete: str, length: int, **more: Any) -> forms.CharField:
    widget = forms.TextInput(attrs={"autocomplete": autocomplete})
    return forms.CharField(label=label, max_length=length, widget=widget, **more)


class DetailsForm(forms.Form):
    """Whom to write to and where the parcel goes: seven fields, all that a guest fills in beside the card.

    A code and a gift card may be added. `typed` fills in what a shopper has typed and not sent yet.
    """

    email = forms.EmailField(
        label=_("E-mail"),
        help_text=_("For the confirmation and news of the parcel, nothing else."),
        widget=forms.EmailInput(attrs={"autocomplete": "email"}),
    )
    name = _text(_("Full name"), "name", 200)
    street = _text(_("Street and number"), "address-line1", 200)
    postcode = _text(_("Postcode"), "postal-code", 20)
    city = _text(_("City"), "address-level2", 100)
    country = forms.ChoiceField(label=_("Country"), widget=forms.Select(attrs={"autocomplete": "country"}))
    shipping_method = forms.ChoiceField(label=_("Shipping"), widget=forms.RadioSelect)

    promotion_code = _text(_("Promotion code"), "off", 80, required=False)
    gift_card = _text(_("Gift card"), "off", 80, required=False)

    def __init__(
        self,
        data: Any,
        *,
        checkout: Checkout,
        methods: list[ShippingMethod],
        given: Given,
        lines: list[OrderLine],
        guesses: Guesses,
        typed: Mapping[str, str] | None = None,
    ) -> None:
        self.given, self._kept, self._lines, self._guesses = given, given.card, lines, guesses
        reached = {country for method in methods for country in method.countries if country in RATES}
        initial = {field: getattr(checkout, field) for field in FIELDS}
        initial |= {entering.CODE: given.code.code if given.code else "", entering.CARD: entering.masked(given.card)}
        initial |= (
            {field: typed[field] for field in (*FIELDS, entering.CODE, entering.CARD) if field in typed}
            if typed
            else {}
        )
        self.methods = {method.code: method for method in methods}
        initial["shipping_method"] = self._going(initial["shipping_method"], initial["country"])
        super().__init__(data, initial=initial)
        countries = sorted(((code, COUNTRIES.get(code, code)) for code in reached), key=lambda pair: str(pair[1]))
        self.fields["country"].choices = [("", _("Choose…")), *countries]  # type: ignore[attr-defined]
        self.fields["shipping_method"].choices = [  # type: ignore[attr-defined]
            (method.code, describe(method)) for method in methods
        ]
        for field in self.fields.values():
            field.error_messages["required"] = _("Please fill this in.")

    def _going(self, chosen: str, country: str) -> str:
        """Return the chosen way of shipping where it goes to the country, else the cheapest that does."""
        method = self.methods.get(chosen)
        if method and (not country or method.goes_to(country)):
            return chosen
        going = (code for code, other in self.methods.items() if other.goes_to(country))
        return next(going, next(iter(self.methods), ""))

    @property
    def reach(self) -> str:
        """Return as JSON to which countries each way of shipping goes."""
        return json.dumps({code: method.countries for code, method in self.methods.items()})

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        method, country = self.methods.get(cleaned.get("shipping_method", "")), cleaned.get("country")
        if method and country and not method.goes_to(country):
            others = ", ".join(other.shown_name for other in self.methods.values() if other.goes_to(country))
            self.add_error(
                "shipping_method",
                _("%(method)s does not go to %(country)s. Please choose %(others)s.")
                % {"method": method.shown_name, "country": COUNTRIES.get(country, country), "others": others},
            )
            # What is refused must not stay chosen, or the form would be refused again.
            typed = {field: self.data[field] for field in self.data}
            self.data = typed | {"shipping_method": self._going(method.code, country)}
        self._enter_vouchers(cleaned)
        return cleaned

    def _enter_vouchers(self, cleaned: dict[str, Any]) -> None:
        entered = entering.enter(
            cleaned, kept=self._kept, email=cleaned.get("email", ""), lines=self._lines, guesses=self._guesses
        )
        self.given = entered.given
        for field, problem in entered.problems.items():
            self.add_error(field, problem)

    @property
    def contact(self) -> Contact:
        return Contact(
            email=self.cleaned_data["email"], name=self.cleaned_data["name"], language=get_language() or "en"
        )

    @property
    def address(self) -> Address:
        return Address(
            **{field: self.cleaned_data[field] for field in ("name", "street", "postcode", "city", "country")}
        )


def describe(method: ShippingMethod) -> str:
    """Return a shipping method in a line: "Standard, €4.90, 2 to 4 working days"."""
    if method.days_min == method.days_max:
        days = ngettext("%(days)d working day", "%(days)d working days", method.days_max) % {"days": method.days_max}
    else:
        days = _("%(min)d to %(max)d working days") % {"min": method.days_min, "max": method.days_max}
    price = money(method.price) if method.price else _("free")
    return f"{method.shown_name}, {price}, {days}"


class CancelForm(forms.Form):
    """Staff cancel an order; the reason is shown to the shopper."""

    explanation = forms.CharField(
        label=_("Reason, in words for the shopper"),
        max_length=300,
        widget=UnfoldAdminTextareaWidget(attrs={"rows": 3}),
    )
