"""A product in the words that other contexts hear."""

from __future__ import annotations

import msgspec
from django.db.models import Prefetch, QuerySet

from contexts.catalog import events
from contexts.catalog.models import Product, Variant
from contexts.catalog.translations import Glossary, names
from contexts.kernel.money import Money


def listed_variants() -> Prefetch[str, QuerySet[Variant], str]:
    """Prefetch the variants that are for sale; `product.variants.all()` is those then."""
    return Prefetch("variants", queryset=Variant.objects.filter(listed=True))


def published(product: Product, glossary: Glossary) -> events.ProductPublished:
    """Say that a product is in the shop; its listed variants must be prefetched."""
    return events.ProductPublished(**msgspec.structs.asdict(changed(product, glossary)))


def changed(product: Product, glossary: Glossary) -> events.ProductChanged:
    """Say how a product is now; its listed variants must be prefetched."""
    variants = [_variant(variant, glossary) for variant in product.variants.all()]
    return events.ProductChanged(
        product_id=product.id,
        slug=product.slug,
        name=product.name,
        category=product.category.slug,
        tax_class=product.tax_class,
        image=variants[0].image if variants else "",
        variants=variants,
        names=names(product.texts),
    )


def without_prices(event: events.ProductChanged) -> events.ProductChanged:
    """Return the event as if everything were free: two are equal if they differ in prices alone."""
    return msgspec.structs.replace(
        event,
        variants=[msgspec.structs.replace(variant, price=variant.price * 0, prices=[]) for variant in event.variants],
    )


def fixed_prices(variant: Variant) -> list[Money]:
    """Return what a variant costs in the currencies in which staff fixed it."""
    return [Money(cents, code) for code, cents in sorted(variant.prices.items())]


def _variant(variant: Variant, glossary: Glossary) -> events.Variant:
    return events.Variant(
        sku=variant.sku,
        label=variant.label,
        price=variant.price,
        prices=fixed_prices(variant),
        weight_grams=variant.weight_grams,
        image=variant.image,
        labels=glossary.labels(variant.label),
    )
