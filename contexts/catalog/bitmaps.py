"""Which goods have which facet's value, as bitmaps in this process's memory: one bit for each product.

Whatever filters are combined, the numbers beside them are intersections of bitmaps, exact at any size of the catalogue:
Bjørklund, Grimsmo, Gehrke, Torbjørnsen: "Inverted indexes vs. bitmap indexes in decision support systems", CIKM 2009.

The bitmaps are never older than the page they are for. Each product says in `arranged_in` which transaction wrote its
facets last (a trigger sees to it), and the statement that reads a page also brings what its snapshot shows and the
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
from contexts.catalog.facets import ALL, Counts, Wanted

#: So many choices are counted once while nothing changes.
MOST_REMEMBERED = 256
_BITS = [[bit for bit in range(8) if byte >> bit & 1] for byte in range(256)]

#: A product's number, its category while it is in the shop, and its facets; and all products that are alike in these.
_Change = tuple[int, int | None, list[str]]
_Alike = tuple[int, list[str], list[int]]
#: A snapshot, what was read, whether the transaction writes, and the goods.
_News = tuple[str, str, bool, list[_Change]]
_All = tuple[str, str, bool, list[_Alike]]


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

    def __init__(self, at: str, where: str, shelves: Mapping[int, int], tokens: Mapping[str, int]) -> None:
        self.at = at
        self.where = where
        self.shelves = shelves
        self.tokens = tokens
        self._all = reduce(or_, shelves.values(), 0)
        self._fits: OrderedDict[object, Fit] = OrderedDict()

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
        kept = ~bits(number for number, _, _ in changes)
        shelves, tokens = _drawn((shelf, facets, [number]) for number, shelf, facets in changes if shelf is not None)
        for drawn, before in ((shelves, self.shelves), (tokens, self.tokens)):
            for name, there in before.items():
                drawn[name] = drawn.get(name, 0) | there & kept
        return Bitmaps(at, self.where, shelves, tokens)

    def fitting(self, categories: Sequence[int] | None, wanted: Wanted) -> Fit:
        """Return what fits of some categories, or of all."""
        key = (None if categories is None else tuple(categories), wanted._replace(sort="new"))
        if (known := self._fits.get(key)) is not None:
            return known
        there = {None: self._all} if categories is None else {one: self.shelves.get(one, 0) for one in categories}
        fitting, counts = self.among(reduce(or_, there.values(), 0), wanted)
        shelves = (Shelf(category, some & fitting, some.bit_count()) for category, some in there.items())
        fit = self._fits[key] = Fit(tuple(shelf for shelf in shelves if shelf.fitting), counts)
        while len(self._fits) > MOST_REMEMBERED:
            self._fits.popitem(last=False)
        return fit

    def among(self, some: int, wanted: Wanted) -> tuple[int, Counts]:
        """Return what fits of some goods, and the numbers beside what can be chosen.

        Each facet that is filtered by is counted as if it were not, so that a shopper sees what another of its values
        would bring.
        """
        groups = {letter: self._with_any(group) for letter, group in wanted.groups.items()}
        fitting = reduce(and_, groups.values(), some)
        without = {
            letter: reduce(and_, (groups[other] for other in groups if other != letter), some) for letter in groups
        }
        numbers = {token: (there & without.get(token[0], fitting)).bit_count() for token, there in self.tokens.items()}
        numbers[ALL] = fitting.bit_count()
        return fitting, Counts(tuple(sorted((token, number) for token, number in numbers.items() if number)))

    def _with_any(self, tokens: Iterable[str]) -> int:
        return reduce(or_, (self.tokens.get(token, 0) for token in tokens), 0)


def bits(numbers: Iterable[int]) -> int:
    """Return a bitmap of some numbers."""
    each = list(numbers)
    octets = bytearray(max(each, default=0) // 8 + 1)
    for number in each:
        octets[number >> 3] |= 1 << (number & 7)
    return int.from_bytes(octets, "little")


def numbers(bitmap: int) -> list[int]:
    """Return the numbers in a bitmap."""
    octets = bitmap.to_bytes((bitmap.bit_length() + 7) // 8, "little")
    return [place * 8 + bit for place, octet in enumerate(octets) if octet for bit in _BITS[octet]]


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
_ARRANGED = "SELECT number, shelf, facets FROM catalog_product WHERE"
# Products are withdrawn, not deleted; a row that somebody deletes all the same leaves its number behind.
_GONE = "SELECT number, NULL, '{}' FROM catalog_product_gone WHERE"
_CHANGES = f"""
    {_ARRANGED} {_SINCE.format(column="arranged_in")} UNION ALL {_ARRANGED} {_THEN.format(column="arranged_in")}
    UNION ALL {_GONE} {_SINCE.format(column="gone_in")} UNION ALL {_GONE} {_THEN.format(column="gone_in")}
"""
_NEWS = f"""
    SELECT json_build_array({_NOW},
        (SELECT coalesce(json_agg(json_build_array(number, shelf, facets)), '[]') FROM ({_CHANGES}) changed)) AS row
"""
_ALL = f"""
    SELECT json_build_array({_NOW},
        (SELECT coalesce(json_agg(json_build_array(shelf, facets, numbers)), '[]') FROM (
            SELECT shelf, facets, array_agg(number) AS numbers FROM catalog_product WHERE shelf IS NOT NULL
            GROUP BY shelf, facets
        ) alike)) AS row
"""
_latest = Bitmaps("", "", {}, {})
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
            [(at, where, writing, alike)] = msgspec.json.decode(*ask(Question(_ALL)), type=list[_All])
            read = Bitmaps(at, where, *_drawn(alike))
            # What a transaction sees that writes may yet be taken back.
            if not writing:
                _latest = read
            return read
    return known.after(*ask(known.asked_news()))
