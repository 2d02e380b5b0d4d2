# ruff: noqa: E501 - outlines are long, and breaking them shows nothing
"""Things that sound, and things that tell the time."""

from __future__ import annotations

from math import cos, pi, sin

from contexts.catalog.drawings.colour import dark, light, luminance
from contexts.catalog.drawings.pen import CENTRE, GROUND, Box, Pen, n
from contexts.catalog.drawings.registry import kind


@kind("headphones", tall_cm=(17, 21))
def headphones(pen: Pen) -> Box:
    half, top = pen.between(84, 94), pen.between(74, 88)
    cups = pen.between(226, 236)
    pen.shadow(half + 8, cy=cups + 56, ry=9)
    pen.band(
        f"M{n(CENTRE - half)} {n(cups - 30)}C{n(CENTRE - half - 6)} {n(top - 4)} {n(CENTRE - 40)} {n(top)} {n(CENTRE)} {n(top)}S{n(CENTRE + half + 6)} {n(top - 4)} {n(CENTRE + half)} {n(cups - 30)}",
        pen.trim,
        9,
    )
    pen.band(
        f"M{n(CENTRE - half + 12)} 152C{n(CENTRE - 60)} {n(top + 18)} {n(CENTRE + 60)} {n(top + 18)} {n(CENTRE + half - 12)} 152",
        pen.colour,
        19,
    )
    for side in (-1, 1):
        x = CENTRE + side * half
        pen.rect(x - 6, 166, 12, 62, pen.metal("#b9c0c2"), r=4)
        pen.rect(x - side * 21 - 16, cups - 46, 32, 92, dark("#3a3634", 0.1), r=16)
        pen.rect(x - side * 3 - 14, cups - 52, 30, 104, pen.slant(pen.colour), r=15)
        pen.rect(x + side * 11 - 9, cups - 36, 18, 72, pen.material(), r=9)
        pen.light(f"M{n(x - side * 3 - 7)} {n(cups - 30)}v40", width=4, opacity=0.3)
    return Box(CENTRE - half - 22, top - 6, CENTRE + half + 22, cups + 58)


@kind("speaker", tall_cm=(16, 34))
def speaker(pen: Pen) -> Box:
    half, top = pen.between(68, 84), pen.between(96, 150)
    pen.shadow(half + 10, ry=11)
    for side in (-1, 1):
        pen.rect(CENTRE + side * (half - 22) - 6, GROUND - 12, 12, 12, pen.material())
    pen.rect(
        CENTRE - half,
        top,
        2 * half,
        GROUND - top - 10,
        pen.material() if pen.wooden else pen.slant(dark(pen.colour, 0.1)),
        r=16,
    )
    pen.rect(CENTRE - half + 8, top + 8, 2 * half - 16, GROUND - top - 26, pen.slant(pen.colour), r=10)
    tall = GROUND - top
    big = min(half - 22, tall * 0.27)
    low = GROUND - 34 - big
    cones = [(low, big), (low - big - 34, 20.0)] if tall > 190 else [(low, big)]
    for cy, radius in cones:
        pen.ellipse(CENTRE, cy, radius, radius, dark(pen.colour, 0.5))
        pen.ring(CENTRE, cy, radius - 3, radius - 3, light(pen.colour, 0.2), 4)
        pen.ellipse(CENTRE, cy, radius * 0.74, radius * 0.74, pen.slant("#3b3f40", 0.24))
        pen.ellipse(
            CENTRE,
            cy,
            radius * 0.32,
            radius * 0.32,
            pen.metal(pen.trim) if not pen.wooden else pen.slant("#555b5b", 0.4),
        )
    pen.detail(
        f"M{n(CENTRE - half + 22)} {n(top + 24)}h18",
        light(pen.colour, 0.5) if luminance(pen.colour) < 0.6 else dark(pen.colour, 0.5),
        3,
    )
    pen.ellipse(CENTRE + half - 24, top + 24, 4, 4, "#ffc61a")
    return Box(CENTRE - half, top, CENTRE + half, GROUND)


@kind("radio", tall_cm=(14, 19))
def radio(pen: Pen) -> Box:
    half, top = pen.between(122, 134), pen.between(176, 190)
    left, right = CENTRE - half, CENTRE + half
    pen.shadow(half + 2, ry=12)
    pen.band(f"M{n(right - 40)} {n(top)}L{n(right - 4)} {n(top - 92)}", "#aab2b4", 3.5)
    pen.ellipse(right - 4, top - 94, 4, 4, "#aab2b4")
    if pen.chance(0.6):
        pen.band(f"M{n(CENTRE - 56)} {n(top + 4)}v-18q0-12 12-12h88q12 0 12 12v18", pen.trim, 9)
    for x in (left + 34, right - 34):
        pen.rect(x - 10, GROUND - 10, 20, 10, "#2d3131", r=2)
    pen.rect(left, top, 2 * half, GROUND - top - 7, pen.material() if pen.wooden else pen.slant(pen.colour), r=20)
    pen.rect(
        left + 12,
        top + 12,
        half * 1.12,
        GROUND - top - 31,
        pen.slant(pen.colour) if pen.wooden else light(pen.colour, 0.2),
        r=10,
    )
    grille = "".join(
        f"M{n(left + 26)} {n(top + 28 + row * 13)}h{n(half * 1.12 - 28)}"
        for row in range(int((GROUND - top - 54) / 13))
    )
    pen.detail(grille, dark(pen.colour, 0.42), 5, dash="0.1 9")
    face = left + half * 1.12 + 24
    wide = right - face - 14
    pen.rect(face, top + 16, wide, 34, "#fbf4dd", r=5)
    pen.detail(f"M{n(face + 8)} {n(top + 36)}h{n(wide - 16)}", "#8a7f66", 5, dash="1.4 7")
    pen.detail(f"M{n(face + wide * 0.36)} {n(top + 20)}v26", "#c2452d", 2)
    knob_y = (top + 50 + GROUND - 7) / 2
    pen.ellipse(face + wide / 2, knob_y, 27, 27, dark(pen.trim, 0.35))
    pen.ellipse(
        face + wide / 2 - 1, knob_y - 2, 24, 24, pen.metal(pen.trim, "d") if not pen.wooden else pen.slant("#e9e2d0")
    )
    pen.detail(f"M{n(face + wide / 2 - 1)} {n(knob_y - 20)}v10", "#2d3131", 3)
    return Box(left, top - 98, right, GROUND)


@kind("watch", tall_cm=(22, 25))
def watch(pen: Pen) -> Box:
    radius = pen.between(50, 57)
    cy = 198.0
    strap = pen.between(29, 34)
    pen.shadow(44, cy=GROUND + 16, ry=7)
    for sign, tip in ((-1, 56.0), (1, 338.0)):
        pen.path(
            f"M{n(CENTRE - strap)} {n(cy + sign * radius * 0.7)}L{n(CENTRE - strap * 0.72)} {n(tip - sign * 8)}Q{n(CENTRE - strap * 0.72)} {n(tip)} {n(CENTRE - strap * 0.5)} {n(tip)}H{n(CENTRE + strap * 0.5)}Q{n(CENTRE + strap * 0.72)} {n(tip)} {n(CENTRE + strap * 0.72)} {n(tip - sign * 8)}L{n(CENTRE + strap)} {n(cy + sign * radius * 0.7)}Z",
            pen.round(pen.colour),
        )
    pen.detail(
        f"M{n(CENTRE - strap * 0.7)} 134L{n(CENTRE - strap * 0.54)} 72M{n(CENTRE + strap * 0.7)} 134L{n(CENTRE + strap * 0.54)} 72M{n(CENTRE - strap * 0.7)} 262L{n(CENTRE - strap * 0.54)} 326M{n(CENTRE + strap * 0.7)} 262L{n(CENTRE + strap * 0.54)} 326",
        light(pen.colour, 0.45),
        1.5,
        dash="5 4",
        opacity=0.8,
    )
    for y in (286, 300, 314):
        pen.ellipse(CENTRE, y, 3, 3, dark(pen.colour, 0.55))
    pen.rect(CENTRE - 25, 46, 50, 16, pen.metal("#b9c0c2"), r=4)
    pen.rect(CENTRE + radius - 3, cy - 8, 14, 16, pen.metal(pen.trim if pen.finish == "brass" else "#b9c0c2", "y"), r=3)
    case = pen.trim if pen.finish in ("brass", "black") else "#b9c0c2"
    pen.ellipse(CENTRE, cy, radius + 5, radius + 5, pen.metal(case, "d"))
    dial = "#f8f5ec" if pen.chance(0.6) else "#22302f"
    mark = "#22302f" if dial == "#f8f5ec" else "#f8f5ec"
    pen.ellipse(CENTRE, cy, radius - 3, radius - 3, dial)
    _dial(pen, cy, radius - 3, mark)
    pen.light(f"M{n(CENTRE - 34)} {n(cy + 6)}a36 36 0 0 1 26-38", width=5, opacity=0.5)
    return Box(CENTRE - radius - 5, 46, CENTRE + radius + 11, 340)


def _dial(pen: Pen, cy: float, radius: float, mark: str, *, heavy: float = 1.0) -> None:
    ticks = ""
    for hour in range(12):
        turn = hour * pi / 6
        inner = radius * (0.74 if hour % 3 == 0 else 0.82)
        ticks += f"M{n(CENTRE + sin(turn) * inner)} {n(cy - cos(turn) * inner)}L{n(CENTRE + sin(turn) * radius * 0.9)} {n(cy - cos(turn) * radius * 0.9)}"
    pen.detail(ticks, mark, 2.4 * heavy)
    hands = ((305, 0.46, 4.4), (58, 0.7, 3.2))
    for degrees, reach, width in hands:
        turn = degrees * pi / 180
        pen.detail(
            f"M{CENTRE:.0f} {n(cy)}L{n(CENTRE + sin(turn) * radius * reach)} {n(cy - cos(turn) * radius * reach)}",
            mark,
            width * heavy,
        )
    pen.detail(
        f"M{n(CENTRE + 2)} {n(cy - radius * 0.14)}L{n(CENTRE - 6)} {n(cy + radius * 0.66)}", "#d9482f", 1.5 * heavy
    )
    pen.ellipse(CENTRE, cy, 3.4 * heavy, 3.4 * heavy, "#d9482f")


@kind("clock", tall_cm=(24, 34), hangs=True)
def clock(pen: Pen) -> Box:
    radius, cy = pen.between(104, 114), 196.0
    pen.shade(
        f"M{n(CENTRE - radius + 8)} {n(cy + 12)}a{n(radius)} {n(radius)} 0 0 0 {n(2 * radius)} 0a{n(radius)} {n(radius)} 0 0 0-{n(2 * radius)} 0",
        opacity=0.12,
    )
    framed = pen.chance(0.6)
    pen.ellipse(CENTRE, cy, radius, radius, (pen.material("y") if framed else pen.slant(pen.colour, 0.2)))
    dial = pen.colour if framed else "#f8f5ec"
    pen.ellipse(CENTRE, cy, radius - 12, radius - 12, pen.slant(dial, 0.1) if framed else dial)
    mark = "#f8f5ec" if luminance(dial) < 0.55 else "#22302f"
    _dial(pen, cy, radius - 14, mark, heavy=1.9)
    pen.light(
        f"M{n(CENTRE - radius + 6)} {n(cy - 6)}a{n(radius - 6)} {n(radius - 6)} 0 0 1 {n(radius * 0.8)}-{n(radius * 0.86)}",
        width=4,
        opacity=0.4,
    )
    return Box(CENTRE - radius, cy - radius, CENTRE + radius, cy + radius)
