"""What a list says of today's prices and stock, whatever the order of the news and however often it comes."""

from __future__ import annotations

from itertools import permutations

import pytest
from uuid_utils.compat import uuid7

from contexts.catalog.events import ProductWithdrawn
from contexts.customers.events import CustomerErased
from contexts.inventory.events import AvailabilityChanged
from contexts.kernel.money import eur
from contexts.wishlists import queries, services
from contexts.wishlists.errors import NoLongerACustomer
from contexts.wishlists.models import Article, Item, Wishlist
from contexts.wishlists.services.lists import list_of
from tests.wishlists.factories import ADA, ADAS, BOBS, changed, price_changed, product, published, stock

pytestmark = pytest.mark.django_db(databases=["wishlists"])


def line() -> queries.Line:
    [only] = queries.shown(list_of(ADAS)).lines
    return only


def left(sku: str, available: int) -> AvailabilityChanged:
    return AvailabilityChanged(sku=sku, available=available)


@pytest.mark.parametrize("order", list(permutations(range(3))))
def test_catalog_and_inventory_may_speak_in_any_order_and_twice(deliver, order):
    mug = uuid7()
    catalogs = iter([published(mug, RED_MUG=12_50), price_changed(mug, "RED-MUG", 11_00)])
    # Catalog's two keep their order, wherever inventory's one comes.
    for turn in order:
        deliver(left("RED-MUG", 3) if turn == 2 else next(catalogs), times=2)

    services.wish(owner=ADAS, product_id=mug)

    assert (line().price, line().stock, line().left) == (eur(11_00), "low", 3)


def test_a_lower_price_is_said_and_a_higher_one_too(deliver):
    mug = product("Mug", RED_MUG=12_50)
    services.wish(owner=ADAS, product_id=mug.id)
    assert (line().cheaper, line().dearer) == (None, None)

    deliver(price_changed(mug.id, "RED-MUG", 10_00))
    assert (line().cheaper, line().dearer, line().item.seen_price) == (eur(2_50), None, eur(12_50))

    deliver(price_changed(mug.id, "RED-MUG", 13_00))
    assert (line().cheaper, line().dearer) == (None, eur(50))


def test_of_a_chosen_variant_only_its_own_price_and_stock_count(deliver):
    mug = product("Mug", RED=12_50, BLUE=14_00)
    services.wish(owner=ADAS, product_id=mug.id, sku="BLUE")

    deliver(price_changed(mug.id, "RED", 1_00))
    deliver(left("BLUE", 0))

    assert (line().price, line().cheaper, line().stock, line().is_from) == (eur(14_00), None, "none", False)


def test_of_any_variant_the_lowest_price_is_said_as_from():
    services.wish(owner=ADAS, product_id=product("Mug", RED=12_50, BLUE=14_00).id)

    assert (line().price, line().is_from, line().chosen) == (eur(12_50), True, None)


def test_back_is_said_only_of_what_was_away_since_the_wish(deliver):
    mug = product("Mug", left=0, RED_MUG=12_50)
    stock({"RED-MUG": 4})  # It had been back before anybody wished it.
    services.wish(owner=ADAS, product_id=mug.id)
    assert line().back_since is None

    deliver(left("RED-MUG", 0))
    assert (line().stock, line().back_since) == ("none", None)
    deliver(left("RED-MUG", 7))

    assert line().stock == "good"
    assert line().back_since is not None


def test_more_of_what_was_there_is_not_back(deliver):
    services.wish(owner=ADAS, product_id=product("Mug", left=2, RED_MUG=12_50).id)

    deliver(left("RED-MUG", 9))

    assert line().back_since is None


def test_a_variant_that_is_no_longer_sold_leaves_its_siblings_without_a_comparison(deliver):
    mug = product("Mug", RED=12_50, BLUE=14_00, GREEN=10_00)
    services.wish(owner=ADAS, product_id=mug.id, sku="BLUE")

    deliver(changed(mug.id, RED=12_50, GREEN=10_00))

    assert [variant.sku for variant in line().variants] == ["RED", "GREEN"]
    assert (line().chosen, line().price, line().cheaper, line().dearer) == (None, eur(10_00), None, None)


def test_a_withdrawn_product_stays_on_the_list_as_gone_and_may_come_back(deliver):
    mug = product("Mug", RED_MUG=12_50)
    services.wish(owner=ADAS, product_id=mug.id)

    deliver(ProductWithdrawn(product_id=mug.id, skus=["RED-MUG"]))
    assert (line().stock, line().price) == ("gone", None)

    deliver(published(mug.id, RED_MUG=12_50))
    assert line().stock == "good"


def test_availability_of_what_catalog_never_told_of_is_kept_for_the_day_it_does(deliver):
    deliver(left("GHOST", 4), times=2)

    assert Article.objects.values_list("sku", "available", "product").get() == ("GHOST", 4, None)


def test_nothing_is_said_of_stock_that_nobody_has_counted(deliver):
    mug = uuid7()
    deliver(published(mug))
    services.wish(owner=ADAS, product_id=mug)

    assert line().stock == "unknown"


def test_a_list_goes_with_its_customer_and_so_does_its_link(deliver):
    mug = product()
    services.wish(owner=ADAS, product_id=mug.id)
    services.wish(owner=BOBS, product_id=mug.id)
    key = services.share(owner=ADAS, title="Ada's").share_key

    deliver(CustomerErased(customer_id=ADA), times=2)

    assert queries.shared(key) is None
    assert Item.objects.count() == 1
    with pytest.raises(NoLongerACustomer):
        services.wish(owner=ADAS, product_id=mug.id)
    assert Wishlist.objects.filter(customer_id=ADA).count() == 0


def test_a_guests_wishes_are_not_merged_into_an_erased_customers_list(deliver):
    guests = services.wish(owner=services.Owner(), product_id=product().id)
    deliver(CustomerErased(customer_id=ADA))

    assert services.merge(customer_id=ADA, guest_list=guests.id) is None
    assert Wishlist.objects.filter(customer_id=ADA).count() == 0
