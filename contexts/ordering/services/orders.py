"""Changing an order: load its stream, decide, append; with the read model kept in the same transaction."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from uuid import UUID

from django.db import transaction

from contexts.kernel.money import Money
from contexts.kernel.prepared import Rewrite
from contexts.kernel.said import Said
from contexts.messaging import load, note_erased, publish, retrying, save
from contexts.ordering import queries, wording
from contexts.ordering.errors import NoSuchOrder, NotAGuest
from contexts.ordering.events import GuestErased, OrderRefunded, OrderRetryDue, OrderShipped
from contexts.ordering.invoicing.issuing import credit, issue
from contexts.ordering.models import OrderSummary
from contexts.ordering.order import Order
from contexts.ordering.returns import REFUNDED
from contexts.ordering.services import copies
from contexts.ordering.summaries import begin, project

_rewrite = Rewrite(OrderSummary)


@retrying
def change_order(order_id: UUID, decide: Callable[[Order], None]) -> Order:
    """Let `decide` act on the order as it is now, and append what it recorded.

    After a conflict it decides anew on the newer stream, so `decide` must not act on anything else.

    Raises:
        Conflict: others were faster every time.
    """
    # A savepoint inside a handler's transaction: a conflict undoes this attempt only.
    with transaction.atomic(using="ordering"):
        order = load(Order, order_id)
        decide(order)
        keep(order)
    return order


def wait_for_another_card(order: Order, explanation: str, said: Sequence[Said] = (), *, at: datetime) -> None:
    """The order's card was declined at `at`: keep the goods for another card, until a timer ends it.

    Part of a decision: call it within `change_order`.
    """
    if order.note_declined(explanation, said, at=at) and order.retry_until is not None:
        publish(OrderRetryDue(order_id=order.id), at=order.retry_until)


def dispatch(order: Order, *, carrier: str, tracking_number: str, at: datetime) -> None:
    """The parcel left at `at`: note it, and issue the invoice, whose number has no gap because both happen or neither.

    Part of a decision: call it within `change_order`.
    """
    order.note_dispatched(carrier, tracking_number)
    if any(isinstance(event, OrderShipped) for event in order.pending):
        issue(order, supplied_at=at)


def refund(
    order: Order, *, amount: Money, refunded: Money, refund_id: UUID | None = None, return_id: UUID | None = None
) -> None:
    """`amount` went back to the shopper: note it, and issue the credit note. Part of a decision, as `dispatch` is."""
    order.note_refunded(amount, refunded, refund_id=refund_id, return_id=return_id)
    _credit(order, return_id)


def refund_to_gift_card(order: Order, *, amount: Money, refunded: Money, return_id: UUID | None = None) -> None:
    """`amount` went back to the gift card: as `refund`."""
    order.note_refunded_to_gift_card(amount, refunded, return_id=return_id)
    _credit(order, return_id)


def _credit(order: Order, return_id: UUID | None) -> None:
    """Issue a credit note if money went back now; a return gets one, when both cards have their part."""
    went_back = any(isinstance(event, OrderRefunded) for event in order.pending)
    under_way = return_id is not None and order.return_of(return_id).state != REFUNDED
    if went_back and not under_way and order.refunded:
        credit(order, refunded=order.refunded, return_id=return_id)


def keep(order: Order) -> None:
    """Append what the order recorded to its stream, and fold it into its summary."""
    recorded = list(order.pending)
    if not recorded:
        return
    happened_at = save(order)
    assert happened_at is not None  # There was something to save.
    first = order.version - len(recorded) + 1
    row = queries.summary(order.id) if first > 1 else None
    row = row or begin(order.id)
    for version, event in enumerate(recorded, first):
        project(row, event, at=happened_at, version=version)
    if first == 1 or not _rewrite(row):
        row.save(force_insert=True)


def cancel_order(*, order_id: UUID, reason: str = "by_customer", explanation: str = "") -> Order:
    """Cancel an order whose parcel has not left; cancelling it twice changes nothing.

    Raises:
        NoSuchOrder: nothing was placed under this id.
        TooLateToCancel: the parcel has left.
    """
    by_whom = "cancelled_by_shopper" if reason == "by_customer" else "cancelled_by_shop"
    said = [] if explanation else [Said(code=by_whom)]

    def decide(order: Order) -> None:
        words = explanation or wording.in_its_language(order, said)
        order.cancel(reason=reason, explanation=words, said=said)

    return change_order(order_id, decide)


def erase_guest(*, order_id: UUID) -> None:
    """Forget whoever placed an order without an account, in every context; the order's number and sums stay.

    Erasing again changes nothing.

    Raises:
        NoSuchOrder: nothing was begun under this id.
        NotAGuest: the order is a customer's, whose account is to be erased instead.
    """
    with transaction.atomic(using="ordering"):
        order = OrderSummary.objects.filter(order_id=order_id).first()
        if order is None:
            raise NoSuchOrder
        if order.customer_id is not None:
            raise NotAGuest(order.customer_id)
        erased = GuestErased(order_id=order_id)
        publish(erased)
        note_erased("ordering", erased, **copies.forget_guest(order_id))


def orders_of_guest(email: str) -> list[UUID]:
    """Return the orders that were placed without an account under an e-mail address, oldest first."""
    guests = OrderSummary.objects.filter(email__iexact=email.strip(), customer_id=None).order_by("started_at")
    return list(guests.values_list("order_id", flat=True)) if email.strip() else []
