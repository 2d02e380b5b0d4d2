"""Wishlists' own copies of what other contexts told: products, prices, what is left."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date, datetime
from uuid import UUID

import msgspec
from django.db import connections, transaction

from contexts.catalog.events import Variant
from contexts.kernel.money import Money
from contexts.kernel.rates import rate_key
from contexts.wishlists.models import Article, ExchangeRate, Product


class Told(msgspec.Struct, frozen=True, kw_only=True):
    """A product as catalog described it, with the variants that are for sale."""

    product_id: UUID
    slug: str
    name: str
    names: dict[str, str] = {}
    image: str
    variants: list[Variant]


def keep_products(told: Iterable[Told]) -> None:
    """Keep products as catalog describes them now, in four statements; what is known of availability stays."""
    latest = {product.product_id: product for product in told}
    # In a fixed order: two writers that share products would otherwise deadlock.
    products = [latest[product_id] for product_id in sorted(latest)]
    articles = sorted((article for one in products for article in _articles(one)), key=lambda article: article.sku)
    with transaction.atomic(using="wishlists"):
        Product.objects.bulk_create(
            [
                Product(
                    id=one.product_id, slug=one.slug, name=one.name, names=one.names, image=one.image, on_sale=True
                )
                for one in products
            ],
            update_conflicts=True,
            unique_fields=["id"],
            update_fields=["slug", "name", "names", "image", "on_sale"],
        )  # fmt: skip
        Article.objects.filter(product_id__in=list(latest)).update(listed=False)
        Article.objects.bulk_create(
            articles,
            update_conflicts=True,
            unique_fields=["sku"],
            update_fields=[
                "product",
                "position",
                "label",
                "labels",
                "image",
                "price_cents",
                "currency",
                "prices",
                "listed",
            ],
        )


def keep_price(sku: str, price: Money) -> None:
    Article.objects.filter(sku=sku).update(price_cents=price.amount, currency=price.currency)


def keep_fixed_prices(sku: str, prices: list[Money]) -> None:
    Article.objects.filter(sku=sku).update(prices={price.currency: price.amount for price in prices})


def keep_rate(currency: str, since: date, **terms: object) -> None:
    kept = {"currency": currency, "since": since, **terms}
    ExchangeRate.objects.update_or_create(key=rate_key(currency, since), defaults=kept)


def withdraw_product(product_id: UUID) -> None:
    Product.objects.filter(id=product_id).update(on_sale=False)


def keep_availability(available: Mapping[str, int], *, at: datetime) -> None:
    """Remember how many pieces are left by SKU, also of articles catalog has not told about yet; one statement."""
    skus = sorted(available)
    with transaction.atomic(using="wishlists"), connections["wishlists"].cursor() as cursor:
        cursor.execute(_AVAILABLE, [skus, [max(available[sku], 0) for sku in skus], at])


def _articles(told: Told) -> list[Article]:
    return [
        Article(
            sku=variant.sku, product_id=told.product_id, position=position, label=variant.label, labels=variant.labels,
            image=variant.image or told.image, price_cents=variant.price.amount, currency=variant.price.currency,
            prices={price.currency: price.amount for price in variant.prices}, listed=True,
        )
        for position, variant in enumerate(told.variants)
    ]  # fmt: skip


_AVAILABLE = """
    INSERT INTO wishlists_article AS known
        (sku, available, position, label, image, price_cents, currency, listed)
    SELECT sku, available, 0, '', '', 0, 'EUR', false FROM unnest(%s::text[], %s::int[]) AS told (sku, available)
    ON CONFLICT (sku) DO UPDATE SET
        available = excluded.available,
        back_since = CASE WHEN known.available = 0 AND excluded.available > 0 THEN %s ELSE known.back_since END
"""
