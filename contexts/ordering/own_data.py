"""What ordering holds of a customer, for their own copy."""

from __future__ import annotations

from typing import Any

from contexts.kernel.identity import Identity
from contexts.ordering.models import Checkout, Customer, OrderSummary


def held_of(identity: Identity) -> dict[str, Any]:
    mine = {"customer_id": identity.customer_id}
    return {
        "contact": list(Customer.objects.filter(**mine).values()),
        "orders": list(OrderSummary.objects.filter(**mine).order_by("order_id").values()),
        "checkouts": list(Checkout.objects.filter(**mine).order_by("order_id").values()),
    }
