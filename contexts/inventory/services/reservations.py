"""Reservations: pieces that belong to a placed order until its parcel leaves or it is cancelled.

Placing and cancelling are told by ordering, the parcel's departure by shipping, so these may be heard in any order;
whatever the order, the outcome is the same. A parcel that left has left, cancelled or not.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping
from uuid import UUID

from django.db import transaction
from django.db.models import prefetch_related_objects
from django.utils import timezone

from contexts.inventory.events import ReservationReleased, StockRejected, StockReserved
from contexts.inventory.models import Hold, Reservation, ReservationLine, StockMove
from contexts.inventory.services.book import StockBook, open_book
from contexts.inventory.services.holds import close_hold, end_hold, live_hold
from contexts.inventory.services.locks import lock_order
from contexts.kernel.prepared import Lookup

logger = logging.getLogger(__name__)
State = Reservation.State

_reservation = Lookup(Reservation, "order_id")


def reserve(*, order_id: UUID, wanted: Mapping[str, int], actor: str = "system") -> Reservation:
    """Give a placed order all of `wanted` (quantities by SKU), from its hold where it has one, or nothing of it.

    Announces `StockReserved` or `StockRejected`. An order that was decided already keeps its decision.
    """
    with transaction.atomic(using="inventory"):
        lock_order(order_id)
        reservation = _find(order_id)
        if reservation is not None and reservation.pieces():
            return reservation
        kept = live_hold(order_id)
        mine = kept.pieces() if kept else {}
        with open_book([*wanted, *mine], actor=actor, reason="Order placed", order_id=order_id) as book:
            if reservation is None:
                return _decide(order_id, wanted, kept, mine, book)
            end_hold(kept, Hold.State.RELEASED, book)
            missing: dict[str, int] = {}
            if reservation.state == State.BOOKED_OUT:
                missing = _book_out_unreserved(order_id, wanted, book)
                book.announce(StockReserved(order_id=order_id))
            reservation.keep(wanted, missing)
    return reservation


def release(*, order_id: UUID, reason: str, actor: str = "system") -> bool:
    """Make a cancelled order's pieces available again, held or reserved; returns whether there were any.

    Announces `ReservationReleased` if so. What has left with a parcel does not come back by cancelling.
    """
    with transaction.atomic(using="inventory"):
        lock_order(order_id)
        reservation = _find(order_id)
        kept = live_hold(order_id)
        reserved = reservation.pieces() if reservation and reservation.state == State.RESERVED else {}
        if reservation is None:
            Reservation.objects.create(order_id=order_id, state=State.RELEASED)
        elif reserved:
            _become(reservation, State.RELEASED)
        if not reserved and kept is None:
            return False
        skus = [*reserved, *(kept.pieces() if kept else {})]
        with open_book(skus, actor=actor, reason=reason, order_id=order_id) as book:
            end_hold(kept, Hold.State.RELEASED, book)
            for sku, quantity in sorted(reserved.items()):
                book.move(sku, StockMove.Kind.RELEASED, reserved=-quantity)
            book.announce(ReservationReleased(order_id=order_id))
    return True


def book_out(*, order_id: UUID, actor: str = "system") -> bool:
    """Take an order's pieces off the shelf, because its parcel left; returns False when that was done already.

    Heard before the order was placed, it is remembered and done then. Heard after the order was cancelled, the pieces
    are taken from what is free; what is not free is kept as `missing` for a person to count.
    """
    with transaction.atomic(using="inventory"):
        lock_order(order_id)
        reservation = _find(order_id)
        if reservation is None:
            Reservation.objects.create(order_id=order_id, state=State.BOOKED_OUT)
            return True
        if reservation.state == State.BOOKED_OUT:
            return False
        pieces = reservation.pieces()
        with open_book(pieces, actor=actor, reason="Parcel dispatched", order_id=order_id) as book:
            if reservation.state == State.RESERVED:
                for sku, quantity in sorted(pieces.items()):
                    book.move(sku, StockMove.Kind.BOOKED_OUT, on_hand=-quantity, reserved=-quantity)
            else:
                for sku, missing in _book_out_unreserved(order_id, pieces, book).items():
                    ReservationLine.objects.filter(reservation=reservation, sku=sku).update(missing=missing)
        _become(reservation, State.BOOKED_OUT)
    return True


def _find(order_id: UUID) -> Reservation | None:
    reservation = _reservation(order_id)
    if reservation is not None:
        prefetch_related_objects([reservation], "lines")
    return reservation


def _decide(
    order_id: UUID, wanted: Mapping[str, int], kept: Hold | None, mine: Mapping[str, int], book: StockBook
) -> Reservation:
    if shortages := book.shortages(wanted, already=mine):
        end_hold(kept, Hold.State.RELEASED, book)
        book.announce(StockRejected(order_id=order_id, shortages=shortages))
        state = State.REJECTED
    else:
        for sku in sorted({*wanted, *mine}):
            quantity = wanted.get(sku, 0)
            kind = StockMove.Kind.RESERVED if quantity else StockMove.Kind.HOLD_RELEASED
            book.move(sku, kind, held=-mine.get(sku, 0), reserved=quantity)
        if kept:
            close_hold(kept, Hold.State.USED)
        book.announce(StockReserved(order_id=order_id))
        state = State.RESERVED
    reservation = Reservation.objects.create(order_id=order_id, state=state)
    reservation.keep(wanted)
    return reservation


def _become(reservation: Reservation, state: Reservation.State) -> None:
    reservation.state = state
    reservation.changed_at = timezone.now()
    reservation.save(update_fields=["state", "changed_at"])


def _book_out_unreserved(order_id: UUID, pieces: Mapping[str, int], book: StockBook) -> dict[str, int]:
    """Take pieces that the order does not own from what is free; return how many of each were not."""
    missing = {}
    for sku, quantity in sorted(pieces.items()):
        taken = min(quantity, book.available(sku))
        if taken:
            book.move(sku, StockMove.Kind.BOOKED_OUT, on_hand=-taken)
        if taken < quantity:
            missing[sku] = quantity - taken
            logger.warning(
                "pieces left that were promised to others",
                extra={"sku": sku, "missing": quantity - taken, "order_id": str(order_id)},
            )
    return missing
