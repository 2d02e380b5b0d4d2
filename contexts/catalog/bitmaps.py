"""Which goods have which facet's value, and how well they sell, as bitmaps in this process's memory: a bit for each product.

Whatever filters are combined, the numbers beside them are intersections of bitmaps, exact at any size of the catalogue,
and in any currency: `slices.py` has the prices. See
Bjørklund, Grimsmo, Gehrke, Torbjørnsen: "Inverted indexes vs. bitmap indexes in decision support systems", CIKM 2009.

The bitmaps are never older than the page they are for. Each product says in `arranged_in` which transaction wrote its
facets, prices or words last (a trigger sees to it), and the statement that reads a page also brings what its snapshot
shows and the snapshot of last time did not: the sequencer's way of reading, see docs/adr/0003-sequencer.md and
0043-bitmaps.md.
"""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import reduce
from operator import and_, or_
from typing import Any, NamedTuple

import msgspec

from contexts.catalog.asking import Question, ask
from contexts.catalog.bands import bands
from contexts.catalog.bits import bits
from contexts.catalog.facets import ALL, Counts, Wanted
from contexts.catalog.matches import Memory
from contexts.catalog.slices import Fixed, Priced, Prices
from contexts.kernel.currencies import Rate

#: So many choices are counted once while nothing changes.
MOST_REMEMBERED = 256

#: A product's number, its category while it is in the shop, its popularity in whole steps, its facets and its prices.
_Change = tuple[int, int | None, int, list[str], int, Fixed]
#: All products that are alike in category, popularity and facets.
_Alike = tuple[int, int, list[str], list[int]]
#: A snapshot, what was read, whether the transaction writes, whether it reads new words, and the goods.
_News = tuple[str, str, bool, bool, list[_Change]]
_All = tuple[str, str, bool, bool, list[_Alike], list[Priced]]


class _Drawn(NamedTuple):
    shelves: dict[Any, int]
    tokens: dict[Any, int]
    steps: dict[Any, int]


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

    def __init__(self, at: str, where: str, drawn: _Drawn, prices: Prices, memory: Memory | None = None) -> None:
        self.at = at
        self.where = where
        self.prices = prices
        self.shelves, self.tokens, self.steps = drawn
        self.all = reduce(or_, self.shelves.values(), 0)
        self.memory = memory or Memory()
        self._fits: OrderedDict[object, Fit] = OrderedDict()
        self._tokens_at: dict[Rate, Mapping[str, int]] = {}

    def asked_news(self) -> Question:
        """Ask for what changed since."""
        at = self.at or None
        return Question(_NEWS, [at] * 6)

    def after(self, news: str) -> Bitmaps:
        """Read the answer to `asked_news`: the bitmaps as that statement saw the shop.

        No query, but for the first time. A transaction that writes reads all goods each time: nobody else may be shown
        what it can still take back.
        """
        global _latest
        [(at, where, writing, learnt, changes)] = msgspec.json.decode(news, type=list[_News])
        if writing or where != self.where:
            return _read_all("" if writing else where)
        if not changes and not learnt:
            return self
        _latest = self._changed(at, changes, learnt)
        return _latest

    def _changed(self, at: str, changes: Sequence[_Change], learnt: bool) -> Bitmaps:
        kept = ~bits(number for number, *_ in changes)
        listed = [change for change in changes if change[1] is not None]
        new = _draw((shelf, step, facets, [number]) for number, shelf, step, facets, *_ in listed if shelf is not None)
        prices = Prices.of((price, fixed, [number]) for number, _, _, _, price, fixed in listed)
        for drawn, before in zip(new, (self.shelves, self.tokens, self.steps), strict=True):
            for name, there in before.items():
                drawn[name] = drawn.get(name, 0) | there & kept
        return Bitmaps(at, self.where, new, self.prices.changed(kept, prices), self.memory.after(~kept, learnt=learnt))

    def fitting(self, categories: Sequence[int] | None, wanted: Wanted, rate: Rate | None = None) -> Fit:
        """Return what fits of some categories, or of all. `rate` is that of the currency being read."""
        key = (None if categories is None else tuple(categories), wanted._replace(sort="new"), rate)
        if (known := self._fits.get(key)) is not None:
            return known
        there = {None: self.all} if categories is None else {one: self.shelves.get(one, 0) for one in categories}
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

    def best_sold(self, some: int) -> Iterator[int]:
        """Split some goods by how well they sell, the best first."""
        for step in sorted(self.steps, reverse=True):
            if there := some & self.steps[step]:
                yield there

    def _tokens(self, rate: Rate | None) -> Mapping[str, int]:
        """Return who has which token; the bands of prices are those that are shown at a rate."""
        if rate is None:
            return self.tokens
        if (known := self._tokens_at.get(rate)) is None:
            under = {low: self.prices.below(low, rate) for low, _ in bands(rate).values()} | {None: self.all}
            banded = {f"p:{name}": under[below] & ~under[low] for name, (low, below) in bands(rate).items()}
            known = self._tokens_at[rate] = {**self.tokens, **banded}
        return known


def _draw(goods: Iterable[_Alike]) -> _Drawn:
    """Return the bitmaps of shelves, of tokens and of steps in popularity."""
    shelves: dict[int, list[int]] = {}
    tokens: dict[str, list[int]] = {}
    steps: dict[int, list[int]] = {}
    for shelf, step, facets, each in goods:
        shelves.setdefault(shelf, []).extend(each)
        steps.setdefault(step, []).extend(each)
        for token in facets:
            tokens.setdefault(token, []).extend(each)
    return _Drawn(*({name: bits(each) for name, each in drawn.items()} for drawn in (shelves, tokens, steps)))


# --- Keeping up with the database -----------------------------------------------------------------------------------

# The table's file changes when it is emptied, and the server's start with whatever it may have lost by crashing.
_NOW = """
    pg_current_snapshot()::text,
    concat_ws(' ', current_database(), pg_relation_filenode('catalog_product'), pg_postmaster_start_time()),
    pg_current_xact_id_if_assigned() IS NOT NULL
"""
# A transaction that was in progress last time is looked up by its id and all later ones by range, so that one held open
# for hours does not make every page read all that changed since. Goods that were restored from another server may name
# transactions that are yet to come here. The bound is a query of its own, so that no plan depends on it: a page's statement
# would be planned anew each time in a large catalogue.
_SINCE = """
    {column} >= (SELECT pg_snapshot_xmax(%s::pg_snapshot)) AND {column} < pg_snapshot_xmax(pg_current_snapshot())
"""
_THEN = "{column} = ANY(ARRAY(SELECT pg_snapshot_xip(%s::pg_snapshot)))"
_COLUMNS = "number, shelf, step, facets, price_from_cents, fixed"
_ARRANGED = f"SELECT {_COLUMNS.replace('step', 'floor(popularity)::int AS step')} FROM catalog_product WHERE"
# Products are withdrawn, not deleted; a row that somebody deletes all the same leaves its number behind.
_GONE = "SELECT number, NULL, 0, '{}', 0, '{}' FROM catalog_product_gone WHERE"
_CHANGES = f"""
    {_ARRANGED} {_SINCE.format(column="arranged_in")} UNION ALL {_ARRANGED} {_THEN.format(column="arranged_in")}
    UNION ALL {_GONE} {_SINCE.format(column="gone_in")} UNION ALL {_GONE} {_THEN.format(column="gone_in")}
"""
_LEARNT = "EXISTS (SELECT FROM catalog_word WHERE"
_NEWS = f"""
    SELECT json_build_array({_NOW},
        {_LEARNT} {_SINCE.format(column="learnt_in")}) OR {_LEARNT} {_THEN.format(column="learnt_in")}),
        (SELECT coalesce(json_agg(json_build_array({_COLUMNS})), '[]') FROM ({_CHANGES}) changed)) AS row
"""
_ALL = f"""
    SELECT json_build_array({_NOW}, true,
        (SELECT coalesce(json_agg(json_build_array(shelf, step, facets, numbers)), '[]') FROM (
            SELECT shelf, floor(popularity)::int AS step, facets, array_agg(number) AS numbers FROM catalog_product
            WHERE shelf IS NOT NULL GROUP BY shelf, step, facets
        ) alike),
        (SELECT coalesce(json_agg(json_build_array(price_from_cents, fixed, numbers)), '[]') FROM (
            SELECT price_from_cents, fixed, array_agg(number) AS numbers FROM catalog_product WHERE shelf IS NOT NULL
            GROUP BY price_from_cents, fixed
        ) priced)) AS row
"""
_latest = Bitmaps("", "", _Drawn({}, {}, {}), Prices())
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
            [(at, where, writing, _, alike, priced)] = msgspec.json.decode(*ask(Question(_ALL)), type=list[_All])
            read = Bitmaps(at, where, _draw(alike), Prices.of(priced))
            # What a transaction sees that writes may yet be taken back.
            if not writing:
                _latest = read
            return read
    return known.after(*ask(known.asked_news()))
