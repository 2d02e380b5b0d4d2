"""A customer's copy of their data: every context hands out its own part, to nobody else."""

from __future__ import annotations

import json
from datetime import timedelta
from importlib import import_module
from typing import Any
from uuid import UUID

import pytest
import time_machine
from django.conf import settings
from django.core.cache import cache
from django.test import Client
from django.utils import timezone
from uuid_utils.compat import uuid7

from config.roster import has_module
from contexts.customers import services
from contexts.customers.models import Account
from contexts.kernel import own_data
from contexts.kernel.addresses import Address
from contexts.messaging.testing import PublishedEvents
from contexts.notifications.models import BackRequest, Email
from contexts.ordering.models import OrderSummary
from contexts.reviews.models import Product as Reviewed, Review
from contexts.shipping.models import Parcel
from contexts.wishlists.models import Item, Product as Wished, Wishlist
from tests.customers.signing_in import customer, prove, signed_in
from tests.ordering import shop

pytestmark = pytest.mark.django_db(databases="__all__")

HOME = Address(name="Ada Byron", street="Obsidiana 77", postcode="90210", city="Xochimilco", country="DE")


@pytest.fixture(autouse=True)
def ada(published_events: PublishedEvents) -> Account:
    """Ada has bought, wished, reviewed and asked for things; so has Eve."""
    cache.clear()
    for email in ("eve@example.org", "ada@example.org"):
        account = customer(email)
        services.save_address(customer_id=account.id, address=HOME)
        leave_traces(account.id, email)
    return account


def leave_traces(customer_id: UUID, email: str) -> None:
    order_id = shop.placed(("RED-MUG", 1), customer_id=customer_id)
    assert OrderSummary.objects.get(order_id=order_id).customer_id == customer_id
    Parcel.objects.create(
        order_id=order_id, order_number=email, customer_id=customer_id, method="standard", carrier="Post", name="Ada",
        street="Obsidiana 77", postcode="90210", city="Xochimilco", country="DE",
    )  # fmt: skip
    reviewed = Reviewed.objects.create(id=uuid7(), slug=email[:3], name="Mug")
    Review.objects.create(product=reviewed, customer_id=customer_id, author=email, rating=5, title="Fine")
    wished = Wished.objects.create(id=uuid7(), slug=email[:3], name="Lamp")
    wishlist = Wishlist.objects.create(customer_id=customer_id, title=email)
    Item.objects.create(
        wishlist=wishlist, product=wished, seen_price_cents=5, seen_currency="EUR", added_at=timezone.now()
    )
    Email.objects.create(event_id=uuid7(), kind="welcome", recipient=email, subject="Hello", customer_id=customer_id)
    BackRequest.objects.create(sku="RED-MUG", email=email, customer_id=customer_id)


def parts(browser: Client) -> dict[str, str]:
    """Return where each part is, from the page that lists them."""
    prove(browser)
    return {part["name"]: part["url"] for part in browser.get("/account/data/").context["parts"]}


def test_the_page_asks_who_it_is() -> None:
    answer = signed_in().get("/account/data/")

    assert answer["Location"].startswith("/account/confirm-identity/")


def test_every_part_holds_the_customer_and_nobody_else(ada: Account) -> None:
    browser = signed_in()

    held: dict[str, Any] = {name: browser.get(url).json() for name, url in parts(browser).items()}

    assert set(held) == set(own_data.PARTS)
    assert all(part["customer_id"] == str(ada.id) for part in held.values())
    assert held["customers"]["addresses"][0]["street"] == "Obsidiana 77"
    assert [order["name"] for order in held["ordering"]["orders"]] == ["Ada Byron"]
    assert [parcel["order_number"] for parcel in held["shipping"]["parcels"]] == ["ada@example.org"]
    assert [review["title"] for review in held["reviews"]["reviews"]] == ["Fine"]
    assert [wish["product__name"] for wish in held["wishlists"]["wishes"]] == ["Lamp"]
    assert [email["recipient"] for email in held["notifications"]["emails"]] == ["ada@example.org"]
    assert len(held["notifications"]["waiting_for"]) == 1
    assert "purchases" in held["history"]
    assert "eve@example.org" not in json.dumps(held)


def test_no_secret_is_in_the_copy() -> None:
    browser = signed_in()

    text = browser.get(parts(browser)["customers"]).content.decode()

    assert Account.objects.get(email="ada@example.org").password not in text
    assert browser.session.session_key not in text


@pytest.mark.parametrize("context", sorted(own_data.PARTS))
def test_without_a_key_of_their_own_nobody_gets_a_part(context: str) -> None:
    eve, ada = signed_in("eve@example.org"), signed_in()
    keys = {"none": "", "forged": "?key=forged", "of another customer": "?" + parts(eve)[context].partition("?")[2]}

    for key in keys.values():
        answer = ada.get(f"/account/data/{context}/{key}")
        assert (answer.status_code, answer["Location"]) == (302, "/account/data/")
    assert Client().get(parts(ada)[context]).status_code == 302


def test_the_key_is_good_for_minutes() -> None:
    browser = signed_in()
    url = parts(browser)["wishlists"]

    assert browser.get(url).status_code == 200
    with time_machine.travel(timezone.now() + timedelta(seconds=own_data.KEY_MAX_AGE_S + 1)):
        assert browser.get(url).status_code == 302


def test_a_part_is_a_file_that_no_cache_keeps() -> None:
    browser = signed_in()

    answer = browser.get(parts(browser)["ordering"])

    assert answer["Content-Disposition"] == 'attachment; filename="tradepost-ordering.json"'
    assert "no-store" in answer["Cache-Control"]


def test_every_context_that_forgets_customers_also_hands_out_its_part() -> None:
    handlers = {name: f"contexts.{name}.handlers" for name in settings.CONTEXTS if has_module(name, "handlers")}

    forgetting = {name for name, module in handlers.items() if hasattr(import_module(module), "forget_customer")}

    assert {"customers", *forgetting} == set(own_data.PARTS)
