"""Ordering for staff."""

import pytest
from django.contrib.auth import get_user_model
from django.test import Client

from contexts.ordering.events import OrderCancelled
from contexts.ordering.models import CartItem, Offer, OrderSummary
from contexts.ordering.order import Order
from contexts.ordering.services.orders import change_order
from tests.ordering.shop import cart, checkout, placed, summary

pytestmark = pytest.mark.django_db(databases=["ordering", "customers"])
LIST = "/admin/ordering/ordersummary/"


@pytest.fixture
def staff():
    person = get_user_model().objects.create_superuser(email="staff@example.org", password="secret")
    browser = Client()
    browser.force_login(person, backend="django.contrib.auth.backends.ModelBackend")
    return browser


def test_staff_see_placed_orders_and_find_them_by_a_sloppy_number(staff):
    order_id, unplaced = placed(), checkout()
    number = summary(order_id).number

    everything = staff.get(LIST).content.decode()
    found = staff.get(LIST, {"q": number.lower().replace("-", "")}).content.decode()

    assert number in everything
    assert str(unplaced) not in everything
    assert number in found


def test_an_orders_page_tells_what_happened_when_and_by_whom(staff):
    page = staff.get(f"{LIST}{placed()}/change/")

    html = page.content.decode()
    assert page.status_code == 200
    assert html.index("CheckoutStarted") < html.index("OrderPlaced")
    assert "system" in html
    assert "(&#x27;placed&#x27;" not in html


def test_staff_cancel_with_a_reason_after_a_question(staff, published_events):
    order_id = placed()

    question = staff.get(f"{LIST}{order_id}/cancel/")
    assert question.status_code == 200
    assert summary(order_id).status == "placed"
    empty = staff.post(f"{LIST}{order_id}/cancel/", {"explanation": ""})
    assert (empty.status_code, summary(order_id).status) == (422, "placed")
    staff.post(f"{LIST}{order_id}/cancel/", {"explanation": "The mug broke in our hands."})

    assert [(event.reason, event.explanation) for event in published_events.of(OrderCancelled)] == [
        ("by_staff", "The mug broke in our hands.")
    ]
    assert "staff:" in staff.get(f"{LIST}{order_id}/change/").content.decode()


def test_an_order_that_is_over_cannot_be_cancelled(staff, published_events):
    order_id = placed()
    OrderSummary.objects.update(status="completed")
    published_events.clear()

    response = staff.get(f"{LIST}{order_id}/cancel/", follow=True)

    assert "cannot be cancelled any more" in response.content.decode()
    assert published_events == []


@pytest.mark.django_db(databases="__all__")
def test_staff_travel_through_an_orders_past(staff):
    order_id = placed()
    change_order(order_id, Order.note_reserved)
    past = f"{LIST}{order_id}/past/"

    assert f'href="{past}?version=2"' in staff.get(f"{LIST}{order_id}/change/").content.decode()
    now, then = staff.get(past).content.decode(), staff.get(past, {"version": "2"}).content.decode()

    assert "Version 3 of 3: OrderReserved" in now
    assert "Goods reserved" in now
    assert "Version 2 of 3: OrderPlaced" in then
    assert "Goods reserved" not in then
    assert 'type="range"' in then
    assert "ordering/past.js" in then
    assert '<td class="px-4 py-2">status</td>' in then
    assert "ordering: CheckoutStarted" in then


@pytest.mark.django_db(databases="__all__")
@pytest.mark.parametrize("version", ["9", "0", "-1", "yesterday", "1e9"])
def test_a_version_that_was_never_is_answered_with_a_sentence(staff, version):
    page = staff.get(f"{LIST}{placed()}/past/", {"version": version}, follow=True)

    assert page.status_code == 200
    assert "no version" in page.content.decode() or "is no time" in page.content.decode()


@pytest.mark.parametrize("page", ["ordersummary", "cart", "offer", "shippingmethod"])
def test_nothing_is_written_by_hand(staff, page):
    cart(("RED-MUG", 2))

    assert staff.get(f"/admin/ordering/{page}/").status_code == 200
    assert staff.get(f"/admin/ordering/{page}/add/").status_code == 403


def test_a_cart_and_an_offer_can_be_read_but_not_changed(staff):
    cart_id = cart(("RED-MUG", 2))

    assert "RED-MUG" in staff.get("/admin/ordering/offer/RED-MUG/change/").content.decode()
    assert staff.get(f"/admin/ordering/cart/{cart_id}/change/").status_code == 200
    assert staff.post("/admin/ordering/offer/RED-MUG/change/", {"price_cents": "1"}).status_code == 403
    assert Offer.objects.get().price_cents == 12_50
    assert CartItem.objects.get().quantity == 2
