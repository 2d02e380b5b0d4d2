"""Many clicks at once: one list, one wish, and nobody who was forgotten comes back."""

from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from uuid import uuid4

import pytest
from django.db import connections

from contexts.wishlists import services
from contexts.wishlists.errors import NoLongerACustomer
from contexts.wishlists.models import Item, Wishlist
from contexts.wishlists.services import Owner
from tests.wishlists.factories import product

pytestmark = pytest.mark.django_db(databases=["wishlists"], transaction=True)


def at_once(jobs, threads=8):
    """Run jobs in threads of their own connections; the first exception is raised."""

    def run(job):
        try:
            return job()
        finally:
            connections["wishlists"].close()

    with ThreadPoolExecutor(threads) as pool:
        return list(pool.map(run, jobs))


def test_many_first_clicks_of_one_customer_make_one_list_and_one_wish_each():
    goods = [product(f"Mug {number}") for number in range(4)]
    for _ in range(5):
        ada = Owner(customer_id=uuid4())

        at_once([lambda one=one, ada=ada: services.wish(owner=ada, product_id=one.id) for one in goods * 3])

        [wishlist] = Wishlist.objects.filter(customer_id=ada.customer_id)
        assert wishlist.items.count() == 4


def test_merging_from_two_tabs_at_once_loses_and_doubles_nothing():
    goods = [product(f"Mug {number}") for number in range(3)]
    for _ in range(5):
        customer_id, guests = uuid4(), Owner()
        for one in goods:
            guests = Owner(guest_list=services.wish(owner=guests, product_id=one.id).id)

        merge = lambda customer_id=customer_id, guests=guests: services.merge(  # noqa: E731
            customer_id=customer_id, guest_list=guests.guest_list
        )
        at_once([merge, merge, merge])

        assert Item.objects.filter(wishlist__customer_id=customer_id).count() == 3
        assert not Wishlist.objects.filter(id=guests.guest_list).exists()


def test_a_wish_that_races_with_an_erasure_leaves_no_list():
    mug = product()
    for _ in range(10):
        customer_id = uuid4()

        def wish(customer_id=customer_id):
            with suppress(NoLongerACustomer):
                services.wish(owner=Owner(customer_id=customer_id), product_id=mug.id)

        at_once([wish, lambda customer_id=customer_id: services.forget_customer(customer_id), wish])

        assert not Wishlist.objects.filter(customer_id=customer_id).exists()
