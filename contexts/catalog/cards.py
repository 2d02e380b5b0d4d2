"""A product as lists show it: a plain row of one table, equal to another if and only if it looks the same."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID

from contexts.catalog.pictures import picture_url
from contexts.kernel.links import link
from contexts.kernel.money import Money

#: What is read of a product for its card, in the order of the card's fields.
COLUMNS = (
    "id, slug, name, summary, price_from_cents, price_to_cents, currency, available > 0 AS buyable, picture, "
    "array_to_string(colours, ' ') AS shades, rating_hundredths, rating_count, "
    "published_at, popularity"
)
#: Of these the card shows nothing; they are what lists are sorted by.
UNSEEN = 2


class Card(NamedTuple):
    """A product in a list."""

    id: UUID
    slug: str
    name: str
    summary: str
    price_from_cents: int
    price_to_cents: int
    currency: str
    buyable: bool
    picture: str
    shades: str
    rating_hundredths: int
    rating_count: int
    published_at: datetime | None = None
    popularity: float = 0

    @property
    def price_from(self) -> Money:
        return Money(self.price_from_cents, self.currency)

    @property
    def has_price_range(self) -> bool:
        return self.price_to_cents > self.price_from_cents

    @property
    def colours(self) -> list[str]:
        return self.shades.split()

    @property
    def image(self) -> str:
        return picture_url(self.picture, "front")

    @property
    def address(self) -> str:
        return link("product", slug=self.slug)

    @property
    def seen(self) -> Card:
        """The card without what nobody sees, so that it stays equal while its place in a list moves."""
        return self._replace(published_at=None, popularity=0)


def cards(rows: Iterable[tuple[Any, ...]]) -> Iterator[Card]:
    return map(Card._make, rows)
