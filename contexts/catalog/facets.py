"""What lists are narrowed by: the shopper's choice as it stands in the address, and the values that goods have.

A product carries its values as tokens: "m:Stoneware" (material), "c:red" (colour), "p:to-25" (price), "r:4" (four stars
and up), "s:1" (in stock).
Values of one facet widen a list, facets narrow it: red or blue, and of wool.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import NamedTuple

from django.http import QueryDict
from django.utils.functional import Promise
from django.utils.translation import gettext as _

from contexts.catalog import bands
from contexts.catalog.colours import FAMILIES
from contexts.kernel.currencies import Rate

#: Averages to choose by; a product has the token of each that it reaches.
RATINGS = (4, 3, 2)
SORTS = ("new", "popular", "price", "price-down", "name")
#: Stands among the numbers for everything that fits.
ALL = "n:"
STOCK = "s:1"
_RATINGS = tuple(str(stars) for stars in RATINGS)
#: Facets that are a choice with one value already.
_ALONE = ("stock", "rating")
#: More values of one facet than this are no choice of a person's.
MOST_VALUES = 20


class Wanted(NamedTuple):
    """How a shopper narrowed a list down."""

    sort: str = "new"
    materials: tuple[str, ...] = ()
    colours: tuple[str, ...] = ()
    bands: tuple[str, ...] = ()
    in_stock: bool = False
    ratings: tuple[str, ...] = ()

    @classmethod
    def read(cls, asked: QueryDict) -> Wanted:
        """Read a query string; what makes no sense is as if it were not there."""
        return cls(
            sort=sort if (sort := str(asked.get("sort"))) in SORTS else "new",
            materials=_values(value.replace("\x00", "")[:60] for value in asked.getlist("material")),
            colours=_values(value for value in asked.getlist("colour") if value in FAMILIES),
            bands=_values(value for value in asked.getlist("price") if value in bands.BANDS),
            in_stock=asked.get("stock") == "1",
            ratings=_values(value for value in asked.getlist("rating") if value in _RATINGS),
        )

    @property
    def narrows(self) -> bool:
        return bool(self.materials or self.colours or self.bands or self.in_stock or self.ratings)

    @property
    def chosen(self) -> int:
        """How many values are chosen."""
        return len(self.materials) + len(self.colours) + len(self.bands) + len(self.ratings) + self.in_stock

    @property
    def groups(self) -> dict[str, list[str]]:
        """The tokens that are wanted, by the letter of their facet; a product must have one of each."""
        tokens = {
            "m": [f"m:{material}" for material in self.materials],
            "c": [f"c:{colour}" for colour in self.colours],
            "p": [f"p:{band}" for band in self.bands],
            "r": [f"r:{stars}" for stars in self.ratings],
            "s": [STOCK] if self.in_stock else [],
        }
        return {letter: group for letter, group in tokens.items() if group}

    @property
    def by_price(self) -> bool:
        """Whether the list is in the order of prices."""
        return self.sort in ("price", "price-down")

    @property
    def query(self) -> QueryDict:
        """The choice as a query string, in one order however it was made."""
        query = QueryDict(mutable=True)
        if self.sort != "new":
            query["sort"] = self.sort
        facets = {"price": self.bands, "rating": self.ratings, "colour": self.colours, "material": self.materials}
        for name, values in facets.items():
            if values:
                query.setlist(name, list(values))
        if self.in_stock:
            query["stock"] = "1"
        return query


class Value(NamedTuple):
    """A value to choose: how it is written, how many goods have it, and for colours the shade."""

    value: str
    label: str
    number: int
    chosen: bool
    shade: str = ""


class Facet(NamedTuple):
    """Something to choose by; `name` is its name in the address."""

    name: str
    title: str
    values: tuple[Value, ...]

    @property
    def chosen(self) -> int:
        return sum(value.chosen for value in self.values)


class Counts(NamedTuple):
    """How many products have each token beside what else is wanted."""

    tokens: tuple[tuple[str, int], ...]

    @property
    def total(self) -> int:
        return dict(self.tokens).get(ALL, 0)


def facets(counts: Counts, wanted: Wanted, materials: Mapping[str, str], rate: Rate | None = None) -> tuple[Facet, ...]:
    """Return what can be chosen; a value that nothing has is left out unless it is chosen.

    `materials` are their names in another language, `rate` is that of the currency being read.
    """
    known = dict(counts.tokens)
    asked = {token[2:] for token in known if token.startswith("m:")} | set(wanted.materials)
    named = dict(sorted(((name, materials.get(name, name)) for name in asked), key=lambda pair: pair[1]))
    found = (
        Facet("price", _("Price"), _shown(known, "p", wanted.bands, bands.names(rate))),
        Facet("rating", _("Rating"), _shown(known, "r", wanted.ratings, _rating_names())),
        Facet(
            "colour",
            _("Colour"),
            tuple(
                value._replace(shade=FAMILIES[value.value][1])
                for value in _shown(
                    known, "c", wanted.colours, {name: said for name, (said, _shade) in FAMILIES.items()}
                )
            ),
        ),
        Facet("material", _("Material"), _shown(known, "m", wanted.materials, named)),
        Facet("stock", _("Stock"), _shown(known, "s", ("1",) if wanted.in_stock else (), {"1": _("In stock")})),
    )
    return tuple(
        facet for facet in found if len(facet.values) > 1 or facet.chosen or (facet.name in _ALONE and facet.values)
    )


def _rating_names() -> dict[str, str]:
    return {str(stars): _("%(stars)d stars and up") % {"stars": stars} for stars in RATINGS}


def _shown(
    known: Mapping[str, int], letter: str, chosen: tuple[str, ...], names: Mapping[str, str | Promise]
) -> tuple[Value, ...]:
    values = (
        Value(value, str(name), known.get(f"{letter}:{value}", 0), value in chosen) for value, name in names.items()
    )
    return tuple(value for value in values if value.number or value.chosen)


def _values(given: Iterable[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(value for value in given if value))[:MOST_VALUES]
