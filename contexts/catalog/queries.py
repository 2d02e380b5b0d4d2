"""What the shop's pages ask: each page a constant number of queries, however much there is."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, NamedTuple
from uuid import UUID

from django.utils.translation import gettext as _

from contexts.catalog import bitmaps, rates, search
from contexts.catalog.asking import Question, ask
from contexts.catalog.cards import Card, read_cards, row
from contexts.catalog.facets import Wanted
from contexts.catalog.lists import FOR_SALE
from contexts.catalog.search import Found
from contexts.catalog.tree import Tree, asked_tree
from contexts.kernel.board import Tile
from contexts.kernel.currencies import own
from contexts.kernel.languages import language

SHELF = 8
#: Beside a product.
BESIDE = 4
NEWEST = "published_at DESC, id DESC"
#: By language.
_last_trees: dict[str, Tree] = {}


def _listed() -> str:
    return f"SELECT {row()} AS row FROM "


def tree() -> Tree:
    """Return all categories; one query."""
    return Tree.read(*ask(asked_tree()))


def with_tree(questions: Callable[[Tree], Sequence[Question]]) -> tuple[Tree, tuple[str, ...]]:
    """Ask for the tree together with what depends on it; one query, two when the categories have changed.

    What is asked is made from the tree of last time, and made again if the tree turns out to be another.
    """
    known = _last_trees.get(language()) or tree()
    while True:
        answer, *answers = ask(asked_tree(), *questions(known))
        latest = _last_trees[language()] = Tree.read(answer)
        if latest is known:
            return known, tuple(answers)
        known = latest


class Shown(NamedTuple):
    """Some short lists of goods that stand around something."""

    featured: tuple[Card, ...] = ()
    newest: tuple[Card, ...] = ()
    popular: tuple[Card, ...] = ()
    together: tuple[Card, ...] = ()
    beside: tuple[Card, ...] = ()
    viewed: tuple[Card, ...] = ()

    @classmethod
    def read(cls, **answers: str) -> Shown:
        """Read the answers to questions of those names."""
        return cls(**{name: tuple(read_cards(answer)) for name, answer in answers.items()})


def newest(limit: int = SHELF) -> Question:
    return Question(f"{_listed()} catalog_product WHERE {FOR_SALE} ORDER BY {NEWEST} LIMIT {limit}")


def featured(limit: int = SHELF) -> Question:
    return Question(f"{_listed()} catalog_product WHERE {FOR_SALE} AND featured ORDER BY {NEWEST} LIMIT {limit}")


def popular(limit: int = SHELF) -> Question:
    where = f"{FOR_SALE} AND popularity > 0"
    return Question(f"{_listed()} catalog_product WHERE {where} ORDER BY popularity DESC, id DESC LIMIT {limit}")


def viewed(ids: Sequence[UUID]) -> Question:
    """Ask for the products that a visitor looked at, in that order."""
    values: list[Any] = [list(ids), list(ids)]
    where = f"{FOR_SALE} AND id = ANY(%s::uuid[])"
    return Question(f"{_listed()} catalog_product WHERE {where} ORDER BY array_position(%s::uuid[], id)", values)


def together(slug: str) -> Question:
    """Ask for what is bought together with a product; some of what was bought most with it may be gone."""
    return Question(
        f"{_listed()} (SELECT other_id, times FROM catalog_companion WHERE product_id = (SELECT id FROM catalog_product "
        f"WHERE slug = %s) ORDER BY times DESC, other_id LIMIT {3 * BESIDE}) companion "
        f"JOIN catalog_product ON id = other_id WHERE {FOR_SALE} ORDER BY times DESC, other_id LIMIT {BESIDE}",
        [slug],
    )


def neighbours(slug: str) -> Question:
    """Ask for the newest of a product's category: one more than are shown for itself, and as many as `together` has."""
    return Question(
        f"{_listed()} catalog_product WHERE {FOR_SALE} AND category_id = (SELECT category_id FROM catalog_product "
        f"WHERE slug = %s) ORDER BY {NEWEST} LIMIT {2 * BESIDE + 1}",
        [slug],
    )


def around(product: UUID, *, together: str, neighbours: str, viewed: str) -> Shown:
    """Return what stands around a product, each thing once."""
    shown = Shown.read(together=together, beside=neighbours, viewed=viewed)
    known = {str(product), *(card.id for card in shown.together)}
    return shown._replace(
        beside=tuple(card for card in shown.beside if card.id not in known)[:BESIDE],
        viewed=tuple(card for card in shown.viewed if card.id != str(product)),
    )


def tiles() -> list[Tile]:
    """Return how many currencies somebody should see to the rates of; nothing where all is well."""
    doubtful = rates.doubts()
    missing = [doubt.currency for doubt in doubtful if doubt.since is None]
    if not doubtful:
        return []
    codes = ", ".join(missing or [doubt.currency for doubt in doubtful])
    text = _("no rate, prices are shown in %(own)s: %(codes)s") if missing else _("older than %(days)d days: %(codes)s")
    return [
        Tile(
            title=_("Exchange rates"), figure=str(len(missing or doubtful)),
            text=text % {"own": own(), "codes": codes, "days": rates.OLD_AFTER_DAYS}, list="catalog_exchangerate",
            tone="trouble" if missing else "act",
        )
    ]  # fmt: skip


def found(text: str, wanted: Wanted, page: int = 1) -> Found:
    """Return a page of what a search finds."""
    latest = bitmaps.latest()
    news, same, rate = ask(latest.asked_news(), search.asked_same(text), rates.asked_rate())
    return search.find(text, wanted, latest.after(news), same, rate=rates.read_rate(rate), page=page)
