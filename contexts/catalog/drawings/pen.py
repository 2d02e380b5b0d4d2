"""The pen that every drawing uses: shapes with one light from the upper left, one ground shadow, one line.

The sheet is 400 by 400, things stand on y = GROUND around x = 200. The pen draws "painted" or, for the measured view,
"lined": the same shapes as outlines on paper, without light and shade.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from random import Random
from typing import NamedTuple

from contexts.catalog.drawings.colour import FINISHES, METALS, WOODS, dark, light, luminance, mix

GROUND = 322.0
CENTRE = 200.0
LINE = "#2f4239"


class Box(NamedTuple):
    """Where a drawn thing is on the sheet."""

    left: float
    top: float
    right: float
    bottom: float


class At(NamedTuple):
    """A point of a turned profile: how high, how far from the axis, and whether the edge breaks there."""

    y: float
    radius: float
    sharp: bool = False


def n(value: float) -> str:
    """Write a coordinate with one decimal at most; pictures stay small."""
    text = f"{value:.1f}"
    return text[:-2] if text.endswith(".0") else text


class Pen:
    """Collects the shapes of one drawing. `colour` is the article's own, `finish` names its second material."""

    def __init__(self, *, colour: str, finish: str, seed: int, lined: bool = False) -> None:
        self.colour = colour
        self.finish = finish
        self.lined = lined
        self.random = Random(seed)  # noqa: S311 - proportions, not secrets
        self._shapes: list[str] = []
        self._defs: dict[str, str] = {}

    # Choosing

    def between(self, low: float, high: float) -> float:
        return self.random.uniform(low, high)

    def pick(self, *choices: str) -> str:
        return self.random.choice(choices)

    def chance(self, share: float) -> bool:
        return self.random.random() < share

    @property
    def trim(self) -> str:
        """The base colour of the second material."""
        return FINISHES[self.finish]

    # Paints

    def round(self, colour: str) -> str:
        """A surface that turns away to the right: lit left of the middle."""
        return self._gradient(
            "x", [(0, dark(colour, 0.06)), (0.28, light(colour, 0.2)), (0.6, colour), (1, dark(colour, 0.3))]
        )

    def fall(self, colour: str, strength: float = 0.2) -> str:
        """A surface that is lit from above."""
        return self._gradient("y", [(0, light(colour, strength * 0.8)), (1, dark(colour, strength))])

    def slant(self, colour: str, strength: float = 0.16) -> str:
        """A flat face that catches the light in its upper left corner."""
        return self._gradient("d", [(0, light(colour, strength)), (0.55, colour), (1, dark(colour, strength))])

    def metal(self, colour: str, axis: str = "x") -> str:
        return self._gradient(
            axis,
            [
                (0, dark(colour, 0.25)),
                (0.18, light(colour, 0.55)),
                (0.36, colour),
                (0.62, light(colour, 0.28)),
                (0.82, dark(colour, 0.28)),
                (1, dark(colour, 0.1)),
            ],
        )

    def glass(self) -> str:
        return self._gradient("x", [(0, "#cfdcda"), (0.3, "#f6faf9"), (0.7, "#dfe9e7"), (1, "#b3c4c2")])

    def material(self, axis: str = "x", finish: str | None = None) -> str:
        """The second material, or another by name, as metal, wood or paint."""
        finish = finish or self.finish
        base = FINISHES[finish]
        if finish in METALS:
            return self.metal(base, axis)
        return self.round(base) if axis == "x" else self.fall(base, 0.16)

    @property
    def wooden(self) -> bool:
        return self.finish in WOODS

    def _gradient(self, axis: str, stops: Sequence[tuple[float, str]]) -> str:
        ends = {"x": 'x2="1" y2="0"', "y": 'x2="0" y2="1"', "d": 'x2="1" y2="1"'}[axis]
        body = "".join(f'<stop offset="{at:g}" stop-color="{colour}"/>' for at, colour in stops)
        return self._define(f'<linearGradient id="%s" {ends}>{body}</linearGradient>')

    def _define(self, pattern: str) -> str:
        name = self._defs.setdefault(pattern, f"g{len(self._defs)}")
        return f"url(#{name})"

    # Shapes

    def path(self, d: str, fill: str = "none", *, stroke: str = "", width: float = 0, opacity: float = 1) -> None:
        """Draw a shape of the thing; `stroke` with `width` draws a band (a handle, a wire, a leg)."""
        self._shape(f'path d="{d}"', fill, stroke, width, opacity)

    def rect(
        self, x: float, y: float, w: float, h: float, fill: str, *, r: float = 0, opacity: float = 1, turn: float = 0
    ) -> None:
        corner = f' rx="{n(r)}"' if r else ""
        turned = f' transform="rotate({n(turn)} {n(x + w / 2)} {n(y + h / 2)})"' if turn else ""
        self._shape(f'rect x="{n(x)}" y="{n(y)}" width="{n(w)}" height="{n(h)}"{corner}{turned}', fill, "", 0, opacity)

    def ellipse(self, cx: float, cy: float, rx: float, ry: float, fill: str, *, opacity: float = 1) -> None:
        self._shape(f'ellipse cx="{n(cx)}" cy="{n(cy)}" rx="{n(rx)}" ry="{n(ry)}"', fill, "", 0, opacity)

    def ring(self, cx: float, cy: float, rx: float, ry: float, stroke: str, width: float) -> None:
        self._shape(f'ellipse cx="{n(cx)}" cy="{n(cy)}" rx="{n(rx)}" ry="{n(ry)}"', "none", stroke, width, 1)

    def band(self, d: str, colour: str, width: float, *, lit: bool = True) -> None:
        """Draw a bent rod: its shade, its body, and a thin light along it."""
        if self.lined:
            for colour, thick in ((LINE, width + 2.4), ("#fff", max(width - 1.2, 0.6))):
                self._shapes.append(
                    f'<path d="{d}" fill="none" stroke="{colour}" stroke-width="{n(thick)}" stroke-linecap="round"/>'
                )
            return
        self._shapes.append(
            f'<path d="{d}" fill="none" stroke="{colour}" stroke-width="{n(width)}" stroke-linecap="round" '
            f'stroke-linejoin="round"/>'
        )
        if lit:
            self._shapes.append(
                f'<path d="{d}" fill="none" stroke="{light(colour, 0.45)}" stroke-width="{n(width * 0.28)}" '
                f'stroke-linecap="round" opacity=".7" transform="translate({n(-width * 0.16)} {n(-width * 0.16)})"/>'
            )

    def light(self, d: str, *, width: float = 0, opacity: float = 0.5) -> None:
        """Add light: a filled patch, or a stroke with `width`. Left out of lined drawings."""
        self._effect(d, "#fff", width, opacity)

    def shade(self, d: str, *, width: float = 0, opacity: float = 0.16) -> None:
        """Add shade: a filled patch, or a stroke with `width`. Left out of lined drawings."""
        self._effect(d, "#141c24", width, opacity)

    def detail(self, d: str, colour: str, width: float = 2, *, dash: str = "", opacity: float = 1) -> None:
        """Draw a fine line of the thing itself: a seam, a grain, a mark."""
        pattern = f' stroke-dasharray="{dash}"' if dash else ""
        stroke, width = (LINE, min(width, 1.2)) if self.lined else (colour, width)
        faint = f' opacity="{opacity:g}"' if opacity != 1 and not self.lined else ""
        self._shapes.append(
            f'<path d="{d}" fill="none" stroke="{stroke}" stroke-width="{n(width)}" stroke-linecap="round" '
            f'stroke-linejoin="round"{pattern}{faint}/>'
        )

    def turned(self, profile: Sequence[At], fill: str, *, tilt: float = 0.13, cx: float = CENTRE) -> str:
        """Draw a body turned around its axis from its profile, top to bottom; return its outline."""
        first, last = profile[0], profile[-1]
        left = _smooth([(cx - point.radius, point.y, point.sharp) for point in profile])
        right = _smooth([(cx + point.radius, point.y, point.sharp) for point in reversed(profile)])
        d = (
            f"M{n(cx - first.radius)} {n(first.y)}{left}"
            f"A{n(max(last.radius, 0.1))} {n(max(last.radius * tilt, 0.1))} 0 0 0 {n(cx + last.radius)} {n(last.y)}"
            f"{right}"
            f"A{n(max(first.radius, 0.1))} {n(max(first.radius * tilt, 0.1))} 0 0 0 {n(cx - first.radius)} {n(first.y)}"
            "Z"
        )
        self.path(d, fill)
        return d

    def grain(self, box: Box, colour: str, lines: int, *, upright: bool = False) -> None:
        """Draw wood grain: long quiet lines that wander a little."""
        tone = dark(colour, 0.24)
        for index in range(lines):
            share = (index + 0.5 + self.between(-0.25, 0.25)) / lines
            bend = self.between(-5, 5)
            if upright:
                x = box.left + (box.right - box.left) * share
                d = f"M{n(x)} {n(box.top)}Q{n(x + bend)} {n((box.top + box.bottom) / 2)} {n(x)} {n(box.bottom)}"
            else:
                y = box.top + (box.bottom - box.top) * share
                d = f"M{n(box.left)} {n(y)}Q{n((box.left + box.right) / 2)} {n(y + bend)} {n(box.right)} {n(y)}"
            self.detail(d, tone, 1.4, opacity=0.45)

    def shadow(self, rx: float, *, cx: float = CENTRE, cy: float = GROUND, ry: float | None = None) -> None:
        """Draw the soft shadow where the thing stands; call it first."""
        if self.lined:
            return
        paint = self._define(
            '<radialGradient id="%s"><stop offset="0" stop-color="#141c24" stop-opacity=".42"/>'
            '<stop offset=".55" stop-color="#141c24" stop-opacity=".2"/>'
            '<stop offset="1" stop-color="#141c24" stop-opacity="0"/></radialGradient>'
        )
        depth = ry if ry is not None else max(rx * 0.13, 9)
        self._shapes.append(
            f'<ellipse cx="{n(cx + rx * 0.07)}" cy="{n(cy + 2)}" rx="{n(rx * 1.18)}" ry="{n(depth)}" fill="{paint}"/>'
        )

    def moved(self, transform: str, draw: Callable[[], None]) -> None:
        """Draw a part turned or moved as a whole."""
        before = len(self._shapes)
        draw()
        part = "".join(self._shapes[before:])
        self._shapes[before:] = [f'<g transform="{transform}">{part}</g>']

    def glow(self, cx: float, cy: float, radius: float) -> None:
        """Draw the light around a flame. Left out of lined drawings."""
        if self.lined:
            return
        paint = self._define(
            '<radialGradient id="%s"><stop offset="0" stop-color="#ffd166" stop-opacity=".6"/>'
            '<stop offset="1" stop-color="#ffe9b0" stop-opacity="0"/></radialGradient>'
        )
        self._shapes.append(f'<circle cx="{n(cx)}" cy="{n(cy)}" r="{n(radius)}" fill="{paint}"/>')

    def _shape(self, geometry: str, fill: str, stroke: str, width: float, opacity: float) -> None:
        if self.lined:
            inside = "none" if fill == "none" else "#fff"
            self._shapes.append(
                f'<{geometry} fill="{inside}" stroke="{LINE}" stroke-width="1.6" stroke-linejoin="round"/>'
            )
            return
        outline = f' stroke="{stroke}" stroke-width="{n(width)}"' if stroke else ""
        faint = f' opacity="{opacity:g}"' if opacity != 1 else ""
        self._shapes.append(f'<{geometry} fill="{fill}"{outline}{faint}/>')

    def _effect(self, d: str, colour: str, width: float, opacity: float) -> None:
        if self.lined:
            return
        paint = (
            f'fill="none" stroke="{colour}" stroke-width="{n(width)}" stroke-linecap="round"'
            if width
            else f'fill="{colour}"'
        )
        self._shapes.append(f'<path d="{d}" {paint} opacity="{opacity:g}"/>')

    # Results

    @property
    def shapes(self) -> str:
        return "".join(self._shapes)

    @property
    def definitions(self) -> str:
        return "".join(pattern % name for pattern, name in self._defs.items())

    @property
    def tint(self) -> str:
        """The ground's colour: a pale tint of the article's own, cool against near-greys."""
        red, green, blue = (int(self.colour[i : i + 2], 16) for i in (1, 3, 5))
        if max(red, green, blue) - min(red, green, blue) < 28:
            return "#e6ebe8" if luminance(self.colour) < 0.72 else "#d9e0dc"
        return mix(self.colour, "#f4f4ee", 0.8 if luminance(self.colour) < 0.75 else 0.6)


def _smooth(points: Sequence[tuple[float, float, bool]]) -> str:
    """Return cubic curves through the points (Catmull-Rom), breaking where a point is sharp."""
    parts: list[str] = []
    for index in range(len(points) - 1):
        x1, y1, sharp1 = points[index]
        x2, y2, sharp2 = points[index + 1]
        if sharp1 and sharp2:
            parts.append(f"L{n(x2)} {n(y2)}")
            continue
        x0, y0, _ = points[index - 1] if index and not sharp1 else points[index]
        x3, y3, _ = points[index + 2] if index + 2 < len(points) and not sharp2 else points[index + 1]
        parts.append(
            f"C{n(x1 + (x2 - x0) / 6)} {n(y1 + (y2 - y0) / 6)} {n(x2 - (x3 - x1) / 6)} {n(y2 - (y3 - y1) / 6)}"
            f" {n(x2)} {n(y2)}"
        )
    return "".join(parts)
