"""What wishlists holds of a customer, for their own copy."""

from __future__ import annotations

from typing import Any

from contexts.kernel.identity import Identity
from contexts.wishlists.models import Item, Wishlist


def held_of(identity: Identity) -> dict[str, Any]:
    wishes = Item.objects.filter(wishlist__customer_id=identity.customer_id).order_by("id")
    return {
        "wishlists": list(Wishlist.objects.filter(customer_id=identity.customer_id).values("title", "touched_at")),
        "wishes": list(wishes.values("product__name", "sku", "seen_price_cents", "seen_currency", "added_at")),
    }
