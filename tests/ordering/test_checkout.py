"""From a cart to an order: exactly the right events, the shop's own prices, and every button harmless twice."""

import threading
from datetime import timedelta
from decimal import Decimal

import pytest
from django.db import connections
from msgspec.structs import replace
from uuid_utils.compat import uuid7

from contexts.kernel.addresses import Address
from contexts.kernel.money import eur
from contexts.messaging import Conflict
from contexts.ordering import quotes, services
from contexts.ordering.errors import (
    CartMoved,
    CheckoutOver,
    DetailsMissing,
    EmptyCart,
    MethodUnavailable,
    NoSuchOrder,
    NotForSale,
    QuoteChanged,
)
from contexts.ordering.events import CheckoutStarted, OrderPlaced
from contexts.ordering.models import Checkout, Customer, Offer, OrderSummary, ShippingMethod
from contexts.ordering.order_numbers import order_number
from contexts.ordering.quotes import Change
from contexts.ordering.summaries import lines_of
from tests.ordering.shop import (
    ADA,
    HOME,
    NOON,
    card,
    cart,
    checkout,
    fill_in,
    line,
    placed,
    shipping_method,
    status,
    summary,
)

pytestmark = pytest.mark.django_db(databases=["ordering"])


def shown(order_id):
    """What the review page shows now."""
    row = Checkout.objects.get(order_id=order_id)
    return quotes.seen(order_id, services.review(lines=lines_of(summary(order_id)), checkout=row).quote)


# --- the start


def test_starting_a_checkout_tells_the_others_what_to_hold(published_events):
    order_id = services.start_checkout(cart_id=cart(("RED-MUG", 2)))

    assert published_events == [CheckoutStarted(order_id=order_id, customer_id=None, lines=[line()])]


def test_starting_twice_goes_on_with_the_same_checkout(published_events):
    cart_id = cart(("RED-MUG", 2))

    first, second = services.start_checkout(cart_id=cart_id), services.start_checkout(cart_id=cart_id)

    assert first == second
    assert len(published_events) == 1


def test_a_changed_cart_starts_the_same_checkout_again(published_events):
    cart_id = cart(("RED-MUG", 2))
    first = services.start_checkout(cart_id=cart_id)
    services.change_quantity(cart_id=cart_id, sku="RED-MUG", quantity=3)

    second = services.start_checkout(cart_id=cart_id)

    assert first == second
    assert [event.lines[0].quantity for event in published_events.of(CheckoutStarted)] == [2, 3]


def test_after_an_order_the_same_cart_starts_a_new_one():
    cart_id = cart(("RED-MUG", 2))
    first = services.start_checkout(cart_id=cart_id)
    fill_in(first)
    services.place_order(order_id=first)
    services.add_to_cart(cart_id=cart_id, sku="RED-MUG")

    assert services.start_checkout(cart_id=cart_id) != first


def test_a_signed_in_customers_address_is_filled_in():
    ada = uuid7()
    Customer.objects.create(customer_id=ada, email=ADA.email, name=HOME.name, street=HOME.street,
                            postcode=HOME.postcode, city=HOME.city, country=HOME.country)  # fmt: skip

    order_id = services.start_checkout(cart_id=cart(("RED-MUG", 1)), customer_id=ada)

    row = Checkout.objects.get(order_id=order_id)
    assert (row.email, row.address) == (ADA.email, HOME)


@pytest.mark.parametrize("cart_id", [None, uuid7()])
def test_nothing_starts_without_a_cart(cart_id, published_events):
    with pytest.raises(EmptyCart):
        services.start_checkout(cart_id=cart_id)

    assert published_events == []


def test_a_withdrawn_article_stops_the_start(published_events):
    cart_id = cart(("RED-MUG", 1))
    Offer.objects.update(on_sale=False)

    with pytest.raises(NotForSale, match="“Red mug” is not for sale"):
        services.start_checkout(cart_id=cart_id)

    assert published_events == []


def test_a_price_that_moved_under_the_click_stops_the_start(published_events):
    cart_id = cart(("RED-MUG", 2))
    Offer.objects.update(price_cents=13_50)

    with pytest.raises(CartMoved):
        services.start_checkout(cart_id=cart_id, seen_subtotal_cents=25_00)

    assert published_events == []


# --- the details


def test_a_way_of_shipping_that_does_not_go_there_is_refused():
    order_id = services.start_checkout(cart_id=cart(("RED-MUG", 1)))
    shipping_method(countries=("DE",))
    lisbon = Address(name="Rui", street="Rua 1", postcode="1000", city="Lisboa", country="PT")

    with pytest.raises(MethodUnavailable):
        services.save_details(order_id=order_id, contact=ADA, address=lisbon, shipping_method="standard")

    assert Checkout.objects.get(order_id=order_id).city == ""


def test_a_card_given_for_another_order_is_refused():
    order_id, other = checkout(), uuid7()

    with pytest.raises(NoSuchOrder):
        services.save_payment_method(order_id=order_id, payment=card(other))


# --- placing


def test_placing_an_order_tells_the_others(published_events):
    order_id = checkout(("RED-MUG", 2))
    published_events.clear()

    services.place_order(order_id=order_id)

    assert published_events == [
        OrderPlaced(
            order_id=order_id, number=order_number(order_id), customer_id=None, contact=ADA, shipping_address=HOME,
            shipping_method="standard", lines=[replace(line(), tax_percent=Decimal(19))], subtotal=eur(25_00),
            shipping=eur(4_90), tax=eur(3_99 + 78), total=eur(29_90), payment_method="pm_1",
            shipping_tax_percent=Decimal(19),
        )
    ]  # fmt: skip


def test_placing_empties_the_cart_of_what_was_ordered_and_keeps_what_came_in_meanwhile():
    cart_id = cart(("RED-MUG", 2))
    order_id = services.start_checkout(cart_id=cart_id)
    fill_in(order_id)
    services.change_quantity(cart_id=cart_id, sku="RED-MUG", quantity=3)

    services.place_order(order_id=order_id)

    assert services.change_quantity(cart_id=cart_id, sku="NOTHING", quantity=0).count == 1


def test_placing_twice_gives_the_first_order(published_events):
    order_id = checkout()

    first, second = services.place_order(order_id=order_id), services.place_order(order_id=order_id)

    assert first.placed == second.placed
    assert len(published_events.of(OrderPlaced)) == 1


def test_a_price_that_rose_is_shown_before_anything_is_ordered(published_events):
    order_id = checkout(("RED-MUG", 2))
    seen = shown(order_id)
    Offer.objects.update(price_cents=13_50)
    published_events.clear()

    with pytest.raises(QuoteChanged) as refusal:
        services.place_order(order_id=order_id, seen=seen)

    assert refusal.value.changes == [Change(kind="price", name="Red mug", before=eur(12_50), now=eur(13_50))]
    assert published_events == []
    services.place_order(order_id=order_id, seen=shown(order_id))
    assert summary(order_id).total == eur(31_90)


def test_shipping_that_costs_more_is_shown_before_anything_is_ordered(published_events):
    order_id = checkout()
    seen = shown(order_id)
    ShippingMethod.objects.update(price_cents=5_90)
    published_events.clear()

    with pytest.raises(QuoteChanged) as refusal:
        services.place_order(order_id=order_id, seen=seen)

    assert refusal.value.changes == [Change(kind="shipping", before=eur(4_90), now=eur(5_90))]
    assert published_events == []


def test_another_quantity_than_the_shopper_saw_is_shown_first():
    cart_id = cart(("RED-MUG", 2))
    order_id = services.start_checkout(cart_id=cart_id)
    fill_in(order_id)
    seen = shown(order_id)
    services.change_quantity(cart_id=cart_id, sku="RED-MUG", quantity=3)
    services.start_checkout(cart_id=cart_id)

    with pytest.raises(QuoteChanged) as refusal:
        services.place_order(order_id=order_id, seen=seen)

    assert refusal.value.changes == [Change(kind="quantity", name="Red mug")]


@pytest.mark.parametrize(
    ("spoil", "refusal"),
    [
        (lambda: Offer.objects.update(on_sale=False), NotForSale),
        (lambda: ShippingMethod.objects.update(active=False), MethodUnavailable),
        (lambda: Checkout.objects.update(payment_method=""), DetailsMissing),
        (lambda: Checkout.objects.update(street=""), DetailsMissing),
        (lambda: Checkout.objects.all().delete(), NoSuchOrder),
    ],
    ids=["withdrawn", "no shipping", "no card", "no street", "no checkout"],
)
def test_what_cannot_be_placed_changes_nothing(spoil, refusal, published_events):
    order_id = checkout()
    published_events.clear()
    spoil()

    with pytest.raises(refusal):
        services.place_order(order_id=order_id)

    assert published_events == []
    assert status(order_id) == "checkout"


def test_an_expired_checkout_is_not_placed():
    order_id = checkout()
    services.change_order(order_id, lambda order: order.note_hold_over("Time is up."))

    with pytest.raises(CheckoutOver):
        services.place_order(order_id=order_id)


def test_a_number_that_is_taken_makes_way_for_the_next():
    order_id = checkout()
    OrderSummary.objects.create(order_id=uuid7(), status="placed", number=order_number(order_id))

    services.place_order(order_id=order_id)

    assert summary(order_id).number == order_number(order_id, 1)


def test_the_read_model_is_what_the_stream_adds_up_to():
    from contexts.messaging import read
    from contexts.ordering.summaries import project

    order_id = placed()
    services.cancel_order(order_id=order_id)
    kept = summary(order_id)

    replayed = OrderSummary(order_id=order_id, status="new")
    for version, event in enumerate(read("ordering", f"order/{order_id}"), 1):
        project(replayed, event, at=kept.placed_at, version=version)

    times = [field.name for field in OrderSummary._meta.fields if field.name.endswith("_at")]
    for field in OrderSummary._meta.fields:
        if field.name not in times:
            assert getattr(replayed, field.name) == getattr(kept, field.name), field.name
    assert [name for name in times if getattr(kept, name)] == ["started_at", "placed_at", "cancelled_at"]


def elsewhere(work):
    """Do something in another connection, as another process would."""

    def run():
        try:
            work()
        finally:
            connections["ordering"].close()

    other = threading.Thread(target=run)
    other.start()
    other.join()


@pytest.mark.django_db(transaction=True, databases=["ordering"])
def test_a_decision_is_made_anew_after_a_conflict():
    order_id = placed()
    versions = []

    def decide(order):
        versions.append(order.version)
        if len(versions) == 1:
            elsewhere(lambda: services.change_order(order_id, lambda other: other.note_reserved()))
        order.note_authorised("Visa ending 4242")

    services.change_order(order_id, decide)

    assert versions == [2, 3]
    assert status(order_id) == "confirmed"


@pytest.mark.django_db(transaction=True, databases=["ordering"])
def test_a_conflict_that_never_ends_is_reported_and_nothing_is_stored():
    order_id = placed()
    expiries = []

    def decide(order):
        expiries.append(NOON + timedelta(minutes=len(expiries)))
        elsewhere(lambda: services.change_order(order_id, lambda other: other.note_action_required("/", expiries[-1])))
        order.note_reserved()

    with pytest.raises(Conflict):
        services.change_order(order_id, decide)

    assert len(expiries) == 5
    assert summary(order_id).reserved_at is None


@pytest.mark.django_db(transaction=True, databases=["ordering"])
def test_the_button_pressed_in_ten_tabs_at_once_places_one_order(published_events):
    order_id = checkout()
    start, numbers, problems = threading.Barrier(10), [], []

    def press():
        try:
            start.wait()
            numbers.append(services.place_order(order_id=order_id).placed.number)
        except Exception as problem:
            problems.append(problem)
        finally:
            connections["ordering"].close()

    tabs = [threading.Thread(target=press) for _ in range(10)]
    for tab in tabs:
        tab.start()
    for tab in tabs:
        tab.join()

    assert problems == []
    assert numbers == [order_number(order_id)] * 10
    assert len(published_events.of(OrderPlaced)) == 1
