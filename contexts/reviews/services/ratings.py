"""The locks around reviews, and the sum of stars that follows every change."""

from __future__ import annotations

from uuid import UUID

from django.db import connections
from django.db.models import Count, Sum

from contexts.messaging import publish
from contexts.reviews.errors import NoSuchProduct
from contexts.reviews.events import RatingChanged
from contexts.reviews.models import Product, Review


def lock_customer(customer_id: UUID) -> None:
    """Wait until nobody else writes, deletes or erases this customer's reviews; taken before any product's lock.

    A lock by name and not on a row: there is none before the first review, and erasure must not meet a late one.
    """
    with connections["reviews"].cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", [f"reviews of {customer_id}"])


def locked_product(product_id: UUID) -> Product:
    """Return the product, kept from others until the transaction ends.

    Raises:
        NoSuchProduct: catalog told us of none.
    """
    product = Product.objects.select_for_update().filter(id=product_id).first()
    if product is None:
        raise NoSuchProduct
    return product


def announce_rating(product: Product) -> None:
    """Sum a locked product's published reviews up, and tell the others if the sum is another one than before."""
    published = Review.objects.filter(product=product, state=Review.State.PUBLISHED)
    sums = published.aggregate(count=Count("id"), total=Sum("rating"))
    count, total = sums["count"], sums["total"] or 0
    if (count, total) == (product.rating_count, product.rating_total):
        return
    before = (product.rating_count, product.rating_hundredths)
    product.rating_count, product.rating_total = count, total
    product.save(update_fields=["rating_count", "rating_total"])
    if (count, product.rating_hundredths) != before:
        publish(RatingChanged(product_id=product.id, rating_hundredths=product.rating_hundredths, rating_count=count))
