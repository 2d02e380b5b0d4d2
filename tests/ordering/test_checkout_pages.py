"""The checkout's pages: linear, what was typed is kept, and nothing is ordered that was not shown."""

import json
import re
from html import unescape
from urllib.parse import parse_qs, urlsplit

import pytest
from django.test import Client
from uuid_utils.compat import uuid7

from contexts.kernel import tokens
from contexts.kernel.checkout import PaymentMethod, PaymentStatement
from contexts.kernel.money import eur
from contexts.ordering.events import CheckoutStarted, OrderPlaced
from contexts.ordering.models import Offer, OrderSummary
from tests.ordering.browsing import FORM, begin, fill_cart, give_card, seen, to_review, words
from tests.ordering.shop import card, shipping_method, summary

pytestmark = pytest.mark.django_db(databases=["ordering"])


def test_the_way_through_the_checkout_redirects_after_every_form(client):
    shipping_method()
    fill_cart(client)

    start = client.post("/checkout/")
    order_id = OrderSummary.objects.get().order_id
    assert (start.status_code, start["Location"]) == (303, f"/checkout/{order_id}/")

    details = client.post(f"/checkout/{order_id}/", FORM)
    assert (details.status_code, urlsplit(details["Location"]).path) == (303, f"/pay/{order_id}/")
    statement = parse_qs(urlsplit(details["Location"]).query)["statement"][0]
    assert tokens.read(statement, PaymentStatement, audience="payments", max_age_s=60) == PaymentStatement(
        order_id=order_id, amount=eur(29_90), return_path=f"/checkout/{order_id}/review/"
    )

    back = give_card(client, order_id)
    assert (back.status_code, back["Location"]) == (303, f"/checkout/{order_id}/review/")

    done = client.post(f"/checkout/{order_id}/review/", {"seen": seen(client, order_id)})
    assert (done.status_code, urlsplit(done["Location"]).path) == (303, f"/orders/{order_id}/")
    assert client.cookies["cart_count"].value == "0"
    assert f"Order {summary(order_id).number}" in words(client.get(done["Location"], follow=True))


def test_a_guest_has_to_fill_in_seven_fields(client):
    page = client.get(f"/checkout/{begin(client)}/")

    required = [name for name, field in page.context["form"].fields.items() if field.required]
    assert len(required) == 7
    assert page.content.decode().count('autocomplete="') - page.content.decode().count('autocomplete="off"') == 6


def test_pressing_every_button_twice_gives_one_order(client, published_events):
    fill_cart(client)
    shipping_method()
    for _ in range(2):
        client.post("/checkout/")
    order_id = OrderSummary.objects.get().order_id
    for _ in range(2):
        client.post(f"/checkout/{order_id}/", FORM)
        give_card(client, order_id)
    note = seen(client, order_id)
    answers = [client.post(f"/checkout/{order_id}/review/", {"seen": note}) for _ in range(2)]

    assert {urlsplit(answer["Location"]).path for answer in answers} == {f"/orders/{order_id}/"}
    assert len(published_events.of(CheckoutStarted)) == len(published_events.of(OrderPlaced)) == 1


def test_what_was_typed_is_kept_beside_what_is_wrong(client):
    order_id = begin(client)

    response = client.post(f"/checkout/{order_id}/", FORM | {"email": "not an address", "postcode": ""})

    page = response.content.decode()
    assert response.status_code == 422
    assert 'value="not an address"' in page
    assert 'value="Kanalstr. 4"' in page
    assert "Enter a valid email address." in words(response)


def test_shipping_that_does_not_go_there_names_what_does(client):
    shipping_method("world", cents=19_00, countries=("DE", "PT"))
    order_id = begin(client)

    response = client.post(f"/checkout/{order_id}/", FORM | {"country": "PT"})

    assert "Standard does not go to Portugal. Please choose World." in words(response)
    assert response.context["form"]["shipping_method"].value() == "world"
    assert response.context["sum"].shipping == eur(19_00)


def test_what_was_chosen_is_not_offered_as_chosen_where_it_does_not_go(client):
    shipping_method("world", cents=19_00, countries=("DE", "PT"))
    order_id = begin(client)

    page = client.post(f"/checkout/{order_id}/", FORM | {"country": "PT", "more_time": "1"})

    assert page.context["form"]["shipping_method"].value() == "world"


def test_a_country_whose_tax_is_unknown_is_not_offered(client):
    shipping_method("world", cents=19_00, countries=("DE", "US"))
    order_id = begin(client)

    assert client.post(f"/checkout/{order_id}/", FORM | {"country": "US"}).status_code == 422


def test_the_review_shows_the_servers_sums(client):
    page = words(client.get(f"/checkout/{to_review(client)}/review/"))

    assert "Goods €25.00 Shipping €4.90 Total €29.90 of which 19 % tax €4.77" in page
    assert "Visa ending 4242" in page
    assert "Place order" in page


def test_a_changed_price_must_be_agreed_to(client):
    order_id = to_review(client)
    note = seen(client, order_id)
    Offer.objects.update(price_cents=13_50)

    response = client.post(f"/checkout/{order_id}/review/", {"seen": note})

    assert response.status_code == 409
    assert "The price of “Red mug” changed from €12.50 to €13.50." in words(response)
    assert "Agree and place the order" in words(response)
    assert summary(order_id).placed_at is None
    client.post(f"/checkout/{order_id}/review/", {"seen": seen(client, order_id)})
    assert summary(order_id).total == eur(31_90)


@pytest.mark.parametrize("note", ["", "forged", "other"])
def test_an_order_is_not_placed_on_a_note_that_does_not_hold(client, note):
    order_id = to_review(client)
    note = seen(client, order_id) + "x" if note == "other" else note

    response = client.post(f"/checkout/{order_id}/review/", {"seen": note, "total": "1"})

    assert response.status_code == 409
    assert "Please check your order once more." in words(response)
    assert summary(order_id).placed_at is None


def test_a_forged_card_asks_for_a_card_again(client):
    order_id = begin(client)
    client.post(f"/checkout/{order_id}/", FORM)
    forged = tokens.sign(PaymentMethod(order_id=uuid7(), payment_method="pm", method_label="x"), audience="ordering")

    response = client.get(f"/checkout/{order_id}/review/", {"payment": forged}, follow=False)
    again = client.get(response["Location"])

    assert urlsplit(again["Location"]).path == f"/pay/{order_id}/"


def test_without_an_address_the_review_leads_back(client):
    order_id = begin(client)

    assert client.get(f"/checkout/{order_id}/review/")["Location"] == f"/checkout/{order_id}/"


def test_a_withdrawn_article_is_said_on_the_review(client):
    order_id = to_review(client)
    Offer.objects.update(on_sale=False)

    response = client.get(f"/checkout/{order_id}/review/")

    assert response.status_code == 409
    assert "“Red mug” is not for sale at the moment." in words(response)
    assert "Place order" not in words(response)


@pytest.mark.parametrize("has_a_cart", [False, True])
def test_a_checkout_belongs_to_the_browser_that_began_it(client, has_a_cart):
    order_id = to_review(client)
    stranger = Client()
    if has_a_cart:
        fill_cart(stranger)

    for path in (f"/checkout/{order_id}/", f"/checkout/{order_id}/review/", f"/checkout/{order_id}/hold/"):
        assert stranger.get(path).status_code == 404
    assert stranger.post(f"/checkout/{order_id}/review/", {"seen": ""}).status_code == 404
    token = tokens.sign(card(order_id), audience="ordering")
    assert stranger.get(f"/checkout/{order_id}/review/", {"payment": token}).status_code == 404


def test_the_page_tells_its_script_where_each_way_of_shipping_goes(client):
    shipping_method("world", cents=19_00, countries=("DE", "PT"))

    page = client.get(f"/checkout/{begin(client)}/").content.decode()

    reach = unescape(re.search(r'id="details"[^>]* data-reach="([^"]*)"', page)[1])
    assert json.loads(reach) == {"standard": ["DE", "FR"], "world": ["DE", "PT"]}
    assert "ordering/reach" in page
