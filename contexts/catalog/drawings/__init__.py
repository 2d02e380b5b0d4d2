"""Pictures of the goods, drawn by code: a specification such as "mug-1204-c2452d-oak" and a view make an SVG.

The specification names the kind, a seed for its proportions and details, the article's colour and its second
material; the same specification always makes the same picture, so pictures cache for ever and need no storage.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import NamedTuple

from contexts.catalog.drawings import bags, desk, furniture, garden, kitchen, lighting, living, outdoors, sound
from contexts.catalog.drawings.colour import FINISHES
from contexts.catalog.drawings.registry import KINDS
from contexts.catalog.drawings.sheet import VIEWS, Sheet

__all__ = ["FINISHES", "KINDS", "VERSION", "VIEWS", "Drawing", "UnknownDrawing", "measure", "render"]

#: Raise it when a drawing changes: it is part of every picture's ETag.
VERSION = 3
_MODULES = (bags, desk, furniture, garden, kitchen, lighting, living, outdoors, sound)
_PATTERN = re.compile(r"([a-z]{2,20})-(\d{1,6})-([0-9a-f]{6})-([a-z]{2,12})")


class UnknownDrawing(LookupError):
    """There is no such kind, view or second material, or the specification is not written as one."""


class Drawing(NamedTuple):
    """What to draw."""

    kind: str
    seed: int
    colour: str
    finish: str

    @classmethod
    def parse(cls, spec: str) -> Drawing:
        """Read a specification.

        Raises:
            UnknownDrawing: it names nothing that can be drawn.
        """
        found = _PATTERN.fullmatch(spec)
        if found is None or found[1] not in KINDS or found[4] not in FINISHES:
            raise UnknownDrawing(spec)
        return cls(found[1], int(found[2]), f"#{found[3]}", found[4])

    def __str__(self) -> str:
        return f"{self.kind}-{self.seed}-{self.colour.removeprefix('#')}-{self.finish}"


@lru_cache(maxsize=512)
def render(spec: str, view: str) -> str:
    """Return the picture as SVG.

    Raises:
        UnknownDrawing: nothing can be drawn from this.
    """
    drawing = Drawing.parse(spec)
    if view not in VIEWS:
        raise UnknownDrawing(view)
    return VIEWS[view](Sheet(KINDS[drawing.kind], drawing.colour, drawing.finish, drawing.seed))


def measure(spec: str) -> tuple[int, int]:
    """Return the thing's width and height in centimetres, as its drawing has them."""
    drawing = Drawing.parse(spec)
    return Sheet(KINDS[drawing.kind], drawing.colour, drawing.finish, drawing.seed).size_cm
