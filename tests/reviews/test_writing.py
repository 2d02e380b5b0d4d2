"""One review per customer and product: written, changed and deleted by its author, and counted once it appears."""

from __future__ import annotations

from uuid import uuid4

import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone

from contexts.reviews import services
from contexts.reviews.errors import AlreadyReviewed, NoSuchProduct, NoSuchReview
from contexts.reviews.events import RatingChanged
from contexts.reviews.models import Product, Review
from tests.reviews.factories import ADA, BOB, product, reviewed, words

pytestmark = pytest.mark.django_db(databases=["reviews"])


def rating_of(mug: Product) -> tuple[int, int]:
    mug.refresh_from_db()
    return mug.rating_hundredths, mug.rating_count


def bought(mug: Product, customer_id=ADA) -> None:
    order = uuid4()
    services.note_purchase(order_id=order, customer_id=customer_id, skus=["RED-MUG"])
    services.note_delivered(order_id=order, at=timezone.now())


def test_who_has_received_it_is_read_at_once_and_carries_the_mark(published_events):
    mug = product()
    bought(mug)

    review = services.write_review(product_id=mug.id, customer_id=ADA, words=words(4))

    assert (review.state, review.verified) == ("published", True)
    assert published_events == [RatingChanged(product_id=mug.id, rating_hundredths=400, rating_count=1)]


def test_who_did_not_buy_it_here_waits_for_staff(published_events):
    mug = product()

    review = services.write_review(product_id=mug.id, customer_id=ADA, words=words(4))

    assert (review.state, review.verified) == ("waiting", False)
    assert published_events == []
    assert rating_of(mug) == (0, 0)


@pytest.mark.parametrize(
    ("rule", "with_mark", "without"), [("all", "waiting", "waiting"), ("none", "published", "published")]
)
def test_the_setting_says_who_waits(settings, rule, with_mark, without):
    settings.REVIEWS_MODERATION = rule
    mug = product()
    bought(mug)

    states = [
        services.write_review(product_id=mug.id, customer_id=customer, words=words()).state for customer in (ADA, BOB)
    ]

    assert states == [with_mark, without]


def test_an_order_on_its_way_gives_no_mark_yet():
    mug = product()
    services.note_purchase(order_id=uuid4(), customer_id=ADA, skus=["RED-MUG"])

    assert not services.write_review(product_id=mug.id, customer_id=ADA, words=words()).verified


def test_the_same_words_sent_twice_are_one_review(published_events):
    mug = product()
    bought(mug)

    first = services.write_review(product_id=mug.id, customer_id=ADA, words=words())
    again = services.write_review(product_id=mug.id, customer_id=ADA, words=words())

    assert first.id == again.id
    assert len(published_events) == 1


def test_a_second_review_by_the_same_customer_is_refused_and_changes_nothing():
    mug = product()
    reviewed(mug, 5, by=ADA)

    with pytest.raises(AlreadyReviewed):
        services.write_review(product_id=mug.id, customer_id=ADA, words=words(1, "Bad"))

    assert [(review.rating, review.title) for review in Review.objects.all()] == [(5, "Good")]


def test_the_database_itself_refuses_a_second_review():
    mug = product()
    reviewed(mug, by=ADA)

    with pytest.raises(IntegrityError, match="one_review_per_customer"), transaction.atomic(using="reviews"):
        Review.objects.create(product=mug, customer_id=ADA, rating=1, title="Again")


@pytest.mark.parametrize("rating", [0, 6])
def test_the_database_itself_refuses_other_numbers_of_stars(rating):
    mug = product()

    with pytest.raises(IntegrityError, match="review_stars_1_to_5"), transaction.atomic(using="reviews"):
        Review.objects.create(product=mug, customer_id=ADA, rating=rating, title="Odd")


def test_a_product_nobody_told_us_of_cannot_be_reviewed():
    with pytest.raises(NoSuchProduct):
        services.write_review(product_id=uuid4(), customer_id=ADA, words=words())


def test_the_average_is_rounded_half_up_to_hundredths(published_events):
    mug = product()

    for stars in (5, 5, 4, 5, 4, 5, 5, 4):  # 37 / 8 = 4.625
        reviewed(mug, stars)

    assert rating_of(mug) == (463, 8)
    assert published_events[-1] == RatingChanged(product_id=mug.id, rating_hundredths=463, rating_count=8)


def test_changing_the_stars_changes_the_average(settings, published_events):
    settings.REVIEWS_MODERATION = "none"
    mug = product()
    reviewed(mug, 5, by=ADA)
    reviewed(mug, 3, by=BOB)
    published_events.clear()

    review = services.edit_review(product_id=mug.id, customer_id=BOB, words=words(1, "On reflection"))

    assert review.edited_at is not None
    assert published_events == [RatingChanged(product_id=mug.id, rating_hundredths=300, rating_count=2)]


def test_changing_words_alone_announces_nothing(settings, published_events):
    settings.REVIEWS_MODERATION = "none"
    mug = product()
    reviewed(mug, 5, by=ADA)
    published_events.clear()

    services.edit_review(product_id=mug.id, customer_id=ADA, words=words(5, "Better said"))

    assert published_events == []
    assert Review.objects.get().title == "Better said"


def test_a_changed_review_waits_again_where_new_ones_do(published_events):
    mug = product()
    reviewed(mug, 5, by=ADA)
    published_events.clear()

    review = services.edit_review(product_id=mug.id, customer_id=ADA, words=words(5, "Now with advertising"))

    assert review.state == "waiting"
    assert published_events == [RatingChanged(product_id=mug.id, rating_hundredths=0, rating_count=0)]


def test_saving_a_review_as_it_was_changes_nothing():
    mug = product()
    reviewed(mug, 5, by=ADA)

    review = services.edit_review(product_id=mug.id, customer_id=ADA, words=words())

    assert (review.state, review.edited_at) == ("published", None)


def test_only_ones_own_review_can_be_changed():
    mug = product()
    reviewed(mug, by=ADA)

    with pytest.raises(NoSuchReview):
        services.edit_review(product_id=mug.id, customer_id=BOB, words=words(1))


def test_deleting_takes_the_stars_back_and_room_for_another_review(published_events):
    mug = product()
    reviewed(mug, 5, by=ADA)
    reviewed(mug, 2, by=BOB)
    published_events.clear()

    services.delete_review(product_id=mug.id, customer_id=ADA)
    services.delete_review(product_id=mug.id, customer_id=ADA)

    assert published_events == [RatingChanged(product_id=mug.id, rating_hundredths=200, rating_count=1)]
    assert reviewed(mug, 4, by=ADA).rating == 4
