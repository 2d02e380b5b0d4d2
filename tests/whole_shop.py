"""A shop that sells one article and sends it in one way, in all contexts: for tests of whole purchases."""

from __future__ import annotations

from collections.abc import Callable
from uuid import UUID

from django.db import transaction
from django.utils import timezone
from uuid_utils.compat import uuid7

from contexts.catalog.events import ProductPublished, Variant
from contexts.inventory import services as inventory
from contexts.kernel.addresses import Address
from contexts.kernel.money import eur
from contexts.messaging import publish
from contexts.ordering import services as ordering
from contexts.ordering.events import Contact
from contexts.payments.models import Payment, State
from contexts.shipping.events import ShippingMethodChanged

ADA = Address(name="Ada", street="Main Street 1", postcode="10115", city="Berlin", country="DE")


def open_with_a_mug(*, cents: int) -> None:
    """Put ten mugs at a price in euro cents on the shelf, and offer to send them for 4.90.

    Both are published and not handed in: what is handed in would count as the first of its publisher's own events.
    """
    mug = Variant(sku="RED-MUG", label="", price=eur(cents), weight_grams=300, image="")
    with transaction.atomic(using="catalog"):
        publish(
            ProductPublished(
                product_id=uuid7(), slug="mug", name="Mug", category="kitchen", tax_class="standard", image="",
                variants=[mug],
            )
        )  # fmt: skip
    inventory.receive_many({"RED-MUG": 10}, reason="delivery", open_missing=True)
    with transaction.atomic(using="shipping"):
        publish(
            ShippingMethodChanged(
                code="post", name="Post", price=eur(4_90), countries=["DE"], days_min=1, days_max=3, active=True
            )
        )


def begin_checkout(*, email: str = "ada@example.com", to: Address = ADA, customer_id: UUID | None = None) -> UUID:
    """Go with one mug as far as to the payment; return the order's id."""
    cart = ordering.add_to_cart(cart_id=None, sku="RED-MUG")
    order_id = ordering.start_checkout(cart_id=cart.cart_id, customer_id=customer_id, email=email, name=to.name)
    ordering.save_details(
        order_id=order_id, contact=Contact(email=email, name=to.name), address=to, shipping_method="post"
    )
    return order_id


def let_it_be_paid(deliver_all: Callable[..., int]) -> None:
    """Let everything that follows an order happen, without waiting until a payment's work is due."""
    deliver_all()
    Payment.objects.filter(state=State.DUE).update(work_at=timezone.now())
    deliver_all()
