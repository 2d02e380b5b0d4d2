"""Finished pages are kept by what they show: never stale, never somebody else's, and answered with 304 where they hold."""

import re

import pytest
from django.test import Client

from contexts.catalog import services
from contexts.kernel.money import eur
from tests.catalog.factories import draft, on_sale, variant

pytestmark = pytest.mark.django_db(databases=["catalog"])
ADDRESSES = ["/", "/c/kitchen/", "/p/alder-mug/", "/search/", "/search/?q=mug"]


@pytest.fixture
def mug():
    return on_sale(draft())[0]


@pytest.mark.parametrize("address", ADDRESSES)
def test_a_browser_that_has_the_page_is_told_so(client, mug, address):
    client.get("/p/alder-mug/")
    first = client.get(address)

    again = client.get(address, headers={"if-none-match": first["ETag"]})

    assert (again.status_code, again.content) == (304, b"")
    assert first["Cache-Control"] == "private, no-cache"
    assert "Cookie" in first["Vary"]


@pytest.mark.parametrize("address", ADDRESSES)
@pytest.mark.parametrize(
    "change",
    [
        lambda mug: services.change_price(sku="RED-MUG", price=eur(31_00)),
        lambda mug: services.note_availability({"RED-MUG": 0}),
        lambda mug: services.withdraw_product(mug.id),
        lambda mug: services.change_product(mug.id, draft("Alder Mug", variant(colour="#2f5d62"))),
    ],
)
def test_what_changes_is_on_every_page_at_once(client, mug, address, change):
    client.get("/p/alder-mug/")
    first = client.get(address)

    change(mug)
    again = client.get(address, headers={"if-none-match": first["ETag"]})

    assert again.status_code in (200, 410)
    assert again.content != first.content


def test_a_page_is_for_whom_it_was_made(client, mug):
    plain = client.get("/c/kitchen/").content.decode()
    client.cookies["cart_count"] = "7"
    client.cookies["theme"] = "dark"
    own = client.get("/c/kitchen/").content.decode()
    del client.cookies["cart_count"], client.cookies["theme"]

    assert 'data-theme="dark"' in own
    assert re.search(r'tool__count">.*7</span>', own)
    assert client.get("/c/kitchen/").content.decode() == plain


def test_a_word_to_the_shopper_is_on_one_page_only(client, mug, rf):
    from django.contrib.messages import SUCCESS
    from django.contrib.messages.storage.base import Message
    from django.contrib.messages.storage.cookie import CookieStorage

    client.get("/c/kitchen/")
    storage = CookieStorage(rf.get("/"))
    client.cookies["messages"] = storage._encode([Message(SUCCESS, "Bought!")])

    assert "Bought!" in client.get("/c/kitchen/").content.decode()
    assert "Bought!" not in client.get("/c/kitchen/").content.decode()


def test_each_visitors_form_has_their_own_token(mug):
    one, other = Client(enforce_csrf_checks=True), Client(enforce_csrf_checks=True)
    tokens = [
        re.search(r'csrfmiddlewaretoken" value="(\w+)"', c.get("/p/alder-mug/").content.decode())[1]
        for c in (one, other)
    ]

    assert len({*tokens}) == 2
    assert all(len(token) == 64 for token in tokens)
    assert one.cookies["csrftoken"].value != other.cookies["csrftoken"].value


def test_what_was_looked_at_is_remembered_in_the_visitors_cookie(client):
    on_sale(*(draft(f"Mug {number}", variant(f"M-{number}")) for number in range(7)))

    for number in range(7):
        client.get(f"/p/mug-{number}/")

    home = client.get("/").content.decode()
    strip = home[home.index("You looked at") :]
    assert re.findall(r"/p/(mug-\d)/", strip) == ["mug-6", "mug-5", "mug-4", "mug-3", "mug-2"]
    assert client.cookies["viewed"]["httponly"]


@pytest.mark.parametrize("nonsense", ["", "x", "....", "A" * 500, "é", "AAAAAAAAAAAAAAAAAAAAAA.zz"])
def test_a_cookie_that_makes_no_sense_is_an_empty_one(client, mug, nonsense):
    client.cookies["viewed"] = nonsense

    answer = client.get("/")

    assert answer.status_code == 200
    assert "You looked at" not in answer.content.decode()
