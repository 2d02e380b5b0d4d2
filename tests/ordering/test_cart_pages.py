"""The cart's pages: nothing silent, every form harmless twice, prices the server's own."""

import pytest

from contexts.ordering.models import Offer
from tests.ordering.browsing import fill_cart, hidden, words
from tests.ordering.shop import offer

pytestmark = pytest.mark.django_db(databases=["ordering"])


def test_adding_goes_to_the_cart_and_shows_the_count_in_the_header(client):
    offer("RED-MUG")

    response = client.post("/cart/add/", {"sku": "RED-MUG", "quantity": "2"})

    assert (response.status_code, response["Location"]) == (303, "/cart/?added=RED-MUG")
    assert client.cookies["cart_count"].value == "2"
    assert client.cookies["cart"]["httponly"]
    assert "“Red mug” is in your cart." in words(client.get(response["Location"]))


@pytest.mark.parametrize("quantity", ["0", "-1", "100", "many", "1.5"])
def test_a_quantity_that_makes_no_sense_is_refused_in_words(client, quantity):
    offer("RED-MUG")

    response = client.post("/cart/add/", {"sku": "RED-MUG", "quantity": quantity})

    assert response.status_code == 400
    assert "Please choose a quantity from 1 to 99." in words(response)


def test_an_article_that_is_not_for_sale_is_refused_in_words(client):
    response = client.post("/cart/add/", {"sku": "NO-SUCH"})

    assert response.status_code == 409
    assert "“NO-SUCH” is not for sale at the moment." in words(response)


def test_removing_offers_to_undo_which_may_be_pressed_twice(client):
    fill_cart(client)

    response = client.post("/cart/change/", {"sku": "RED-MUG", "quantity": "0", "was": "2"}, follow=True)
    assert "“Red mug” was removed. Undo" in words(response)
    for _ in range(2):
        undone = client.post("/cart/change/", {"sku": "RED-MUG", "quantity": "2"}, follow=True)

    assert "Red mug" in words(undone)
    assert client.cookies["cart_count"].value == "2"


def test_prices_come_from_the_server_whatever_the_form_says(client):
    offer("RED-MUG", cents=12_50)

    client.post("/cart/add/", {"sku": "RED-MUG", "quantity": "2", "price": "1", "unit_price": "1", "total": "1"})

    assert "Subtotal €25.00" in words(client.get("/cart/"))


def test_the_cart_says_what_changed(client):
    fill_cart(client)
    Offer.objects.update(price_cents=13_50, available=1)

    page = words(client.get("/cart/"))

    assert "The price changed from €12.50 to €13.50." in page
    assert "Only 1 is left." in page


def test_a_withdrawn_article_is_said_and_stops_the_checkout(client):
    fill_cart(client)
    Offer.objects.update(on_sale=False)

    assert "No longer for sale: please remove it." in words(client.get("/cart/"))
    assert client.post("/checkout/").status_code == 409


def test_a_price_that_moves_under_the_click_leads_back_to_the_cart(client):
    fill_cart(client)
    form = {"seen": hidden(client.get("/cart/"), "seen")}
    Offer.objects.update(price_cents=13_50)

    response = client.post("/checkout/", form)

    assert response.status_code == 409
    assert "Something in your cart changed" in words(response)
    assert "from €12.50 to €13.50" in words(response)


@pytest.mark.parametrize("cookie", ["nonsense", "0198c0de-0000-7000-8000-000000000000:forged", ""])
def test_a_forged_cart_cookie_is_an_empty_cart(client, cookie):
    fill_cart(client)
    client.cookies["cart"] = cookie

    assert "There is nothing in your cart yet." in words(client.get("/cart/"))
