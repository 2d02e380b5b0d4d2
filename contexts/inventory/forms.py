"""The admin's forms for receiving and counting stock."""

from __future__ import annotations

from django import forms
from django.utils.translation import gettext_lazy as _
from unfold.widgets import UnfoldAdminIntegerFieldWidget, UnfoldAdminTextInputWidget

from contexts.inventory.models import MAX_PIECES


class ReceiveForm(forms.Form):
    """Pieces that arrived, and with what."""

    quantity = forms.IntegerField(
        label=_("Pieces received"), min_value=1, max_value=MAX_PIECES, widget=UnfoldAdminIntegerFieldWidget
    )
    reason = forms.CharField(
        label=_("Reason"),
        max_length=300,
        help_text=_("For the ledger, such as: Delivery 4711"),
        widget=UnfoldAdminTextInputWidget,
    )


class CountForm(forms.Form):
    """Pieces that were counted on the shelf, promised ones included."""

    counted = forms.IntegerField(
        label=_("Pieces counted on the shelf"),
        min_value=0,
        max_value=MAX_PIECES,
        help_text=_("Count everything, also what is held or reserved."),
        widget=UnfoldAdminIntegerFieldWidget,
    )
    reason = forms.CharField(
        label=_("Reason"),
        max_length=300,
        help_text=_("For the ledger, such as: Yearly count, 2 broken"),
        widget=UnfoldAdminTextInputWidget,
    )
