"""Colours as the drawings need them: hex in, hex out, mixed towards light or shade."""

from __future__ import annotations

INK = "#22302a"
WARM_WHITE = "#fffaf0"
#: Second materials by name: the base colour of handles, legs, lids and trims.
FINISHES = {
    "oak": "#c99e6a",
    "walnut": "#7b543a",
    "beech": "#dfc49c",
    "steel": "#b9c0c2",
    "brass": "#c8a04a",
    "black": "#2d3131",
    "white": "#f3f1ea",
    "leather": "#9c5f38",
    "cork": "#cba97f",
    "rope": "#d8c3a0",
}
METALS = ("steel", "brass")
WOODS = ("oak", "walnut", "beech")


def rgb(colour: str) -> tuple[int, int, int]:
    return int(colour[1:3], 16), int(colour[3:5], 16), int(colour[5:7], 16)


def mix(colour: str, other: str, share: float) -> str:
    """Return `colour` with `share` (0 to 1) of `other` in it."""
    return "#" + "".join(f"{round(a + (b - a) * share):02x}" for a, b in zip(rgb(colour), rgb(other), strict=True))


def light(colour: str, share: float) -> str:
    return mix(colour, WARM_WHITE, share)


def dark(colour: str, share: float) -> str:
    """Shade towards a deep cool ink, which keeps a colour's hue better than black does."""
    return mix(colour, "#141c24", share)


def luminance(colour: str) -> float:
    """Return perceived brightness, 0 to 1."""
    red, green, blue = rgb(colour)
    return (0.299 * red + 0.587 * green + 0.114 * blue) / 255
