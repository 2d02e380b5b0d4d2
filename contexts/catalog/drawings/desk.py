# ruff: noqa: E501 - outlines are long, and breaking them shows nothing
"""Things for the desk."""

from __future__ import annotations

from contexts.catalog.drawings.colour import dark, light
from contexts.catalog.drawings.pen import CENTRE, GROUND, At, Box, Pen, n
from contexts.catalog.drawings.registry import kind


@kind("notebook", tall_cm=(18, 25))
def notebook(pen: Pen) -> Box:
    half, top = pen.between(72, 86), pen.between(92, 108)
    left, right = CENTRE - half, CENTRE + half
    pen.shadow(half + 10, ry=10)
    pen.path(f"M{n(left + 8)} {n(top + 7)}H{n(right + 9)}V{n(GROUND)}H{n(left + 8)}Z", dark(pen.colour, 0.3))
    pen.path(f"M{n(left + 4)} {n(top + 4)}H{n(right + 6)}V{n(GROUND - 4)}H{n(left + 4)}Z", "#f4efe2")
    for step in (2.5, 4.5):
        pen.detail(f"M{n(right + step)} {n(top + 6)}V{n(GROUND - 6)}", "#cfc7b4", 0.8)
    pen.rect(left, top, 2 * half, GROUND - top - 7, pen.slant(pen.colour), r=5)
    pen.shade(
        f"M{n(left + 5)} {n(top)}h15v{n(GROUND - top - 7)}h-15q-5 0-5-5v-{n(GROUND - top - 17)}q0-5 5-5Z", opacity=0.14
    )
    style = pen.pick("elastic", "label", "spiral", "stitched")
    if style == "elastic":
        pen.rect(right - 26, top, 7, GROUND - top - 7, pen.trim)
    if style in ("label", "elastic"):
        pen.rect(CENTRE - half * 0.36, top + 44, half * 0.8, 42, "#f7f2e6", r=2)
        pen.detail(
            f"M{n(CENTRE - half * 0.22)} {n(top + 60)}h{n(half * 0.52)}M{n(CENTRE - half * 0.22)} {n(top + 72)}h{n(half * 0.34)}",
            dark(pen.colour, 0.2),
            2,
        )
    elif style == "spiral":
        for index in range(13):
            y = top + 14 + index * (GROUND - top - 36) / 12
            pen.ellipse(left + 13, y, 3.2, 3.2, dark(pen.colour, 0.5))
            pen.detail(f"M{n(left + 13)} {n(y)}q-14-9-20 0t14 5", "#9aa3a5", 2.6)
    else:
        pen.detail(f"M{n(left + 13)} {n(top + 14)}V{n(GROUND - 20)}", light(pen.trim, 0.3), 2.6, dash="9 7")
        pen.ellipse(CENTRE + 6, (top + GROUND) / 2 - 10, 13, 13, light(pen.trim, 0.15))
    pen.path(f"M{n(CENTRE + half * 0.5)} {n(GROUND - 8)}v20l5-6 5 6v-20Z", pen.trim)
    return Box(left - (8 if style == "spiral" else 0), top, right + 9, GROUND + 12)


@kind("pen", tall_cm=(13, 15))
def pen_(pen: Pen) -> Box:
    """Stands upright, its cap beside it."""
    half, top = pen.between(15, 19), 58.0
    x = CENTRE - 20
    pen.shadow(60, cx=CENTRE, ry=9)
    pen.turned(
        [At(top, half * 0.55, True), At(top + 8, half * 0.8), At(top + 22, half), At(236, half, True)],
        pen.round(pen.colour),
        cx=x,
    )
    pen.turned([At(234, half + 0.5, True), At(242, half + 0.5, True)], pen.material(), cx=x)
    pen.turned([At(241, half - 1, True), At(282, half * 0.62, True)], pen.round(dark(pen.colour, 0.12)), cx=x)
    if pen.chance(0.5):
        pen.path(f"M{n(x - half * 0.55)} 282h{n(half * 1.1)}L{n(x + 1.5)} {n(GROUND)}h-3Z", pen.metal("#c8a04a"))
        pen.detail(f"M{n(x)} 296V{n(GROUND - 2)}", "#6d5420", 1.2)
    else:
        pen.path(f"M{n(x - half * 0.6)} 282h{n(half * 1.2)}L{n(x + 3)} {n(GROUND - 6)}h-6Z", pen.material())
        pen.rect(x - 1.6, GROUND - 7, 3.2, 7, "#3a3f40")
    cap = x + 62
    pen.turned(
        [
            At(196, half * 0.7, True),
            At(202, half * 1.06),
            At(GROUND - 8, half * 1.14, True),
            At(GROUND, half * 1.14, True),
        ],
        pen.round(pen.colour),
        cx=cap,
    )
    pen.turned([At(GROUND - 14, half * 1.18, True), At(GROUND - 5, half * 1.18, True)], pen.material(), cx=cap)
    pen.path(f"M{n(cap - 3)} 204q-1-10 8-9h12q6 0 6 8v66q0 6-4 6t-4-6v-58q0-4-4-4h-9Z", pen.material("x"))
    pen.light(f"M{n(x - half * 0.42)} {top + 30}V222M{n(cap - half * 0.6)} 218v80", width=3.5, opacity=0.5)
    return Box(x - half, top, cap + half + 8, GROUND + 3)


@kind("pencup", tall_cm=(9, 12))
def pencup(pen: Pen) -> Box:
    half, top = pen.between(56, 66), pen.between(204, 218)
    pen.shadow(half + 8)
    pen.ellipse(CENTRE, top, half, half * 0.2, dark(pen.colour, 0.42))
    sticks = [(-34, -12, "#e0a526"), (-12, 6, "#2f5d62"), (10, -4, "#c2452d"), (30, 10, "#c99e6a")]
    for offset, lean, tone in sticks:
        height = pen.between(86, 124)
        x, tip_x, tip_y = CENTRE + offset, CENTRE + offset + lean, top - height

        pen.band(f"M{n(x)} {n(top + 18)}L{n(tip_x)} {n(tip_y)}", tone, 10)
        pen.path(
            f"M{n(tip_x - 5)} {n(tip_y)}L{n(tip_x + lean * 0.16)} {n(tip_y - 19)}L{n(tip_x + 5)} {n(tip_y)}Z", "#e6cda5"
        )
        pen.path(
            f"M{n(tip_x + lean * 0.1 - 2)} {n(tip_y - 12)}L{n(tip_x + lean * 0.16)} {n(tip_y - 20)}L{n(tip_x + lean * 0.1 + 2.4)} {n(tip_y - 12)}Z",
            dark(tone, 0.3),
        )
    d = f"M{n(CENTRE - half)} {n(top)}a{n(half)} {n(half * 0.2)} 0 0 0 {n(2 * half)} 0V{n(GROUND)}a{n(half)} {n(half * 0.14)} 0 0 1-{n(2 * half)} 0Z"
    pen.path(d, pen.round(pen.colour))
    style = pen.pick("band", "flutes", "foot")
    if style == "band":
        pen.path(
            f"M{n(CENTRE - half)} {n(top + 44)}a{n(half)} {n(half * 0.17)} 0 0 0 {n(2 * half)} 0v16a{n(half)} {n(half * 0.17)} 0 0 1-{n(2 * half)} 0Z",
            pen.material(),
        )
    elif style == "flutes":
        for index in range(1, 10):
            share = index / 10
            x = CENTRE - half + 2 * half * share
            pen.detail(f"M{n(x)} {n(top + 20)}V{n(GROUND)}", dark(pen.colour, 0.3), 2, opacity=0.4)
    else:
        pen.path(
            f"M{n(CENTRE - half)} {n(GROUND - 18)}a{n(half)} {n(half * 0.14)} 0 0 0 {n(2 * half)} 0v18a{n(half)} {n(half * 0.14)} 0 0 1-{n(2 * half)} 0Z",
            pen.material(),
        )
    pen.light(f"M{n(CENTRE - half * 0.66)} {n(top + 26)}v{n((GROUND - top) * 0.55)}", width=7, opacity=0.32)
    return Box(CENTRE - half, top - 136, CENTRE + half, GROUND + 8)


@kind("tray", tall_cm=(5, 8))
def tray(pen: Pen) -> Box:
    """Seen from the front and a little from above, with a few small things in it."""
    half, top = pen.between(128, 142), pen.between(232, 246)
    depth = 46.0
    pen.shadow(half + 6, ry=15)
    pen.path(
        f"M{n(CENTRE - half + 22)} {n(top - depth)}h{n(2 * half - 44)}L{n(CENTRE + half)} {n(top)}h-{n(2 * half)}Z",
        dark(pen.colour, 0.34),
    )
    pen.path(
        f"M{n(CENTRE - half + 30)} {n(top - depth + 14)}h{n(2 * half - 60)}L{n(CENTRE + half - 10)} {n(top)}h-{n(2 * half - 20)}Z",
        pen.slant(light(pen.colour, 0.1)),
    )
    pen.ellipse(CENTRE - 58, top - 14, 26, 9, "#c8a04a")
    pen.ellipse(CENTRE - 58, top - 16, 19, 6, dark("#c8a04a", 0.35))
    pen.band(f"M{n(CENTRE + 4)} {n(top - 10)}L{n(CENTRE + 84)} {n(top - 30)}", "#2f5d62", 8)
    pen.path(f"M{n(CENTRE - 18)} {n(top - 26)}l20-6 6 9-20 6Z", "#c2573d")
    d = f"M{n(CENTRE - half)} {n(top)}h{n(2 * half)}l-7 {n(GROUND - top)}h-{n(2 * half - 14)}Z"
    pen.path(d, pen.fall(pen.colour, 0.24))
    pen.rect(CENTRE - half - 2, top - 4, 2 * half + 4, 9, pen.slant(light(pen.colour, 0.16)), r=4)
    if pen.chance(0.6):
        pen.rect(CENTRE - 28, top + 22, 56, 16, dark(pen.colour, 0.45), r=8)
    else:
        for side in (-1, 1):
            pen.ellipse(CENTRE + side * (half - 34), top + 34, 6, 6, pen.material())
    pen.grain(Box(CENTRE - half + 14, top + 10, CENTRE + half - 14, GROUND - 6), pen.colour, 4)
    return Box(CENTRE - half - 2, top - depth, CENTRE + half + 2, GROUND)


@kind("scissors", tall_cm=(17, 23))
def scissors(pen: Pen) -> Box:
    cross = pen.between(196, 206)
    spread = pen.between(24, 32)
    pen.shadow(58, cy=GROUND + 4, ry=8)
    steel = pen.metal("#bcc4c6")
    for side in (1, -1):
        pen.path(
            f"M{n(CENTRE + side * 9)} {n(cross + 14)}L{n(CENTRE - side * spread)} 64q{n(-side * 3)} 4 {n(-side * 2)} 12L{n(CENTRE - side * 11)} {n(cross + 6)}Z",
            steel,
        )
        ring = CENTRE + side * 40
        pen.band(
            f"M{n(CENTRE - side * 3)} {n(cross + 4)}Q{n(CENTRE + side * 10)} {n(cross + 34)} {n(ring - side * 12)} {n(cross + 52)}",
            pen.colour,
            15,
        )
        pen.moved(f"rotate({n(-side * 14)} {n(ring)} {n(cross + 84)})", lambda ring=ring: _loop(pen, ring, cross + 84))  # type: ignore[misc]
    pen.ellipse(CENTRE, cross + 4, 8, 8, pen.material(finish="brass"))
    pen.detail(f"M{n(CENTRE - 4)} {n(cross + 7)}l8-6", "#6d5420", 2)
    return Box(CENTRE - 74, 62, CENTRE + 74, GROUND)


def _loop(pen: Pen, x: float, y: float) -> None:
    pen.ring(x, y, 25, 35, pen.slant(pen.colour), 15)
    pen.light(f"M{n(x - 26)} {n(y - 10)}q4-20 20-24", width=3.5, opacity=0.45)
