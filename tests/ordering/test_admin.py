"""Ordering for staff."""

import pytest
from django.contrib.auth import get_user_model
from django.test import Client
from uuid_utils.compat import uuid7

from contexts.kernel.staff import found_in, page_of
from contexts.messaging import acting_as
from contexts.ordering.events import OrderCancelled
from contexts.ordering.models import CartItem, Offer, OrderSummary, ShippingMethod
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
    assert "Order placed" in html
    assert "the shop" in html
    assert "(&#x27;placed&#x27;" not in html
    assert "Tracking number" not in html
    assert "Cancellation" not in html


def test_an_orders_page_has_words_for_staff_and_ways_to_all_that_belongs_to_it(staff):
    customer_id = uuid7()
    with acting_as(f"customer:{customer_id}"):
        order_id = placed(customer_id=customer_id)
    change_order(order_id, Order.note_reserved)
    ShippingMethod.objects.update(name="Standard, to the door")
    order = summary(order_id)

    html = staff.get(f"{LIST}{order_id}/change/").content.decode()

    account = f'<a class="text-link" href="/admin/customers/account/{customer_id}/change/">{order.name}</a>'
    assert html.count(account) == 3, "as the shopper, and as whoever began and placed the order"
    assert "Standard, to the door" in html
    assert "20095 Hamburg, Germany" in html
    assert f'href="/admin/payments/payment/?q={order.number}"' in html
    assert f'href="/admin/shipping/parcel/?q={order.number}"' in html
    assert f'href="/admin/notifications/email/?q={order.number}"' in html
    assert f">{customer_id}" not in html
    assert f"customer:{customer_id}" not in html


def test_a_page_leads_nowhere_that_runs_elsewhere():
    key = uuid7()

    assert page_of("billing_bill", key, "TP-1") == "TP-1"
    assert found_in("billing_bill", "TP-1", "Bill") == ""


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
    html = staff.get(f"{LIST}{order_id}/change/").content.decode()
    person = get_user_model().objects.get()
    assert f'<a class="text-link" href="/admin/customers/account/{person.pk}/change/">staff</a>' in html
    assert "staff wanted it" in html
    assert "by_staff" not in html
    assert f"{order_id}/cancel" not in html, "It cannot be cancelled twice."


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
