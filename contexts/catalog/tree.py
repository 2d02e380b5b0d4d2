"""The categories as a tree, read once for a whole page."""

from __future__ import annotations

from functools import lru_cache
from typing import NamedTuple

import msgspec

from contexts.catalog.asking import Question
from contexts.catalog.pictures import picture_url
from contexts.catalog.translations import said
from contexts.kernel.links import link


class Aisle(NamedTuple):
    """A category as pages show it; the fields are those of the model."""

    id: int
    parent_id: int | None
    slug: str
    path: str
    name: str
    blurb: str
    drawing: str

    @property
    def depth(self) -> int:
        return self.path.count("/") - 1

    @property
    def image(self) -> str:
        return picture_url(self.drawing, "front")

    @property
    def address(self) -> str:
        return link("category", slug=self.slug)


def asked_tree() -> Question:
    """Ask for all categories."""
    return Question(
        f"SELECT json_build_array(id, parent_id, slug, path, {said('name')}, {said('blurb')}, drawing) AS row "
        "FROM catalog_category ORDER BY position, id"
    )


class Tree:
    """All categories of the shop: the top aisles, who is below whom, the way to each."""

    def __init__(self, categories: tuple[Aisle, ...]) -> None:
        self.all = categories
        self._by_slug = {category.slug: category for category in categories}
        self._by_id = {category.id: category for category in categories}

    @staticmethod
    @lru_cache(maxsize=4)
    def read(answer: str) -> Tree:
        """Read the answer to `asked_tree`; the same answer is the same tree."""
        return Tree(msgspec.json.decode(answer, type=tuple[Aisle, ...]))

    @property
    def aisles(self) -> list[Aisle]:
        return [category for category in self.all if category.parent_id is None]

    def get(self, slug: str) -> Aisle | None:
        return self._by_slug.get(slug)

    def with_id(self, id: int) -> Aisle:
        return self._by_id[id]

    def way_to(self, category: Aisle) -> list[Aisle]:
        """Return the categories from the top down to this one."""
        return [self._by_slug[slug] for slug in category.path.strip("/").split("/")]

    def below(self, category: Aisle) -> list[Aisle]:
        return [other for other in self.all if other.parent_id == category.id]

    def ids_from(self, category: Aisle) -> list[int]:
        """Return the ids of a category and of all below it."""
        return [other.id for other in self.all if other.path.startswith(category.path)]
