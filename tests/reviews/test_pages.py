"""What readers and authors see; each page in a fixed number of queries."""

from __future__ import annotations

import re
from uuid import UUID, uuid4

import pytest
from django.utils import timezone

from contexts.reviews import services
from contexts.reviews.models import Review
from tests.reviews.factories import ADA, BOB, product, reviewed, sign_in, words

pytestmark = pytest.mark.django_db(databases=["reviews"])
PAGE, WRITE, DELETE, MINE = (
    "/p/red-mug/reviews/",
    "/p/red-mug/reviews/write/",
    "/p/red-mug/reviews/delete/",
    "/account/reviews/",
)
FORM = {"rating": "4", "title": "Fine", "text": "Holds tea.", "author": "Ada"}


def text_of(client, address=PAGE, **headers) -> str:
    answer = client.get(address, headers=headers)
    assert answer.status_code == 200
    return re.sub(r"\s+", " ", answer.content.decode())


def titles(page: str) -> list[str]:
    return re.findall(r"<h3[^>]*>(.*?)</h3>", page)


def test_without_reviews_the_page_asks_for_the_first(client):
    product()

    page = text_of(client)

    assert "Write the first review" in page
    assert "Nobody has written about this yet" in page


def test_an_unknown_product_is_not_found(client):
    assert client.get("/p/nothing/reviews/").status_code == 404
    assert client.get("/p/nothing/reviews/write/").status_code == 404


def test_the_page_shows_who_says_what_and_how_many(client):
    mug = product()
    reviewed(mug, 5, title="Lovely", text="First line.\nSecond <b>line</b>.", author="Grace")
    reviewed(mug, 2, title="Chipped")
    services.write_review(product_id=mug.id, customer_id=uuid4(), words=words(1, "Nobody has read this yet"))

    page = text_of(client)

    assert titles(page) == ["Chipped", "Lovely"]
    assert "First line.<br>Second &lt;b&gt;line&lt;/b&gt;." in page
    assert "Grace" in page
    assert "3.5 of 5 stars" in page
    assert "Nobody has read this yet" not in page


def test_reviews_are_sorted_filtered_and_paged_without_gaps(client):
    mug = product()
    for number in range(25):
        reviewed(mug, number % 5 + 1, title=f"Review {number:02}")

    for order in ("new", "best", "worst"):
        seen, address = [], f"{PAGE}?sort={order}"
        while address:
            page = text_of(client, address)
            seen += titles(page)
            further = re.search(r'rel="next" href="([^"]+)"', page)
            address = PAGE + further[1].replace("&amp;", "&") if further else ""
        assert sorted(seen) == [f"Review {number:02}" for number in range(25)]
        if order == "new":
            assert seen == sorted(seen, reverse=True)

    assert titles(text_of(client, f"{PAGE}?stars=1")) == [f"Review {number:02}" for number in (20, 15, 10, 5, 0)]


@pytest.mark.parametrize(
    "nonsense", ["stars=9", "stars=x", "sort=up", "after=7", "after=5.x", "after=%00", "stars=%C2%B2"]
)
def test_nonsense_in_the_address_is_as_if_it_were_not_there(client, nonsense):
    reviewed(product())

    assert titles(text_of(client, f"{PAGE}?{nonsense}")) == ["Good"]


def test_the_products_own_page_gets_a_few_of_them(client):
    mug = product()
    for number in range(6):
        reviewed(mug, title=f"Review {number}")

    part = text_of(client, f"{PAGE}?brief=1", HX_Request="true")

    assert "<html" not in part
    assert len(titles(part)) == 4
    assert "Read all 6 reviews" in part
    assert "<html" in text_of(client, f"{PAGE}?brief=1")  # followed as a link


def test_a_guest_signs_in_first_and_comes_back(client):
    product()

    answer = client.get(WRITE)

    assert (answer.status_code, answer["Location"]) == (302, f"/account/sign-in/?next={WRITE.replace('/', '%2F')}")
    assert client.get(MINE).status_code == 302


def test_a_customer_writes_and_is_told_what_happens_next(client):
    product()
    sign_in(client)
    assert 'value="Ada"' in text_of(client, WRITE)

    answer = client.post(WRITE, FORM, follow=True)

    page = answer.content.decode()
    assert answer.redirect_chain == [(PAGE, 303)]
    assert "We have a look at your review before others see it" in page
    assert Review.objects.values_list("rating", "title", "text", "author", "customer_id").get() == (
        4, "Fine", "Holds tea.", "Ada", ADA,
    )  # fmt: skip


@pytest.mark.parametrize(("field", "entered", "said"), [
    ("rating", "", "Choose how many stars you give."),
    ("rating", "6", "Choose how many stars you give."),
    ("title", "", "This field is required."),
    ("author", "x" * 61, "at most 60 characters"),
    ("text", "x" * 4001, "at most 4000 characters"),
])  # fmt: skip
def test_what_is_missing_is_said_beside_the_field_and_nothing_is_lost(client, field, entered, said):
    product()
    sign_in(client)

    answer = client.post(WRITE, FORM | {field: entered})

    page = answer.content.decode()
    assert answer.status_code == 422
    assert said in page
    if field != "text":
        assert "Holds tea." in page
    assert Review.objects.count() == 0


def test_a_form_that_did_not_know_of_an_earlier_review_does_not_replace_it_at_once(client):
    mug = product()
    sign_in(client)
    reviewed(mug, 5, by=ADA)

    answer = client.post(WRITE, FORM)

    page = answer.content.decode()
    assert answer.status_code == 409
    assert "You have reviewed this article already." in page
    assert 'value="Fine"' in page
    assert Review.objects.get().title == "Good"

    client.post(WRITE, FORM | {"replace": "yes"})
    assert Review.objects.get().title == "Fine"


def test_ones_own_review_is_shown_with_its_state_and_reason(client):
    mug = product()
    sign_in(client)
    review = services.write_review(product_id=mug.id, customer_id=ADA, words=words())
    assert "We have a look at it before others see it" in text_of(client)

    services.reject_review(review.id, reason="It names a person.")

    assert "It names a person." in text_of(client)
    assert "It names a person." in text_of(client, WRITE)
    assert "It names a person." in text_of(client, MINE)


def test_others_do_not_see_that_somebodys_review_was_rejected(client):
    mug = product()
    review = services.write_review(product_id=mug.id, customer_id=BOB, words=words())
    services.reject_review(review.id, reason="It names a person.")

    assert "It names a person." not in text_of(sign_in(client))


def test_a_review_is_deleted_by_its_author_alone(client):
    mug = product()
    reviewed(mug, by=BOB)
    sign_in(client)

    client.post(DELETE)
    assert Review.objects.count() == 1
    assert client.get(DELETE).status_code == 405

    sign_in(client, BOB)
    assert "Your review was deleted." in client.post(DELETE, follow=True).content.decode()
    assert Review.objects.count() == 0


def test_a_form_from_elsewhere_writes_nothing(client):
    from django.test import Client

    product()
    strict = sign_in(Client(enforce_csrf_checks=True))

    assert strict.post(WRITE, FORM).status_code == 403
    assert Review.objects.count() == 0


def test_what_was_received_waits_to_be_reviewed(client):
    mug = product()
    product("Desk lamp", "LAMP")
    order = uuid4()
    services.note_purchase(order_id=order, customer_id=ADA, skus=["RED-MUG", "LAMP"])
    sign_in(client)
    assert "Nothing to write about yet" in text_of(client, MINE)

    services.note_delivered(order_id=order, at=timezone.now())
    services.write_review(product_id=mug.id, customer_id=ADA, words=words())

    page = text_of(client, MINE)
    assert "Write a review: Desk lamp" in page
    assert "Write a review: Red mug" not in page
    assert "Bought here" in page


def test_who_was_erased_is_a_former_customer(client):
    reviewed(product(), by=ADA)
    services.forget_customer(ADA)

    page = text_of(client)

    assert "A former customer" in page
    assert titles(page) == ["Good"]


@pytest.mark.parametrize("reviews", [3, 30])
def test_queries_per_page_do_not_grow(client, django_assert_num_queries, reviews):
    mug = product()
    for number in range(reviews):
        reviewed(mug, number % 5 + 1, by=UUID(int=100 + number))
    services.note_purchase(order_id=uuid4(), customer_id=ADA, skus=["RED-MUG"])
    reviewed(mug, by=ADA)
    sign_in(client)

    with django_assert_num_queries(4, using="reviews"):  # product, reviews, bars, one's own
        client.get(PAGE)
    with django_assert_num_queries(2, using="reviews"):  # product, one's own
        client.get(WRITE)
    with django_assert_num_queries(2, using="reviews"):  # written, waiting
        client.get(MINE)
