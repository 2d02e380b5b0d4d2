"""Orders that guests placed and that belong to an account now: the one it was opened from, and those of its address."""

from __future__ import annotations

from uuid import UUID

from django.db import transaction

from contexts.kernel.money import Money
from contexts.messaging import load, note_erased, publish, retrying
from contexts.ordering.errors import NoSuchOrder
from contexts.ordering.events import GuestErased, OrderClaimed
from contexts.ordering.models import Customer, OrderSummary
from contexts.ordering.order import Order
from contexts.ordering.services import copies
from contexts.ordering.services.orders import keep, orders_of_guest
from contexts.ordering.states import CANCELLED, COMPLETED, CONFIRMED, PLACED, SHIPPED
from contexts.ordering.summaries import lines_of

#: What others know of an order's state; in all other states it is placed to them.
TOLD = (CONFIRMED, SHIPPED, COMPLETED, CANCELLED)


@retrying
def claim_order(*, order_id: UUID, customer_id: UUID) -> None:
    """Let a guest's order belong to an account; one that belongs to somebody, or whose guest was erased, stays so.

    Raises:
        NoSuchOrder: nothing was placed under this id.
        Conflict: others were faster every time.
    """
    with transaction.atomic(using="ordering"):
        # The stream first: a row that is newer than it is noticed when its next event is appended.
        order = load(Order, order_id)
        row = OrderSummary.objects.filter(order_id=order_id).first()
        if row is None or order.placed is None:
            raise NoSuchOrder
        if order.customer_id is None and row.email:
            order.record(_claim(row, customer_id))
            keep(order)


def claim_orders_of(*, customer_id: UUID, email: str) -> None:
    """The customer proved that `email` is theirs: so are the orders that guests placed with it, now and from now on."""
    email = email.lower()
    with transaction.atomic(using="ordering"):
        Customer.objects.filter(confirmed_email=email).exclude(customer_id=customer_id).update(confirmed_email="")
        Customer.objects.filter(customer_id=customer_id).update(confirmed_email=email)
        for order_id in orders_of_guest(email):
            claim_order(order_id=order_id, customer_id=customer_id)


def claim_for_owner(order: Order) -> Order:
    """Let an order that was just placed without signing in belong to whoever proved that its address is theirs.

    Call it in the transaction that placed it. The row of that customer is locked until it commits, so that the address
    is either proven before, or its proof finds the order.
    """
    if order.customer_id is not None or order.placed is None:
        return order
    email = order.placed.contact.email.lower()
    known = Customer.objects.select_for_update().filter(email=email).order_by("customer_id")
    owner = next((customer for customer in known if customer.confirmed_email == email), None)
    if owner is not None:
        row = OrderSummary.objects.get(order_id=order.id)
        order.record(_claim(row, owner.customer_id))
        keep(order)
    return order


def forget_claimed(customer_id: UUID) -> int:
    """Erase the guests who became this customer, in every context; returns how many orders they had placed."""
    theirs = OrderSummary.objects.filter(customer_id=customer_id).exclude(claimed_at=None).order_by("order_id")
    orders = list(theirs.values_list("order_id", flat=True))
    for order_id in orders:
        erased = GuestErased(order_id=order_id)
        publish(erased)
        note_erased("ordering", erased, **copies.forget_guest(order_id))
    return len(orders)


def _claim(row: OrderSummary, customer_id: UUID) -> OrderClaimed:
    assert row.number is not None  # It was placed.
    assert row.placed_at is not None
    return OrderClaimed(
        order_id=row.order_id,
        customer_id=customer_id,
        number=row.number,
        placed_at=row.placed_at,
        lines=lines_of(row),
        shipping=row.shipping,
        total=row.total,
        status=row.status if row.status in TOLD else PLACED,
        refunded=Money(row.refunded_cents, row.currency),
        discount=row.discount if row.discount_cents else None,
        gift=row.gift if row.gift_cents else None,
        tax_added=row.tax if row.tax_added else None,
        explanation=row.explanation if row.status == CANCELLED else "",
        said=row.sentences if row.status == CANCELLED else [],
        language=row.language,
        carrier=row.carrier,
        tracking_number=row.tracking_number,
        delivered_at=row.completed_at,
    )
