"""What ordering hears, delivered as the backbone does it."""

from datetime import UTC, datetime

import pytest
from django.db import connections
from uuid_utils.compat import uuid7

from contexts.catalog.events import PriceChanged, ProductChanged, ProductPublished, ProductWithdrawn, Variant
from contexts.customers.events import CustomerChanged, CustomerErased, CustomerRegistered
from contexts.inventory.events import (
    AvailabilityChanged,
    HoldExpired,
    Shortage,
    StockHeld,
    StockRejected,
    StockReserved,
)
from contexts.kernel.money import eur
from contexts.kernel.said import Said
from contexts.messaging import Discard, load
from contexts.ordering import services
from contexts.ordering.events import (
    CheckoutExpired,
    CheckoutHeld,
    OrderCancelled,
    OrderConfirmed,
    OrderPaymentDeclined,
    OrderRetryDue,
)
from contexts.ordering.models import Checkout, Customer, Offer, ShippingMethod
from contexts.ordering.order import Order
from contexts.payments.events import (
    PaymentActionRequired,
    PaymentAuthorised,
    PaymentCaptured,
    PaymentDeclined,
    PaymentRefunded,
    PaymentRetried,
)
from contexts.shipping.events import ParcelDelivered, ParcelDispatched, ShippingMethodChanged
from tests.ordering.shop import HOLD_ENDS, HOME, checkout, placed, status, summary

pytestmark = pytest.mark.django_db(databases=["ordering"])
MUG = uuid7()


def variant(sku="RED-MUG", cents=12_50):
    return Variant(sku=sku, label="Red", price=eur(cents), weight_grams=300, image="/static/mug.svg")


def product(kind, *variants):
    return kind(
        product_id=MUG, slug="mug", name="Mug", category="kitchen", tax_class="standard", image="",
        variants=list(variants),
    )  # fmt: skip


def offers():
    return {offer.sku: (offer.price_cents, offer.on_sale, offer.available) for offer in Offer.objects.all()}


# --- the copy of what is for sale


def test_a_published_product_is_for_sale(deliver):
    deliver(product(ProductPublished, variant()), times=2)

    assert offers() == {"RED-MUG": (12_50, True, None)}
    assert Offer.objects.get().title == "Mug (Red)"


def test_availability_may_come_before_the_product(deliver):
    deliver(AvailabilityChanged(sku="RED-MUG", available=7))
    assert offers() == {"RED-MUG": (0, False, 7)}

    deliver(product(ProductPublished, variant()))

    assert offers() == {"RED-MUG": (12_50, True, 7)}


def test_availability_may_come_after_the_product(deliver):
    deliver(product(ProductPublished, variant()))

    deliver(AvailabilityChanged(sku="RED-MUG", available=7))

    assert offers() == {"RED-MUG": (12_50, True, 7)}


def test_a_variant_that_is_no_longer_listed_is_no_longer_for_sale(deliver):
    deliver(product(ProductPublished, variant("RED-MUG"), variant("BLUE-MUG")))

    deliver(product(ProductChanged, variant("BLUE-MUG", 13_00)))

    assert offers() == {"RED-MUG": (12_50, False, None), "BLUE-MUG": (13_00, True, None)}


def test_a_new_price_is_taken_over(deliver):
    deliver(product(ProductPublished, variant()))

    deliver(PriceChanged(product_id=MUG, sku="RED-MUG", price=eur(13_50), previous=eur(12_50)))

    assert offers() == {"RED-MUG": (13_50, True, None)}


def test_a_withdrawn_product_is_no_longer_for_sale(deliver):
    deliver(product(ProductPublished, variant("RED-MUG"), variant("BLUE-MUG")))

    deliver(ProductWithdrawn(product_id=MUG, skus=["RED-MUG", "BLUE-MUG"]))

    assert offers() == {"RED-MUG": (12_50, False, None), "BLUE-MUG": (12_50, False, None)}


def test_a_way_of_shipping_is_taken_over_and_changed(deliver):
    for cents in (4_90, 5_90):
        deliver(
            ShippingMethodChanged(
                code="standard", name="Standard", price=eur(cents), countries=["DE"], days_min=2, days_max=4,
                active=True,
            )
        )  # fmt: skip

    method = ShippingMethod.objects.get()
    assert (method.price, method.goes_to("DE"), method.goes_to("FR")) == (eur(5_90), True, False)


# --- the checkout


def test_a_hold_is_shown_to_the_shopper(deliver, published_events):
    order_id = checkout()
    published_events.clear()

    deliver(StockHeld(order_id=order_id, held_until=HOLD_ENDS))
    deliver(StockHeld(order_id=order_id, held_until=HOLD_ENDS))

    assert published_events == [CheckoutHeld(order_id=order_id, held_until=HOLD_ENDS)]
    assert summary(order_id).held_until == HOLD_ENDS


def test_a_hold_that_runs_out_ends_the_checkout_and_keeps_the_cart(deliver):
    order_id = checkout(("RED-MUG", 2))
    deliver(StockHeld(order_id=order_id, held_until=HOLD_ENDS))

    deliver(HoldExpired(order_id=order_id))

    assert (status(order_id), summary(order_id).held_until) == ("expired", None)
    cart_id = Checkout.objects.get(order_id=order_id).cart_id
    assert services.start_checkout(cart_id=cart_id) == order_id
    assert status(order_id) == "checkout"


def test_goods_that_are_not_there_end_the_checkout_with_how_many_are_left(deliver, published_events):
    order_id = checkout(("RED-MUG", 2))
    published_events.clear()

    deliver(StockRejected(order_id=order_id, shortages=[Shortage(sku="RED-MUG", wanted=2, left=1)]))

    words = "Of “Red mug” only 1 is left; you wanted 2."
    said = [Said(code="few_left", sku="RED-MUG", numbers={"left": 1, "wanted": 2})]
    assert published_events == [CheckoutExpired(order_id=order_id, explanation=words, said=said)]


# --- the order


def test_stock_first_then_money_confirms(deliver, published_events):
    order_id = placed()

    deliver(StockReserved(order_id=order_id), times=2)
    deliver(PaymentAuthorised(order_id=order_id, amount=eur(29_90), method_label="Visa ending 4242"), times=2)

    assert status(order_id) == "confirmed"
    assert [event.total for event in published_events.of(OrderConfirmed)] == [eur(29_90)]


def test_money_first_then_stock_confirms(deliver, published_events):
    order_id = placed()

    deliver(PaymentAuthorised(order_id=order_id, amount=eur(29_90), method_label="Visa ending 4242"))
    deliver(StockReserved(order_id=order_id))

    assert status(order_id) == "confirmed"
    assert len(published_events.of(OrderConfirmed)) == 1


def test_a_declined_card_keeps_the_goods_for_another_until_a_timer_ends_it(deliver, published_events):
    order_id = placed()

    deliver(PaymentDeclined(order_id=order_id, reason="declined", explanation="No."), times=2)

    [declined] = published_events.of(OrderPaymentDeclined)
    row = summary(order_id)
    assert (row.status, row.explanation, row.held_until) == ("payment_declined", "No.", declined.retry_until)
    assert timers() == [("ordering.order_retry_due", f"order/{order_id}", declined.retry_until)]

    deliver(OrderRetryDue(order_id=order_id), times=2)

    assert [(event.reason, event.explanation) for event in published_events.of(OrderCancelled)] == [
        ("payment_declined", "Your card was declined and no other was given in time. Nothing was charged.")
    ]
    assert (summary(order_id).status, summary(order_id).held_until) == ("cancelled", None)


def test_another_card_in_time_confirms_the_order_and_the_timer_finds_nothing_to_end(deliver, published_events):
    order_id = placed()
    deliver(StockReserved(order_id=order_id))
    deliver(PaymentDeclined(order_id=order_id, reason="declined", explanation="No."))

    deliver(PaymentRetried(order_id=order_id, method_label="Visa ending 4242"))
    assert (summary(order_id).status, summary(order_id).explanation) == ("placed", "")
    deliver(PaymentAuthorised(order_id=order_id, amount=eur(29_90), method_label="Visa ending 4242"))
    deliver(OrderRetryDue(order_id=order_id))

    assert status(order_id) == "confirmed"
    assert published_events.of(OrderCancelled) == []


def timers():
    with connections["ordering"].cursor() as cursor:
        cursor.execute("select type, subject, due_at from messaging_timer")
        return cursor.fetchall()


def test_stock_sold_to_somebody_else_cancels_in_plain_words(deliver, published_events):
    order_id = placed(("RED-MUG", 2))

    deliver(StockRejected(order_id=order_id, shortages=[Shortage(sku="RED-MUG", wanted=2, left=0)]))

    assert [(event.reason, event.explanation) for event in published_events.of(OrderCancelled)] == [
        ("out_of_stock", "“Red mug” is sold out.")
    ]


def test_the_bank_asks_and_the_page_knows_where_to_go(deliver):
    order_id = placed()

    deliver(PaymentActionRequired(order_id=order_id, path="/pay/1/confirm/", expires_at=HOLD_ENDS))

    row = summary(order_id)
    assert (row.status, row.action_path, row.action_expires_at) == ("action_required", "/pay/1/confirm/", HOLD_ENDS)


def test_from_the_parcel_to_the_refund(deliver):
    order_id, parcel = placed(), uuid7()
    deliver(StockReserved(order_id=order_id))
    deliver(PaymentAuthorised(order_id=order_id, amount=eur(29_90), method_label="Visa ending 4242"))

    deliver(PaymentCaptured(order_id=order_id, amount=eur(29_90)))
    deliver(ParcelDispatched(order_id=order_id, parcel_id=parcel, carrier="Post", tracking_number="T1"))
    deliver(ParcelDelivered(order_id=order_id, parcel_id=parcel, delivered_at=datetime.now(UTC)))
    deliver(PaymentRefunded(order_id=order_id, amount=eur(10_00), refunded=eur(10_00)))

    row = summary(order_id)
    assert (row.status, row.tracking_number, row.charged, row.refunded) == ("completed", "T1", eur(29_90), eur(10_00))
    assert row.version == load(Order, order_id).version


def test_news_of_an_order_that_was_never_begun_here_is_skipped(deliver, published_events):
    with pytest.raises(Discard, match="was never begun here"):
        deliver(StockReserved(order_id=uuid7()))

    assert published_events == []


# --- people


def test_a_customers_address_is_kept_and_forgotten(deliver):
    ada = uuid7()
    deliver(CustomerRegistered(customer_id=ada, email="ada@example.org", name="Ada", language="en"))
    deliver(CustomerChanged(customer_id=ada, email="ada@example.org", name="Ada", language="en", default_address=HOME))
    assert Customer.objects.get(customer_id=ada).street == HOME.street
    order_id = placed(customer_id=ada)

    deliver(CustomerErased(customer_id=ada))

    assert not Customer.objects.exists()
    row = summary(order_id)
    assert (row.email, row.name, row.address, row.total) == ("", "", None, eur(29_90))
    assert Checkout.objects.get(order_id=order_id).street == ""
