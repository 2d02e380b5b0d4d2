# ruff: noqa: E501 - outlines are long, and breaking them shows nothing
"""Things to sit on, and to put things on."""

from __future__ import annotations

from contexts.catalog.drawings.colour import dark, light
from contexts.catalog.drawings.pen import CENTRE, GROUND, At, Box, Pen, n
from contexts.catalog.drawings.registry import kind


def _legs(
    pen: Pen, feet: tuple[float, ...], heads: tuple[float, ...], top: float, width: float, *, back: int = 0
) -> None:
    """Draw legs from under a seat to the ground; the first `back` stand behind, shorter and in shade."""
    for index, (foot, head) in enumerate(zip(feet, heads, strict=True)):
        behind = index < back
        tone = dark(pen.trim, 0.22 if behind else 0.02)
        pen.band(
            f"M{n(CENTRE + head)} {n(top)}L{n(CENTRE + foot)} {n(GROUND - (20 if behind else 4))}",
            tone,
            width,
            lit=not behind,
        )


@kind("chair", tall_cm=(76, 84))
def chair(pen: Pen) -> Box:
    seat, top = 212.0, pen.between(76, 92)
    style = pen.pick("shell", "spindle", "ladder")
    pen.shadow(92, ry=15)
    _legs(pen, (-44, 52, -72, 74), (-38, 44, -56, 58), seat + 6, 9, back=2)
    if style == "shell":
        pen.path(
            f"M{n(CENTRE - 62)} {n(seat - 8)}C{n(CENTRE - 84)} {n(top + 50)} {n(CENTRE - 66)} {n(top)} {n(CENTRE)} {n(top)}S{n(CENTRE + 84)} {n(top + 50)} {n(CENTRE + 62)} {n(seat - 8)}Z",
            pen.slant(pen.colour, 0.2),
        )
        pen.shade(f"M{n(CENTRE - 60)} {n(seat - 8)}q60-44 120 0Z", opacity=0.14)
    else:
        for side in (-1, 1):
            pen.band(f"M{n(CENTRE + side * 54)} {n(seat)}L{n(CENTRE + side * 62)} {n(top + 12)}", pen.trim, 9)
        if style == "spindle":
            for offset in (-33, -11, 11, 33):
                pen.band(f"M{n(CENTRE + offset)} {n(seat)}L{n(CENTRE + offset * 1.15)} {n(top + 18)}", pen.trim, 5)
            pen.path(f"M{n(CENTRE - 72)} {n(top + 6)}q72-26 144 0l-4 22q-68-20-136 0Z", pen.slant(pen.colour))
        else:
            for index in range(3):
                y = top + 8 + index * 38
                pen.path(f"M{n(CENTRE - 60)} {n(y)}q60-12 120 0v20q-60-12-120 0Z", pen.slant(pen.colour))
    pen.path(
        f"M{n(CENTRE - 66)} {n(seat - 10)}q66-18 132 0l14 14q4 14-14 15q-66 12-132 0q-18-1-14-15Z",
        pen.fall(pen.colour, 0.28),
    )
    pen.light(f"M{n(CENTRE - 54)} {n(seat - 6)}q40-10 84-6", width=5, opacity=0.28)
    return Box(CENTRE - 82, top - 4, CENTRE + 82, GROUND)


@kind("stool", tall_cm=(43, 66))
def stool(pen: Pen) -> Box:
    top = pen.between(142, 190)
    half = pen.between(66, 80)
    splay = pen.between(8, 22)
    pen.shadow(half + 8, ry=14)
    _legs(pen, (-26, 28, -half - splay + 14, half + splay - 14), (-22, 24, -half + 20, half - 20), top + 16, 10, back=2)
    rung = (top + GROUND) / 2 + 34
    reach = half - 20 + (splay + 4) * 0.62
    pen.band(f"M{n(CENTRE - reach)} {n(rung)}H{n(CENTRE + reach)}", pen.trim, 7)
    pen.turned([At(top, half, True), At(top + 18, half, True)], pen.round(dark(pen.colour, 0.08)), tilt=0.2)
    pen.ellipse(CENTRE, top, half, half * 0.2, pen.slant(light(pen.colour, 0.14)))
    if pen.chance(0.5):
        pen.ring(CENTRE, top, half * 0.72, half * 0.13, dark(pen.colour, 0.14), 2)
    return Box(CENTRE - half - splay, top - half * 0.2, CENTRE + half + splay, GROUND)


@kind("sidetable", tall_cm=(42, 58))
def sidetable(pen: Pen) -> Box:
    half, top = pen.between(92, 108), pen.between(150, 176)
    style = pen.pick("tripod", "drum", "tray")
    pen.shadow(half * 0.8, ry=14)
    if style == "drum":
        pen.turned(
            [
                At(top + 12, half * 0.4, True),
                At(top + 60, half * 0.3),
                At(GROUND - 20, half * 0.52),
                At(GROUND, half * 0.56, True),
            ],
            pen.material(),
        )
    else:
        _legs(pen, (8, -half * 0.74, half * 0.74), (4, -half * 0.34, half * 0.34), top + 12, 10, back=1)
        pen.band(f"M{n(CENTRE - half * 0.54)} {n(GROUND - 70)}H{n(CENTRE + half * 0.54)}", pen.trim, 6)
    lip = 16 if style == "tray" else 0
    pen.turned([At(top - lip, half, True), At(top + 12, half, True)], pen.round(pen.colour), tilt=0.19)
    pen.ellipse(CENTRE, top - lip, half, half * 0.19, light(pen.colour, 0.22))
    inset = 6 if style == "tray" else 0.5
    pen.ellipse(
        CENTRE,
        top - lip + (4 if lip else 0),
        half - inset,
        (half - inset) * 0.175,
        pen.slant(light(pen.colour, 0.05) if lip else light(pen.colour, 0.16)),
    )
    pen.light(f"M{n(CENTRE - half * 0.6)} {n(top - lip)}q{n(half * 0.4)} -12 {n(half * 0.9)}-10", width=4, opacity=0.35)
    return Box(CENTRE - half, top - lip - half * 0.19, CENTRE + half, GROUND)


@kind("shelf", tall_cm=(90, 180))
def shelf(pen: Pen) -> Box:
    half, top = pen.between(84, 100), 66.0
    boards = 4
    pen.shadow(half + 10, ry=11)
    pen.path(
        f"M{n(CENTRE - half)} {top}h{n(2 * half)}V{GROUND}h-{n(2 * half)}Z",
        dark(pen.tint, 0.1) if not pen.lined else "#fff",
    )
    gap = (GROUND - 16 - top) / (boards - 1)
    things = ["#c2573d", "#2f5d62", "#e0a526", "#e7e0d2", "#3a4a6b", "#6b7f4f"]
    for index in range(1, boards):
        floor = top + gap * index
        x = CENTRE - half + 18 + (index % 2) * half * 0.8
        for number in range(5):
            height, width = pen.between(34, 54), pen.between(8, 14)
            pen.rect(x, floor - height, width, height, things[(index * 3 + number) % len(things)], r=1)
            x += width + 1
        if index == 2:
            beside = CENTRE + half * 0.5
            pen.turned(
                [At(floor - 42, 8, True), At(floor - 17, 20), At(floor, 12, True)], pen.round("#d8a48f"), cx=beside
            )
    for index in range(boards):
        pen.rect(CENTRE - half, top + gap * index, 2 * half, 10, pen.fall(pen.colour))
        pen.shade(
            f"M{n(CENTRE - half + 8)} {n(top + gap * index + 10)}h{n(2 * half - 16)}v9h-{n(2 * half - 16)}Z",
            opacity=0.12,
        )
    for side in (-1, 1):
        pen.rect(CENTRE + side * half - 5, top - 8, 10, GROUND - top + 8, pen.material(), r=2)
    return Box(CENTRE - half - 5, top - 8, CENTRE + half + 5, GROUND)


@kind("bench", tall_cm=(44, 48))
def bench(pen: Pen) -> Box:
    half, top = pen.between(140, 152), pen.between(206, 224)
    pen.shadow(half + 4, ry=14)
    style = pen.pick("plank", "pad", "slats")
    _legs(
        pen,
        (-half + 44, half - 44, -half + 18, half - 18),
        (-half + 50, half - 50, -half + 32, half - 32),
        top + 20,
        12,
        back=2,
    )
    pen.band(f"M{n(CENTRE - half + 30)} {n(GROUND - 46)}H{n(CENTRE + half - 30)}", dark(pen.trim, 0.1), 7)
    pen.path(
        f"M{n(CENTRE - half + 14)} {n(top - 12)}h{n(2 * half - 28)}l14 16h-{n(2 * half)}Z",
        pen.slant(light(pen.trim, 0.2)),
    )
    pen.rect(CENTRE - half, top + 4, 2 * half, 16, pen.material("y"), r=2)
    if style == "pad":
        pen.path(
            f"M{n(CENTRE - half + 8)} {n(top + 4)}q-6-30 18-30h{n(2 * half - 52)}q24 0 18 30Z",
            pen.fall(pen.colour, 0.24),
        )
        for x in (-half * 0.5, 0, half * 0.5):
            pen.ellipse(CENTRE + x, top - 12, 4, 2.5, dark(pen.colour, 0.3))
    elif style == "slats":
        for index in range(4):
            pen.path(
                f"M{n(CENTRE - half + 14 - index * 3.5)} {n(top - 12 + index * 4)}h{n(2 * half - 28 + index * 7)}",
                stroke=dark(pen.trim, 0.35),
                width=1.5,
            )
        pen.rect(CENTRE - half, top + 4, 2 * half, 16, pen.fall(pen.colour), r=2)
    else:
        pen.rect(CENTRE - half, top + 4, 2 * half, 16, pen.fall(pen.colour), r=2)
        pen.path(
            f"M{n(CENTRE - half + 14)} {n(top - 12)}h{n(2 * half - 28)}l14 16h-{n(2 * half)}Z",
            pen.slant(light(pen.colour, 0.18)),
        )
    return Box(CENTRE - half, top - 27, CENTRE + half, GROUND)
