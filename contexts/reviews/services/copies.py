"""Reviews' own copies of what other contexts told: products, and who bought and received what."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from uuid import UUID

import msgspec
from django.db import transaction

from contexts.reviews.models import Article, ErasedCustomer, Product, Purchase, Review
from contexts.reviews.services.ratings import lock_customer


class Told(msgspec.Struct, frozen=True, kw_only=True):
    """A product as catalog described it."""

    product_id: UUID
    slug: str
    name: str
    names: dict[str, str] = {}
    image: str
    skus: list[str]


def keep_products(told: Iterable[Told]) -> None:
    """Keep products as catalog describes them now; what their reviews sum up to stays."""
    latest = {product.product_id: product for product in told}
    # In a fixed order: two writers that share products would otherwise deadlock.
    products = [latest[product_id] for product_id in sorted(latest)]
    with transaction.atomic(using="reviews"):
        Product.objects.bulk_create(
            [
                Product(id=one.product_id, slug=one.slug, name=one.name, names=one.names, image=one.image, on_sale=True)
                for one in products
            ],
            update_conflicts=True,
            unique_fields=["id"],
            update_fields=["slug", "name", "names", "image", "on_sale"],
        )
        Article.objects.bulk_create(
            [Article(sku=sku, product_id=one.product_id) for one in products for sku in one.skus],
            update_conflicts=True,
            unique_fields=["sku"],
            update_fields=["product"],
        )


def withdraw_product(product_id: UUID) -> None:
    Product.objects.filter(id=product_id).update(on_sale=False)


def note_purchase(*, order_id: UUID, customer_id: UUID | None, skus: Sequence[str]) -> None:
    """Remember what a customer's confirmed order holds; a guest's order has nobody to remember."""
    if customer_id is None:
        return
    with transaction.atomic(using="reviews"):
        lock_customer(customer_id)
        if ErasedCustomer.objects.filter(customer_id=customer_id).exists():
            return
        Purchase.objects.bulk_create(
            [Purchase(order_id=order_id, sku=sku, customer_id=customer_id) for sku in sorted(set(skus))],
            ignore_conflicts=True,
        )


def note_delivered(*, order_id: UUID, at: datetime) -> None:
    """The order's goods are with the customer: what they wrote about them carries the mark from now on."""
    with transaction.atomic(using="reviews"):
        purchases = Purchase.objects.filter(order_id=order_id)
        purchases.update(delivered_at=at)
        for customer_id in set(purchases.values_list("customer_id", flat=True)):
            products = Article.objects.filter(sku__in=purchases.values("sku")).values("product")
            Review.objects.filter(customer_id=customer_id, product__in=products).update(verified=True)


def forget_order(order_id: UUID) -> None:
    """A cancelled order was no purchase."""
    Purchase.objects.filter(order_id=order_id, delivered_at=None).delete()
