"""What shipping hears: orders to send, orders not to send, and in the demo shop its own clock."""

from __future__ import annotations

from contexts.customers.events import CustomerErased
from contexts.messaging import Envelope, handles, never_replayed, note_erased
from contexts.ordering.events import GuestErased, OrderCancelled, OrderClaimed, OrderConfirmed
from contexts.shipping import services
from contexts.shipping.events import ParcelDue

never_replayed(because="a parcel leaves once")


@handles(OrderConfirmed)
def create_parcel(event: OrderConfirmed, envelope: Envelope) -> None:
    services.create_parcel(
        order_id=event.order_id,
        number=event.number,
        customer_id=event.customer_id,
        address=event.shipping_address,
        method=event.shipping_method,
        contents=[
            services.Content(
                sku=line.sku, name=line.name, label=line.label, quantity=line.quantity, names=line.names,
                labels=line.labels,
            )
            for line in event.lines
        ],
        actor=envelope.actor,
    )  # fmt: skip


@handles(OrderClaimed)
def hand_over_parcel(event: OrderClaimed, envelope: Envelope) -> None:
    services.hand_over(order_id=event.order_id, customer_id=event.customer_id)


@handles(OrderCancelled)
def cancel_parcel(event: OrderCancelled, envelope: Envelope) -> None:
    services.cancel_parcel(order_id=event.order_id, actor=envelope.actor)


@handles(ParcelDue)
def take_next_step(event: ParcelDue, envelope: Envelope) -> None:
    services.take_next_step(event.parcel_id, event.step)


@handles(CustomerErased)
def forget_customer(event: CustomerErased, envelope: Envelope) -> None:
    note_erased("shipping", event, parcels=services.forget_customer(event.customer_id))


@handles(GuestErased)
def forget_guest(event: GuestErased, envelope: Envelope) -> None:
    note_erased("shipping", event, parcels=services.forget_guest(event.order_id))
