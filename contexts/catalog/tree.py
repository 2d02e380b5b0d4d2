"""The categories as a tree, read once for a whole page."""

from __future__ import annotations

from collections.abc import Iterable

from contexts.catalog.models import Category


class Tree:
    """All categories of the shop: the top aisles, who is below whom, the way to each."""

    def __init__(self, categories: Iterable[Category]) -> None:
        self._all = list(categories)
        self._by_slug = {category.slug: category for category in self._all}

    @property
    def aisles(self) -> list[Category]:
        return [category for category in self._all if category.parent_id is None]

    def get(self, slug: str) -> Category | None:
        return self._by_slug.get(slug)

    def way_to(self, category: Category) -> list[Category]:
        """Return the categories from the top down to this one."""
        return [self._by_slug[slug] for slug in category.path.strip("/").split("/")]

    def below(self, category: Category) -> list[Category]:
        return [other for other in self._all if other.parent_id == category.id]

    def ids_from(self, category: Category) -> list[int]:
        """Return the ids of a category and of all below it."""
        return [other.id for other in self._all if other.path.startswith(category.path)]
