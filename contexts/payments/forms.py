"""The one field that sees a card number."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from contexts.payments.models import Payment
from contexts.payments.wording import declined_card


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

    def __init__(self, *args: Any, declined: Payment | None = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if declined is not None and not self.is_bound:
            # A number is kept nowhere, so it cannot be shown again; what was wrong with the card is said beside the
            # field that wants another.
            self.cleaned_data: dict[str, Any] = {}
            self.add_error("number", declined_card(declined))
