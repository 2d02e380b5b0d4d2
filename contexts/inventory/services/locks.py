"""Who waits for whom: one writer per order, one delivery at a time.

The third lock, on the stock rows themselves, is taken in `book`.
"""

from __future__ import annotations

from uuid import UUID

from contexts.kernel.prepared import prepared_cursor


def lock_order(order_id: UUID) -> None:
    """Wait until nobody else changes this order's hold or reservation; held until the transaction ends.

    A lock by name and not on a row, because neither row need exist yet.
    """
    _lock(f"inventory order {order_id}")


def one_delivery_at_a_time() -> None:
    """Wait until no other delivery of events changes stock; held until the transaction ends.

    A page of events is one transaction, so it gathers the rows of many orders in no order at all; two such pages
    that share items would deadlock, whatever order each single order locks in.
    """
    _lock("inventory deliveries")


def _lock(name: str) -> None:
    with prepared_cursor("inventory") as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended(%s::text, 0))", [name])
