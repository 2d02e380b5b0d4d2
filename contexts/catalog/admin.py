"""Catalog's part of the admin. Every save and action goes through the services, so the others hear of it."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import AbstractContextManager
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.contrib import admin, messages
from django.contrib.admin.options import IS_POPUP_VAR
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.utils.formats import date_format
from django.utils.html import format_html
from django.utils.translation import gettext, gettext_lazy as _, ngettext
from unfold.admin import ModelAdmin, TabularInline
from unfold.decorators import display

from contexts.catalog import rates, services
from contexts.catalog.errors import CatalogError
from contexts.catalog.forms import (
    CategoryForm,
    ChangePricesForm,
    ExchangeRateForm,
    ProductForm,
    VariantForm,
    VariantFormSet,
    product_draft,
)
from contexts.catalog.models import Category, ExchangeRate, Product, Term, Variant
from contexts.kernel.currencies import own
from contexts.kernel.languages import others
from contexts.kernel.money import Money
from contexts.kernel.templatetags.tradepost import money
from contexts.messaging import acting_as


def _staff(request: HttpRequest) -> AbstractContextManager[UUID]:
    return acting_as(f"staff:{request.user.pk}")


@admin.register(Category)
class CategoryAdmin(ModelAdmin):
    """Aisles; catalog's own business, nothing is announced."""

    form = CategoryForm
    list_display = ("name", "path", "position")
    list_editable = ("position",)
    search_fields = ("name", "slug")
    prepopulated_fields = {"slug": ("name",)}

    def has_delete_permission(self, request: HttpRequest, obj: Category | None = None) -> bool:
        return obj is None or not (obj.products.exists() or obj.children.exists())


@admin.register(Term)
class TermAdmin(ModelAdmin):
    """The glossary: a word that is changed there changes on every product that has it."""

    list_display = ("text", "translation", "kind", "language")
    list_editable = ("translation",)
    list_filter = ("kind", "language")
    search_fields = ("text", "translation")

    def save_model(self, request: HttpRequest, obj: Term, form: Any, change: bool) -> None:
        with _staff(request):
            services.save_term(obj)

    def delete_model(self, request: HttpRequest, obj: Term) -> None:
        with _staff(request):
            services.delete_terms([obj])

    def delete_queryset(self, request: HttpRequest, queryset: QuerySet[Term]) -> None:
        with _staff(request):
            services.delete_terms(list(queryset))


@admin.register(ExchangeRate)
class ExchangeRateAdmin(ModelAdmin):
    """The book of exchange rates. Rows stay as they are: a new one is entered, with the day it begins.

    The list says which currencies lack a rate or have an old one.
    """

    form = ExchangeRateForm
    list_display = ("currency", "since", "per_unit", "step", "less")
    list_filter = ("currency",)

    def has_change_permission(self, request: HttpRequest, obj: ExchangeRate | None = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: ExchangeRate | None = None) -> bool:
        return False

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        for code, since in rates.doubts():
            if since is None:
                words = gettext("%(code)s has no exchange rate: its readers see prices in %(own)s, and are told so.")
            else:
                words = gettext("The exchange rate of %(code)s has counted since %(day)s. Is it still right?")
            said = {"code": code, "own": own(), "day": date_format(since) if since else ""}
            messages.warning(request, words % said)
        answer: HttpResponse = super().changelist_view(request, extra_context)
        return answer

    def save_model(self, request: HttpRequest, obj: ExchangeRate, form: Any, change: bool) -> None:
        with _staff(request):
            obj.pk = rates.set_rate(form.rate, since=form.cleaned_data["since"]).pk


class VariantInline(TabularInline):
    model = Variant
    form = VariantForm
    formset = VariantFormSet
    fields = ("picture", "sku", "label", "colour", "price", "prices", "weight_grams", "position", "listed", "available")
    readonly_fields = ("picture", "available")
    extra = 0
    min_num = 1
    # A variant that was sold stays known; to stop selling it, it is unlisted.
    can_delete = False

    @display(description="")
    def picture(self, variant: Variant) -> str:
        return format_html('<img src="{}" alt="" width="44" height="44">', variant.image) if variant.pk else ""


@admin.register(Product)
class ProductAdmin(ModelAdmin):
    """Products. Their rows are written by the services alone."""

    form = ProductForm
    list_display = ("name", "category", "shown_state", "price", "available", "featured")
    list_filter = ("state", "category", "featured")
    list_select_related = ("category",)
    search_fields = ("name", "slug", "variants__sku")
    prepopulated_fields = {"slug": ("name",)}
    readonly_fields = ("state", "published_at", "available")
    inlines = (VariantInline,)
    actions = ("publish", "withdraw", "change_prices")
    fieldsets = (
        (None, {"fields": (("name", "slug"), "summary", "description", ("category", "tax_class"), "featured")}),
        (
            _("Translations"),
            {"fields": tuple(f"{code}_{field}" for code in others() for field in ProductForm.translated)},
        ),
        (_("Facts"), {"fields": ("material", "attributes")}),
        (_("Picture"), {"fields": (("drawn_as", "drawing_seed", "drawing_finish"),)}),
        (_("State"), {"fields": (("state", "published_at", "available"),)}),
    )

    @display(description=_("State"), label={"draft": "info", "published": "success", "withdrawn": "danger"})
    def shown_state(self, product: Product) -> tuple[str, str]:
        return product.state, product.get_state_display()

    @display(description=_("Price"), ordering="price_from_cents")
    def price(self, product: Product) -> str:
        low = money(product.price_from)
        return f"{low} – {money(Money(product.price_to_cents, product.currency))}" if product.has_price_range else low

    def has_delete_permission(self, request: HttpRequest, obj: Product | None = None) -> bool:
        """Products are withdrawn and never deleted: orders, stock and statistics speak of them."""
        return False

    def save_model(self, request: HttpRequest, obj: Product, form: Any, change: bool) -> None:
        """Leave the writing to `save_related`, which has the variants too."""

    def save_related(self, request: HttpRequest, form: Any, formsets: Sequence[VariantFormSet], change: bool) -> None:
        product = form.instance
        draft = product_draft(product, [draft for formset in formsets for draft in formset.drafts()])
        with _staff(request):
            if change:
                services.change_product(product.pk, draft)
            else:
                product.pk = services.create_products([draft])[0]
        for formset in formsets:
            # What Django's log of changes reads; the rows themselves are written.
            formset.new_objects, formset.changed_objects, formset.deleted_objects = [], [], []

    def response_add(self, request: HttpRequest, obj: Product, post_url_continue: str | None = None) -> HttpResponse:
        if IS_POPUP_VAR not in request.POST:
            messages.info(
                request, _("Shoppers do not see it yet. Choose “Put in the shop” in the list when it is ready.")
            )
        answer: HttpResponse = super().response_add(request, obj, post_url_continue)
        return answer

    @admin.action(description=_("Put in the shop"))
    def publish(self, request: HttpRequest, products: QuerySet[Product]) -> None:
        try:
            with _staff(request):
                fresh = services.publish_products(list(products.values_list("id", flat=True)))
        except CatalogError as refusal:
            self.message_user(request, str(refusal), messages.ERROR)
            return
        self.message_user(
            request,
            ngettext("%d product is in the shop now.", "%d products are in the shop now.", len(fresh)) % len(fresh),
        )

    @admin.action(description=_("Withdraw from the shop"))
    def withdraw(self, request: HttpRequest, products: QuerySet[Product]) -> HttpResponse | None:
        on_sale = products.filter(state=Product.State.PUBLISHED)
        if "confirmed" not in request.POST:
            title = _("Withdraw these products?")
            text = _(
                "Their pages say that they are no longer sold, and they leave every cart. Orders stay as they are."
            )
            return self._ask(request, "withdraw", on_sale, title, text)
        withdrawn = list(on_sale)
        with _staff(request):
            for product in withdrawn:
                services.withdraw_product(product.id)
        names = ", ".join(product.name for product in withdrawn)
        self.message_user(request, _("Withdrawn: %s") % names if names else _("None of these was in the shop."))
        return None

    @admin.action(description=_("Change prices"))
    def change_prices(self, request: HttpRequest, products: QuerySet[Product]) -> HttpResponse | None:
        form = ChangePricesForm(request.POST if "confirmed" in request.POST else None)
        if not form.is_valid():
            title = _("Change the prices of these products")
            text = _("Carts follow at once and say so; orders already placed keep their prices.")
            return self._ask(request, "change_prices", products, title, text, form)
        factor = 1 + form.cleaned_data["percent"] / Decimal(100)
        variants = Variant.objects.filter(product__in=products, listed=True)
        with _staff(request):
            count = services.change_prices({variant.sku: variant.price.times(factor) for variant in variants})
        self.message_user(request, ngettext("%d price changed.", "%d prices changed.", count) % count)
        return None

    def _ask(
        self, request: HttpRequest, action: str, products: QuerySet[Product], title: object, text: object,
        form: ChangePricesForm | None = None,
    ) -> HttpResponse:  # fmt: skip
        context = self.admin_site.each_context(request) | {
            "opts": self.model._meta, "title": title, "text": text,
            "products": products, "action": action, "form": form,
        }  # fmt: skip
        return TemplateResponse(request, "catalog/admin/confirm.html", context)
