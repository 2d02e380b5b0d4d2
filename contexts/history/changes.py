"""What an event changes in the history: a pure function, whose results a store may apply again and again."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

import msgspec
from django.utils import timezone

from contexts.customers.events import CustomerErased
from contexts.history.purchases import BoughtLine, Receipt
from contexts.kernel.money import Money
from contexts.kernel.said import Said
from contexts.messaging import Envelope, Event
from contexts.ordering.events import (
    OrderCancelled,
    OrderClaimed,
    OrderCompleted,
    OrderConfirmed,
    OrderPlaced,
    OrderRefunded,
    OrderShipped,
)


class AddPurchase(msgspec.Struct, frozen=True, kw_only=True, tag="add"):
    """A purchase appears. A store ignores it where it knows the order, or knows that the customer was erased."""

    order_id: UUID
    version: int
    customer_id: UUID
    placed_ms: int
    year: int
    currency: str
    total_cents: int
    products: list[str]
    receipt: str


class UpdatePurchase(msgspec.Struct, frozen=True, kw_only=True, tag="update", omit_defaults=True):
    """A purchase moves on. A store ignores it unless it knows the order at a lower version. What is None stays.

    `said` are the sentences of `explanation`, as JSON.
    """

    order_id: UUID
    version: int
    status: str | None = None
    refunded_cents: int | None = None
    explanation: str | None = None
    carrier: str | None = None
    tracking_number: str | None = None
    said: str | None = None


class EraseCustomer(msgspec.Struct, frozen=True, kw_only=True, tag="erase"):
    """Everything of a customer goes, and whatever of theirs arrives later stays out."""

    customer_id: UUID


Change = AddPurchase | UpdatePurchase | EraseCustomer


def changes(event: Event, envelope: Envelope) -> list[Change]:
    """Return what an event changes; nothing where it is of no interest, such as a guest's order."""
    match event:
        case OrderPlaced():
            return _placed(event, envelope)
        case OrderClaimed():
            return _claimed(event, envelope)
        case OrderConfirmed():
            return [_update(event.order_id, envelope, status="confirmed")]
        case OrderCancelled():
            return [
                _update(
                    event.order_id, envelope, status="cancelled", explanation=event.explanation, said=_kept(event.said)
                )
            ]  # fmt: skip
        case OrderShipped():
            return [
                _update(
                    event.order_id, envelope, status="shipped", carrier=event.carrier,
                    tracking_number=event.tracking_number,
                )
            ]  # fmt: skip
        case OrderCompleted():
            return [_update(event.order_id, envelope, status="completed")]
        case OrderRefunded():
            return [_update(event.order_id, envelope, refunded_cents=event.refunded.amount)]
        case CustomerErased():
            return [EraseCustomer(customer_id=event.customer_id)]
    return []


def year_of(moment: datetime) -> int:
    """Return the year of a purchase on the shop's own calendar."""
    return timezone.localtime(moment, timezone.get_default_timezone()).year


def _placed(event: OrderPlaced, envelope: Envelope) -> list[Change]:
    if event.customer_id is None:
        return []
    gift = event.gift_card.amount if event.gift_card else None
    tax = event.tax if event.tax_added else None
    return [
        _add(event, event.customer_id, placed_at=envelope.time, gift=gift, tax_added=tax, version=_version(envelope),
             language=event.contact.language),
    ]  # fmt: skip


def _claimed(event: OrderClaimed, envelope: Envelope) -> list[Change]:
    """Nothing is known of an order while it is a guest's: it appears as it is when somebody claims it."""
    version = _version(envelope)
    return [
        _add(
            event, event.customer_id, placed_at=event.placed_at, gift=event.gift, tax_added=event.tax_added,
            version=version - 1, language=event.language,
        ),
        _update(
            event.order_id, envelope, status=event.status, refunded_cents=event.refunded.amount,
            explanation=event.explanation, carrier=event.carrier, tracking_number=event.tracking_number,
            said=_kept(event.said),
        ),
    ]  # fmt: skip


def _add(
    event: OrderPlaced | OrderClaimed,
    customer_id: UUID,
    *,
    placed_at: datetime,
    gift: Money | None,
    tax_added: Money | None,
    version: int,
    language: str,
) -> AddPurchase:
    receipt = Receipt(
        number=event.number, placed_at=placed_at, shipping=event.shipping, total=event.total,
        discount=event.discount, gift=gift, tax_added=tax_added, language=language,
        lines=[msgspec.convert(line, BoughtLine, from_attributes=True) for line in event.lines],
    )  # fmt: skip
    return AddPurchase(
        order_id=event.order_id, version=version, customer_id=customer_id,
        placed_ms=int(placed_at.timestamp() * 1000), year=year_of(placed_at),
        currency=event.total.currency, total_cents=event.total.amount,
        products=sorted({line.product_slug for line in event.lines}), receipt=msgspec.json.encode(receipt).decode(),
    )  # fmt: skip


def _update(
    order_id: UUID,
    envelope: Envelope,
    *,
    status: str | None = None,
    refunded_cents: int | None = None,
    explanation: str | None = None,
    carrier: str | None = None,
    tracking_number: str | None = None,
    said: str | None = None,
) -> UpdatePurchase:
    return UpdatePurchase(
        order_id=order_id, version=_version(envelope), status=status, refunded_cents=refunded_cents,
        explanation=explanation, carrier=carrier, tracking_number=tracking_number,
        said=said,
    )  # fmt: skip


def _kept(said: list[Said]) -> str:
    return msgspec.json.encode(said).decode()


def _version(envelope: Envelope) -> int:
    """An order's events are numbered in its stream; the publisher's position grows with them just as well."""
    return envelope.position if envelope.stream_version is None else envelope.stream_version
