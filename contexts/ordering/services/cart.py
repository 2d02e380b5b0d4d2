"""The cart: what a browser has put aside, priced from ordering's own copy of the offers."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime, timedelta
from uuid import UUID

import msgspec
from django.db import transaction
from django.utils import timezone

from contexts.kernel.currencies import currency, own
from contexts.kernel.prepared import Lookup, prepared_cursor
from contexts.kernel.rates import prices_are_kept_in, with_rate
from contexts.ordering.errors import NotForSale
from contexts.ordering.events import OrderLine
from contexts.ordering.models import MAX_QUANTITY, Cart, CartItem, ExchangeRate, Offer

#: The same article in the same quantity added again this soon is one click that arrived twice.
DOUBLE_CLICK_S = 1.0

_locked_cart = Lookup(Cart, "id", lock=True)
_item = Lookup(CartItem, "cart", "offer")
_offers = Lookup(Offer, "sku__in")


class CartCount(msgspec.Struct, frozen=True, kw_only=True):
    """The cart that was changed and how many pieces are in it, for the cookies.

    `was_in` is the currency that it was in, where it is in another one now.
    """

    cart_id: UUID
    count: int
    was_in: str = ""


def add_to_cart(*, cart_id: UUID | None, sku: str, quantity: int = 1, now: datetime | None = None) -> CartCount:
    """Put pieces into a cart, which is made where there is none. At most 99 of one article are kept.

    The cart goes over to the currency that the shopper reads.

    Raises:
        NotForSale: there is no such article, or it was withdrawn; the cart is as it was.
    """
    now = now or timezone.now()
    with transaction.atomic(using="ordering"):
        offer = next((offer for offer in offers_in(currency(), [sku]) if offer.on_sale), None)
        if offer is None:
            raise NotForSale(sku)
        cart = locked_cart(cart_id) or Cart.objects.create(currency=offer.price.currency)
        was_in = switch(cart, offer.price.currency)
        item = _item(cart.id, offer.sku) or CartItem(cart=cart, offer=offer, quantity=0)
        if item.quantity and _is_double_click(item, quantity, now):
            return _count(cart, was_in)
        item.quantity = min(item.quantity + quantity, MAX_QUANTITY)
        item.seen_price_cents = offer.price.amount
        item.last_added, item.last_added_at = min(quantity, MAX_QUANTITY), now
        item.save()
        return _count(cart, was_in)


def change_quantity(*, cart_id: UUID, sku: str, quantity: int) -> CartCount:
    """Set how many pieces of an article are in the cart; 0 removes it, and a number brings it back.

    The shopper has seen the present price then. An unknown cart has nothing to change.

    Raises:
        NotForSale: it is not in the cart and cannot be bought either.
    """
    with transaction.atomic(using="ordering"):
        cart = locked_cart(cart_id)
        if cart is None:
            return CartCount(cart_id=cart_id, count=0)
        if quantity <= 0:
            CartItem.objects.filter(cart=cart, offer_id=sku).delete()
            return _count(cart)
        offer = next(iter(offers_in(currency(), [sku])), None)
        if offer is None:
            raise NotForSale(sku)
        was_in = switch(cart, offer.price.currency)
        changed = {"quantity": min(quantity, MAX_QUANTITY), "seen_price_cents": offer.price.amount}
        if not CartItem.objects.filter(cart=cart, offer=offer).update(**changed):
            if not offer.on_sale:
                raise NotForSale(offer.title)
            CartItem.objects.create(cart=cart, offer=offer, last_added_at=timezone.now(), **changed)
        return _count(cart, was_in)


def refill_cart(*, cart_id: UUID | None, lines: list[OrderLine]) -> CartCount:
    """Put what was ordered back into a cart; an article that is in it already stays as it is.

    The prices of the order count as seen, so one that moved since is said on the cart page, and so is a withdrawal. A cart
    in another currency keeps it, and today's prices count as seen.
    """
    with transaction.atomic(using="ordering"):
        paid_in = lines[0].unit_price.currency if lines else own()
        cart = locked_cart(cart_id) or Cart.objects.create(currency=paid_in)
        now = timezone.now()
        seen = {line.sku: line.unit_price.amount for line in lines}
        if cart.currency != paid_in:
            offers = with_rate(Offer.objects.filter(sku__in=seen), cart.currency, ExchangeRate)
            seen |= {offer.sku: offer.price.amount for offer in offers}
        items = [
            CartItem(
                cart=cart,
                offer_id=line.sku,
                quantity=line.quantity,
                seen_price_cents=seen[line.sku],
                last_added_at=now,
            )
            for line in lines
        ]
        CartItem.objects.bulk_create(items, ignore_conflicts=True)
        return _count(cart)


def take_out_ordered(cart_id: UUID, lines: list[OrderLine]) -> None:
    """Empty the cart of what was ordered; what came in meanwhile, in another tab, stays."""
    ordered = {line.sku: line.quantity for line in lines}
    gone = []
    for item in CartItem.objects.select_for_update().filter(cart_id=cart_id, offer_id__in=ordered):
        item.quantity -= ordered[item.offer_id]
        if item.quantity > 0:
            item.save(update_fields=["quantity"])
        else:
            gone.append(item.pk)
    CartItem.objects.filter(pk__in=gone).delete()


def locked_cart(cart_id: UUID | None) -> Cart | None:
    """Return the cart, kept from others until the transaction ends: every change of a cart starts here."""
    return _locked_cart(cart_id) if cart_id else None


def pieces_in(cart_id: UUID | None) -> int:
    """Return how many pieces are in a cart, none in one that is not there."""
    with prepared_cursor("ordering") as cursor:
        cursor.execute("select coalesce(sum(quantity), 0)::int from ordering_cartitem where cart_id = %s", [cart_id])
        pieces: int = cursor.fetchone()[0]
    return pieces


def offers_in(code: str, skus: Collection[str]) -> list[Offer]:
    """Return the offers that there are of some articles, which say their prices in a currency."""
    if prices_are_kept_in(code):
        return _offers.rows(list(skus))
    return list(with_rate(Offer.objects.filter(sku__in=skus), code, ExchangeRate))


def switch(cart: Cart, code: str) -> str:
    """Have a locked cart be in a currency; return the one that it was in, "" if in that one or empty.

    Its rows are seen at today's prices then: that they are others is told of the cart as a whole.
    """
    before = cart.currency
    if before == code:
        return ""
    cart.currency = code
    cart.save(update_fields=["currency"])
    items = list(with_rate(CartItem.objects.filter(cart=cart).select_related("offer"), code, ExchangeRate))
    for item in items:
        item.seen_price_cents = priced_offer(item).price.amount
    CartItem.objects.bulk_update(items, ["seen_price_cents"])
    return before if items else ""


def priced_offer(item: CartItem) -> Offer:
    """Return the offer of a row that was read `with_rate`."""
    item.offer.rate_now = item.rate_now
    return item.offer


def _is_double_click(item: CartItem, quantity: int, now: datetime) -> bool:
    return item.last_added == quantity and now - item.last_added_at < timedelta(seconds=DOUBLE_CLICK_S)


def _count(cart: Cart, was_in: str = "") -> CartCount:
    return CartCount(cart_id=cart.id, count=pieces_in(cart.id), was_in=was_in)
