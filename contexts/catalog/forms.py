"""Forms of the catalog's admin. They check; the services write."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Any

from django import forms
from django.utils.translation import gettext_lazy as _

from contexts.catalog.drafts import SHARED_FIELDS, ProductDraft, VariantDraft
from contexts.catalog.models import Product, Variant
from contexts.kernel.money import Money

if TYPE_CHECKING:
    VariantModelForm = forms.ModelForm[Variant]
else:
    VariantModelForm = forms.ModelForm


class VariantForm(VariantModelForm):
    """A variant, its price in euro and cents instead of cents alone."""

    price = forms.DecimalField(label=_("Price"), min_value=Decimal("0.01"), max_digits=10, decimal_places=2)

    class Meta:
        model = Variant
        fields = ("sku", "label", "colour", "price", "weight_grams", "listed", "position")
        widgets = {"colour": forms.TextInput(attrs={"type": "color"})}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if self.instance.pk:
            self.initial["price"] = self.instance.price.decimal
            # Carts, stock and orders know the variant by its SKU; another SKU is another variant.
            self.fields["sku"].disabled = True

    def _post_clean(self) -> None:
        # The model checks that there is a price; it stands in another field here.
        if "price" in self.cleaned_data:
            self.instance.price_cents = int(self.cleaned_data["price"] * 100)
        super()._post_clean()  # type: ignore[misc]  # django-stubs leaves it out

    @property
    def draft(self) -> VariantDraft:
        data = self.cleaned_data
        return VariantDraft(
            sku=data["sku"],
            label=data["label"],
            colour=data["colour"],
            price=Money(int(data["price"] * 100), self.instance.currency),
            weight_grams=data["weight_grams"],
            listed=data["listed"],
        )


class VariantFormSet(forms.BaseInlineFormSet):  # type: ignore[type-arg]  # not subscriptable at run time
    """A product's variants; a product without one for sale is refused."""

    def clean(self) -> None:
        super().clean()
        if any(self.errors):
            return
        if not any(draft.listed for draft in self.drafts()):
            raise forms.ValidationError(_("A product needs at least one variant that is for sale."))

    def drafts(self) -> list[VariantDraft]:
        """Return the variants that stay, in the order in which the shop shows them."""
        kept = [form for form in self.forms if form.cleaned_data and not form.cleaned_data.get("DELETE")]
        return [form.draft for form in sorted(kept, key=lambda form: form.cleaned_data["position"] or 0)]  # type: ignore[attr-defined]  # a VariantForm


class ChangePricesForm(forms.Form):
    """By how much the prices of the chosen products change."""

    percent = forms.DecimalField(
        label=_("Change in percent"),
        min_value=Decimal(-90),
        max_value=Decimal(300),
        max_digits=5,
        decimal_places=1,
        help_text=_("-10 makes everything ten percent cheaper; 5 makes it five percent dearer."),
    )


def product_draft(product: Product, variants: list[VariantDraft]) -> ProductDraft:
    """Return what an admin form made of a product, for the services."""
    fields = {name: getattr(product, name) for name in SHARED_FIELDS} | {"attributes": product.attributes or {}}
    return ProductDraft(category=product.category.slug, variants=variants, **fields)
