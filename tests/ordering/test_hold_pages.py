"""How long the goods are held, on the checkout's pages: shown, renewed once, and said when it is over."""

from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from contexts.inventory.events import HoldExpired, Shortage, StockHeld, StockRejected
from contexts.ordering.events import CheckoutRenewed, CheckoutStarted
from contexts.ordering.models import Checkout
from tests.ordering.browsing import begin, hidden, to_review, words
from tests.ordering.shop import HOLD_ENDS

pytestmark = pytest.mark.django_db(databases=["ordering"])


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
