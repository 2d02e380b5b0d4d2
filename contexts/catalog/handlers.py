"""What catalog hears: how many pieces of each variant can be bought."""

from __future__ import annotations

from contexts.catalog import services
from contexts.inventory.events import AvailabilityChanged
from contexts.messaging import Envelope, handles


@handles(AvailabilityChanged, batch=True)
def show_availability(events: list[tuple[AvailabilityChanged, Envelope]]) -> None:
    # Of several for one SKU the last counts; a page keeps each subject's order.
    services.note_availability({event.sku: max(event.available, 0) for event, _ in events})
