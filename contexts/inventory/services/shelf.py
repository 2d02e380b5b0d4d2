"""Stock items themselves: opened when catalog publishes a product, filled by receiving, corrected by counting."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from uuid import UUID

import msgspec
from django.db import transaction
from django.utils.translation import gettext as _

from contexts.inventory.events import AvailabilityChanged
from contexts.inventory.models import MAX_PIECES, StockItem, StockMove
from contexts.inventory.services.book import BadCount, StillPromised, UnknownSku, open_book
from contexts.messaging import publish

#: Items per transaction when many are received, and announcements per call: the backbone locks a subject for each.
ITEMS_AT_ONCE = 1000


class Listing(msgspec.Struct, frozen=True, kw_only=True):
    """A variant as catalog offers it."""

    sku: str
    name: str
    label: str
    product_id: UUID


def open_items(listings: Sequence[Listing]) -> None:
    """Open a stock item for every variant of the products, or bring names up to date.

    The listings of one product are all its variants: items of it that are not among them are no longer for sale.
    A new item is announced with what is available of it: 0, unless goods came before the product did.
    """
    by_sku = {listing.sku: listing for listing in listings}
    products = {listing.product_id for listing in listings}
    with transaction.atomic(using="inventory"):
        known = set(StockItem.objects.filter(sku__in=by_sku, product_id__isnull=False).values_list("sku", flat=True))
        StockItem.objects.bulk_create(
            [
                StockItem(sku=sku, name=listing.name, label=listing.label, product_id=listing.product_id)
                for sku, listing in sorted(by_sku.items())
            ],
            update_conflicts=True,
            unique_fields=["sku"],
            update_fields=["name", "label", "product_id", "for_sale"],
        )
        StockItem.objects.filter(product_id__in=products).exclude(sku__in=by_sku).update(for_sale=False)
        opened = list(StockItem.objects.filter(sku__in=by_sku.keys() - known).order_by("sku"))
        for start in range(0, len(opened), ITEMS_AT_ONCE):
            part = opened[start : start + ITEMS_AT_ONCE]
            publish(*(AvailabilityChanged(sku=item.sku, available=item.available) for item in part))


def withdraw_items(skus: Sequence[str]) -> None:
    """Mark items as no longer for sale; what is on the shelf and what is promised stays."""
    StockItem.objects.filter(sku__in=skus).update(for_sale=False)


def receive_stock(*, sku: str, quantity: int, reason: str, actor: str = "system") -> StockItem:
    """Add pieces that arrived.

    Raises:
        UnknownSku: no such item.
        BadCount: not a number of pieces that can arrive.
    """
    _check_received(sku, quantity)
    with transaction.atomic(using="inventory"), open_book([sku], actor=actor, reason=reason) as book:
        book.move(sku, StockMove.Kind.RECEIVED, on_hand=quantity)
        return book.item(sku)


def receive_many(pieces: Mapping[str, int], *, reason: str, actor: str = "system", open_missing: bool = False) -> int:
    """Add a whole delivery, quantities by SKU, and return how many pieces came.

    Up to `ITEMS_AT_ONCE` items are all received or none; a larger delivery is received in several such parts.
    With `open_missing`, items that catalog has not announced yet are opened without a name; it comes with the product.

    Raises:
        UnknownSku: an item is missing; nothing of its part was received.
        BadCount: not a number of pieces that can arrive; nothing was received.
    """
    for sku, quantity in pieces.items():
        _check_received(sku, quantity)
    skus = sorted(pieces)
    for start in range(0, len(skus), ITEMS_AT_ONCE):
        part = skus[start : start + ITEMS_AT_ONCE]
        with transaction.atomic(using="inventory"):
            if open_missing:
                StockItem.objects.bulk_create([StockItem(sku=sku) for sku in part], ignore_conflicts=True)
            with open_book(part, actor=actor, reason=reason) as book:
                for sku in part:
                    book.move(sku, StockMove.Kind.RECEIVED, on_hand=pieces[sku])
    return sum(pieces.values())


def take_back(*, order_id: UUID, pieces: Mapping[str, int], reason: str, actor: str = "system") -> None:
    """Put pieces that a shopper sent back on the shelf again; of those that nobody stocks any more nothing is kept."""
    with transaction.atomic(using="inventory"):
        known = set(StockItem.objects.filter(sku__in=pieces).values_list("sku", flat=True))
        with open_book(known, actor=actor, reason=reason, order_id=order_id) as book:
            for sku in sorted(known):
                book.move(sku, StockMove.Kind.RECEIVED, on_hand=pieces[sku])


def adjust_stock(*, sku: str, counted: int, reason: str, actor: str = "system") -> StockItem:
    """Set the pieces on hand to what was counted; a count without a difference is entered in the ledger too.

    Raises:
        UnknownSku: no such item.
        BadCount: not a number of pieces.
        StillPromised: fewer were counted than are held and reserved.
    """
    if not 0 <= counted <= MAX_PIECES:
        raise BadCount(
            _("%(sku)s: %(counted)d cannot have been counted. Give a number from 0 to %(most)d.")
            % {"sku": sku, "counted": counted, "most": MAX_PIECES}
        )
    with transaction.atomic(using="inventory"), open_book([sku], actor=actor, reason=reason) as book:
        item = book.item(sku)
        if counted < item.promised:
            raise StillPromised(item, counted)
        book.move(sku, StockMove.Kind.ADJUSTED, on_hand=counted - item.on_hand)
        return item


def set_low_stock_threshold(*, sku: str, threshold: int) -> None:
    """Say from how many available pieces on an item counts as low.

    Raises:
        UnknownSku: no such item.
    """
    if not StockItem.objects.filter(sku=sku).update(low_stock_threshold=threshold):
        raise UnknownSku(sku)


def _check_received(sku: str, quantity: int) -> None:
    if not 0 < quantity <= MAX_PIECES:
        raise BadCount(
            _("%(sku)s: %(quantity)d pieces cannot arrive. Give a number from 1 to %(most)d.")
            % {"sku": sku, "quantity": quantity, "most": MAX_PIECES}
        )
