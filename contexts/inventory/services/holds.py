"""Holds: pieces kept for a checkout for some minutes, so that what a shopper pays for is still there."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.db.models import prefetch_related_objects
from django.utils import timezone

from contexts.inventory.events import HoldDue, HoldExpired, StockHeld, StockRejected
from contexts.inventory.models import Hold, HoldLine, Reservation, StockMove, order_subject
from contexts.inventory.services.book import StockBook, open_book
from contexts.inventory.services.locks import lock_order
from contexts.kernel.prepared import Lookup
from contexts.messaging import cancel_timers, publish

_hold = Lookup(Hold, "order_id")
_reservation = Lookup(Reservation, "order_id")


def hold(*, order_id: UUID, wanted: Mapping[str, int], actor: str = "system") -> Hold | None:
    """Keep all of `wanted` (quantities by SKU) for a checkout, or nothing of it.

    A hold that the order has already is replaced: its pieces count as available for the new one, and are released
    when that cannot be had. Announces `StockHeld` or `StockRejected`. Returns None when nothing is held, which is
    also so, silently, for an order that was placed or cancelled already.
    """
    with transaction.atomic(using="inventory"):
        lock_order(order_id)
        if _reservation(order_id) is not None:
            return None
        last = _hold(order_id)
        kept = last if last and last.state == Hold.State.LIVE else None
        mine = kept.pieces() if kept else {}
        with open_book([*wanted, *mine], actor=actor, reason="Checkout started", order_id=order_id) as book:
            if shortages := book.shortages(wanted, already=mine):
                end_hold(kept, Hold.State.RELEASED, book)
                book.announce(StockRejected(order_id=order_id, shortages=shortages))
                return None
            for sku in sorted({*wanted, *mine}):
                if change := wanted.get(sku, 0) - mine.get(sku, 0):
                    kind = StockMove.Kind.HELD if change > 0 else StockMove.Kind.HOLD_RELEASED
                    book.move(sku, kind, held=change)
            until = timezone.now() + timedelta(minutes=getattr(settings, "INVENTORY_HOLD_MINUTES", 15))
            held = _write(last or Hold(order_id=order_id), until, wanted)
            book.announce(StockHeld(order_id=order_id, held_until=until))
        if kept:
            cancel_timers(HoldDue, subject=order_subject(order_id))
        publish(HoldDue(order_id=order_id, until=until), at=until)
    return held


def release_hold(*, order_id: UUID, reason: str, actor: str = "system") -> bool:
    """Give up a checkout's pieces; returns False when there was no live hold."""
    with transaction.atomic(using="inventory"):
        lock_order(order_id)
        kept = live_hold(order_id)
        if kept is None:
            return False
        with open_book(kept.pieces(), actor=actor, reason=reason, order_id=order_id) as book:
            end_hold(kept, Hold.State.RELEASED, book)
    return True


def expire_hold(*, order_id: UUID, until: datetime) -> bool:
    """End the hold that was to last until `until`; one that was renewed, replaced or used meanwhile stays as it is."""
    with transaction.atomic(using="inventory"):
        lock_order(order_id)
        kept = live_hold(order_id)
        if kept is None or kept.until != until:
            return False
        with open_book(kept.pieces(), actor="system", reason="Hold ran out", order_id=order_id) as book:
            end_hold(kept, Hold.State.EXPIRED, book)
            book.announce(HoldExpired(order_id=order_id))
    return True


def live_hold(order_id: UUID) -> Hold | None:
    """Return the order's hold if it still keeps anything; call it with the order locked."""
    kept = _hold(order_id)
    if kept is None or kept.state != Hold.State.LIVE:
        return None
    prefetch_related_objects([kept], "lines")
    return kept


def end_hold(kept: Hold | None, state: Hold.State, book: StockBook) -> None:
    """Put a live hold's pieces back into the open book and close it; without a hold there is nothing to do."""
    if kept is None:
        return
    kind = StockMove.Kind.HOLD_EXPIRED if state == Hold.State.EXPIRED else StockMove.Kind.HOLD_RELEASED
    for sku, quantity in sorted(kept.pieces().items()):
        book.move(sku, kind, held=-quantity)
    close_hold(kept, state)


def close_hold(kept: Hold, state: Hold.State) -> None:
    """Mark a hold as over and forget its timer; its pieces are the caller's business."""
    kept.state = state
    kept.save(update_fields=["state"])
    cancel_timers(HoldDue, subject=order_subject(kept.order_id))


def _write(held: Hold, until: datetime, wanted: Mapping[str, int]) -> Hold:
    if held.pk:
        HoldLine.objects.filter(hold=held).delete()
    held.until, held.state = until, Hold.State.LIVE
    held.save()
    HoldLine.objects.bulk_create(HoldLine(hold=held, sku=sku, quantity=wanted[sku]) for sku in sorted(wanted))
    return held
