"""What catalog hears: what can be bought, what was bought, how good people find it, and how parcels travel."""

from __future__ import annotations

from contexts.catalog import popularity, services
from contexts.catalog.models import KnownStock
from contexts.inventory.events import AvailabilityChanged
from contexts.messaging import Envelope, handles, never_replayed, read_model
from contexts.ordering.events import OrderConfirmed
from contexts.reviews.events import RatingChanged
from contexts.shipping.events import ShippingMethodChanged

AVAILABILITY = read_model("availability", KnownStock, then=services.show_known_stock)
never_replayed(because="variants and products show what the availability says that is replayed")


@handles(AvailabilityChanged, batch=True, feeds=AVAILABILITY)
def keep_availability(events: list[tuple[AvailabilityChanged, Envelope]]) -> None:
    services.keep_availability(_latest(events))


@handles(AvailabilityChanged, batch=True)
def show_availability(events: list[tuple[AvailabilityChanged, Envelope]]) -> None:
    services.show_availability(_latest(events))


def _latest(events: list[tuple[AvailabilityChanged, Envelope]]) -> dict[str, int]:
    # Of several for one SKU the last counts; a page keeps each subject's order.
    return {event.sku: max(event.available, 0) for event, _ in events}


@handles(OrderConfirmed, batch=True)
def learn_what_is_popular(events: list[tuple[OrderConfirmed, Envelope]]) -> None:
    popularity.note_sales(
        (envelope.time, [(line.sku, line.quantity) for line in event.lines]) for event, envelope in events
    )


@handles(ShippingMethodChanged)
def show_when_parcels_come(event: ShippingMethodChanged, envelope: Envelope) -> None:
    services.keep_delivery_method(
        code=event.code,
        name=event.name,
        names=event.names,
        price=event.price,
        days=(event.days_min, event.days_max),
        active=event.active,
        prices=event.prices,
    )


@handles(RatingChanged, batch=True)
def show_rating(events: list[tuple[RatingChanged, Envelope]]) -> None:
    services.note_ratings({event.product_id: (event.rating_hundredths, event.rating_count) for event, _ in events})
