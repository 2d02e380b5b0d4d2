"""What catalog hears: how many pieces of each variant can be bought, and how good people find a product."""

from __future__ import annotations

from contexts.catalog import services
from contexts.inventory.events import AvailabilityChanged
from contexts.messaging import Envelope, handles
from contexts.reviews.events import RatingChanged


@handles(AvailabilityChanged, batch=True)
def show_availability(events: list[tuple[AvailabilityChanged, Envelope]]) -> None:
    # Of several for one SKU the last counts; a page keeps each subject's order.
    services.note_availability({event.sku: max(event.available, 0) for event, _ in events})


@handles(RatingChanged, batch=True)
def show_rating(events: list[tuple[RatingChanged, Envelope]]) -> None:
    services.note_ratings({event.product_id: (event.rating_hundredths, event.rating_count) for event, _ in events})
