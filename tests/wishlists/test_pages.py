"""Hearts, the list's page and shared lists, as a browser sees them with and without JavaScript."""

from __future__ import annotations

import re
from html import unescape
from urllib.parse import urlsplit

import pytest
from django.test import Client

from contexts.wishlists import services
from contexts.wishlists.access import LIST_COOKIE, sealed
from contexts.wishlists.models import Item, Wishlist
from tests.wishlists.factories import ADA, ADAS, BOB, product, sign_in, stock

pytestmark = pytest.mark.django_db(databases=["wishlists"])
PAGE, HEART, COUNT, SHARE, STOP = (
    "/wishlist/",
    "/wishlist/heart/",
    "/wishlist/count/",
    "/wishlist/share/",
    "/wishlist/share/stop/",
)


def text_of(client: Client, address: str = PAGE) -> str:
    answer = client.get(address)
    assert answer.status_code == 200
    return re.sub(r"\s+", " ", unescape(answer.content.decode()))


def press(client: Client, one, wish: str = "yes", **more):
    return client.post(HEART, {"product": str(one.id), "wish": wish}, **more)


def shared_address(page: str) -> str:
    return urlsplit(re.search(r'value="(http://testserver/wishlist/shared/[^"]+)"', page)[1]).path


def test_an_empty_list_says_how_it_is_filled(client):
    page = text_of(client)

    assert "There is nothing on your wishlist yet." in page
    assert "The heart beside an article puts it here" in page
    assert Wishlist.objects.count() == 0


def test_a_guest_presses_a_heart_and_finds_the_article_on_the_list(client):
    mug = product("Mug", MUG=12_50)

    answer = press(client, mug, follow=True)

    page = unescape(answer.content.decode())
    assert answer.redirect_chain == [(f"/wishlist/?added={mug.id}", 303)]
    assert "“Mug” is on your wishlist." in page
    assert "€12.50" in page
    assert 'name="sku" value="MUG"' in page
    assert client.cookies["wished"].value == f"guest.1.{mug.id.hex[-8:]}"


def test_another_browser_does_not_see_it_and_a_forged_cookie_opens_nothing(client):
    press(client, product())
    wishlist = Wishlist.objects.get()
    stranger = Client()
    stranger.cookies[LIST_COOKIE] = str(wishlist.id)

    assert "There is nothing on your wishlist yet." in text_of(stranger)


def test_taking_off_can_be_undone(client):
    mug = product()
    press(client, mug)

    page = unescape(press(client, mug, wish="no", follow=True).content.decode())

    assert "“Mug” was taken off your wishlist." in page
    assert "Undo" in page
    assert Item.objects.count() == 0
    press(client, mug)
    assert Item.objects.count() == 1


def test_a_heart_pressed_in_the_background_gets_a_full_heart_and_the_new_count(client):
    mug = product()

    answer = press(client, mug, headers={"HX-Request": "true"})

    page = answer.content.decode()
    assert 'aria-pressed="true"' in page
    assert 'value="no"' in page
    assert "autofocus" in page
    assert 'hx-swap-oob="true"' in page
    assert "<html" not in page
    emptied = press(client, mug, wish="no", headers={"HX-Request": "true"}).content.decode()
    assert 'aria-pressed="false"' in emptied
    assert "tool__count" not in emptied


def test_a_heart_of_what_is_gone_leads_to_a_sentence(client):
    mug = product()
    mug.on_sale = False
    mug.save()

    assert press(client, mug).status_code == 409
    assert "is not for sale now" in press(client, mug).content.decode()
    background = press(client, mug, headers={"HX-Request": "true"})
    assert background["HX-Redirect"] == PAGE
    assert "is not for sale now" in text_of(client)


@pytest.mark.parametrize("nonsense", [{}, {"product": "x", "wish": "yes"}, {"product": "", "wish": "maybe"}])
def test_nonsense_is_refused_in_words(client, nonsense):
    answer = client.post(HEART, nonsense)

    assert answer.status_code == 400
    assert "Something was missing." in answer.content.decode()
    assert Wishlist.objects.count() == 0


@pytest.mark.parametrize(("headers", "status"), [
    ({"Sec-Fetch-Site": "same-origin", "Origin": "http://testserver"}, 303),
    ({"Origin": "http://testserver"}, 303),
    ({"Sec-Fetch-Site": "cross-site", "Origin": "https://evil.example"}, 403),
    ({"Sec-Fetch-Site": "same-site", "Origin": "http://other.testserver"}, 403),
    ({"Origin": "https://evil.example"}, 403),
    ({"Origin": "null"}, 403),
])  # fmt: skip
def test_hearts_are_pressed_from_the_shops_own_pages_only(headers, status):
    strict = Client(enforce_csrf_checks=True)

    answer = press(strict, product(), headers=headers)

    assert answer.status_code == status
    assert Item.objects.count() == (status == 303)


def test_sharing_needs_a_token_like_any_form():
    strict = sign_in(Client(enforce_csrf_checks=True))
    services.wish(owner=ADAS, product_id=product().id)

    assert strict.post(SHARE).status_code == 403
    assert Wishlist.objects.get().share_key is None


def test_after_a_sign_in_the_frame_asks_once_and_brings_the_guests_wishes_along(client):
    mug, lamp = product("Mug"), product("Lamp")
    press(client, mug)
    services.wish(owner=ADAS, product_id=lamp.id)
    sign_in(client)
    client.cookies["wished"] = "guest.1"

    counted = client.get(COUNT)

    assert "2" in re.sub(r"<[^>]+>", "", counted.content.decode())
    assert "hx-get" not in counted.content.decode()
    assert client.cookies[LIST_COOKIE].value == ""
    assert client.cookies["wished"].value.startswith(f"{ADA.hex[-8:]}.2.")
    assert Wishlist.objects.get().customer_id == ADA


def test_the_page_itself_merges_too_without_javascript(client):
    press(client, product())

    assert "Mug" in text_of(sign_in(client))
    assert Wishlist.objects.get().customer_id == ADA


def test_one_customers_hearts_are_not_shown_to_the_next(client):
    press(sign_in(client), product())
    stale = client.cookies["wished"].value

    sign_in(client, BOB)
    page = text_of(client)

    assert stale.startswith(ADA.hex[-8:])
    assert "There is nothing on your wishlist yet." in page
    assert client.cookies["wished"].value == f"{BOB.hex[-8:]}.0"


def test_a_shared_list_is_read_by_whoever_has_the_link_until_it_is_taken_back(client):
    mug = product("Mug", MUG=12_50)
    press(sign_in(client), mug)
    client.post(SHARE, {"title": "For <my> birthday"})
    address = shared_address(text_of(client))
    friend = Client()

    page = friend.get(address)

    assert "For &lt;my&gt; birthday" in page.content.decode()
    assert "Mug" in page.content.decode()
    assert "Remove" not in page.content.decode()
    assert "Ada" not in page.content.decode()
    assert (page["X-Robots-Tag"], page["Referrer-Policy"]) == ("noindex", "no-referrer")
    assert 'rel="canonical"' not in page.content.decode()

    assert "The old link no longer opens your list." in client.post(STOP, follow=True).content.decode()
    assert friend.get(address).status_code == 404


@pytest.mark.parametrize("key", ["guess", "abc:def", sealed("never-made")])
def test_guesses_find_nothing(client, key):
    assert client.get(f"/wishlist/shared/{key}/").status_code == 404


def test_a_guess_that_is_not_signed_asks_the_database_nothing(client, django_assert_num_queries):
    with django_assert_num_queries(0, using="wishlists"):
        client.get("/wishlist/shared/guess/")


def test_sold_out_offers_to_tell_and_a_choice_of_variants_offers_what_is_there(client):
    press(client, product("Lamp", left=0, LAMP=90_00))
    press(client, product("Mug", RED=12_50, BLUE=14_00))
    stock({"BLUE": 0})

    page = text_of(client)

    assert "/back-in-stock/LAMP/" in page
    assert '<option value="RED">' in page
    assert '<option value="BLUE">' not in page


@pytest.mark.parametrize("wishes", [2, 20])
def test_queries_per_page_do_not_grow(client, django_assert_num_queries, wishes):
    goods = [product(f"Mug {number}", **{f"A{number}": 10_00, f"B{number}": 12_00}) for number in range(wishes)]
    sign_in(client)
    for one in goods:
        press(client, one)
    client.post(SHARE)
    address = shared_address(text_of(client))

    with django_assert_num_queries(4, using="wishlists"):  # list, wishes, articles, the cookie's note
        client.get(PAGE)
    with django_assert_num_queries(3, using="wishlists"):  # list, wishes, articles
        Client().get(address)
