"""What reviews hears: which goods there are, who received which, and whom to forget."""

from __future__ import annotations

from contexts.catalog.events import ProductChanged, ProductPublished, ProductWithdrawn
from contexts.customers.events import CustomerErased
from contexts.messaging import Envelope, handles, never_replayed, note_erased
from contexts.ordering.events import OrderCancelled, OrderClaimed, OrderCompleted, OrderConfirmed
from contexts.reviews import services
from contexts.reviews.services.copies import Told

never_replayed(because="its copies of goods and purchases stand beside what customers wrote about them")


@handles(ProductPublished, batch=True)
def keep_new_products(events: list[tuple[ProductPublished, Envelope]]) -> None:
    services.keep_products(_told(event) for event, _ in events)


@handles(ProductChanged, batch=True)
def keep_changed_products(events: list[tuple[ProductChanged, Envelope]]) -> None:
    services.keep_products(_told(event) for event, _ in events)


@handles(ProductWithdrawn)
def withdraw_product(event: ProductWithdrawn, envelope: Envelope) -> None:
    services.withdraw_product(event.product_id)


@handles(OrderConfirmed)
def remember_purchase(event: OrderConfirmed, envelope: Envelope) -> None:
    services.note_purchase(
        order_id=event.order_id, customer_id=event.customer_id, skus=[line.sku for line in event.lines]
    )


@handles(OrderClaimed)
def remember_guests_purchase(event: OrderClaimed, envelope: Envelope) -> None:
    if event.status in ("confirmed", "shipped", "completed"):
        services.note_purchase(
            order_id=event.order_id, customer_id=event.customer_id, skus=[line.sku for line in event.lines]
        )
    if event.delivered_at is not None:
        services.note_delivered(order_id=event.order_id, at=event.delivered_at)


@handles(OrderCancelled)
def forget_purchase(event: OrderCancelled, envelope: Envelope) -> None:
    services.forget_order(event.order_id)


@handles(OrderCompleted)
def mark_as_received(event: OrderCompleted, envelope: Envelope) -> None:
    services.note_delivered(order_id=event.order_id, at=envelope.time)


@handles(CustomerErased)
def forget_customer(event: CustomerErased, envelope: Envelope) -> None:
    note_erased("reviews", event, **services.forget_customer(event.customer_id))


def _told(event: ProductPublished | ProductChanged) -> Told:
    return Told(
        product_id=event.product_id, slug=event.slug, name=event.name, names=event.names, image=event.image,
        skus=[variant.sku for variant in event.variants],
    )  # fmt: skip
