"""Staff let reviews appear or reject them with a reason; in the admin they are asked first."""

from __future__ import annotations

import pytest
from django.contrib.auth import get_user_model
from django.contrib.contenttypes.models import ContentType
from django.urls import reverse

from contexts.reviews import services
from contexts.reviews.errors import NotPossible
from contexts.reviews.events import RatingChanged
from contexts.reviews.models import Review
from tests.reviews.factories import ADA, product, reviewed, words

pytestmark = pytest.mark.django_db(databases=["reviews", "customers"])
LIST = "admin:reviews_review_changelist"


@pytest.fixture
def staff(client):
    ContentType.objects.clear_cache()  # Its rows may have been made, and rolled back, by another test.
    client.force_login(get_user_model().objects.create_superuser(email="staff@example.com", password="a long password"))
    return client


def waiting() -> Review:
    return services.write_review(product_id=product().id, customer_id=ADA, words=words(4, "Fine"))


def test_publishing_counts_the_stars(published_events):
    review = waiting()

    services.publish_review(review.id)

    assert published_events == [RatingChanged(product_id=review.product_id, rating_hundredths=400, rating_count=1)]


def test_rejecting_what_was_published_takes_the_stars_back(published_events):
    review = reviewed(product(), 4)
    published_events.clear()

    services.reject_review(review.id, reason="It names a person.")

    assert published_events == [RatingChanged(product_id=review.product_id, rating_hundredths=0, rating_count=0)]
    assert Review.objects.get().reason == "It names a person."


def test_a_second_click_is_told_so(published_events):
    review = waiting()
    services.publish_review(review.id)

    with pytest.raises(NotPossible, match="“Fine” is published already"):
        services.publish_review(review.id)

    assert len(published_events) == 1


@pytest.mark.parametrize("reason", ["", "   "])
def test_nobody_is_rejected_without_a_reason(reason):
    review = waiting()

    with pytest.raises(NotPossible, match="reason"):
        services.reject_review(review.id, reason=reason)

    assert Review.objects.get().state == "waiting"


def test_a_review_that_its_author_deleted_is_said_to_be_gone():
    review = waiting()
    services.delete_review(product_id=review.product_id, customer_id=ADA)

    with pytest.raises(NotPossible, match="deleted"):
        services.publish_review(review.id)


def test_a_rejected_review_that_was_changed_waits_even_where_nobody_waits(settings):
    settings.REVIEWS_MODERATION = "none"
    review = waiting()
    services.reject_review(review.id, reason="It insults somebody.")

    changed = services.edit_review(product_id=review.product_id, customer_id=ADA, words=words(4, "Politely now"))

    assert (changed.state, changed.reason) == ("waiting", "")


def test_in_the_admin_publishing_asks_first(staff):
    review = waiting()
    address = reverse("admin:reviews_review_publish_one", args=[review.pk])

    assert "Everybody sees it" in staff.get(address).content.decode()
    assert Review.objects.get().state == "waiting"

    assert "“Fine” is published." in staff.post(address, follow=True).content.decode()
    assert Review.objects.get().state == "published"


def test_what_staff_chose_in_german_is_kept_as_the_shops_own_text(staff):
    review = waiting()
    address = reverse("admin:reviews_review_reject_one", args=[review.pk])
    german = {"accept-language": "de"}
    assert "Es beleidigt jemanden." in staff.get(address, headers=german).content.decode()

    staff.post(address, {"reason": "Es beleidigt jemanden."}, headers=german)

    assert Review.objects.get().reason == "It insults somebody."


def test_in_the_admin_a_rejection_needs_a_reason(staff):
    review = waiting()
    address = reverse("admin:reviews_review_reject_one", args=[review.pk])

    assert "Give the author a reason" in staff.post(address, {"reason": ""}).content.decode()
    assert Review.objects.get().state == "waiting"

    staff.post(address, {"reason": "It holds a link."})
    assert Review.objects.values_list("state", "reason").get() == ("rejected", "It holds a link.")


def test_several_are_published_together(staff):
    mug = product()
    for number in range(3):
        services.write_review(product_id=mug.id, customer_id=ADA.__class__(int=50 + number), words=words())

    chosen = [str(review.pk) for review in Review.objects.all()]
    page = staff.post(reverse(LIST), {"action": "publish_selected", "_selected_action": chosen}, follow=True)

    assert "3 reviews published." in page.content.decode()


def test_nobody_rewrites_what_a_customer_wrote(staff):
    review = waiting()
    page = reverse("admin:reviews_review_change", args=[review.pk])
    assert staff.get(page).status_code == 200

    staff.post(page, {"title": "Excellent", "rating": 5})

    assert Review.objects.values_list("title", "rating").get() == ("Fine", 4)


def test_a_full_list_needs_few_queries(staff, django_assert_max_num_queries):
    mug = product()
    for _ in range(12):
        reviewed(mug)

    with django_assert_max_num_queries(3, using="reviews"):
        assert staff.get(reverse(LIST)).status_code == 200


@pytest.mark.django_db(databases="__all__")
def test_the_board_says_how_many_wait(staff):
    waiting()

    board = staff.get("/admin/").content.decode()

    assert "Reviews to look at" in board
