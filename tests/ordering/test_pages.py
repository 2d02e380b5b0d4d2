"""The pages: few queries, nothing silent, every form harmless twice, an order seen by its own shopper only."""

import json
import re
from datetime import timedelta
from html import unescape
from unittest import mock
from urllib.parse import parse_qs, urlsplit

import pytest
from django.test import Client, RequestFactory
from django.utils import timezone
from uuid_utils.compat import uuid7

from contexts.inventory.events import HoldExpired, Shortage, StockHeld, StockRejected, StockReserved
from contexts.kernel import tokens
from contexts.kernel.awaited import awaited_orders
from contexts.kernel.checkout import OrderKey, PaymentMethod, PaymentStatement
from contexts.kernel.identity import COOKIE, Identity
from contexts.kernel.money import eur
from contexts.ordering.events import CheckoutRenewed, CheckoutStarted, OrderCancelled, OrderPlaced
from contexts.ordering.models import Checkout, Offer, OrderSummary
from contexts.payments.events import PaymentActionRequired, PaymentAuthorised, PaymentDeclined
from contexts.shipping.events import ParcelDispatched
from tests.ordering.shop import HOLD_ENDS, card, offer, placed, shipping_method, summary

pytestmark = pytest.mark.django_db(databases=["ordering"])
FORM = {
    "email": "ada@example.org", "name": "Ada Byron", "street": "Kanalstr. 4", "postcode": "20095", "city": "Hamburg",
    "country": "DE", "shipping_method": "standard",
}  # fmt: skip


def words(response):
    """What a reader sees, in one line."""
    page = response.content.decode()
    main = page[page.find("<main") :] if "<main" in page else page
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", main)).split())


def fill_cart(client, quantity=2):
    if not Offer.objects.exists():
        offer("RED-MUG")
    client.post("/cart/add/", {"sku": "RED-MUG", "quantity": quantity})


def begin(client, quantity=2):
    """Go from the product page to the details page; return the order's id."""
    shipping_method()
    fill_cart(client, quantity)
    client.post("/checkout/")
    return OrderSummary.objects.get().order_id


def to_review(client, quantity=2):
    order_id = begin(client, quantity)
    client.post(f"/checkout/{order_id}/", FORM)
    give_card(client, order_id)
    return order_id


def give_card(client, order_id):
    token = tokens.sign(card(order_id), audience="ordering")
    return client.get(f"/checkout/{order_id}/review/", {"payment": token})


def hidden(response, name):
    return unescape(re.search(rf'name="{name}" value="([^"]*)"[^>]*>\s*<button', response.content.decode())[1])


def seen(client, order_id):
    """The note that the review page signs of what it shows."""
    page = client.get(f"/checkout/{order_id}/review/").content.decode()
    return re.findall(r'name="seen" value="([^"]+)"', page)[-1]


def order_it(client, quantity=2):
    order_id = to_review(client, quantity)
    client.post(f"/checkout/{order_id}/review/", {"seen": seen(client, order_id)})
    return order_id


def sign_in(client, customer_id):
    identity = Identity(customer_id=customer_id, email="ada@example.org", name="Ada Byron")
    client.cookies[COOKIE] = tokens.sign(identity, audience="identity")


# --- the cart


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


# --- the checkout


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


def test_how_long_the_goods_are_held_is_shown_and_polled(client, deliver):
    order_id = begin(client)
    waiting = client.get(f"/checkout/{order_id}/hold/")
    assert "We are setting the goods aside" in words(waiting)
    assert client.get(f"/checkout/{order_id}/hold/", headers={"If-None-Match": waiting["ETag"]}).status_code == 304

    deliver(StockHeld(order_id=order_id, held_until=timezone.now() + timedelta(minutes=15)))

    held = client.get(f"/checkout/{order_id}/hold/", headers={"If-None-Match": waiting["ETag"]})
    assert (held.status_code, "Held for you until" in words(held)) == (200, True)


def test_a_hold_is_renewed_once_by_a_button(client, deliver, published_events):
    order_id = to_review(client)
    deliver(StockHeld(order_id=order_id, held_until=timezone.now() + timedelta(minutes=1)))
    page = client.get(f"/checkout/{order_id}/review/")
    assert "I need more time" in words(page)

    asked = client.post(f"/checkout/{order_id}/hold/renew/", headers={"HX-Request": "true"})
    client.post(f"/checkout/{order_id}/hold/renew/")

    assert "We are setting the goods aside" in words(asked)
    assert len(published_events.of(CheckoutRenewed)) == 1
    deliver(StockHeld(order_id=order_id, held_until=timezone.now() + timedelta(minutes=15)))
    renewed = client.get(f"/checkout/{order_id}/hold/")
    assert "Held for you until" in words(renewed)
    assert "I need more time" not in words(renewed)


def test_without_a_script_asking_for_more_time_keeps_what_was_typed(client, deliver, published_events):
    order_id = begin(client)
    deliver(StockHeld(order_id=order_id, held_until=HOLD_ENDS))
    assert 'form="details" name="more_time"' in client.get(f"/checkout/{order_id}/").content.decode()

    answer = client.post(
        f"/checkout/{order_id}/", {"email": "max@", "street": "Gerberau", "country": "DE", "more_time": "yes"}
    )

    assert answer.status_code == 200
    form = answer.context["form"]
    assert [form[name].value() for name in ("email", "street", "country")] == ["max@", "Gerberau", "DE"]
    assert "Please fill this in." not in words(answer)
    assert "We are setting the goods aside" in words(answer)
    assert len(published_events.of(CheckoutRenewed)) == 1


def test_without_a_script_renewing_goes_on_with_the_checkout(client, deliver):
    order_id = to_review(client)
    deliver(StockHeld(order_id=order_id, held_until=HOLD_ENDS))

    answer = client.post(f"/checkout/{order_id}/hold/renew/")

    assert (answer.status_code, answer["Location"]) == (303, f"/checkout/{order_id}/review/")


def test_a_hold_that_is_over_is_not_renewed_but_begun_anew(client, deliver, published_events):
    order_id = to_review(client)
    deliver(StockHeld(order_id=order_id, held_until=HOLD_ENDS))
    deliver(HoldExpired(order_id=order_id))

    answer = client.post(f"/checkout/{order_id}/hold/renew/", headers={"HX-Request": "true"})

    assert "This checkout has ended." in words(answer)
    assert published_events.of(CheckoutRenewed) == []
    assert Client().post(f"/checkout/{order_id}/hold/renew/").status_code == 404


def test_a_hold_that_ran_out_offers_one_click_to_start_again(client, deliver, published_events):
    order_id = to_review(client)
    deliver(StockHeld(order_id=order_id, held_until=HOLD_ENDS))
    deliver(HoldExpired(order_id=order_id))

    page = client.get(f"/checkout/{order_id}/review/", follow=True)
    assert "This checkout has ended." in words(page)
    assert "Start again" in words(page)
    again = client.post("/checkout/", {"seen": hidden(page, "seen")})

    assert again["Location"] == f"/checkout/{order_id}/"
    assert len(published_events.of(CheckoutStarted)) == 2
    assert Checkout.objects.get().city == "Hamburg"


def test_a_hold_whose_time_is_up_is_not_shown_as_held(client, deliver):
    order_id = begin(client)
    deliver(StockHeld(order_id=order_id, held_until=timezone.now() - timedelta(seconds=1)))

    assert "This checkout has ended." in words(client.get(f"/checkout/{order_id}/"))


def test_a_checkout_without_stock_says_what_is_left(client, deliver):
    order_id = begin(client)
    deliver(StockRejected(order_id=order_id, shortages=[Shortage(sku="RED-MUG", wanted=2, left=1)]))

    assert "Of “Red mug” only 1 is left; you wanted 2." in words(client.get(f"/checkout/{order_id}/"))


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


# --- the order


def test_the_order_page_moves_by_itself_and_answers_304_when_nothing_moved(client, deliver):
    order_id = order_it(client)
    live = f"/orders/{order_id}/live/"
    first = client.get(live)
    assert 'hx-trigger="every 1s"' in first.content.decode()
    assert client.get(live, headers={"If-None-Match": first["ETag"]}).status_code == 304

    deliver(StockReserved(order_id=order_id))
    deliver(PaymentAuthorised(order_id=order_id, amount=eur(29_90), method_label="Visa ending 4242"))

    moved = client.get(live, headers={"If-None-Match": first["ETag"]})
    assert moved.status_code == 200
    assert "Your order is confirmed." in words(moved)
    assert "Payment approved Visa ending 4242" in words(moved)


def test_the_page_polls_with_the_etag_of_what_it_shows(client):
    order_id = order_it(client)
    page = client.get(f"/orders/{order_id}/").content.decode()
    headers = unescape(re.search(r"id=\"live\".*?hx-headers='([^']*)'", page, re.S)[1])
    etag = json.loads(headers)["If-None-Match"]

    assert client.get(f"/orders/{order_id}/live/", headers={"If-None-Match": etag}).status_code == 304


def test_without_javascript_the_page_reloads_while_it_moves_and_then_stops(client):
    order_id = order_it(client)
    assert 'http-equiv="refresh"' in client.get(f"/orders/{order_id}/").content.decode()

    client.post(f"/orders/{order_id}/cancel/")

    page = client.get(f"/orders/{order_id}/").content.decode()
    assert 'http-equiv="refresh"' not in page
    assert "order-live" not in page
    assert "/live/" not in page


def test_the_bank_asks_and_one_button_leads_there(client, deliver):
    order_id = order_it(client)
    deliver(PaymentActionRequired(order_id=order_id, path=f"/pay/{order_id}/confirm/", expires_at=HOLD_ENDS))

    page = client.get(f"/orders/{order_id}/")

    assert "Confirm at the bank" in words(page)
    target = re.search(rf'href="(/pay/{order_id}/confirm/\?key=[^"]+)"', page.content.decode())[1]
    key = parse_qs(urlsplit(unescape(target)).query)["key"][0]
    assert tokens.read(key, OrderKey, audience="order", max_age_s=60) == OrderKey(order_id=order_id)


def test_a_declined_card_is_said_and_one_link_leads_to_another(client, deliver):
    order_id = order_it(client)
    deliver(PaymentDeclined(order_id=order_id, reason="declined", explanation="Your bank declined the card."))

    page = client.get(f"/orders/{order_id}/").text

    assert "Your order is not lost: pay with another card." in page
    [token] = parse_qs(urlsplit(unescape(re.search(r'href="(/pay/[^"]*)"', page)[1])).query)["statement"]
    statement = tokens.read(token, PaymentStatement, audience="payments", max_age_s=60)
    assert statement == PaymentStatement(
        order_id=order_id, amount=summary(order_id).total, return_path=f"/orders/{order_id}/",
        pay_before=summary(order_id).held_until,
    )  # fmt: skip
    assert "data-countdown" in page
    assert "Yes, cancel the order" in page


def test_the_link_in_a_letter_about_a_declined_card_leads_to_the_next_card(client, deliver):
    order_id = placed()
    key = tokens.sign(OrderKey(order_id=order_id), audience="order")
    deliver(PaymentDeclined(order_id=order_id, reason="declined", explanation="Your bank declined the card."))

    first = client.get(f"/orders/{order_id}/pay/", {"key": key})
    second = client.get(first["Location"])

    assert first["Location"] == f"/orders/{order_id}/pay/"
    assert second["Location"].startswith(f"/pay/{order_id}/?statement=")


def test_a_late_click_on_that_link_shows_what_became_of_the_order(client):
    order_id = placed()
    key = tokens.sign(OrderKey(order_id=order_id), audience="order")

    answer = client.get(client.get(f"/orders/{order_id}/pay/", {"key": key})["Location"])

    assert answer["Location"] == f"/orders/{order_id}/"
    assert Client().get(f"/orders/{order_id}/pay/").status_code == 403


def test_a_cancelled_order_says_why_and_what_next(client, deliver):
    order_id = order_it(client)
    deliver(StockRejected(order_id=order_id, shortages=[Shortage(sku="RED-MUG", wanted=2, left=0)]))

    page = words(client.get(f"/orders/{order_id}/"))

    assert "This order was cancelled. “Red mug” is sold out." in page
    assert "You pay nothing" in page
    assert "Back to the shop" in page


def test_the_goods_of_a_cancelled_order_go_back_into_the_cart_once(client):
    order_id = order_it(client)
    client.post(f"/orders/{order_id}/cancel/")
    Offer.objects.update(price_cents=13_50)

    for _ in range(2):
        page = client.post(f"/orders/{order_id}/again/", follow=True)

    assert client.cookies["cart_count"].value == "2"
    assert "The price changed from €12.50 to €13.50." in words(page)


def test_cancelling_twice_cancels_once(client, published_events):
    order_id = order_it(client)

    answers = [client.post(f"/orders/{order_id}/cancel/") for _ in range(2)]

    assert [answer.status_code for answer in answers] == [303, 303]
    assert len(published_events.of(OrderCancelled)) == 1


def test_an_order_that_has_left_says_that_it_is_too_late(client, deliver):
    order_id = order_it(client)
    deliver(StockReserved(order_id=order_id))
    deliver(PaymentAuthorised(order_id=order_id, amount=eur(29_90), method_label="Visa ending 4242"))
    deliver(ParcelDispatched(order_id=order_id, parcel_id=uuid7(), carrier="Post", tracking_number="T1"))

    response = client.post(f"/orders/{order_id}/cancel/")

    assert response.status_code == 409
    assert "has left already" in words(response)


def test_a_key_opens_the_order_once_and_is_kept_in_a_cookie(client):
    order_id = placed()
    key = tokens.sign(OrderKey(order_id=order_id), audience="order")

    response = client.get(f"/orders/{order_id}/", {"key": key})

    assert (response.status_code, response["Location"]) == (303, f"/orders/{order_id}/")
    assert client.get(f"/orders/{order_id}/").status_code == 200


@pytest.mark.parametrize("key", ["forged", "other", "old"])
def test_a_key_that_does_not_hold_opens_nothing(client, key):
    order_id = placed()
    if key == "other":
        key = tokens.sign(OrderKey(order_id=uuid7()), audience="order")
    elif key == "old":
        with mock.patch("django.core.signing.time.time", return_value=1_600_000_000):
            key = tokens.sign(OrderKey(order_id=order_id), audience="order")

    response = client.get(f"/orders/{order_id}/", {"key": key})

    assert response.status_code == 403
    assert "This link has expired or is not complete." in words(response)
    assert summary(order_id).number not in response.content.decode()


def test_a_stranger_sees_nothing_of_an_order(client):
    order_id = placed()

    for response in (
        client.get(f"/orders/{order_id}/"),
        client.get(f"/orders/{order_id}/live/"),
        client.post(f"/orders/{order_id}/cancel/"),
        client.post(f"/orders/{order_id}/again/"),
    ):
        assert response.status_code == 403
        assert "Ada" not in response.content.decode()
    assert summary(order_id).status == "placed"


def test_a_customer_sees_own_orders_only(client):
    ada, bob = uuid7(), uuid7()
    order_id = placed(customer_id=ada)

    sign_in(client, bob)
    assert client.get(f"/orders/{order_id}/").status_code == 403
    sign_in(client, ada)
    assert client.get(f"/orders/{order_id}/").status_code == 200


def test_the_purchase_history_is_told_to_wait_for_a_customers_order(client):
    ada = uuid7()
    sign_in(client, ada)

    order_id = order_it(client)
    [ordered] = awaited_by(client, ada)
    client.post(f"/orders/{order_id}/cancel/")
    [cancelled] = awaited_by(client, ada)

    assert (str(ordered.order_id), ordered.number, ordered.version) == (str(order_id), summary(order_id).number, 1)
    assert (cancelled.order_id, cancelled.version) == (ordered.order_id, summary(order_id).version)
    assert awaited_by(client, uuid7()) == []


def test_nothing_waits_for_a_guests_order(client):
    order_it(client)

    assert "awaited" not in client.cookies


def awaited_by(client, customer_id):
    request = RequestFactory().get("/")
    request.COOKIES = {name: morsel.value for name, morsel in client.cookies.items()}
    return awaited_orders(request, customer_id)


def test_an_order_that_does_not_exist_is_said_so(client):
    response = client.get(f"/orders/{uuid7()}/")

    assert response.status_code == 404
    assert "There is no order at this address." in words(response)


# --- few queries


@pytest.mark.parametrize("articles", [1, 12])
def test_queries_per_page_do_not_grow(client, articles, django_assert_num_queries, deliver):
    for number in range(articles):
        offer(f"MUG-{number}", available=1)
        client.post("/cart/add/", {"sku": f"MUG-{number}", "quantity": 2})
    order_id = begin(client)

    with django_assert_num_queries(2, using="ordering"):
        client.get("/cart/")
    with django_assert_num_queries(4, using="ordering"):
        client.get(f"/checkout/{order_id}/")
    with django_assert_num_queries(2, using="ordering"):
        client.get(f"/checkout/{order_id}/hold/")
    client.post(f"/checkout/{order_id}/", FORM)
    give_card(client, order_id)
    with django_assert_num_queries(4, using="ordering"):
        client.get(f"/checkout/{order_id}/review/")
    client.post(f"/checkout/{order_id}/review/", {"seen": seen(client, order_id)})
    with django_assert_num_queries(1, using="ordering"):
        client.get(f"/orders/{order_id}/")
    with django_assert_num_queries(1, using="ordering"):
        client.get(f"/orders/{order_id}/live/")


def test_the_pages_keep_to_the_content_security_policy(client):
    order_id = to_review(client)
    pages = [client.get(path) for path in ("/cart/", f"/checkout/{order_id}/", f"/checkout/{order_id}/review/")]

    for page in pages:
        html = page.content.decode()
        assert not re.search(r"\son\w+=|style=|<script(?![^>]*\ssrc=)", html)
