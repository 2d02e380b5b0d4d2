"""Lists of goods, read in an order from an index and in pages that begin after a row instead of at a number.

Page 1,000 costs what page 1 costs: `(key, id) < (the last row's)` starts in the index where the last page ended; see
"Use The Index, Luke" on the seek method, https://use-the-index-luke.com/no-offset.
"""

from __future__ import annotations

import base64
from collections.abc import Sequence
from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID

import msgspec

from contexts.catalog.asking import Question, ask
from contexts.catalog.cards import Card, read_cards, row
from contexts.catalog.facets import ALL, Counts, Wanted
from contexts.catalog.translations import said

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


#: The name is that in the language being read: see `ordering`.
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


def ordering(sort: str) -> Order:
    """Return a list's order, its column as SQL."""
    order = ORDERS[sort]
    return order._replace(column=said("name")) if sort == "name" else order


def read_place(wanted: Wanted, *, after: str, before: str) -> Place | None:
    """Read where a page begins from an address; what makes no sense is the list's beginning."""
    if not (after or before):
        return None
    try:
        raw = base64.urlsafe_b64decode(after or before)
        value, id = msgspec.json.decode(raw, type=tuple[ORDERS[wanted.sort].kind, UUID])  # type: ignore[misc]
    except (ValueError, msgspec.MsgspecError):
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
    """Return a page of the goods of some categories, or of all; one query, or two where the way back ends."""
    place = read_place(wanted, after=after, before=before)
    [page] = ask(asked_shelf(categories, wanted, place))
    if is_torn(page, place):
        return shelf(categories, wanted)
    return read_shelf(page, place)


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


def asked_shelf(categories: Sequence[int] | None, wanted: Wanted, place: Place | None) -> Question:
    """Ask for a page: of each category as many as a page has, from its own index, and of those the first."""
    order = ordering(wanted.sort)
    descending = order.descending != (place is not None and place.back)
    way = "DESC" if descending else "ASC"
    filters, values = narrowing(wanted)
    if place is not None:
        filters += f" AND ({order.column}, id) {'<' if descending else '>'} (%s, %s)"
        values += [place.value, place.id]
    tail = f"ORDER BY {order.column} {way}, id {way} LIMIT {PAGE_SIZE + 1}"
    card = f"{row(order.column)} AS row"
    if categories is None:
        return Question(f"SELECT {card} FROM catalog_product WHERE {FOR_SALE}{filters} {tail}", values)
    one = f"(SELECT {card}, {order.column} AS key, id FROM catalog_product WHERE {FOR_SALE} AND category_id = %s{filters} {tail})"
    each = [value for category in categories for value in (category, *values)]
    first = f"ORDER BY key {way}, id {way} LIMIT {PAGE_SIZE + 1}"
    return Question(f"SELECT row FROM ({' UNION ALL '.join([one] * len(categories))}) either {first}", each)


def narrowing(wanted: Wanted, *, without: str = "") -> tuple[str, Values]:
    """Return the conditions of what is wanted as SQL, those of one facet left out."""
    groups = [group for letter, group in wanted.groups.items() if letter != without]
    return "".join(" AND facets && %s::varchar[]" for _group in groups), list(groups)


def counts(categories: Sequence[int] | None, wanted: Wanted) -> Counts:
    """Return how many goods have each facet's value; one query."""
    [numbers] = ask(asked_counts(categories, wanted))
    return read_counts(numbers, wanted)


def asked_counts(categories: Sequence[int] | None, wanted: Wanted) -> Question:
    """Ask how many goods have each facet's value.

    Without filters the numbers were kept by whoever wrote. Each facet that is filtered by is counted as if it were not,
    so that a shopper sees what another of its values would bring.
    """
    filtered = list(wanted.groups)
    if not filtered:
        return _tallied(categories)
    parts = [_counted(categories, wanted)]
    if len(filtered) == 1:
        parts.append(_tallied(categories, letter=filtered[0]))
    else:
        parts += [_counted(categories, wanted, letter=letter) for letter in filtered]
    return Question(" UNION ALL ".join(part.sql for part in parts), [value for part in parts for value in part.values])


def read_counts(numbers: str, wanted: Wanted) -> Counts:
    """Read the answer to `asked_counts`."""
    return merged(msgspec.json.decode(numbers, type=list[tuple[str, str, int]]), list(wanted.groups))


def merged(rows: Sequence[tuple[str, str, int]], filtered: Sequence[str]) -> Counts:
    """Take each token's number from the question that left its facet out: rows are (facet left out, token, number)."""
    known = {
        token: number
        for without, token, number in rows
        if (token[0] == without or (not without and token[0] not in filtered)) and number > 0
    }
    more = bool(filtered) and any(token == ALL and number >= MOST_COUNTED for _, token, number in rows)
    return Counts(tuple(sorted(known.items())), more)


def _tallied(categories: Sequence[int] | None, *, letter: str = "") -> Question:
    where, values = ("", []) if categories is None else ("WHERE category_id = ANY(%s)", [list(categories)])
    return Question(
        f"SELECT json_build_array('{letter}', token, sum(change)) AS row FROM catalog_tally {where} GROUP BY token",
        values,
    )


def _counted(categories: Sequence[int] | None, wanted: Wanted, *, letter: str = "") -> Question:
    filters, values = narrowing(wanted, without=letter)
    where, ids = ("", []) if categories is None else (" AND category_id = ANY(%s)", [list(categories)])
    return Question(
        f"SELECT json_build_array('{letter}', token, count(*)) AS row FROM (SELECT facets FROM catalog_product "
        f"WHERE {FOR_SALE}{where}{filters} LIMIT {MOST_COUNTED}) kept, unnest(facets || '{ALL}'::varchar) AS token "
        "GROUP BY token",
        [*ids, *values],
    )
