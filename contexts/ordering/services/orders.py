"""Changing an order: load its stream, decide, append; with the read model kept in the same transaction."""

from __future__ import annotations

from collections.abc import Callable
from uuid import UUID

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from contexts.messaging import Conflict, load, save
from contexts.ordering.models import OrderSummary
from contexts.ordering.order import NEW, Order
from contexts.ordering.summaries import project

#: How often a decision is made anew when somebody else appended to the stream meanwhile.
ATTEMPTS = 5


def change_order(order_id: UUID, decide: Callable[[Order], None]) -> Order:
    """Let `decide` act on the order as it is now, and append what it recorded.

    After a conflict it decides anew on the newer stream, so `decide` must not act on anything else.

    Raises:
        Conflict: others were faster every time.
    """
    for _attempt in range(ATTEMPTS - 1):
        try:
            return _change_once(order_id, decide)
        except Conflict:
            continue
    return _change_once(order_id, decide)


def _change_once(order_id: UUID, decide: Callable[[Order], None]) -> Order:
    # A savepoint inside a handler's transaction: a conflict undoes this attempt only.
    with transaction.atomic(using="ordering"):
        order = load(Order, order_id)
        decide(order)
        keep(order)
    return order


def keep(order: Order) -> None:
    """Append what the order recorded to its stream, and fold it into its summary."""
    recorded = list(order.pending)
    if not recorded:
        return
    save(order)
    first = order.version - len(recorded) + 1
    row = OrderSummary.objects.filter(order_id=order.id).first() if first > 1 else None
    row = row or OrderSummary(order_id=order.id, status=NEW)
    now = timezone.now()
    for version, event in enumerate(recorded, first):
        project(row, event, at=now, version=version)
    row.save(force_insert=first == 1)


def cancel_order(*, order_id: UUID, reason: str = "by_customer", explanation: str = "") -> Order:
    """Cancel an order whose parcel has not left; cancelling it twice changes nothing.

    Raises:
        NoSuchOrder: nothing was placed under this id.
        TooLateToCancel: the parcel has left.
    """
    if not explanation:
        explanation = _("You cancelled the order.") if reason == "by_customer" else _("The shop cancelled the order.")
    return change_order(order_id, lambda order: order.cancel(reason=reason, explanation=explanation))
