"""Many at once: one review per customer, a sum that adds up, and nobody who was forgotten comes back."""

from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from uuid import uuid4

import pytest
from django.db import connections
from django.db.models import Sum

from contexts.reviews import services
from contexts.reviews.errors import AlreadyReviewed, NoLongerACustomer
from contexts.reviews.models import Product, Review
from tests.reviews.factories import ADA, product, reviewed, words

pytestmark = pytest.mark.django_db(databases=["reviews"], transaction=True)


def at_once(jobs, threads=8):
    """Run jobs in threads of their own connections; the first exception is raised."""

    def run(job):
        try:
            return job()
        finally:
            connections["reviews"].close()

    with ThreadPoolExecutor(threads) as pool:
        return list(pool.map(run, jobs))


def test_two_reviews_of_one_customer_at_once_are_one(settings, published_events):
    settings.REVIEWS_MODERATION = "none"
    for _ in range(10):
        mug, refused = product(f"Mug {uuid4()}"), []

        def write(title, mug=mug, refused=refused):
            try:
                services.write_review(product_id=mug.id, customer_id=ADA, words=words(5, title))
            except AlreadyReviewed:
                refused.append(title)

        at_once([lambda title=title: write(title) for title in ("One", "Two", "Three")])

        assert len(refused) == 2
        assert Review.objects.filter(product=mug).count() == 1
    assert len(published_events) == 10


def test_the_sum_adds_up_after_many_reviews_changes_and_deletions_at_once(settings):
    settings.REVIEWS_MODERATION = "none"
    mug = product()
    people = [uuid4() for _ in range(24)]

    def live(number, person):
        services.write_review(product_id=mug.id, customer_id=person, words=words(number % 5 + 1))
        if number % 3 == 0:
            services.edit_review(product_id=mug.id, customer_id=person, words=words(5 - number % 5, "Changed"))
        if number % 4 == 0:
            services.delete_review(product_id=mug.id, customer_id=person)

    at_once([lambda pair=pair: live(*pair) for pair in enumerate(people)])

    mug = Product.objects.get()
    assert mug.rating_count == Review.objects.count() == 18
    assert mug.rating_total == Review.objects.aggregate(total=Sum("rating"))["total"]


def test_a_review_that_races_with_an_erasure_leaves_nobodys_name():
    for _ in range(10):
        mug, person = product(f"Mug {uuid4()}"), uuid4()

        def write(mug=mug, person=person):
            with suppress(NoLongerACustomer):
                services.write_review(product_id=mug.id, customer_id=person, words=words())

        at_once([write, lambda person=person: services.forget_customer(person)])

        assert not Review.objects.filter(customer_id=person).exists()


def test_staff_and_author_at_once_do_not_lose_each_others_work():
    for _ in range(10):
        mug = product(f"Mug {uuid4()}")
        review = reviewed(mug, 5, by=ADA)

        at_once([
            lambda review=review: services.reject_review(review.id, reason="A link."),
            lambda mug=mug: services.edit_review(product_id=mug.id, customer_id=ADA, words=words(1, "Changed")),
        ])  # fmt: skip

        mug.refresh_from_db()
        assert mug.rating_count == 0
        assert Review.objects.get(product=mug).title == "Changed"
