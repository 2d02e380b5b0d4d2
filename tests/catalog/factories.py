"""Small builders of catalog's things; each names only what matters to the test."""

from __future__ import annotations

from contexts.catalog import services
from contexts.catalog.drafts import ProductDraft, VariantDraft
from contexts.catalog.models import Category, Product, Variant
from contexts.kernel.money import eur


def aisle(slug: str = "kitchen", *, parent: str = "") -> Category:
    above = Category.objects.get(slug=parent) if parent else None
    defaults = {"name": slug.title(), "parent": above, "drawing": "mug-1-c2452d-oak"}
    return Category.objects.get_or_create(slug=slug, defaults=defaults)[0]


def variant(sku: str = "RED-MUG", cents: int = 19_98, **more: object) -> VariantDraft:
    return VariantDraft(sku=sku, price=eur(cents), **more)


def draft(name: str = "Alder Mug", *variants: VariantDraft, **more: object) -> ProductDraft:
    fields = {"slug": name.lower().replace(" ", "-"), "summary": f"{name}, in short", "category": "kitchen"} | more
    return ProductDraft(name=name, variants=list(variants) or [variant()], **fields)


def kept(*drafts: ProductDraft) -> list[Product]:
    """Keep products as drafts."""
    for one in drafts:
        aisle(one.category)
    ids = services.create_products(drafts)
    return [Product.objects.get(id=one) for one in ids]


def on_sale(*drafts: ProductDraft) -> list[Product]:
    """Put products in the shop, each variant with ten pieces."""
    products = kept(*drafts)
    services.publish_products([product.id for product in products])
    services.note_availability(dict.fromkeys(Variant.objects.values_list("sku", flat=True), 10))
    return [Product.objects.get(id=product.id) for product in products]
