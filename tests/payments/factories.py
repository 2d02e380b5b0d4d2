"""Orders, cards and payments for tests; each names only what matters."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from uuid_utils.compat import uuid7

from contexts.inventory.events import StockReserved
from contexts.kernel.addresses import Address
from contexts.kernel.money import Money, eur
from contexts.ordering.events import Contact, OrderCancelled, OrderLine, OrderPlaced
from contexts.payments import services
from contexts.payments.models import Payment
from contexts.shipping.events import ParcelDispatched

APPROVED = "4242 4242 4242 4242"
DECLINED = "4000 0000 0000 0002"
INSUFFICIENT = "4000 0000 0000 9995"
CONFIRM = "4000 0025 0000 3155"
SLOW = "4000 0000 0000 0077"
LOST = "4000 0000 0000 0341"
TOLD_THREE_TIMES = "4000 0000 0000 3220"
TOLD_LATE = "4000 0084 0000 1629"
RUNS_OUT = "4000 0000 0000 0069"
REFUSED_AT_DISPATCH = "4000 0000 0000 0119"
PRICE = eur(19_98)


def a_card(order_id: UUID | None = None, number: str = APPROVED) -> str:
    """Give a card and return its token."""
    return services.add_card(order_id=order_id or uuid7(), number=number).payment_method


def order_placed(
    *,
    order_id: UUID | None = None,
    number: str = APPROVED,
    total: Money = PRICE,
    card: str | None = None,
    language: str = "en",
    customer_id: UUID | None = None,
) -> OrderPlaced:
    order_id = order_id or uuid7()
    return OrderPlaced(
        order_id=order_id, number="TP-1001", customer_id=customer_id,
        contact=Contact(email="ada@example.com", name="Ada", language=language),
        shipping_address=Address(name="Ada", street="Main Street 1", postcode="10115", city="Berlin", country="DE"),
        shipping_method="standard",
        lines=[OrderLine(sku="RED-MUG", name="Red mug", label="Large", quantity=2, unit_price=eur(9_99), image="",
                         product_slug="red-mug")],
        subtotal=total, shipping=eur(0), tax=eur(0), total=total,
        payment_method=a_card(order_id, number) if card is None else card,
    )  # fmt: skip


def stock_reserved(order_id: UUID) -> StockReserved:
    return StockReserved(order_id=order_id)


def order_cancelled(order_id: UUID) -> OrderCancelled:
    return OrderCancelled(order_id=order_id, number="TP-1001", reason="by_customer", explanation="You cancelled it.")


def dispatched(order_id: UUID) -> ParcelDispatched:
    return ParcelDispatched(order_id=order_id, parcel_id=uuid7(), carrier="Blue Van", tracking_number="BV1")


def payment_due(*, number: str = APPROVED, total: Money = PRICE) -> Payment:
    """Return the payment of an order that is placed and has its goods."""
    order_id = uuid7()
    services.note_amount_due(
        order_id=order_id, number="TP-1001", amount=total, card=a_card(order_id, number), language="en"
    )
    services.note_stock_reserved(order_id=order_id)
    return payment_of(order_id)


def payment_authorised(**wanted: Any) -> Payment:
    payment = payment_due(**wanted)
    services.authorise_due()
    return payment_of(payment.order_id)


def payment_captured(**wanted: Any) -> Payment:
    payment = payment_authorised(**wanted)
    services.charge_card(order_id=payment.order_id)
    services.capture_due()
    return payment_of(payment.order_id)


def payment_of(order_id: UUID) -> Payment:
    payment: Payment = Payment.objects.get(order_id=order_id)
    return payment


def make_due_now(payment: Payment) -> Payment:
    """Let the time until the next try, or a dead worker's lease, be over."""
    Payment.objects.filter(pk=payment.pk).update(work_at=payment.created_at)
    return payment_of(payment.order_id)
