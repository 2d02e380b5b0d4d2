"""The order's page: it moves by itself, and says what went wrong and what to do."""

import json
import re
from html import unescape
from urllib.parse import parse_qs, urlsplit

import pytest
from django.test import Client
from uuid_utils.compat import uuid7

from contexts.inventory.events import Shortage, StockRejected, StockReserved
from contexts.kernel import tokens
from contexts.kernel.checkout import OrderKey, PaymentStatement
from contexts.kernel.money import eur
from contexts.ordering.events import OrderCancelled
from contexts.ordering.models import Offer
from contexts.payments.events import PaymentActionRequired, PaymentAuthorised, PaymentDeclined, PaymentRetried
from contexts.shipping.events import ParcelDispatched
from tests.ordering.browsing import order_it, words
from tests.ordering.shop import HOLD_ENDS, placed, summary

pytestmark = pytest.mark.django_db(databases=["ordering"])


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
        order_id=order_id, amount=summary(order_id).total, return_path=f"/orders/{order_id}/?seen={summary(order_id).version}",
        pay_before=summary(order_id).held_until,
    )  # fmt: skip
    assert "data-countdown" in page
    assert "Yes, cancel the order" in page


def test_whoever_gave_another_card_is_not_told_once_more_that_the_last_was_declined(client, deliver):
    order_id = order_it(client)
    deliver(PaymentDeclined(order_id=order_id, reason="declined", explanation="Your bank declined the card."))
    back = f"/orders/{order_id}/?seen={summary(order_id).version}"

    asking, not_given = client.get(f"{back}&card=given").text, client.get(back).text
    deliver(PaymentRetried(order_id=order_id, method_label="Visa ending 0002"))
    deliver(PaymentDeclined(order_id=order_id, reason="insufficient_funds", explanation=""))
    declined_too = client.get(f"{back}&card=given").text

    assert "We are asking your bank about this card" in asking
    assert "Your card was declined" not in asking
    assert 'hx-trigger="every 1s"' in asking
    assert 'http-equiv="refresh"' in asking
    assert "Your card was declined" in not_given
    assert 'http-equiv="refresh"' not in not_given
    assert "there is not enough money available" in declined_too


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
