"""What history holds of a customer, for their own copy."""

from __future__ import annotations

from typing import Any

from contexts.history.purchases import Purchase, PurchaseQuery
from contexts.history.redis_store import live_store
from contexts.history.store import StoreUnavailable
from contexts.kernel.identity import Identity

AT_ONCE = 100


def held_of(identity: Identity) -> dict[str, Any]:
    """Return every purchase, page by page; while the history is filling anew, only that it is."""
    store, found, page = live_store(), list[Purchase](), 0
    try:
        while True:
            page += 1
            part = store.page(PurchaseQuery(customer_id=identity.customer_id, page=page, size=AT_ONCE))
            found += part.purchases
            if page >= part.pages:
                return {"purchases": found}
    except StoreUnavailable:
        return {"purchases": None, "note": "The history is being filled anew from the orders. Ask again later."}
