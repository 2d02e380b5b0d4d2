"""Orders and what happens to them, naming only what a test is about."""

from __future__ import annotations

from datetime import UTC, datetime
from uuid import UUID

from uuid_utils.compat import uuid7

from contexts.history.changes import Change, changes
from contexts.kernel.addresses import Address
from contexts.kernel.money import Money, eur
from contexts.messaging import Envelope, Event
from contexts.ordering.events import (
    Contact,
    OrderCancelled,
    OrderClaimed,
    OrderCompleted,
    OrderConfirmed,
    OrderLine,
    OrderPlaced,
    OrderRefunded,
    OrderShipped,
)

ADA, EVE = UUID(int=1), UUID(int=2)
ADDRESS = Address(name="Ada Byron", street="Rheingasse 7", postcode="4058", city="Basel", country="CH")
CONTACT = Contact(email="ada@example.org", name="Ada Byron")


def order_id(number: int) -> UUID:
    return UUID(int=1000 + number)


def line(slug: str = "red-mug", *, cents: int = 10_00, quantity: int = 1, currency: str = "EUR") -> OrderLine:
    return OrderLine(
        sku=slug.upper(), name=slug.replace("-", " ").title(), label="", quantity=quantity,
        unit_price=Money(cents, currency), image="", product_slug=slug,
    )  # fmt: skip


def placed(number: int, *lines: OrderLine, customer: UUID | None = ADA) -> OrderPlaced:
    lines = lines or (line(),)
    total = sum((each.total for each in lines[1:]), lines[0].total)
    return OrderPlaced(
        order_id=order_id(number), number=f"T-{number}", customer_id=customer, contact=CONTACT,
        shipping_address=ADDRESS, shipping_method="post", lines=list(lines), subtotal=total,
        shipping=Money.zero(total.currency), tax=Money.zero(total.currency), total=total, payment_method="tok",
    )  # fmt: skip


def claimed(number: int, *lines: OrderLine, customer: UUID = ADA, status: str = "placed") -> OrderClaimed:
    lines = lines or (line(),)
    total = sum((each.total for each in lines[1:]), lines[0].total)
    return OrderClaimed(
        order_id=order_id(number), customer_id=customer, number=f"T-{number}",
        placed_at=datetime(2026, 4, 30, tzinfo=UTC), lines=list(lines), shipping=Money.zero(total.currency),
        total=total, status=status, refunded=Money.zero(total.currency),
    )  # fmt: skip


def confirmed(number: int) -> OrderConfirmed:
    return OrderConfirmed(
        order_id=order_id(number), number=f"T-{number}", customer_id=ADA, contact=CONTACT, shipping_address=ADDRESS,
        shipping_method="post", lines=[line()], total=eur(10_00),
    )  # fmt: skip


def cancelled(number: int) -> OrderCancelled:
    return OrderCancelled(
        order_id=order_id(number), number=f"T-{number}", reason="payment_declined",
        explanation="Your card was declined.",
    )  # fmt: skip


def shipped(number: int) -> OrderShipped:
    return OrderShipped(order_id=order_id(number), carrier="Post", tracking_number=f"TRACK{number}")


def completed(number: int) -> OrderCompleted:
    return OrderCompleted(order_id=order_id(number))


def refunded(number: int, cents: int) -> OrderRefunded:
    return OrderRefunded(order_id=order_id(number), amount=eur(cents), refunded=eur(cents))


def envelope(event: Event, *, version: int, at: datetime = datetime(2026, 5, 1, tzinfo=UTC)) -> Envelope:
    event_id = uuid7()
    return Envelope(
        id=event_id, source=event.event_context, type=event.event_name, data_version=1, subject=event.subject,
        time=at, correlation_id=event_id, causation_id=None, actor="guest", traceparent="", position=version,
        stream_version=version,
    )  # fmt: skip


def said(event: Event, version: int, *, at: datetime = datetime(2026, 5, 1, tzinfo=UTC)) -> list[Change]:
    """Return the changes that an event makes."""
    return changes(event, envelope(event, version=version, at=at))
