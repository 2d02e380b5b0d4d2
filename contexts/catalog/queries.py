"""What the shop's pages ask: each page a constant number of queries, however much there is."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple
from uuid import UUID

from django.db import connections

from contexts.catalog import lists, search
from contexts.catalog.cards import Card
from contexts.catalog.delivery import Method
from contexts.catalog.facets import Wanted
from contexts.catalog.lists import FOR_SALE
from contexts.catalog.search import Found
from contexts.catalog.tree import Aisle, Tree

SHELF = 8
#: Beside a product.
BESIDE = 4
NEWEST = "published_at DESC, id DESC"
#: More pages than these a search has not: it weighs no more than it.
MOST_PAGES = search.MOST_WEIGHED // lists.PAGE_SIZE + 1


class Shown(NamedTuple):
    """Some short lists of goods, read at once."""

    featured: tuple[Card, ...] = ()
    newest: tuple[Card, ...] = ()
    popular: tuple[Card, ...] = ()
    together: tuple[Card, ...] = ()
    beside: tuple[Card, ...] = ()
    viewed: tuple[Card, ...] = ()


def tree() -> Tree:
    """Return all categories; one query."""
    with connections["catalog"].cursor() as cursor:
        cursor.execute(_TREE)
        return Tree.of(tuple(map(Aisle._make, cursor.fetchall())))


_TREE = "SELECT id, parent_id, slug, path, name, blurb, drawing FROM catalog_category ORDER BY position, id"


def for_home(viewed: Sequence[UUID]) -> Shown:
    """Return what stands on the shop's front; one query."""
    return _shown(
        viewed,
        ("featured", f"catalog_product WHERE {FOR_SALE} AND featured ORDER BY {NEWEST} LIMIT {SHELF}", []),
        ("newest", f"catalog_product WHERE {FOR_SALE} ORDER BY {NEWEST} LIMIT {SHELF}", []),
        ("popular", _POPULAR.format(limit=SHELF), []),
    )


def for_product(product: UUID, category: int, viewed: Sequence[UUID]) -> Shown:
    """Return what stands beside a product: what is bought with it, and its neighbours; one query."""
    shown = _shown(
        [id for id in viewed if id != product],
        (
            "together",
            # Some of those bought most with it may be gone.
            "(SELECT other_id, times FROM catalog_companion WHERE product_id = %s ORDER BY times DESC, other_id "
            f"LIMIT {3 * BESIDE}) companion JOIN catalog_product ON id = other_id WHERE {FOR_SALE} "
            f"ORDER BY times DESC, other_id LIMIT {BESIDE}",
            [product],
        ),
        # One more, for it may be the product itself, and as many again as may be bought together with it.
        (
            "beside",
            f"catalog_product WHERE {FOR_SALE} AND category_id = %s ORDER BY {NEWEST} LIMIT {2 * BESIDE + 1}",
            [category],
        ),
    )
    known = {product, *(card.id for card in shown.together)}
    return shown._replace(beside=tuple(card for card in shown.beside if card.id not in known)[:BESIDE])


def for_nothing_found(viewed: Sequence[UUID]) -> Shown:
    """Return what helps on where a search found nothing; one query."""
    return _shown(
        viewed,
        ("popular", _POPULAR.format(limit=BESIDE), []),
        ("newest", f"catalog_product WHERE {FOR_SALE} ORDER BY {NEWEST} LIMIT {BESIDE}", []),
    )


_POPULAR = f"catalog_product WHERE {FOR_SALE} AND popularity > 0 ORDER BY popularity DESC, id DESC LIMIT {{limit}}"


def _shown(viewed: Sequence[UUID], *parts: tuple[str, str, Sequence[Any]]) -> Shown:
    if viewed:
        ids = list(viewed)
        parts += (
            (
                "viewed",
                f"catalog_product WHERE {FOR_SALE} AND id = ANY(%s::uuid[]) ORDER BY array_position(%s::uuid[], id)",
                [ids, ids],
            ),
        )
    found: dict[str, list[Card]] = {}
    for name, card in lists.rows(*parts):
        found.setdefault(name, []).append(card)
    return Shown(**{name: tuple(cards) for name, cards in found.items()})


def found(text: str, wanted: Wanted, page: int) -> Found:
    """Return a page of what a search finds."""
    return search.find(text, search.understand(text), wanted, page=page)


def delivery_methods() -> tuple[Method, ...]:
    """Return the ways to send parcels that are offered; one query."""
    with connections["catalog"].cursor() as cursor:
        cursor.execute(_METHODS)
        return tuple(map(Method._make, cursor.fetchall()))


_METHODS = "SELECT code, name, price_cents, currency, days_min, days_max FROM catalog_deliverymethod WHERE active"
