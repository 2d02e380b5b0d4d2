"""A guest's order that belongs to an account from now on, and the events by which it does."""

from __future__ import annotations

import pytest
from uuid_utils.compat import uuid7

from contexts.customers.events import AccountOpenedFromOrder, CustomerErased, CustomerRegistered, EmailConfirmed
from contexts.inventory.events import StockReserved
from contexts.kernel.money import eur
from contexts.messaging import Discard, load
from contexts.ordering import services
from contexts.ordering.events import GuestErased, OrderClaimed, OrderConfirmed
from contexts.ordering.models import Invoice
from contexts.ordering.order import Order
from contexts.payments.events import PaymentAuthorised
from contexts.shipping.events import ParcelDelivered, ParcelDispatched
from tests.ordering.shop import ADA, NOON, checkout, placed, summary

pytestmark = pytest.mark.django_db(databases=["ordering"])
WHO, SOMEBODY_ELSE = uuid7(), uuid7()


def owner(order_id):
    return summary(order_id).customer_id


@pytest.fixture
def known(deliver):
    """Ada has an account whose address is not confirmed."""
    deliver(CustomerRegistered(customer_id=WHO, email=ADA.email, name="Ada Byron", language="en"))


def confirm(deliver, *, who=WHO, email=ADA.email):
    deliver(EmailConfirmed(customer_id=who, email=email))


def test_an_account_opened_from_an_order_has_that_order_and_no_other(deliver, published_events):
    hers, another = placed(), placed(("BLUE-MUG", 1))
    published_events.clear()

    deliver(AccountOpenedFromOrder(customer_id=WHO, order_id=hers), times=2)

    assert (owner(hers), owner(another)) == (WHO, None)
    row = summary(hers)
    assert published_events == [
        OrderClaimed(
            order_id=hers, customer_id=WHO, number=row.number, placed_at=row.placed_at, lines=load(Order, hers).lines,
            shipping=eur(4_90), total=eur(29_90), status="placed", refunded=eur(0), language="en",
        )
    ]  # fmt: skip


def test_a_confirmed_address_brings_the_orders_that_were_placed_with_it(deliver, known):
    before, others = placed(), checkout(("BLUE-MUG", 1))

    confirm(deliver)

    assert (owner(before), owner(others)) == (WHO, None)


def test_an_order_placed_later_without_signing_in_is_found_too(deliver, known, published_events):
    confirm(deliver)

    later = placed()

    assert owner(later) == WHO
    assert len(published_events.of(OrderClaimed)) == 1


def test_an_address_that_is_not_confirmed_brings_nothing(deliver, known, published_events):
    assert owner(placed()) is None
    confirm(deliver, email="countess@example.org")

    assert owner(placed(("BLUE-MUG", 1))) is None
    assert published_events.of(OrderClaimed) == []


def test_an_order_keeps_its_owner(deliver):
    hers = placed(customer_id=SOMEBODY_ELSE)
    claimed = placed(("BLUE-MUG", 1))
    deliver(AccountOpenedFromOrder(customer_id=SOMEBODY_ELSE, order_id=claimed))

    deliver(AccountOpenedFromOrder(customer_id=WHO, order_id=hers))
    deliver(AccountOpenedFromOrder(customer_id=WHO, order_id=claimed))
    confirm(deliver)

    assert (owner(hers), owner(claimed)) == (SOMEBODY_ELSE, SOMEBODY_ELSE)


def test_a_proof_of_the_address_by_somebody_else_ends_the_earlier_one(deliver, known):
    confirm(deliver)
    deliver(CustomerRegistered(customer_id=SOMEBODY_ELSE, email=ADA.email, name="A. B.", language="en"))

    confirm(deliver, who=SOMEBODY_ELSE)

    assert owner(placed()) == SOMEBODY_ELSE


def test_what_happens_afterwards_is_the_customers(deliver, published_events):
    hers = placed()
    deliver(AccountOpenedFromOrder(customer_id=WHO, order_id=hers))

    deliver(StockReserved(order_id=hers))
    deliver(PaymentAuthorised(order_id=hers, amount=eur(29_90), method_label="Visa ending 4242"))
    deliver(ParcelDispatched(order_id=hers, parcel_id=uuid7(), carrier="Post", tracking_number="T1"))

    assert [event.customer_id for event in published_events.of(OrderConfirmed)] == [WHO]
    assert Invoice.objects.get(order_id=hers).customer_id == WHO


def test_a_claimed_order_is_told_as_it_is_now(deliver, published_events):
    hers = placed()
    deliver(StockReserved(order_id=hers))
    deliver(PaymentAuthorised(order_id=hers, amount=eur(29_90), method_label="Visa ending 4242"))
    deliver(ParcelDispatched(order_id=hers, parcel_id=uuid7(), carrier="Post", tracking_number="T1"))
    deliver(ParcelDelivered(order_id=hers, parcel_id=uuid7(), delivered_at=NOON))

    deliver(AccountOpenedFromOrder(customer_id=WHO, order_id=hers))

    (told,) = published_events.of(OrderClaimed)
    assert (told.status, told.carrier, told.tracking_number) == ("completed", "Post", "T1")
    assert told.delivered_at == summary(hers).completed_at


def test_nothing_is_claimed_that_was_never_placed_or_whose_guest_was_erased(deliver, published_events):
    forgotten, begun = placed(), checkout(("BLUE-MUG", 1))
    services.erase_guest(order_id=forgotten)

    deliver(AccountOpenedFromOrder(customer_id=WHO, order_id=forgotten))
    for order_id in (begun, uuid7()):
        with pytest.raises(Discard, match="was never placed here"):
            deliver(AccountOpenedFromOrder(customer_id=WHO, order_id=order_id))

    assert owner(forgotten) is None
    assert published_events.of(OrderClaimed) == []


def test_erasing_the_customer_erases_the_guest_that_they_were(deliver, known, published_events):
    hers = placed()
    confirm(deliver)

    deliver(CustomerErased(customer_id=WHO))

    assert published_events.of(GuestErased) == [GuestErased(order_id=hers)]
    row = summary(hers)
    assert (row.email, row.name, row.address, row.total) == ("", "", None, eur(29_90))
    assert owner(placed(("BLUE-MUG", 1))) is None
