"""Which goods have which facet's value, as bitmaps in this process's memory: one bit for each product.

Whatever filters are combined, the numbers beside them are intersections of bitmaps, exact at any size of the catalogue,
and in any currency: `slices.py` has the prices. See
Bjørklund, Grimsmo, Gehrke, Torbjørnsen: "Inverted indexes vs. bitmap indexes in decision support systems", CIKM 2009.

The bitmaps are never older than the page they are for. Each product says in `arranged_in` which transaction wrote its
facets or prices last (a trigger sees to it), and the statement that reads a page also brings what its snapshot shows and the
snapshot of last time did not: the sequencer's way of reading, see docs/adr/0003-sequencer.md and
0043-bitmaps.md.
"""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Iterable, Mapping, Sequence
from functools import reduce
from operator import and_, or_
from typing import Any, NamedTuple

import msgspec

from contexts.catalog.asking import Question, ask
from contexts.catalog.bands import bands
from contexts.catalog.bits import bits
from contexts.catalog.facets import ALL, Counts, Wanted
from contexts.catalog.slices import Fixed, Priced, Prices
from contexts.kernel.currencies import Rate

#: So many choices are counted once while nothing changes.
MOST_REMEMBERED = 256

#: A product's number, its category while it is in the shop, its facets and its prices.
_Change = tuple[int, int | None, list[str], int, Fixed]
#: All products that are alike in category and facets.
_Alike = tuple[int, list[str], list[int]]
#: A snapshot, what was read, whether the transaction writes, and the goods.
_News = tuple[str, str, bool, list[_Change]]
_All = tuple[str, str, bool, list[_Alike], list[Priced]]


class Shelf(NamedTuple):
    """A category (None: the whole shop) with what fits of it, and how many goods it has."""

    category: int | None
    fitting: int
    size: int


class Fit(NamedTuple):
    """What fits a choice, shelf by shelf, and the numbers beside all that can be chosen."""

    shelves: tuple[Shelf, ...]
    counts: Counts


class Bitmaps:
    """The goods in the shop as one snapshot of the database shows them; never changed, only replaced."""

    def __init__(
        self, at: str, where: str, shelves: Mapping[int, int], tokens: Mapping[str, int], prices: Prices
    ) -> None:
        self.at = at
        self.where = where
        self.shelves = shelves
        self.tokens = tokens
        self.prices = prices
        self._all = reduce(or_, shelves.values(), 0)
        self._fits: OrderedDict[object, Fit] = OrderedDict()
        self._tokens_at: dict[Rate, Mapping[str, int]] = {}

    def asked_news(self) -> Question:
        """Ask for what changed since."""
        at = self.at or None
        return Question(_NEWS, [at] * 4)

    def after(self, news: str) -> Bitmaps:
        """Read the answer to `asked_news`: the bitmaps as that statement saw the shop.

        No query, but for the first time. A transaction that writes reads all goods each time: nobody else may be shown
        what it can still take back.
        """
        global _latest
        [(at, where, writing, changes)] = msgspec.json.decode(news, type=list[_News])
        if writing or where != self.where:
            return _read_all("" if writing else where)
        if not changes:
            return self
        _latest = self._changed(at, changes)
        return _latest

    def _changed(self, at: str, changes: Sequence[_Change]) -> Bitmaps:
        kept = ~bits(number for number, *_ in changes)
        listed = [change for change in changes if change[1] is not None]
        shelves, tokens = _drawn((shelf, facets, [number]) for number, shelf, facets, *_ in listed if shelf is not None)
        prices = Prices.of((price, fixed, [number]) for number, _, _, price, fixed in listed)
        for drawn, before in ((shelves, self.shelves), (tokens, self.tokens)):
            for name, there in before.items():
                drawn[name] = drawn.get(name, 0) | there & kept
        return Bitmaps(at, self.where, shelves, tokens, self.prices.changed(kept, prices))

    def fitting(self, categories: Sequence[int] | None, wanted: Wanted, rate: Rate | None = None) -> Fit:
        """Return what fits of some categories, or of all. `rate` is that of the currency being read."""
        key = (None if categories is None else tuple(categories), wanted._replace(sort="new"), rate)
        if (known := self._fits.get(key)) is not None:
            return known
        there = {None: self._all} if categories is None else {one: self.shelves.get(one, 0) for one in categories}
        fitting, counts = self.among(reduce(or_, there.values(), 0), wanted, rate)
        shelves = (Shelf(category, some & fitting, some.bit_count()) for category, some in there.items())
        fit = self._fits[key] = Fit(tuple(shelf for shelf in shelves if shelf.fitting), counts)
        while len(self._fits) > MOST_REMEMBERED:
            self._fits.popitem(last=False)
        return fit

    def among(self, some: int, wanted: Wanted, rate: Rate | None = None) -> tuple[int, Counts]:
        """Return what fits of some goods, and the numbers beside what can be chosen.

        Each facet that is filtered by is counted as if it were not, so that a shopper sees what another of its values
        would bring.
        """
        tokens = self._tokens(rate)
        groups = {
            letter: reduce(or_, (tokens.get(token, 0) for token in group)) for letter, group in wanted.groups.items()
        }
        fitting = reduce(and_, groups.values(), some)
        without = {
            letter: reduce(and_, (groups[other] for other in groups if other != letter), some) for letter in groups
        }
        numbers = {token: (there & without.get(token[0], fitting)).bit_count() for token, there in tokens.items()}
        numbers[ALL] = fitting.bit_count()
        return fitting, Counts(tuple(sorted((token, number) for token, number in numbers.items() if number)))

    def _tokens(self, rate: Rate | None) -> Mapping[str, int]:
        """Return who has which token; the bands of prices are those that are shown at a rate."""
        if rate is None:
            return self.tokens
        if (known := self._tokens_at.get(rate)) is None:
            under = {low: self.prices.below(low, rate) for low, _ in bands(rate).values()} | {None: self._all}
            banded = {f"p:{name}": under[below] & ~under[low] for name, (low, below) in bands(rate).items()}
            known = self._tokens_at[rate] = {**self.tokens, **banded}
        return known


def _drawn(goods: Iterable[_Alike]) -> tuple[dict[Any, int], dict[Any, int]]:
    """Return the bitmaps of shelves and of tokens."""
    shelves: dict[int, list[int]] = {}
    tokens: dict[str, list[int]] = {}
    for shelf, facets, each in goods:
        shelves.setdefault(shelf, []).extend(each)
        for token in facets:
            tokens.setdefault(token, []).extend(each)
    return {name: bits(each) for name, each in shelves.items()}, {name: bits(each) for name, each in tokens.items()}


# --- Keeping up with the database -----------------------------------------------------------------------------------

# The table's file changes when it is emptied, and the server's start with whatever it may have lost by crashing.
_NOW = """
    pg_current_snapshot()::text,
    concat_ws(' ', current_database(), pg_relation_filenode('catalog_product'), pg_postmaster_start_time()),
    pg_current_xact_id_if_assigned() IS NOT NULL
"""
# A transaction that was in progress last time is looked up by its id and all later ones by range, so that one held open
# for hours does not make every page read all that changed since. Goods that were restored from another server may name
# transactions that are yet to come here.
_SINCE = """
    {column} >= pg_snapshot_xmax(%s::pg_snapshot) AND {column} < pg_snapshot_xmax(pg_current_snapshot())
"""
_THEN = "{column} = ANY(ARRAY(SELECT pg_snapshot_xip(%s::pg_snapshot)))"
_ARRANGED = "SELECT number, shelf, facets, price_from_cents, fixed FROM catalog_product WHERE"
# Products are withdrawn, not deleted; a row that somebody deletes all the same leaves its number behind.
_GONE = "SELECT number, NULL, '{}', 0, '{}' FROM catalog_product_gone WHERE"
_CHANGES = f"""
    {_ARRANGED} {_SINCE.format(column="arranged_in")} UNION ALL {_ARRANGED} {_THEN.format(column="arranged_in")}
    UNION ALL {_GONE} {_SINCE.format(column="gone_in")} UNION ALL {_GONE} {_THEN.format(column="gone_in")}
"""
_NEWS = f"""
    SELECT json_build_array({_NOW},
        (SELECT coalesce(json_agg(json_build_array(number, shelf, facets, price_from_cents, fixed)), '[]')
            FROM ({_CHANGES}) changed)) AS row
"""
_ALL = f"""
    SELECT json_build_array({_NOW},
        (SELECT coalesce(json_agg(json_build_array(shelf, facets, numbers)), '[]') FROM (
            SELECT shelf, facets, array_agg(number) AS numbers FROM catalog_product WHERE shelf IS NOT NULL
            GROUP BY shelf, facets
        ) alike),
        (SELECT coalesce(json_agg(json_build_array(price_from_cents, fixed, numbers)), '[]') FROM (
            SELECT price_from_cents, fixed, array_agg(number) AS numbers FROM catalog_product WHERE shelf IS NOT NULL
            GROUP BY price_from_cents, fixed
        ) priced)) AS row
"""
_latest = Bitmaps("", "", {}, {}, Prices())
_reading = threading.Lock()


def latest() -> Bitmaps:
    """Return the bitmaps as this process knows them; a page asks them for news together with all else."""
    return _latest


def _read_all(where: str = "") -> Bitmaps:
    """Read all goods, unless another thread just has; one query, half a second for 100,000 products."""
    global _latest
    with _reading:
        known = _latest
        if not where or known.where != where:
            [(at, where, writing, alike, priced)] = msgspec.json.decode(*ask(Question(_ALL)), type=list[_All])
            read = Bitmaps(at, where, *_drawn(alike), Prices.of(priced))
            # What a transaction sees that writes may yet be taken back.
            if not writing:
                _latest = read
            return read
    return known.after(*ask(known.asked_news()))
