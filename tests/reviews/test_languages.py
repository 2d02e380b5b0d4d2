"""A review stays in the language it was written in, and says so to those who read another."""

from __future__ import annotations

import re

import pytest

from contexts.reviews import services
from contexts.reviews.models import Review
from tests.reviews.factories import ADA, product, reviewed, sign_in, words

pytestmark = pytest.mark.django_db(databases=["reviews"])
PAGE = "/p/red-mug/reviews/"
FORM = {"rating": "4", "title": "Schön", "text": "Hält warm.", "author": "Ada"}


def titles(client, address: str, **headers: str) -> list[str]:
    return re.findall(r"<h3[^>]*>(.*?)</h3>", client.get(address, headers=headers).content.decode())


def in_both_languages() -> None:
    mug = product()
    for number, language in enumerate(["de", "en", "de", "en", "en", "en", "en"]):
        review = reviewed(mug, title=f"{language} {number}")
        Review.objects.filter(pk=review.pk).update(language=language)


def test_a_review_is_in_the_language_of_the_page_that_it_was_written_on(client):
    product()
    sign_in(client)

    client.post(f"/de{PAGE}write/", FORM)

    assert Review.objects.get().language == "de"


def test_the_same_words_sent_on_a_page_of_another_language_are_one_review(client):
    product()
    sign_in(client)
    client.post(f"/de{PAGE}write/", FORM)

    assert client.post(f"{PAGE}write/", FORM).status_code == 303
    assert client.post(f"{PAGE}write/", FORM | {"replace": "yes"}).status_code == 303

    assert (Review.objects.get().language, Review.objects.get().edited_at) == ("de", None)


def test_the_few_on_the_products_page_are_those_that_one_can_read(client):
    in_both_languages()
    brief = {"hx-request": "true"}

    assert titles(client, f"{PAGE}?brief=1", **brief) == ["en 6", "en 5", "en 4", "en 3"]
    assert titles(client, f"/de{PAGE}?brief=1", **brief) == ["de 2", "de 0", "en 6", "en 5"]
    assert titles(client, f"/de{PAGE}") == ["en 6", "en 5", "en 4", "en 3", "de 2", "en 1", "de 0"]


def test_a_review_in_another_language_says_which(client):
    mug = product()
    old = reviewed(mug, title="Older", text="Fine.")
    english = reviewed(mug, title="Lovely", text="Holds tea.")
    Review.objects.filter(pk=english.pk).update(language="en")

    read_in_english, german = (client.get(f"{prefix}{PAGE}").content.decode() for prefix in ("", "/de"))

    assert '<h3 lang="en">Lovely</h3>' in german
    assert '<div class="prose" lang="en"><p>Holds tea.</p></div>' in german
    assert german.count('<span class="badge">Englisch</span>') == 1
    assert "<h3>Lovely</h3>" in read_in_english
    assert "badge" not in read_in_english.partition("<h3>Lovely")[0].rpartition("<article")[2]
    assert '<h3 lang="">Older</h3>' in german  # Nobody noted it.
    assert old.language == ""


def test_what_staff_usually_say_is_read_in_the_authors_language(client):
    mug = product()
    review = services.write_review(product_id=mug.id, customer_id=ADA, words=words())
    services.reject_review(review.id, reason="It names a person. Please leave names out.")
    sign_in(client)

    german = client.get(f"/de{PAGE}").content.decode()

    assert "Es nennt eine Person. Bitte lassen Sie Namen weg." in german
    assert "It names a person." not in german


def test_what_staff_wrote_themselves_stays_as_it_is(client):
    mug = product()
    review = services.write_review(product_id=mug.id, customer_id=ADA, words=words())
    services.reject_review(review.id, reason="Half of it is about the weather.")
    sign_in(client)

    assert '<span lang="">Half of it is about the weather.</span>' in client.get(f"/de{PAGE}").content.decode()
