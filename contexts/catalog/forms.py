"""Forms of the catalog's admin. They check; the services write."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Any, ClassVar

from django import forms
from django.conf import settings
from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _
from unfold.widgets import UnfoldAdminSelectWidget, UnfoldAdminTextareaWidget, UnfoldAdminTextInputWidget

from contexts.catalog.drafts import SHARED_FIELDS, ProductDraft, VariantDraft
from contexts.catalog.errors import NotARate
from contexts.catalog.models import Category, ExchangeRate, Product, Variant
from contexts.catalog.rates import check_rate
from contexts.kernel.amounts import AmountsField
from contexts.kernel.currencies import Rate, own
from contexts.kernel.languages import choices, others
from contexts.kernel.money import NotAnAmount, from_decimal

if TYPE_CHECKING:
    VariantModelForm = forms.ModelForm[Variant]
    GoodsForm = forms.ModelForm[Product]
    RateModelForm = forms.ModelForm[ExchangeRate]
else:
    VariantModelForm = GoodsForm = RateModelForm = forms.ModelForm


def _translated(model: type[Any], **labels: tuple[Any, type[forms.Widget]]) -> type[Any]:
    """Make a form of a model with a field for each text in every other language; they are kept in `texts`."""
    fields: dict[str, forms.CharField] = {}
    for code, name in choices():
        for field, (label, widget) in labels.items():
            longest = model._meta.get_field(field).max_length
            fields[f"{code}_{field}"] = forms.CharField(
                label=format_lazy("{}: {}", name, label), required=False, max_length=longest, widget=widget
            )
    meta = type("Meta", (), {"model": model, "fields": "__all__"})
    return type(f"{model.__name__}Form", (_TranslatedForm,), {**fields, "Meta": meta, "translated": tuple(labels)})


class _TranslatedForm(GoodsForm):
    """Reads and writes `texts`; a field that is left empty has no translation."""

    translated: ClassVar[tuple[str, ...]]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for code, field in self._each():
            self.initial[f"{code}_{field}"] = self.instance.texts.get(f"{code}:{field}", "")

    def _post_clean(self) -> None:
        super()._post_clean()  # type: ignore[misc]  # django-stubs leaves it out
        said = {f"{code}:{field}": self.cleaned_data.get(f"{code}_{field}", "") for code, field in self._each()}
        self.instance.texts = {key: text for key, text in said.items() if text}

    def _each(self) -> list[tuple[str, str]]:
        return [(code, field) for code in others() for field in self.translated]


CategoryForm = _translated(
    Category, name=(_("name"), UnfoldAdminTextInputWidget), blurb=(_("blurb"), UnfoldAdminTextInputWidget)
)
ProductForm = _translated(
    Product,
    name=(_("name"), UnfoldAdminTextInputWidget),
    summary=(_("summary"), UnfoldAdminTextInputWidget),
    description=(_("description"), UnfoldAdminTextareaWidget),
)


class VariantForm(VariantModelForm):
    """A variant, its price in major units, and those that are fixed in other currencies."""

    price = forms.DecimalField(label=_("Price"), min_value=Decimal("0.001"), max_digits=10, decimal_places=3)
    prices = AmountsField(
        label=_("Fixed prices"),
        required=False,
        help_text=_("In other currencies, where the exchange rate shall not count: GBP 18.00, USD 21"),
    )

    class Meta:
        model = Variant
        fields = ("sku", "label", "colour", "price", "prices", "weight_grams", "listed", "position")
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
            self.instance.price_cents = from_decimal(self.cleaned_data["price"], self.instance.currency).amount
        super()._post_clean()  # type: ignore[misc]  # django-stubs leaves it out

    def clean_price(self) -> Decimal:
        price: Decimal = self.cleaned_data["price"]
        try:
            from_decimal(price, self.instance.currency)
        except NotAnAmount as problem:
            raise forms.ValidationError(str(problem)) from problem
        return price

    def clean_prices(self) -> dict[str, int]:
        prices: dict[str, int] = self.cleaned_data["prices"]
        for code in prices:
            if code == self.instance.currency or code not in settings.CURRENCIES:
                raise forms.ValidationError(_("%(code)s is none of the shop's other currencies.") % {"code": code})
        return prices

    @property
    def draft(self) -> VariantDraft:
        data = self.cleaned_data
        return VariantDraft(
            sku=data["sku"],
            label=data["label"],
            colour=data["colour"],
            price=from_decimal(data["price"], self.instance.currency),
            prices=data["prices"],
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


class ExchangeRateForm(RateModelForm):
    """A rate from a day on, checked as the service checks."""

    class Meta:
        model = ExchangeRate
        fields = ("currency", "since", "per_unit", "step", "less")
        help_texts: ClassVar = {
            "per_unit": _("So many units of the currency for one of the shop's own."),
            "step": _("Prices are rounded to a multiple of so many of the smallest unit: 5 is five pence."),
            "less": _("With 100 and 1 every price ends in 99."),
        }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        others = [code for code in settings.CURRENCIES if code != own()]
        self.fields["currency"] = forms.ChoiceField(
            label=_("Currency"), choices=[(code, code) for code in others], widget=UnfoldAdminSelectWidget
        )

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or self.cleaned_data
        if not self.errors:
            try:
                check_rate(self.rate)
            except NotARate as refusal:
                self.add_error(refusal.field, str(refusal))
        return cleaned

    def validate_unique(self) -> None:
        """A rate of a day that has one corrects it."""

    @property
    def rate(self) -> Rate:
        return Rate(**{field: self.cleaned_data[field] for field in Rate._fields})


def product_draft(product: Product, variants: list[VariantDraft]) -> ProductDraft:
    """Return what an admin form made of a product, for the services."""
    fields = {name: getattr(product, name) for name in SHARED_FIELDS} | {"attributes": product.attributes or {}}
    return ProductDraft(category=product.category.slug, variants=variants, **fields)
