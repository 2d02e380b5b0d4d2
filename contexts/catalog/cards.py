"""A product as lists show it: a plain row of one table, equal to another if and only if it looks the same."""

from __future__ import annotations

from typing import Any, NamedTuple

import msgspec

from contexts.catalog.pictures import picture_url
from contexts.catalog.rates import fixed_sql, rate_sql
from contexts.catalog.translations import said
from contexts.kernel.currencies import Rate
from contexts.kernel.links import link
from contexts.kernel.money import Money


def row(key: str = "null") -> str:
    """Return the SQL of a product's card as JSON, in the language and the currency that are being read.

    `key` is the column that the list is in the order of.
    """
    return (
        f"json_build_array(id, slug, {said('name')}, {said('summary')}, price_from_cents, price_to_cents, currency, "
        f"{fixed_sql('fixed')}, {rate_sql()}, "
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
    fixed: tuple[int, int, int | None, int | None] | None
    rate: Rate | None
    buyable: bool
    picture: str
    shades: str
    rating_hundredths: int
    rating_count: int
    key: Any = None  # a value of the order's column

    @property
    def price_from(self) -> Money:
        return self._prices()[0]

    @property
    def has_price_range(self) -> bool:
        low, high = self._prices()
        return high > low

    def _prices(self) -> tuple[Money, Money]:
        """Return the lowest and the highest price of the variants."""
        ends = [Money(cents, self.currency) for cents in (self.price_from_cents, self.price_to_cents)]
        if self.rate is None:
            return ends[0], ends[1]
        if self.fixed:
            *known, low, high = self.fixed
            # Rounding keeps the order of prices, so the ends of those that are not fixed are still the ends.
            rest = [Money(cents, self.currency) for cents in (low, high) if cents is not None]
            each = [Money(cents, self.rate.currency) for cents in known] + [self.rate.priced(end) for end in rest]
            return min(each), max(each)
        return self.rate.priced(ends[0]), self.rate.priced(ends[1])

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
