"""Orders and parcels for shipping's tests; each names only what matters."""

from __future__ import annotations

from uuid import UUID, uuid4

from contexts.kernel.addresses import Address
from contexts.kernel.money import eur
from contexts.ordering.events import Contact, OrderCancelled, OrderConfirmed, OrderLine
from contexts.shipping import services
from contexts.shipping.models import Parcel

ADDRESS = Address(name="Ada Lovelace", street="Analytical Street 1", postcode="3511", city="Utrecht", country="NL")


def order_confirmed(order_id: UUID, *, method: str = "standard", number: str = "T-1001") -> OrderConfirmed:
    return OrderConfirmed(
        order_id=order_id,
        number=number,
        customer_id=None,
        contact=Contact(email="ada@example.com", name="Ada Lovelace"),
        shipping_address=ADDRESS,
        shipping_method=method,
        lines=[
            OrderLine(
                sku="RED-MUG",
                name="Mug",
                label="Red",
                quantity=2,
                unit_price=eur(9_99),
                image="",
                product_slug="mug",
            )
        ],
        total=eur(24_93),
    )


def order_cancelled(order_id: UUID) -> OrderCancelled:
    return OrderCancelled(order_id=order_id, number="T-1001", reason="by_customer", explanation="You cancelled it.")


def parcel(*, number: str = "T-1001", method: str = "standard") -> Parcel:
    made = services.create_parcel(
        order_id=uuid4(), number=number, customer_id=None, address=ADDRESS, method=method, contents=[]
    )
    assert made is not None
    return made
