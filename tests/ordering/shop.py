"""A small shop for ordering's tests: helpers that name only what matters."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from uuid_utils.compat import uuid7

from contexts.kernel.addresses import Address
from contexts.kernel.checkout import PaymentMethod
from contexts.kernel.money import Money, eur
from contexts.messaging import load
from contexts.ordering import services
from contexts.ordering.events import Contact, OrderLine
from contexts.ordering.models import Offer, OrderSummary, ShippingMethod
from contexts.ordering.order import Order
from contexts.ordering.quotes import Quote

NOON = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)
HOLD_ENDS = datetime(2100, 1, 1, tzinfo=UTC)
ADA = Contact(email="ada@example.org", name="Ada Byron")
HOME = Address(name="Ada Byron", street="Kanalstr. 4", postcode="20095", city="Hamburg", country="DE")


def offer(sku: str = "RED-MUG", *, cents: int = 12_50, **other: Any) -> Offer:
    fields = {
        "product_id": uuid7(), "product_slug": sku.lower(), "name": sku.replace("-", " ").capitalize(),
        "image": "/static/mug.svg", "price_cents": cents, "on_sale": True, "available": 10,
    }  # fmt: skip
    return Offer.objects.create(sku=sku, **(fields | other))


def shipping_method(
    code: str = "standard", *, cents: int = 4_90, countries: tuple[str, ...] = ("DE", "FR"), **other: Any
) -> ShippingMethod:
    fields = {"name": code.capitalize(), "currency": "EUR", "days_min": 2, "days_max": 4, "active": True}
    return ShippingMethod.objects.create(code=code, price_cents=cents, countries=list(countries), **(fields | other))


def cart(*wanted: tuple[str, int]) -> UUID:
    """Return a new cart with these articles; those not on sale yet are put on sale."""
    cart_id = None
    for sku, quantity in wanted:
        if not Offer.objects.filter(sku=sku).exists():
            offer(sku)
        cart_id = services.add_to_cart(cart_id=cart_id, sku=sku, quantity=quantity).cart_id
    assert cart_id is not None
    return cart_id


def fill_in(order_id: UUID, *, address: Address = HOME, method: str = "standard") -> None:
    """Fill in the checkout's form and give a card."""
    if not ShippingMethod.objects.filter(code=method).exists():
        shipping_method(method)
    services.save_details(order_id=order_id, contact=ADA, address=address, shipping_method=method)
    services.save_payment_method(order_id=order_id, payment=card(order_id))


def card(order_id: UUID) -> PaymentMethod:
    return PaymentMethod(order_id=order_id, payment_method="pm_1", method_label="Visa ending 4242")


def checkout(*wanted: tuple[str, int], customer_id: UUID | None = None) -> UUID:
    """Return a checkout with everything filled in, ready to be placed."""
    order_id = services.start_checkout(cart_id=cart(*(wanted or [("RED-MUG", 2)])), customer_id=customer_id)
    fill_in(order_id)
    return order_id


def placed(*wanted: tuple[str, int], customer_id: UUID | None = None) -> UUID:
    order_id = checkout(*wanted, customer_id=customer_id)
    services.place_order(order_id=order_id)
    return order_id


def summary(order_id: UUID) -> OrderSummary:
    return OrderSummary.objects.get(order_id=order_id)


def status(order_id: UUID) -> str:
    return load(Order, order_id).status


def line(sku: str = "RED-MUG", *, cents: int = 12_50, quantity: int = 2) -> OrderLine:
    return OrderLine(
        sku=sku, name="Red mug", label="", quantity=quantity, unit_price=eur(cents), image="/static/mug.svg",
        product_slug="red-mug", names={"en": "Red mug"},
    )  # fmt: skip


def quote(*lines: OrderLine, shipping: Money | None = None) -> Quote:
    subtotal = eur(sum(one.total.amount for one in lines))
    shipping = shipping or eur(4_90)
    return Quote(
        lines=list(lines), subtotal=subtotal, shipping=shipping, taxes=[], tax=eur(4_77), total=subtotal + shipping
    )
