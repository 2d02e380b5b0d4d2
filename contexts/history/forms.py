"""The filter in the page's address."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django import forms

from contexts.history.purchases import STATUSES, PurchaseQuery


class FilterForm(forms.Form):
    """What to show. A value that makes no sense filters nothing: it was typed into the address by hand."""

    year = forms.IntegerField(required=False, min_value=1990, max_value=9000)
    status = forms.ChoiceField(required=False, choices=[(status, status) for status in STATUSES])
    product = forms.SlugField(required=False, max_length=200)
    page = forms.IntegerField(required=False, min_value=1, max_value=1_000_000)
    look = forms.IntegerField(required=False, min_value=1, max_value=100)

    @property
    def looks(self) -> int:
        """How often the page has looked for an awaited order already."""
        return self._chosen().get("look") or 0

    def query(self, customer_id: UUID, *, awaited: tuple[tuple[UUID, int], ...] = ()) -> PurchaseQuery:
        chosen = self._chosen()
        return PurchaseQuery(
            customer_id=customer_id, year=chosen.get("year"), status=chosen.get("status") or "",
            product_slug=chosen.get("product") or "", page=chosen.get("page") or 1, awaited=awaited,
        )  # fmt: skip

    def _chosen(self) -> dict[str, Any]:
        self.is_valid()
        return self.cleaned_data
