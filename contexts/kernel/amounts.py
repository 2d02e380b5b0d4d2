"""Amounts as staff type them: "EUR 5.00", several with commas between them."""

from __future__ import annotations

import re
from decimal import Decimal, InvalidOperation
from typing import Any

from django import forms
from django.utils.translation import gettext as _
from unfold.widgets import UnfoldAdminTextInputWidget

from contexts.kernel.money import Money, NotAnAmount, from_decimal


class AmountsField(forms.CharField):
    """Amounts in several currencies, typed as "EUR 5.00, USD 6"; a dictionary of minor units."""

    widget = UnfoldAdminTextInputWidget

    def prepare_value(self, value: Any) -> Any:
        if not isinstance(value, dict):
            return value
        return ", ".join(f"{currency} {Money(cents, currency).decimal}" for currency, cents in sorted(value.items()))

    def clean(self, value: Any) -> dict[str, int]:
        typed = super().clean(value)
        amounts = {}
        for part in filter(None, (part.strip() for part in typed.split(","))):
            amount = amount_typed(part)
            amounts[amount.currency] = amount.amount
        return amounts

    def has_changed(self, initial: Any, data: Any) -> bool:
        return super().has_changed(self.prepare_value(initial), data)


def amount_typed(typed: str) -> Money:
    """Return an amount typed as "EUR 5.00".

    Raises:
        ValidationError: it does not look like one, or is not above nothing.
    """
    match = re.fullmatch(r"([A-Za-z]{3})\s*([0-9]+(?:\.[0-9]+)?)", typed)
    try:
        amount = from_decimal(Decimal(match[2]), match[1].upper()) if match else None
    except (InvalidOperation, NotAnAmount):
        amount = None
    if amount is None or not 0 < amount.amount <= 10**12:
        raise forms.ValidationError(_("“%(typed)s” is no amount. Write it like EUR 5.00.") % {"typed": typed})
    return amount
