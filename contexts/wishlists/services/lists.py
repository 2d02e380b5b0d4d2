"""Lists: made by the first wish, filled and emptied by hand, merged when a guest signs in."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

import msgspec
from django.db import connections, transaction
from django.utils import timezone

from contexts.kernel.currencies import currency
from contexts.kernel.rates import with_rate
from contexts.messaging import background
from contexts.wishlists.errors import ListIsFull, NoLongerACustomer, NoSuchProduct
from contexts.wishlists.models import MOST_ITEMS, Article, ErasedCustomer, ExchangeRate, Item, Product, Wishlist

#: A guest's list that nobody touched for so long is gone; the cookie that leads to it has run out, too.
GUEST_LISTS_LAST = timedelta(days=400)
AT_ONCE = 500


class Owner(msgspec.Struct, frozen=True, kw_only=True):
    """Who is asking: a customer, or else the list that the browser's cookie names, if it has one."""

    customer_id: UUID | None = None
    guest_list: UUID | None = None


def list_of(owner: Owner) -> Wishlist | None:
    """Return the owner's list; None where nothing was wished yet. A customer's list is no guest's."""
    if owner.customer_id is not None:
        return Wishlist.objects.filter(customer_id=owner.customer_id).first()
    if owner.guest_list is None:
        return None
    return Wishlist.objects.filter(id=owner.guest_list, customer_id=None).first()


def wish(*, owner: Owner, product_id: UUID, sku: str = "") -> Wishlist:
    """Put a product on the owner's list, which is made where there is none. Wishing again chooses another variant.

    Raises:
        NoSuchProduct: it is not for sale. ListIsFull. NoLongerACustomer: the account was deleted.
    """
    with transaction.atomic(using="wishlists"):
        product = Product.objects.filter(id=product_id, on_sale=True).first()
        listed = Article.objects.filter(product=product, listed=True)
        articles = list(with_rate(listed, currency(), ExchangeRate)) if product else []
        if not articles:
            raise NoSuchProduct
        chosen = next((article for article in articles if article.sku == sku), None)
        wishlist = _locked(owner) or _made(owner)
        item = Item.objects.filter(wishlist=wishlist, product=product).first()
        if item is None:
            if Item.objects.filter(wishlist=wishlist).count() >= MOST_ITEMS:
                raise ListIsFull(MOST_ITEMS)
            item = Item(wishlist=wishlist, product=product, added_at=timezone.now())
        elif chosen is None or chosen.sku == item.sku:
            return wishlist
        seen = (chosen or min(articles, key=lambda article: article.price.amount)).price
        item.sku, item.seen_price_cents, item.seen_currency = chosen.sku if chosen else "", seen.amount, seen.currency
        item.save()
        wishlist.save(update_fields=["touched_at"])
    return wishlist


def unwish(*, owner: Owner, product_id: UUID) -> Wishlist | None:
    """Take a product off the owner's list; not on it is fine."""
    with transaction.atomic(using="wishlists"):
        wishlist = _locked(owner)
        if wishlist is not None:
            Item.objects.filter(wishlist=wishlist, product_id=product_id).delete()
            wishlist.save(update_fields=["touched_at"])
    return wishlist


def merge(*, customer_id: UUID, guest_list: UUID) -> Wishlist | None:
    """Put what a guest wished on the list of the customer they turned out to be; the guest's list is gone then.

    What is on both stays as the customer wished it. Of more than fits, the newest wishes stay.
    """
    with transaction.atomic(using="wishlists"):
        own = Owner(customer_id=customer_id)
        left = _locked(Owner(guest_list=guest_list))
        if left is None or ErasedCustomer.objects.filter(customer_id=customer_id).exists():
            return list_of(own)
        wishlist = _locked(own) or _made(own)
        already = set(Item.objects.filter(wishlist=wishlist).values_list("product_id", flat=True))
        fresh = [item.id for item in Item.objects.filter(wishlist=left) if item.product_id not in already]
        Item.objects.filter(id__in=fresh).update(wishlist=wishlist)
        left.delete()
        surplus = Item.objects.filter(wishlist=wishlist).values_list("id", flat=True)[MOST_ITEMS:]
        Item.objects.filter(id__in=list(surplus)).delete()
        wishlist.save(update_fields=["touched_at"])
    return wishlist


def forget_customer(customer_id: UUID) -> int:
    """Remove a customer's list, and with it the link it was shared by; return how many rows it was."""
    with transaction.atomic(using="wishlists"):
        _lock_customer(customer_id)
        ErasedCustomer.objects.get_or_create(customer_id=customer_id)
        rows, _ = Wishlist.objects.filter(customer_id=customer_id).delete()
        return rows


@background(every_s=3600, queue="wishlists")
def forget_old_lists() -> int:
    """Delete guests' lists that nobody can reach any more."""
    until = timezone.now() - GUEST_LISTS_LAST
    old = Wishlist.objects.filter(customer_id=None, touched_at__lt=until).values_list("id", flat=True)
    ids = list(old.order_by("touched_at")[:AT_ONCE])
    Wishlist.objects.filter(id__in=ids).delete()
    return len(ids)


def _made(owner: Owner) -> Wishlist:
    if owner.customer_id is None:
        return Wishlist.objects.create()
    # Two browsers of one customer, or a browser and an erasure, may meet here: there is no row to lock yet.
    _lock_customer(owner.customer_id)
    if ErasedCustomer.objects.filter(customer_id=owner.customer_id).exists():
        raise NoLongerACustomer
    Wishlist.objects.get_or_create(customer_id=owner.customer_id)
    return Wishlist.objects.select_for_update().get(customer_id=owner.customer_id)


def _locked(owner: Owner) -> Wishlist | None:
    """Return the owner's list, kept from others until the transaction ends."""
    found = list_of(owner)
    return Wishlist.objects.select_for_update().filter(id=found.id).first() if found else None


def _lock_customer(customer_id: UUID) -> None:
    with connections["wishlists"].cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", [f"wishlist of {customer_id}"])
