"""The account pages."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

import pytest
from django.core.cache import cache
from django.test import Client

from contexts.customers import services
from contexts.customers.models import Account, SavedAddress
from contexts.kernel.addresses import Address

pytestmark = pytest.mark.django_db(databases=["customers"])

HOME = Address(name="Ada Byron", street="Rheingasse 7", postcode="4058", city="Basel", country="CH")
FORM = {"name": "Ada Byron", "street": "Rheingasse 7", "postcode": "4058", "city": "Basel", "country": "CH"}


@pytest.fixture
def ada(client: Client) -> Account:
    """A customer who is signed in."""
    cache.clear()
    account = services.register(
        email="ada@example.org", name="Ada Byron", password="quite a long phrase", confirmed=True
    )
    client.force_login(account)
    return account


@pytest.mark.parametrize("path", ["", "profile/", "addresses/", "addresses/add/", "delete/", "email/", "password/",
                                  "devices/", "data/", "security/"])  # fmt: skip
def test_every_page_asks_a_guest_to_sign_in_and_brings_them_back(client: Client, path: str) -> None:
    answer = client.get(f"/account/{path}")

    assert (answer.status_code, answer["Location"]) == (302, f"/account/sign-in/?next=/account/{path}")


@pytest.mark.parametrize(
    ("path", "words"),
    [
        ("", "Hello, Ada"),
        ("profile/", "Your profile"),
        ("addresses/", "No address yet."),
        ("addresses/add/", "Add an address"),
        ("devices/", "This device"),
        ("security/", "Authenticator app"),
        ("password/", "Change your password"),
        ("sign-out/", "Sign out?"),
    ],
)
def test_every_page_shows_itself_to_a_customer(client: Client, ada: Account, path: str, words: str) -> None:
    answer = client.get(f"/account/{path}")

    assert answer.status_code == 200
    assert words in answer.content.decode()


@pytest.mark.parametrize("path", ["sign-in/", "sign-up/", "password/reset/", "password/reset/sent/", "closed/",
                                  "password/reset/done/"])  # fmt: skip
def test_every_page_on_the_way_in_shows_itself_to_a_guest(client: Client, path: str) -> None:
    cache.clear()

    answer = client.get(f"/account/{path}")

    assert answer.status_code == 200
    assert "style=" not in answer.content.decode(), "the content security policy forbids inline styles"


def test_the_account_page_costs_three_queries(client: Client, ada: Account, django_assert_num_queries: Any) -> None:
    services.save_address(customer_id=ada.id, address=HOME)

    with django_assert_num_queries(3, using="customers"):  # session, account, addresses
        answer = client.get("/account/")

    assert "Rheingasse 7" in answer.content.decode()


def test_an_address_is_added_changed_made_the_default_and_deleted(client: Client, ada: Account) -> None:
    client.post("/account/addresses/add/", FORM)
    client.post("/account/addresses/add/", FORM | {"street": "Engine Road 2", "country": "GB"})
    first, second = SavedAddress.objects.order_by("id")
    assert (first.is_default, second.is_default) == (True, False)

    client.post(f"/account/addresses/{second.id}/", FORM | {"street": "Engine Road 3", "country": "GB"})
    client.post(f"/account/addresses/{second.id}/default/")
    client.post(f"/account/addresses/{first.id}/delete/")

    left = SavedAddress.objects.get()
    assert (left.street, left.is_default) == ("Engine Road 3", True)


def test_a_form_with_a_gap_keeps_what_was_typed_and_says_what_is_missing(client: Client, ada: Account) -> None:
    answer = client.post("/account/addresses/add/", FORM | {"city": ""})

    page = answer.content.decode()
    assert answer.status_code == 422
    assert 'value="Rheingasse 7"' in page
    assert 'id="id_city_error"' in page
    assert not SavedAddress.objects.exists()


def test_a_strangers_address_is_not_found(client: Client, ada: Account) -> None:
    other = services.register(email="eve@example.org", name="Eve", password=None)
    theirs = services.save_address(customer_id=other.id, address=HOME)

    assert client.get(f"/account/addresses/{theirs.id}/").status_code == 404
    assert client.get(f"/account/addresses/{uuid4()}/").status_code == 404
    client.post(f"/account/addresses/{theirs.id}/delete/")
    assert SavedAddress.objects.get().id == theirs.id


def test_what_changes_something_needs_a_post(client: Client, ada: Account) -> None:
    home = services.save_address(customer_id=ada.id, address=HOME)

    assert client.get(f"/account/addresses/{home.id}/delete/").status_code == 405
    assert client.get(f"/account/addresses/{home.id}/default/").status_code == 405
