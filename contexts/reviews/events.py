"""What reviews tells the others: how good customers find a product."""

from uuid import UUID

from contexts.messaging import Event


class RatingChanged(Event, name="reviews.rating_changed", version=1, subject="product/{product_id}"):
    """A product's published reviews have another average or number; those that wait or were rejected do not count.

    `rating_hundredths` is the average of 1 to 5 stars times 100, rounded half up: 433 is 4.33. It is 0 where
    `rating_count` is 0.
    """

    product_id: UUID
    rating_hundredths: int
    rating_count: int
