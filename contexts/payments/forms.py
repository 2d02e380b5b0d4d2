"""The one field that sees a card number."""

from __future__ import annotations

from django import forms
from django.utils.translation import gettext_lazy as _


class CardForm(forms.Form):
    """One card number, as typed. Whether it can be one is decided where the card is given to the gateway."""

    number = forms.CharField(
        label=_("Card number"),
        max_length=40,
        error_messages={
            "required": _("Enter the number on the front of your card."),
            "max_length": _("A card number has 12 to 19 digits. Compare it with your card."),
        },
        widget=forms.TextInput(
            attrs={"autocomplete": "cc-number", "inputmode": "numeric", "autofocus": True, "spellcheck": "false"}
        ),
    )
