"""What the hearts and the sharing form send us."""

from __future__ import annotations

from django import forms


class HeartForm(forms.Form):
    """One heart: which product, which variant, on the list or off it."""

    product = forms.UUIDField()
    sku = forms.CharField(max_length=64, required=False)
    wish = forms.ChoiceField(choices=[("yes", "yes"), ("no", "no")])


class ShareForm(forms.Form):
    """The sharing of a list; the title is for its readers."""

    title = forms.CharField(max_length=60, required=False)
