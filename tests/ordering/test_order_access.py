"""An order is seen by its own shopper only: by a key, by the browser that placed it, or signed in."""

from unittest import mock

import pytest
from django.test import RequestFactory
from uuid_utils.compat import uuid7

from contexts.kernel import tokens
from contexts.kernel.awaited import awaited_orders
from contexts.kernel.checkout import OrderKey
from tests.ordering.browsing import order_it, sign_in, words
from tests.ordering.shop import placed, summary

pytestmark = pytest.mark.django_db(databases=["ordering"])


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
