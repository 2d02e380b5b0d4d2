"""A product as lists show it: a plain row of one table, equal to another if and only if it looks the same."""

from __future__ import annotations

from typing import Any, NamedTuple

import msgspec

from contexts.catalog.pictures import picture_url
from contexts.catalog.translations import said
from contexts.kernel.links import link
from contexts.kernel.money import Money


def row(key: str = "null") -> str:
    """Return the SQL of a product's card as JSON, in the language that is being read.

    `key` is the column that the list is in the order of.
    """
    return (
        f"json_build_array(id, slug, {said('name')}, {said('summary')}, price_from_cents, price_to_cents, currency, "
        f"available > 0, picture, array_to_string(colours, ' '), rating_hundredths, rating_count, {key})"
    )


class Card(NamedTuple):
    """A product in a list. `key` is its value of what the list is ordered by, where pages begin after it."""

    id: str
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
    key: Any = None  # a value of the order's column

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
        return self._replace(key=None)


def read_cards(text: str) -> list[Card]:
    """Read the answer to a question for cards."""
    return msgspec.json.decode(text, type=list[Card])
