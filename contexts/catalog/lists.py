"""Lists of goods, read in an order from an index and in pages that begin after a row instead of at a number.

Page 1,000 costs what page 1 costs: `(key, id) < (the last row's)` starts in the index where the last page ended; see
"Use The Index, Luke" on the seek method, https://use-the-index-luke.com/no-offset.
"""

from __future__ import annotations

import base64
from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID

import msgspec
from django.db import connections

from contexts.catalog.cards import COLUMNS, Card, cards
from contexts.catalog.facets import ALL, Counts, Wanted

PAGE_SIZE = 24
#: Under filters, counting stops here.
MOST_COUNTED = 5_000
FOR_SALE = "state = 'published'"
Values = list[Any]  # whatever a statement takes as its parameters


class Order(NamedTuple):
    """A list's order: its column, which way, and the type of its values."""

    column: str
    descending: bool
    kind: type


ORDERS = {
    "new": Order("published_at", True, datetime),
    "popular": Order("popularity", True, float),
    "price": Order("price_from_cents", False, int),
    "price-down": Order("price_from_cents", True, int),
    "name": Order("name", False, str),
}


class Place(NamedTuple):
    """Where in a list a page begins: after a row, or before it when going back."""

    value: Any  # a value of the order's column
    id: UUID
    back: bool = False


class Shelf(NamedTuple):
    """A page of a list. `before` and `after` say in an address where the pages beside it begin; "" where none is."""

    cards: tuple[Card, ...]
    before: str = ""
    after: str = ""


def read_place(order: Order, *, after: str, before: str) -> Place | None:
    """Read where a page begins from an address; what makes no sense is the list's beginning."""
    try:
        raw = msgspec.json.decode(base64.urlsafe_b64decode(after or before), type=tuple[order.kind, UUID])  # type: ignore[name-defined]
    except (ValueError, msgspec.MsgspecError):
        return None
    value, id = raw
    if (isinstance(value, str) and "\x00" in value) or (isinstance(value, int) and abs(value) > 2**53):
        return None
    if isinstance(value, datetime) and value.tzinfo is None:
        return None
    return Place(value, id, back=not after)


def write_place(card: Card, order: Order) -> str:
    return base64.urlsafe_b64encode(msgspec.json.encode((getattr(card, order.column), card.id))).decode()


def shelf(categories: Sequence[int] | None, wanted: Wanted, *, after: str = "", before: str = "") -> Shelf:
    """Return a page of the goods of some categories, or of all; one query."""
    order = ORDERS[wanted.sort]
    place = read_place(order, after=after, before=before) if after or before else None
    back = place is not None and place.back
    statement, values = _page(categories, wanted, order, place)
    with connections["catalog"].cursor() as cursor:
        cursor.execute(statement, values)
        found = list(cards(cursor.fetchall()))
    more = len(found) > PAGE_SIZE
    del found[PAGE_SIZE:]
    if back:
        found.reverse()
        if not more:
            # The way back has come to the beginning; a full first page is better than what was left of it.
            return (
                shelf(categories, wanted) if len(found) < PAGE_SIZE else _shelf(found, order, before=False, after=True)
            )
    return _shelf(found, order, before=back or place is not None, after=back or more)


def _shelf(found: list[Card], order: Order, *, before: bool, after: bool) -> Shelf:
    if not found:
        return Shelf(())
    return Shelf(
        tuple(card.seen for card in found),
        before=write_place(found[0], order) if before else "",
        after=write_place(found[-1], order) if after else "",
    )


def _page(categories: Sequence[int] | None, wanted: Wanted, order: Order, place: Place | None) -> tuple[str, Values]:
    """Write the query of a page: of each category as many as a page has, from its own index, and of those the first."""
    descending = order.descending != (place is not None and place.back)
    way = "DESC" if descending else "ASC"
    filters, values = narrowing(wanted)
    if place is not None:
        filters += f" AND ({order.column}, id) {'<' if descending else '>'} (%s, %s)"
        values += [place.value, place.id]
    tail = f"ORDER BY {order.column} {way}, id {way} LIMIT {PAGE_SIZE + 1}"
    if categories is None:
        return f"SELECT {COLUMNS} FROM catalog_product WHERE {FOR_SALE}{filters} {tail}", values
    one = f"(SELECT {COLUMNS} FROM catalog_product WHERE {FOR_SALE} AND category_id = %s{filters} {tail})"
    each: Values = [value for category in categories for value in (category, *values)]
    if len(categories) == 1:
        return one, each
    return f"SELECT * FROM ({' UNION ALL '.join([one] * len(categories))}) either {tail}", each


def narrowing(wanted: Wanted, *, without: str = "") -> tuple[str, Values]:
    """Return the conditions of what is wanted as SQL, those of one facet left out."""
    groups = [group for letter, group in wanted.groups.items() if letter != without]
    return "".join(" AND facets && %s::varchar[]" for _group in groups), list(groups)


def counts(categories: Sequence[int] | None, wanted: Wanted) -> Counts:
    """Return how many goods have each facet's value; one query.

    Without filters the numbers were kept by whoever wrote. Each facet that is filtered by is counted as if it were not,
    so that a shopper sees what another of its values would bring.
    """
    with connections["catalog"].cursor() as cursor:
        if not wanted.narrows:
            return _totals(_fetch(cursor, *_tallied(categories)))
        filtered = list(wanted.groups)
        alone = len(filtered) == 1
        parts = [_counted(categories, wanted, without="", letter="")]
        parts += [_tallied(categories, letter=filtered[0])] if alone else []
        parts += [] if alone else [_counted(categories, wanted, without=letter, letter=letter) for letter in filtered]
        rows = _fetch(
            cursor, " UNION ALL ".join(sql for sql, _ in parts), [value for _, values in parts for value in values]
        )
    return merged(rows, filtered)


def merged(rows: Sequence[tuple[str, str, int]], filtered: Sequence[str]) -> Counts:
    """Take each token's number from the question that left its facet out: rows are (facet left out, token, number)."""
    known = {
        token: number
        for without, token, number in rows
        if (token[0] == without or (not without and token[0] not in filtered)) and number > 0
    }
    more = any(token == ALL and number >= MOST_COUNTED for _, token, number in rows)
    return Counts(tuple(sorted(known.items())), more)


def _totals(rows: Sequence[tuple[str, str, int]]) -> Counts:
    return Counts(tuple(sorted((token, number) for _, token, number in rows if number > 0)))


def _tallied(categories: Sequence[int] | None, *, letter: str = "") -> tuple[str, Values]:
    where, values = ("", []) if categories is None else (" WHERE category_id = ANY(%s)", [list(categories)])
    return (
        f"SELECT '{letter}', token, sum(change)::bigint FROM catalog_tally{where} GROUP BY token",
        list(values),
    )


def _counted(categories: Sequence[int] | None, wanted: Wanted, *, without: str, letter: str) -> tuple[str, Values]:
    filters, values = narrowing(wanted, without=without)
    where = "" if categories is None else " AND category_id = ANY(%s)"
    return (
        f"SELECT '{letter}', token, count(*) FROM (SELECT facets FROM catalog_product WHERE {FOR_SALE}{where}{filters} "
        f"LIMIT {MOST_COUNTED}) kept, unnest(facets || '{ALL}'::varchar) AS token GROUP BY token",
        [*([] if categories is None else [list(categories)]), *values],
    )


def _fetch(cursor: Any, statement: str, values: Sequence[Any]) -> list[tuple[str, str, int]]:
    cursor.execute(statement, values)
    return list(cursor.fetchall())


def rows(*parts: tuple[str, str, Sequence[Any]]) -> Iterator[tuple[str, Card]]:
    """Read several short lists at once: each a name, the SQL after FROM, and its values; one query."""
    statement = " UNION ALL ".join(f"(SELECT '{name}', {COLUMNS} FROM {rest})" for name, rest, _ in parts)
    with connections["catalog"].cursor() as cursor:
        cursor.execute(statement, [value for _, _, values in parts for value in values])
        for name, *row in cursor.fetchall():
            yield name, Card._make(row).seen
