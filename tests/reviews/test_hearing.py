"""What reviews makes of others' news, in any order and more than once; and what catalog makes of ours."""

from __future__ import annotations

from uuid import uuid4

import pytest
from uuid_utils.compat import uuid7

from contexts.catalog.events import ProductWithdrawn
from contexts.customers.events import CustomerErased
from contexts.reviews import services
from contexts.reviews.errors import NoLongerACustomer
from contexts.reviews.events import RatingChanged
from contexts.reviews.models import Product, Purchase, Review
from tests.reviews.factories import (
    ADA,
    BOB,
    cancelled,
    changed,
    completed,
    confirmed,
    product,
    published,
    reviewed,
    words,
)

pytestmark = pytest.mark.django_db(databases=["reviews"])


def marked(product_id) -> bool:
    return services.write_review(product_id=product_id, customer_id=ADA, words=words()).verified


def test_what_was_delivered_is_marked_however_often_we_are_told(deliver):
    mug, order = uuid7(), uuid4()

    for event in (published(mug, "RED-MUG"), confirmed(order, "RED-MUG"), completed(order)):
        deliver(event, times=2)

    assert marked(mug)
    assert Purchase.objects.count() == 1


@pytest.mark.parametrize("turn", [0, 1, 2])
def test_the_goods_may_be_told_before_between_or_after_the_order(deliver, turn):
    mug, order = uuid7(), uuid4()
    news = [confirmed(order, "RED-MUG"), completed(order)]
    news.insert(turn, published(mug, "RED-MUG"))

    for event in news:
        deliver(event)

    assert marked(mug)


def test_a_review_written_on_the_way_is_marked_when_the_parcel_arrives(deliver):
    mug, order = uuid7(), uuid4()
    deliver(published(mug, "RED-MUG", "BLUE-MUG"))
    deliver(confirmed(order, "BLUE-MUG"))
    assert not marked(mug)

    deliver(completed(order))

    assert Review.objects.get().verified


def test_a_cancelled_order_and_a_guests_order_are_no_purchases(deliver):
    mug, order, guests = uuid7(), uuid4(), uuid4()
    deliver(published(mug, "RED-MUG"))
    for event in (confirmed(order, "RED-MUG"), cancelled(order), confirmed(guests, "RED-MUG", customer_id=None)):
        deliver(event)
    deliver(completed(guests))

    assert not marked(mug)
    assert Purchase.objects.count() == 0


def test_a_variant_that_is_no_longer_sold_still_counts_as_bought(deliver):
    mug, order = uuid7(), uuid4()
    for event in (published(mug, "RED-MUG", "BLUE-MUG"), confirmed(order, "BLUE-MUG"), changed(mug, "RED-MUG")):
        deliver(event)
    deliver(completed(order))

    assert marked(mug)


def test_a_renamed_product_keeps_its_reviews(deliver):
    mug = product()
    reviewed(mug, 4)

    deliver(changed(mug.id, "RED-MUG", slug="scarlet-mug", name="Scarlet mug"))

    mug.refresh_from_db()
    assert (mug.slug, mug.name, mug.rating_hundredths, mug.rating_count) == ("scarlet-mug", "Scarlet mug", 400, 1)


def test_a_withdrawn_product_comes_back_when_it_is_published_again(deliver):
    mug = product()
    deliver(ProductWithdrawn(product_id=mug.id, skus=["RED-MUG"]))
    assert not Product.objects.get().on_sale

    deliver(published(mug.id, "RED-MUG"))

    assert Product.objects.get().on_sale


def test_an_erased_customer_loses_name_and_link_and_what_nobody_has_read(deliver, published_events):
    mug, lamp = product(), product("Desk lamp")
    reviewed(mug, 4, by=ADA)
    services.write_review(product_id=lamp.id, customer_id=ADA, words=words(1, "Waiting"))
    services.note_purchase(order_id=uuid4(), customer_id=ADA, skus=["RED-MUG"])
    reviewed(mug, 5, by=BOB)
    published_events.clear()

    deliver(CustomerErased(customer_id=ADA), times=2)

    kept = list(Review.objects.order_by("rating").values_list("title", "author", "customer_id"))
    assert kept == [("Good", "", None), ("Good", "Ada", BOB)]
    assert Purchase.objects.count() == 0
    assert published_events == []  # The stars still count.


def test_what_arrives_late_about_an_erased_customer_is_not_kept(deliver):
    mug, order = product(), uuid4()
    deliver(CustomerErased(customer_id=ADA))

    deliver(confirmed(order, "RED-MUG"))
    deliver(completed(order))

    assert Purchase.objects.count() == 0
    with pytest.raises(NoLongerACustomer):
        services.write_review(product_id=mug.id, customer_id=ADA, words=words())


def test_two_erased_customers_may_have_written_about_one_product(deliver):
    mug = product()
    reviewed(mug, by=ADA)
    reviewed(mug, by=BOB)

    for customer in (ADA, BOB):
        deliver(CustomerErased(customer_id=customer))

    assert Review.objects.filter(product=mug, customer_id=None).count() == 2


@pytest.mark.parametrize("turn", [0, 1, 2])
def test_a_purchase_its_delivery_and_an_erasure_in_any_order_leave_nothing(deliver, turn):
    # Ordering's two keep their order, whenever customers speaks.
    order_id = uuid4()
    news = [confirmed(order_id, "RED-MUG"), completed(order_id)]
    news.insert(turn, CustomerErased(customer_id=ADA))

    for event in news:
        deliver(event)

    assert Purchase.objects.count() == 0


@pytest.mark.django_db(databases=["catalog", "reviews"])
def test_catalog_shows_the_last_rating_it_was_told(deliver):
    from tests.catalog.factories import draft, on_sale

    (mug,) = on_sale(draft())

    deliver(RatingChanged(product_id=mug.id, rating_hundredths=433, rating_count=3), times=2, to="catalog")
    deliver(RatingChanged(product_id=mug.id, rating_hundredths=450, rating_count=4), to="catalog")

    mug.refresh_from_db()
    assert (mug.rating_hundredths, mug.rating_count) == (450, 4)


@pytest.mark.django_db(transaction=True, databases="__all__")
def test_a_rating_travels_from_a_review_to_the_products_page(client, deliver_all):
    from tests.catalog.factories import draft, on_sale

    (mug,) = on_sale(draft())
    deliver_all()
    reviewed(Product.objects.get(id=mug.id), 4)

    deliver_all()

    page = client.get(mug.get_absolute_url()).content.decode()
    assert '"aggregateRating":{"@type":"AggregateRating","ratingValue":"4.00","reviewCount":1}' in page
    assert "4.0 of 5 stars" in page
    assert "4.0 of 5 stars" in client.get("/").content.decode()
