"""What wishlists hears: goods, prices and what is left of them, and whom to forget."""

from __future__ import annotations

from contexts.catalog.events import (
    ExchangeRateSet,
    PriceChanged,
    PricesFixed,
    ProductChanged,
    ProductPublished,
    ProductWithdrawn,
)
from contexts.customers.events import CustomerErased
from contexts.inventory.events import AvailabilityChanged
from contexts.messaging import Envelope, handles, never_replayed, note_erased
from contexts.wishlists import services
from contexts.wishlists.services import copies

never_replayed(because="its copies remember since when something is back, which a replay would tell anew")


@handles(ProductPublished, batch=True)
def keep_new_products(events: list[tuple[ProductPublished, Envelope]]) -> None:
    copies.keep_products(_told(event) for event, _ in events)


@handles(ProductChanged, batch=True)
def keep_changed_products(events: list[tuple[ProductChanged, Envelope]]) -> None:
    copies.keep_products(_told(event) for event, _ in events)


@handles(PriceChanged)
def keep_price(event: PriceChanged, envelope: Envelope) -> None:
    copies.keep_price(event.sku, event.price)


@handles(PricesFixed)
def keep_fixed_prices(event: PricesFixed, envelope: Envelope) -> None:
    copies.keep_fixed_prices(event.sku, event.prices)


@handles(ExchangeRateSet)
def keep_rate(event: ExchangeRateSet, envelope: Envelope) -> None:
    copies.keep_rate(event.currency, event.since, per_unit=event.per_unit, step=event.step, less=event.less)


@handles(ProductWithdrawn)
def withdraw_product(event: ProductWithdrawn, envelope: Envelope) -> None:
    copies.withdraw_product(event.product_id)


@handles(AvailabilityChanged, batch=True)
def keep_availability(events: list[tuple[AvailabilityChanged, Envelope]]) -> None:
    # Of several for one SKU the last counts; a page keeps each subject's order.
    at = max(envelope.time for _, envelope in events)
    copies.keep_availability({event.sku: event.available for event, _ in events}, at=at)


@handles(CustomerErased)
def forget_customer(event: CustomerErased, envelope: Envelope) -> None:
    note_erased("wishlists", event, rows=services.forget_customer(event.customer_id))


def _told(event: ProductPublished | ProductChanged) -> copies.Told:
    return copies.Told(
        product_id=event.product_id, slug=event.slug, name=event.name, names=event.names, image=event.image,
        variants=event.variants,
    )  # fmt: skip
