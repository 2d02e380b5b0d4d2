"""What catalog hears: how many pieces of each variant can be bought."""

from __future__ import annotations

from contexts.catalog import services
from contexts.catalog.models import KnownStock
from contexts.inventory.events import AvailabilityChanged
from contexts.messaging import Envelope, handles, never_replayed, read_model

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
