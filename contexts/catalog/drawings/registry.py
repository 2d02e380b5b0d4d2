"""Which kinds of things can be drawn."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

from contexts.catalog.drawings.pen import Box, Pen

Draw = Callable[[Pen], Box]


class Kind(NamedTuple):
    """A thing that can be drawn, how tall it is in life, and whether it hangs on a wall."""

    name: str
    draw: Draw
    tall_cm: tuple[int, int]
    hangs: bool


KINDS: dict[str, Kind] = {}


def kind(name: str, *, tall_cm: tuple[int, int], hangs: bool = False) -> Callable[[Draw], Draw]:
    """Register a drawing. The function draws around x = 200 on y = GROUND and returns where the thing is."""

    def register(draw: Draw) -> Draw:
        if name in KINDS:
            raise ValueError(f'Two drawings are called "{name}".')
        KINDS[name] = Kind(name, draw, tall_cm, hangs)
        return draw

    return register
