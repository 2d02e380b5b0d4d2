"""What promotions holds of a customer, for their own copy."""

from __future__ import annotations

from typing import Any

from contexts.kernel.identity import Identity
from contexts.promotions.models import Redemption


def held_of(identity: Identity) -> dict[str, Any]:
    used = Redemption.objects.filter(customer_id=identity.customer_id).order_by("at")
    return {
        "redemptions": list(
            used.values(
                "number", "state", "code__code", "card__last4", "currency", "discount_cents", "card_cents",
                "refunded_cents", "email", "at",
            )
        )
    }  # fmt: skip
