"""What notifications hears: steps of an order and of a customer, and which articles are back. It writes letters."""

from typing import Any

from contexts.catalog.events import ProductChanged, ProductPublished, ProductWithdrawn
from contexts.customers.events import CustomerErased, CustomerRegistered
from contexts.inventory.events import AvailabilityChanged
from contexts.messaging import Discard, Envelope, handles, never_replayed, note_erased
from contexts.notifications import back_in_stock, letters, services
from contexts.notifications.letters import (
    ActionRequired,
    Cancelled,
    Confirmed,
    Delivered,
    Line,
    PaymentDeclined,
    Placed,
    Refunded,
    Shipped,
    Welcome,
)
from contexts.ordering.events import (
    GuestErased,
    OrderActionRequired,
    OrderCancelled,
    OrderClaimed,
    OrderCompleted,
    OrderConfirmed,
    OrderLine,
    OrderPaymentDeclined,
    OrderPlaced,
    OrderRefunded,
    OrderShipped,
    ReturnApproved,
    ReturnReceived,
    ReturnRefused,
    ReturnRequested,
)

never_replayed(because="a letter that was sent cannot be unsent, and would be sent again")


@handles(CustomerRegistered)
def write_welcome(event: CustomerRegistered, envelope: Envelope) -> None:
    _refuse_if_erased(envelope)
    services.refuse_if_erased(event.customer_id)
    services.write(
        Welcome(name=event.name),
        recipient=event.email,
        language=event.language,
        event_id=envelope.id,
        customer_id=event.customer_id,
    )


@handles(CustomerErased)
def forget_customer(event: CustomerErased, envelope: Envelope) -> None:
    note_erased("notifications", event, **services.forget_customer(customer_id=event.customer_id))


@handles(GuestErased)
def forget_guest(event: GuestErased, envelope: Envelope) -> None:
    note_erased("notifications", event, **services.forget_guest(order_id=event.order_id))


def _refuse_if_erased(envelope: Envelope) -> None:
    if envelope.erased:
        raise Discard(f"Whom {envelope.subject} is about was erased.")


@handles(OrderPlaced)
def write_placed(event: OrderPlaced, envelope: Envelope) -> None:
    _refuse_if_erased(envelope)
    contact = services.remember_contact(
        order_id=event.order_id,
        number=event.number,
        customer_id=event.customer_id,
        email=event.contact.email,
        name=event.contact.name,
        language=event.contact.language,
    )
    letter = Placed(
        name=contact.name,
        order_id=event.order_id,
        number=event.number,
        lines=_lines(event.lines),
        subtotal=event.subtotal,
        shipping=event.shipping,
        tax=event.tax,
        tax_added=event.tax_added,
        total=event.total,
        **_reductions(event),
        address=event.shipping_address,
    )
    services.write_to_contact(letter, contact=contact, event_id=envelope.id)


@handles(OrderClaimed)
def hand_over_letters(event: OrderClaimed, envelope: Envelope) -> None:
    services.hand_over(order_id=event.order_id, customer_id=event.customer_id)


@handles(OrderActionRequired)
def write_action_required(event: OrderActionRequired, envelope: Envelope) -> None:
    contact = services.contact_of(event.order_id)
    letter = ActionRequired(
        name=contact.name,
        order_id=event.order_id,
        number=contact.number,
        path=event.path,
        expires_at=event.expires_at,
    )
    services.write_to_contact(letter, contact=contact, event_id=envelope.id)


@handles(OrderPaymentDeclined)
def write_payment_declined(event: OrderPaymentDeclined, envelope: Envelope) -> None:
    contact = services.contact_of(event.order_id)
    letter = PaymentDeclined(
        name=contact.name,
        order_id=event.order_id,
        number=contact.number,
        explanation=event.explanation,
        retry_until=event.retry_until,
    )
    services.write_to_contact(letter, contact=contact, event_id=envelope.id)


@handles(OrderConfirmed)
def write_confirmed(event: OrderConfirmed, envelope: Envelope) -> None:
    contact = services.contact_of(event.order_id)
    letter = Confirmed(
        name=contact.name,
        order_id=event.order_id,
        number=contact.number,
        lines=_lines(event.lines),
        total=event.total,
        **_reductions(event),
        address=event.shipping_address,
    )
    services.write_to_contact(letter, contact=contact, event_id=envelope.id)


@handles(OrderCancelled)
def write_cancelled(event: OrderCancelled, envelope: Envelope) -> None:
    contact = services.contact_of(event.order_id)
    letter = Cancelled(
        name=contact.name,
        order_id=event.order_id,
        number=contact.number,
        explanation=event.explanation,
        gift=event.gift_card.amount if event.gift_card else None,
        gift_last4=event.gift_card.last4 if event.gift_card else "",
    )
    services.write_to_contact(letter, contact=contact, event_id=envelope.id)


@handles(OrderShipped)
def write_shipped(event: OrderShipped, envelope: Envelope) -> None:
    contact = services.contact_of(event.order_id)
    letter = Shipped(
        name=contact.name,
        order_id=event.order_id,
        number=contact.number,
        carrier=event.carrier,
        tracking_number=event.tracking_number,
    )
    services.write_to_contact(letter, contact=contact, event_id=envelope.id)


@handles(OrderCompleted)
def write_delivered(event: OrderCompleted, envelope: Envelope) -> None:
    contact = services.contact_of(event.order_id)
    letter = Delivered(
        name=contact.name, order_id=event.order_id, number=contact.number, may_review=contact.customer_id is not None
    )
    services.write_to_contact(letter, contact=contact, event_id=envelope.id)


@handles(OrderRefunded)
def write_refunded(event: OrderRefunded, envelope: Envelope) -> None:
    contact = services.contact_of(event.order_id)
    letter = Refunded(
        name=contact.name,
        order_id=event.order_id,
        number=contact.number,
        amount=event.amount,
        refunded=event.refunded,
        gift_card_last4=event.gift_card_last4,
    )
    services.write_to_contact(letter, contact=contact, event_id=envelope.id)


@handles(ReturnRequested)
def write_return_requested(event: ReturnRequested, envelope: Envelope) -> None:
    contact = services.contact_of(event.order_id)
    letter = letters.ReturnRequested(
        name=contact.name,
        order_id=event.order_id,
        number=contact.number,
        pieces=[f"{pieces.quantity} × {pieces.name}" for pieces in event.pieces],
    )
    services.write_to_contact(letter, contact=contact, event_id=envelope.id)


@handles(ReturnApproved)
def write_return_approved(event: ReturnApproved, envelope: Envelope) -> None:
    contact = services.contact_of(event.order_id)
    letter = letters.ReturnApproved(
        name=contact.name,
        order_id=event.order_id,
        number=contact.number,
        explanation=event.explanation,
        address=event.send_to,
    )
    services.write_to_contact(letter, contact=contact, event_id=envelope.id)


@handles(ReturnRefused)
def write_return_refused(event: ReturnRefused, envelope: Envelope) -> None:
    contact = services.contact_of(event.order_id)
    letter = letters.ReturnRefused(
        name=contact.name, order_id=event.order_id, number=contact.number, explanation=event.explanation
    )
    services.write_to_contact(letter, contact=contact, event_id=envelope.id)


@handles(ReturnReceived)
def write_return_received(event: ReturnReceived, envelope: Envelope) -> None:
    contact = services.contact_of(event.order_id)
    letter = letters.ReturnReceived(
        name=contact.name, order_id=event.order_id, number=contact.number, refund=event.refund,
        to_gift_card=event.gift_card.amount if event.gift_card else None,
        gift_last4=event.gift_card.last4 if event.gift_card else "",
    )  # fmt: skip
    services.write_to_contact(letter, contact=contact, event_id=envelope.id)


@handles(ProductPublished, batch=True)
def keep_new_articles(events: list[tuple[ProductPublished, Envelope]]) -> None:
    back_in_stock.keep_articles([_told(event, envelope) for event, envelope in events])


@handles(ProductChanged, batch=True)
def keep_changed_articles(events: list[tuple[ProductChanged, Envelope]]) -> None:
    back_in_stock.keep_articles([_told(event, envelope) for event, envelope in events])


@handles(ProductWithdrawn)
def withdraw_articles(event: ProductWithdrawn, envelope: Envelope) -> None:
    back_in_stock.withdraw_product(event.product_id)


@handles(AvailabilityChanged, batch=True)
def tell_who_waits(events: list[tuple[AvailabilityChanged, Envelope]]) -> None:
    # Of several for one SKU the last counts; a page keeps each subject's order.
    back_in_stock.keep_availability({event.sku: (event.available, envelope.id) for event, envelope in events})


def _told(event: ProductPublished | ProductChanged, envelope: Envelope) -> back_in_stock.Told:
    return back_in_stock.Told(
        event_id=envelope.id, product_id=event.product_id, slug=event.slug, name=event.name,
        labels={variant.sku: variant.label for variant in event.variants}, names=event.names,
        other_labels={variant.sku: variant.labels for variant in event.variants},
    )  # fmt: skip


def _lines(lines: list[OrderLine]) -> list[Line]:
    return [Line(name=line.name, label=line.label, quantity=line.quantity, total=line.total) for line in lines]


def _reductions(event: OrderPlaced | OrderConfirmed) -> dict[str, Any]:
    """Return what a code took off and a gift card pays, as letters have it."""
    part = event.gift_card
    return {
        "code": event.code,
        "discount": event.discount,
        "gift": part.amount if part else None,
        "gift_last4": part.last4 if part else "",
    }
