"""What stays when a customer asks to be forgotten. Reasons: docs/adr/0026-reviews.md."""

from __future__ import annotations

from uuid import UUID

from django.db import transaction

from contexts.reviews.models import ErasedCustomer, Purchase, Review
from contexts.reviews.services.ratings import lock_customer


def forget_customer(customer_id: UUID) -> dict[str, int]:
    """Take a customer's name and link off what was published, and remove everything else of theirs.

    The stars stay counted, so the average does not move and nothing is announced. Returns how many rows it was.
    """
    with transaction.atomic(using="reviews"):
        lock_customer(customer_id)
        ErasedCustomer.objects.get_or_create(customer_id=customer_id)
        purchases, _ = Purchase.objects.filter(customer_id=customer_id).delete()
        own = Review.objects.filter(customer_id=customer_id)
        removed, _ = own.filter(state__in=[Review.State.WAITING, Review.State.REJECTED]).delete()
        return {"purchases": purchases, "reviews": removed + own.update(customer_id=None, author="")}
