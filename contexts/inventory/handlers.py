"""What inventory hears: products to stock, checkouts and orders that want goods, parcels that left with them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from contexts.catalog.events import ProductChanged, ProductPublished, ProductWithdrawn
from contexts.inventory import services
from contexts.inventory.events import HoldDue
from contexts.messaging import Envelope, handles, never_replayed
from contexts.ordering.events import (
    CheckoutRenewed,
    CheckoutStarted,
    OrderCancelled,
    OrderLine,
    OrderPlaced,
    ReturnReceived,
)
from contexts.shipping.events import ParcelDispatched

never_replayed(because="stock moves once: a hold or a reservation made again would take the goods twice")


@handles(ProductPublished, batch=True)
def open_stock_items(events: list[tuple[ProductPublished, Envelope]]) -> None:
    services.one_delivery_at_a_time()
    services.open_items(_listings([event for event, _ in events]))


@handles(ProductChanged, batch=True)
def rename_stock_items(events: list[tuple[ProductChanged, Envelope]]) -> None:
    services.one_delivery_at_a_time()
    services.open_items(_listings([event for event, _ in events]))


@handles(ProductWithdrawn)
def stop_watching_stock(event: ProductWithdrawn, envelope: Envelope) -> None:
    services.one_delivery_at_a_time()
    services.withdraw_items(event.skus)


@handles(CheckoutStarted)
def hold_stock(event: CheckoutStarted, envelope: Envelope) -> None:
    services.one_delivery_at_a_time()
    services.hold(order_id=event.order_id, wanted=_pieces(event.lines), actor=envelope.actor)


@handles(CheckoutRenewed)
def renew_hold(event: CheckoutRenewed, envelope: Envelope) -> None:
    services.one_delivery_at_a_time()
    services.hold(order_id=event.order_id, wanted=_pieces(event.lines), actor=envelope.actor)


@handles(HoldDue)
def expire_hold(event: HoldDue, envelope: Envelope) -> None:
    services.one_delivery_at_a_time()
    services.expire_hold(order_id=event.order_id, until=event.until)


@handles(OrderPlaced)
def reserve_stock(event: OrderPlaced, envelope: Envelope) -> None:
    services.one_delivery_at_a_time()
    services.reserve(order_id=event.order_id, wanted=_pieces(event.lines), actor=envelope.actor)


@handles(OrderCancelled)
def release_stock(event: OrderCancelled, envelope: Envelope) -> None:
    services.one_delivery_at_a_time()
    services.release(order_id=event.order_id, reason="Order cancelled", actor=envelope.actor)


@handles(ParcelDispatched)
def book_stock_out(event: ParcelDispatched, envelope: Envelope) -> None:
    services.one_delivery_at_a_time()
    services.book_out(order_id=event.order_id, actor=envelope.actor)


@handles(ReturnReceived)
def take_goods_back(event: ReturnReceived, envelope: Envelope) -> None:
    services.one_delivery_at_a_time()
    services.take_back(
        order_id=event.order_id,
        pieces={came.sku: came.resaleable for came in event.pieces if came.resaleable},
        reason="Return received",
        actor=envelope.actor,
    )


def _pieces(lines: Sequence[OrderLine]) -> dict[str, int]:
    wanted: Counter[str] = Counter()
    for line in lines:
        wanted[line.sku] += line.quantity
    return dict(wanted)


def _listings(products: Sequence[ProductPublished] | Sequence[ProductChanged]) -> list[services.Listing]:
    latest = {product.product_id: product for product in products}
    return [
        services.Listing(sku=variant.sku, name=product.name, label=variant.label, product_id=product.product_id)
        for product in latest.values()
        for variant in product.variants
    ]
