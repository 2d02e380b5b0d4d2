"""What reviews holds of a customer, for their own copy."""

from __future__ import annotations

from typing import Any

from contexts.kernel.identity import Identity
from contexts.reviews.models import Purchase, Review


def held_of(identity: Identity) -> dict[str, Any]:
    mine = {"customer_id": identity.customer_id}
    return {
        "reviews": list(Review.objects.filter(**mine).order_by("id").values()),
        "bought": list(Purchase.objects.filter(**mine).order_by("id").values("order_id", "sku", "delivered_at")),
    }
