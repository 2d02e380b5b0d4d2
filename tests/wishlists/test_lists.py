"""A list is made by the first wish, holds each product once, is merged at sign-in and can be shared."""

from __future__ import annotations

from datetime import timedelta
from uuid import uuid4

import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone

from contexts.wishlists import services
from contexts.wishlists.errors import ListIsFull, NoSuchProduct, NothingToShare
from contexts.wishlists.models import MOST_ITEMS, Item, Product, Wishlist
from contexts.wishlists.services import Owner
from contexts.wishlists.services.lists import list_of
from tests.wishlists.factories import ADA, ADAS, BOBS, product

pytestmark = pytest.mark.django_db(databases=["wishlists"])
STRANGER = Owner()


def names(owner: Owner) -> list[str]:
    wishlist = list_of(owner)
    return [item.product.name for item in wishlist.items.select_related("product")] if wishlist else []


def guest(*wished: Product) -> Owner:
    owner = STRANGER
    for one in wished:
        owner = Owner(guest_list=services.wish(owner=owner, product_id=one.id).id)
    return owner


def test_the_first_wish_makes_a_list_and_the_newest_comes_first():
    mug, lamp = product("Mug"), product("Lamp")

    services.wish(owner=ADAS, product_id=mug.id)
    services.wish(owner=ADAS, product_id=lamp.id)

    assert names(ADAS) == ["Lamp", "Mug"]
    assert names(BOBS) == []


def test_wishing_twice_is_one_wish():
    mug = product()

    services.wish(owner=ADAS, product_id=mug.id)
    services.wish(owner=ADAS, product_id=mug.id)

    assert names(ADAS) == ["Mug"]


def test_wishing_another_variant_chooses_it():
    mug = product("Mug", RED=12_50, BLUE=14_00)

    services.wish(owner=ADAS, product_id=mug.id)
    assert Item.objects.values_list("sku", "seen_price_cents").get() == ("", 12_50)
    services.wish(owner=ADAS, product_id=mug.id, sku="BLUE")

    assert Item.objects.values_list("sku", "seen_price_cents").get() == ("BLUE", 14_00)


def test_a_variant_that_is_not_the_products_is_not_chosen():
    mug = product("Mug", RED=12_50)
    product("Lamp", LAMP=90_00)

    services.wish(owner=ADAS, product_id=mug.id, sku="LAMP")

    assert Item.objects.values_list("sku", "seen_price_cents").get() == ("", 12_50)


def test_what_is_not_for_sale_cannot_be_wished():
    mug = product()
    Product.objects.update(on_sale=False)

    for product_id in (mug.id, uuid4()):
        with pytest.raises(NoSuchProduct):
            services.wish(owner=ADAS, product_id=product_id)

    assert Wishlist.objects.count() == 0


def test_a_full_list_says_so_and_keeps_what_it_has():
    mug = product()
    many = [Product(id=uuid4(), slug=f"p-{number}", name=f"P {number}") for number in range(MOST_ITEMS)]
    Product.objects.bulk_create(many)
    wishlist = Wishlist.objects.create(customer_id=ADA)
    now = timezone.now()
    Item.objects.bulk_create(
        Item(wishlist=wishlist, product=one, seen_price_cents=1, seen_currency="EUR", added_at=now) for one in many
    )

    with pytest.raises(ListIsFull, match=str(MOST_ITEMS)):
        services.wish(owner=ADAS, product_id=mug.id)

    assert wishlist.items.count() == MOST_ITEMS


def test_the_database_itself_refuses_a_second_wish_for_one_product():
    mug = product()
    wishlist = services.wish(owner=ADAS, product_id=mug.id)

    with pytest.raises(IntegrityError, match="one_wish_per_list"), transaction.atomic(using="wishlists"):
        Item.objects.create(
            wishlist=wishlist, product=mug, seen_price_cents=1, seen_currency="EUR", added_at=timezone.now()
        )


def test_taking_off_what_is_not_there_is_fine():
    mug = product()
    services.wish(owner=ADAS, product_id=mug.id)

    services.unwish(owner=ADAS, product_id=uuid4())
    services.unwish(owner=STRANGER, product_id=mug.id)
    assert names(ADAS) == ["Mug"]
    services.unwish(owner=ADAS, product_id=mug.id)

    assert names(ADAS) == []


def test_a_guests_list_cannot_be_made_of_a_customers():
    mug = product()
    wishlist = services.wish(owner=ADAS, product_id=mug.id)

    assert names(Owner(guest_list=wishlist.id)) == []
    services.unwish(owner=Owner(guest_list=wishlist.id), product_id=mug.id)

    assert names(ADAS) == ["Mug"]


def test_signing_in_brings_the_guests_wishes_along_once():
    mug, lamp, pot = product("Mug", RED=12_50, BLUE=14_00), product("Lamp"), product("Pot")
    services.wish(owner=ADAS, product_id=mug.id, sku="BLUE")
    services.wish(owner=ADAS, product_id=lamp.id)
    guests = guest(mug, pot)

    for _ in range(2):
        services.merge(customer_id=ADA, guest_list=guests.guest_list)

    assert sorted(names(ADAS)) == ["Lamp", "Mug", "Pot"]
    assert Item.objects.get(product=mug).sku == "BLUE"
    assert names(guests) == []
    assert Wishlist.objects.count() == 1


def test_a_guest_becomes_a_customer_without_a_list():
    guests = guest(product())

    services.merge(customer_id=ADA, guest_list=guests.guest_list)

    assert names(ADAS) == ["Mug"]


def test_nobody_takes_over_another_customers_list():
    bobs = services.wish(owner=BOBS, product_id=product().id)

    services.merge(customer_id=ADA, guest_list=bobs.id)

    assert names(ADAS) == []
    assert names(BOBS) == ["Mug"]


def test_of_more_than_fits_the_newest_stay(monkeypatch):
    monkeypatch.setattr("contexts.wishlists.services.lists.MOST_ITEMS", 2)
    mug, lamp, pot = product("Mug"), product("Lamp"), product("Pot")
    for one in (mug, lamp):
        services.wish(owner=ADAS, product_id=one.id)
    guests = guest(pot)

    services.merge(customer_id=ADA, guest_list=guests.guest_list)

    assert names(ADAS) == ["Pot", "Lamp"]


def test_a_shared_list_keeps_its_link_until_it_is_taken_back():
    services.wish(owner=ADAS, product_id=product().id)

    first = services.share(owner=ADAS, title="Birthday").share_key
    again = services.share(owner=ADAS, title="Christmas")
    assert again.share_key == first
    assert again.title == "Christmas"

    assert services.stop_sharing(owner=ADAS).share_key is None
    assert services.share(owner=ADAS).share_key not in (first, None)


def test_without_a_list_there_is_nothing_to_share():
    with pytest.raises(NothingToShare):
        services.share(owner=ADAS)
    with pytest.raises(NothingToShare):
        services.stop_sharing(owner=STRANGER)


def test_lists_that_no_guest_can_reach_any_more_are_deleted():
    services.wish(owner=ADAS, product_id=product().id)
    guest(product("Lamp"))
    young = guest(product("Pot"))
    long_ago = timezone.now() - timedelta(days=401)
    Wishlist.objects.filter(items__product__name__in=["Mug", "Lamp"]).update(touched_at=long_ago)

    assert services.forget_old_lists() == 1

    assert names(ADAS) == ["Mug"]
    assert names(young) == ["Pot"]
