"""Lists of goods, read in an order from an index and in pages that begin after a row instead of at a number.

Page 1,000 costs what page 1 costs: `(key, id) < (the last row's)` starts in the index where the last page ended; see
"Use The Index, Luke" on the seek method, https://use-the-index-luke.com/no-offset. No index is in the order of prices in
another currency than the shop's own: there `slices.py` says which goods a page has.
"""

from __future__ import annotations

import base64
from collections.abc import Sequence
from datetime import datetime
from functools import reduce
from operator import or_
from typing import Any, NamedTuple
from uuid import UUID

import msgspec

from contexts.catalog import bands, bitmaps
from contexts.catalog.asking import Question, ask
from contexts.catalog.bitmaps import Bitmaps, Fit
from contexts.catalog.bits import numbers
from contexts.catalog.cards import Card, read_cards, row
from contexts.catalog.facets import Counts, Wanted
from contexts.catalog.rates import asked_rate, read_rate, shown_sql
from contexts.catalog.translations import said
from contexts.kernel.currencies import Rate, currency, own

PAGE_SIZE = 24
#: More goods than this are found in the order of a list quicker than fetched and sorted.
MOST_FETCHED = 2_000
FOR_SALE = "state = 'published'"
Values = list[Any]  # whatever a statement takes as its parameters


class Order(NamedTuple):
    """A list's order: its column, which way, and the type of its values."""

    column: str
    descending: bool
    kind: type


#: The name is that in the language being read: see `ordering`.
ORDERS = {
    "new": Order("published_at", True, datetime),
    "popular": Order("popularity", True, float),
    "price": Order("price_from_cents", False, int),
    "price-down": Order("price_from_cents", True, int),
    "name": Order("name", False, str),
}
#: By price in another currency: the currency, the price, and the product's number.
_Shown = tuple[str, int, int]


class Place(NamedTuple):
    """Where in a list a page begins: after a row, or before it when going back."""

    value: Any  # a value of the order's column, or what `_Shown` says
    id: UUID
    back: bool = False


class Shelf(NamedTuple):
    """A page of a list. `before` and `after` say in an address where the pages beside it begin; "" where none is."""

    cards: tuple[Card, ...]
    before: str = ""
    after: str = ""


def ordering(sort: str) -> Order:
    """Return a list's order, its column as SQL."""
    order = ORDERS[sort]
    return order._replace(column=said("name")) if sort == "name" else order


def read_place(wanted: Wanted, rate: Rate | None = None, *, after: str, before: str) -> Place | None:
    """Read where a page begins from an address; what makes no sense is the list's beginning.

    So is a place among prices in another currency than that of `rate`.
    """
    if not (after or before):
        return None
    shown = rate is not None and wanted.by_price
    kind: Any = _Shown if shown else ORDERS[wanted.sort].kind
    try:
        value, id = msgspec.json.decode(base64.urlsafe_b64decode(after or before), type=tuple[kind, UUID])
    except (ValueError, msgspec.MsgspecError):
        return None
    if shown and (rate is None or value[0] != rate.currency or not all(0 <= part < 2**53 for part in value[1:])):
        return None
    if (isinstance(value, str) and "\x00" in value) or (isinstance(value, int) and abs(value) > 2**53):
        return None
    if isinstance(value, datetime) and value.tzinfo is None:
        return None
    return Place(value, id, back=not after)


def write_place(card: Card) -> str:
    """Write where the page after a card begins, or the one before it."""
    return base64.urlsafe_b64encode(msgspec.json.encode((card.key, card.id))).decode()


def shelf(categories: Sequence[int] | None, wanted: Wanted, *, after: str = "", before: str = "") -> Shelf:
    """Return a page of the goods of some categories, or of all."""
    known = bitmaps.latest()
    news, rated = ask(known.asked_news(), asked_rate())
    goods, rate = known.after(news), read_rate(rated)
    place = read_place(wanted, rate, after=after, before=before)
    if is_indexed(wanted):
        [page] = ask(asked_shelf(categories, wanted, place))
    else:
        [page] = ask(asked_fitting(goods, goods.fitting(categories, wanted, rate), wanted, place, rate))
    if is_torn(page, place):
        return shelf(categories, wanted)
    return read_shelf(page, place)


def counts(categories: Sequence[int] | None, wanted: Wanted) -> Counts:
    """Return how many goods have each facet's value."""
    known = bitmaps.latest()
    news, rate = ask(known.asked_news(), asked_rate())
    return known.after(news).fitting(categories, wanted, read_rate(rate)).counts


def read_shelf(page: str, place: Place | None) -> Shelf:
    """Read the answer to `asked_shelf`."""
    found = read_cards(page)
    more, back = len(found) > PAGE_SIZE, place is not None and place.back
    del found[PAGE_SIZE:]
    if not found:
        return Shelf(())
    if back:
        found.reverse()
    return Shelf(
        tuple(card.seen for card in found),
        before=write_place(found[0]) if (more if back else place is not None) else "",
        after=write_place(found[-1]) if back or more else "",
    )


def is_torn(page: str, place: Place | None) -> bool:
    """Whether the way back came to the beginning with less than a page: the list's first page is better then."""
    return place is not None and place.back and len(read_cards(page)) < PAGE_SIZE


def is_indexed(wanted: Wanted) -> bool:
    """Whether a page can be asked for before it is known what fits, and what the rate is."""
    return not wanted.narrows and (not wanted.by_price or currency() == own())


def asked_fitting(goods: Bitmaps, fit: Fit, wanted: Wanted, place: Place | None, rate: Rate | None) -> Question:
    """Ask for a page of what fits; `rate` is that of the currency being read."""
    if rate is None or not wanted.by_price:
        return asked_shelf(None, wanted, place, fit, rate)
    back = place is not None and place.back
    dearest = ORDERS[wanted.sort].descending != back
    some = reduce(or_, (shelf.fitting for shelf in fit.shelves), 0)
    first = goods.prices.first(
        some, PAGE_SIZE + 1, rate, dearest=dearest, after=place.value[1:] if place is not None else None
    )
    return _asked_by_price(first, rate, dearest=dearest)


def _asked_by_price(numbers: list[int], rate: Rate, *, dearest: bool, start: int = 0) -> Question:
    """Ask for goods in the order of their prices at a rate, from a place on."""
    price, way = shown_sql(), "DESC" if dearest else "ASC"
    card = row(f"json_build_array('{rate.currency}', {price}, number)")
    return Question(
        f"SELECT {card} AS row FROM catalog_product WHERE number = ANY(%s::int[]) AND {FOR_SALE} "
        f"ORDER BY {price} {way}, number {way} OFFSET %s",
        [numbers, start],
    )


def asked_shelf(
    categories: Sequence[int] | None, wanted: Wanted, place: Place | None, fit: Fit | None = None,
    rate: Rate | None = None,
) -> Question:  # fmt: skip
    """Ask for a page: of each category as many as a page has, from its own index, and of those the first.

    With filters `fit` says what fits them. Where that is little it is fetched by its numbers instead: searching for it
    in the order of the list would take long.
    """
    order = ordering(wanted.sort)
    descending = order.descending != (place is not None and place.back)
    way = "DESC" if descending else "ASC"
    filters, values = narrowing(wanted, rate)
    if wanted.by_price and wanted.bands:
        low, below = bands.span(wanted.bands)
        filters += " AND price_from_cents >= %s" + (" AND price_from_cents < %s" if below else "")
        values += [low, *([below] if below else [])]
    if place is not None:
        filters += f" AND ({order.column}, id) {'<' if descending else '>'} (%s, %s)"
        values += [place.value, place.id]
    tail = f"ORDER BY {order.column} {way}, id {way} LIMIT {PAGE_SIZE + 1}"
    card = f"{row(order.column)} AS row, {order.column} AS key, id"
    sources = _whole(categories) if fit is None else _fitting(fit)
    each = [f"(SELECT {card} FROM {source} WHERE {FOR_SALE}{filters} {tail})" for source, _ in sources]
    asked = [value for _, chosen in sources for value in (*chosen, *values)]
    if len(each) == 1:
        return Question(f"SELECT row FROM {each[0]} either", asked)
    first = f"ORDER BY key {way}, id {way} LIMIT {PAGE_SIZE + 1}"
    return Question(f"SELECT row FROM ({' UNION ALL '.join(each)}) either {first}", asked)


#: What a page is read from, as SQL, and its values.
_Source = tuple[str, Values]


def _whole(categories: Sequence[int] | None) -> list[_Source]:
    return [_of(None)] if categories is None else [_of(category) for category in categories]


def _of(category: int | None) -> _Source:
    if category is None:
        return "catalog_product", []
    return "(SELECT * FROM catalog_product WHERE category_id = %s) catalog_product", [category]


def _fitting(fit: Fit) -> list[_Source]:
    # Of a shelf of `size` goods of which `number` fit, a page is found after PAGE_SIZE * size / number of them.
    few, sources = 0, []
    for category, fitting, size in fit.shelves:
        number = fitting.bit_count()
        if number * number > PAGE_SIZE * size:
            sources.append(_of(category))
        else:
            few |= fitting
    if few or not sources:
        # Fenced in, or the list's order would be followed until each has come.
        one = "(SELECT * FROM catalog_product WHERE number = ANY(%s::int[]) OFFSET 0) catalog_product"
        sources.append((one, [numbers(few)]))
    return sources


def asked_among(goods: Bitmaps, some: int, wanted: Wanted, rate: Rate | None, start: int, size: int) -> Question:
    """Ask for some goods, a bitmap, in the order of a list; found on the way where they are many, else fetched."""
    if rate is not None and wanted.by_price:
        dearest = ORDERS[wanted.sort].descending
        return _asked_by_price(
            goods.prices.first(some, start + size, rate, dearest=dearest), rate, dearest=dearest, start=start
        )
    order, few = ordering(wanted.sort), some.bit_count() <= MOST_FETCHED
    way = "DESC" if order.descending else "ASC"
    # An expression, so that many are not looked up one by one all the same.
    source, column = (
        ("(SELECT * FROM catalog_product WHERE number = ANY(%s::int[]) OFFSET 0) catalog_product", "")
        if few
        else ("catalog_product", "AND number + 0 = ANY(%s::int[])")
    )
    return Question(
        f"SELECT {row()} AS row FROM {source} WHERE {FOR_SALE} {column} "
        f"ORDER BY {order.column} {way}, id {way} LIMIT %s OFFSET %s",
        [numbers(some), size, start],
    )


def narrowing(wanted: Wanted, rate: Rate | None = None) -> tuple[str, Values]:
    """Return the conditions of what is wanted as SQL; bands of prices are those at `rate`."""
    groups = [group for letter, group in wanted.groups.items() if rate is None or letter != "p"]
    conditions, values = "".join(" AND facets && %s::varchar[]" for _group in groups), [*groups]
    if rate is None or not wanted.bands:
        return conditions, values
    each = [bands.bands(rate)[band] for band in wanted.bands]
    # Whole numbers of ours, so nothing of them comes from an address.
    within = [f"price >= {low}" + (f" AND price < {below}" if below else "") for low, below in each]
    return f"{conditions} AND (SELECT {' OR '.join(within)} FROM (SELECT {shown_sql()} AS price) shown)", values
