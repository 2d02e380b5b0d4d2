# ruff: noqa: E501 - outlines are long, and breaking them shows nothing
"""Textiles and quiet things for rooms."""

from __future__ import annotations

from contexts.catalog.drawings.colour import dark, light
from contexts.catalog.drawings.pen import CENTRE, GROUND, At, Box, Pen, n
from contexts.catalog.drawings.registry import kind


@kind("blanket", tall_cm=(26, 34))
def blanket(pen: Pen) -> Box:
    """Folded in layers, its fringe to the front."""
    wide, layers = pen.between(112, 126), 4
    stripe = pen.chance(0.6)
    pen.shadow(wide + 8, ry=14)
    height = pen.between(31, 36)
    for index in range(layers):
        y = GROUND - height * (index + 1)
        shift = pen.between(-5, 5)
        left, right = CENTRE - wide + shift, CENTRE + wide + shift
        tone = light(pen.colour, 0.06 * index)
        pen.path(
            f"M{n(left + 8)} {n(y)}H{n(right - height / 2)}a{n(height / 2)} {n(height / 2)} 0 0 1 0 {n(height)}H{n(left + 8)}q-10-{n(height / 2)} 0-{n(height)}Z",
            pen.fall(tone, 0.26),
        )
        pen.detail(f"M{n(left + 12)} {n(y + height / 2)}H{n(right - 12)}", dark(tone, 0.3), 1.6, opacity=0.5)
        if stripe:
            for offset in (34, 46):
                pen.detail(
                    f"M{n(left + offset)} {n(y + 2)}q-5 {n(height / 2)} 0 {n(height - 4)}", light(pen.trim, 0.25), 6
                )
    top = GROUND - height * layers
    pen.path(
        f"M{n(CENTRE - wide + 10)} {n(top + 1)}q{n(wide)}-22 {n(2 * wide - 26)} 0q-{n(wide - 10)} 8-{n(2 * wide - 26)} 0Z",
        light(pen.colour, 0.34),
    )
    fringe = "".join(
        f"M{n(CENTRE - wide + 4)} {n(GROUND - height * k - j * 6 - 4)}h-{n(13 + (j * 7 + k * 5) % 6)}"
        for k in range(layers)
        for j in range(5)
    )
    pen.detail(fringe, light(pen.colour, 0.2), 2.6)
    return Box(CENTRE - wide - 16, top - 10, CENTRE + wide + 6, GROUND + 4)


@kind("cushion", tall_cm=(40, 50))
def cushion(pen: Pen) -> Box:
    half = pen.between(98, 110)
    top = GROUND - 2 * half + 14
    middle = (top + GROUND) / 2
    pen.shadow(half, ry=13)
    d = (
        f"M{n(CENTRE - half)} {n(top)}Q{n(CENTRE)} {n(top + 24)} {n(CENTRE + half)} {n(top)}q-16 {n(half - 8)} 0 {n(GROUND - top)}"
        f"Q{n(CENTRE)} {n(GROUND - 18)} {n(CENTRE - half)} {n(GROUND)}q16-{n(half - 8)} 0-{n(GROUND - top)}Z"
    )
    pen.path(d, pen.slant(pen.colour, 0.2))
    pattern = pen.pick("stripes", "cross", "plain", "half")
    second = light(pen.trim, 0.3)
    if pattern == "stripes":
        for share in (0.22, 0.36, 0.64, 0.78):
            x = CENTRE - half + 2 * half * share
            sag = 22 * (1 - abs(share - 0.5) * 2)
            pen.detail(f"M{n(x)} {n(top + sag * 0.55 + 8)}V{n(GROUND - sag * 0.42 - 6)}", second, 9, opacity=0.85)
    elif pattern == "cross":
        for row in range(5):
            for column in range(5):
                x, y = CENTRE - half + 36 + column * (2 * half - 72) / 4, top + 40 + row * (GROUND - top - 78) / 4
                pen.detail(f"M{n(x - 6)} {n(y)}h12M{n(x)} {n(y - 6)}v12", second, 3)
    elif pattern == "half":
        pen.path(
            f"M{n(CENTRE - half + 9)} {n(middle + 12)}H{n(CENTRE + half - 9)}q1 34 9 {n(GROUND - middle - 12)}Q{n(CENTRE)} {n(GROUND - 18)} {n(CENTRE - half)} {n(GROUND)}q8-40 9-{n(GROUND - middle - 12)}Z",
            pen.slant(second, 0.14),
        )
    pen.shade(
        f"M{n(CENTRE + half)} {n(top)}q-16 {n(half - 8)} 0 {n(GROUND - top)}q-44-26-34-{n(half)}t34-{n(half - 16)}Z",
        opacity=0.1,
    )
    pen.detail(
        f"M{n(CENTRE - half + 7)} {n(top + 8)}q14 {n(half - 14)} 0 {n(GROUND - top - 16)}M{n(CENTRE + half - 7)} {n(top + 8)}q-14 {n(half - 14)} 0 {n(GROUND - top - 16)}",
        dark(pen.colour, 0.25),
        1.5,
        dash="4 4",
        opacity=0.6,
    )
    pen.light(f"M{n(CENTRE - half * 0.6)} {n(top + 40)}q40-14 84-6", width=10, opacity=0.16)
    return Box(CENTRE - half, top, CENTRE + half, GROUND)


@kind("vase", tall_cm=(18, 32))
def vase(pen: Pen) -> Box:
    top = pen.between(138, 166)
    style = pen.pick("bottle", "belly", "column", "hourglass")
    wide = pen.between(58, 74)
    pen.shadow(wide * 0.8 + 10)
    for _ in range(3):
        reach, tip = pen.between(-70, 70), pen.between(48, 84)
        pen.detail(
            f"M{n(CENTRE + reach * 0.08)} {n(top + 20)}Q{n(CENTRE + reach * 0.2)} {n(top - 30)} {n(CENTRE + reach)} {n(tip)}",
            "#66794f",
            3,
        )
        for share in (0.45, 0.7, 0.95):
            x, y = CENTRE + reach * share * (0.4 + 0.6 * share), top + 10 - (top - tip) * share
            turn = 40 if reach > 0 else -40
            pen.moved(
                f"translate({n(x)} {n(y)}) rotate({n(turn)})",
                lambda: pen.path("M0 0q13-16 0-32q-13 16 0 32Z", "#7f9465"),
            )
    profiles = {
        "bottle": [
            At(top, 17, True),
            At(top + 46, 19),
            At(top + 96, wide),
            At(GROUND - 12, wide * 0.82),
            At(GROUND, wide * 0.66, True),
        ],
        "belly": [
            At(top, 40, True),
            At(top + 20, 32),
            At(top + 84, wide + 8),
            At(GROUND - 14, wide * 0.6),
            At(GROUND, wide * 0.5, True),
        ],
        "column": [At(top, wide * 0.72, True), At(GROUND - 10, wide * 0.86), At(GROUND, wide * 0.8, True)],
        "hourglass": [
            At(top, wide * 0.8, True),
            At((top + GROUND) / 2 - 14, wide * 0.5),
            At(GROUND - 22, wide * 0.98),
            At(GROUND, wide * 0.86, True),
        ],
    }
    profile = profiles[style]
    pen.turned(profile, pen.round(pen.colour))
    mouth = profile[0].radius
    pen.ellipse(CENTRE, top, mouth, mouth * 0.2, light(pen.colour, 0.3))
    pen.ellipse(CENTRE, top + 1.5, mouth - 4, mouth * 0.14, dark(pen.colour, 0.45))
    if pen.chance(0.5):
        for y in (GROUND - 40, GROUND - 50, GROUND - 60):
            pen.detail(
                f"M{n(CENTRE - wide * 0.5)} {n(y)}q{n(wide * 0.5)} 12 {n(wide)} 0",
                light(pen.colour, 0.35),
                2,
                opacity=0.5,
            )
    pen.light(f"M{n(CENTRE - wide * 0.5)} {n(GROUND - 92)}q-8 26 0 48", width=7, opacity=0.34)
    return Box(CENTRE - max(wide + 6, 62), 48, CENTRE + max(wide + 6, 62), GROUND + 6)


@kind("mirror", tall_cm=(50, 80), hangs=True)
def mirror(pen: Pen) -> Box:
    shape = pen.pick("round", "arch", "oval")
    glass = pen._gradient("d", [(0, "#f2f8f8"), (0.5, "#c9d9db"), (1, "#9fb4b8")])
    # A wooden frame has a lip in the article's own colour.
    if pen.chance(0.5):
        layers = [(0.0, pen.material("y")), (8.0, pen.slant(pen.colour)), (13.0, glass)]
    else:
        layers = [(0.0, pen.slant(pen.colour)), (11.0, glass)]
    if shape == "arch":
        half, top = 76.0, 78.0
        pen.shadow(half + 8, ry=9)
        for inset, paint in layers:
            r = half - inset
            pen.path(
                f"M{n(CENTRE - r)} {n(GROUND - inset)}V{n(top + half)}a{n(r)} {n(r)} 0 0 1 {n(2 * r)} 0V{n(GROUND - inset)}Z",
                paint,
            )
        box = Box(CENTRE - half, top, CENTRE + half, GROUND)
    else:
        rx = 112.0 if shape == "round" else 84.0
        cy, ry = 194.0, 112.0
        pen.band(
            f"M{n(CENTRE - 34)} {n(cy - ry + 12)}L{n(CENTRE)} {n(cy - ry - 40)}L{n(CENTRE + 34)} {n(cy - ry + 12)}",
            "#9c5f38",
            5,
        )
        pen.ellipse(CENTRE, cy - ry - 40, 6, 6, pen.material(finish="brass"))
        pen.shade(
            f"M{n(CENTRE - rx + 6)} {n(cy + 10)}a{n(rx)} {n(ry)} 0 0 0 {n(2 * rx)} 0a{n(rx)} {n(ry)} 0 0 0-{n(2 * rx)} 0",
            opacity=0.1,
        )
        for inset, paint in layers:
            pen.ellipse(CENTRE, cy, rx - inset, ry - inset, paint)
        box = Box(CENTRE - rx, cy - ry - 46, CENTRE + rx, cy + ry)
    middle = (box.top + box.bottom) / 2
    pen.light(
        f"M{n(CENTRE - 52)} {n(middle + 44)}L{n(CENTRE + 26)} {n(middle - 56)}h22L{n(CENTRE - 40)} {n(middle + 66)}Z",
        opacity=0.5,
    )
    pen.light(
        f"M{n(CENTRE - 26)} {n(middle + 74)}L{n(CENTRE + 54)} {n(middle - 30)}h7L{n(CENTRE - 20)} {n(middle + 80)}Z",
        opacity=0.5,
    )
    return box


@kind("basket", tall_cm=(22, 36))
def basket(pen: Pen) -> Box:
    rim, top = pen.between(92, 106), pen.between(178, 204)
    foot = rim * pen.between(0.74, 0.9)
    pen.shadow(foot + 16)
    pen.ellipse(CENTRE, top, rim, rim * 0.18, dark(pen.colour, 0.4))
    pen.turned(
        [At(top, rim, True), At((top + GROUND) / 2, (rim + foot) / 2 + 5), At(GROUND, foot, True)],
        pen.round(pen.colour),
    )
    rows = 9
    for row in range(rows):
        share = (row + 0.5) / rows
        y, r = top + 8 + (GROUND - top - 6) * share, rim + (foot - rim) * share + 3
        offset = 0 if row % 2 else 9
        pen.detail(
            f"M{n(CENTRE - r + 3)} {n(y)}q{n(r - 3)} {n(r * 0.25)} {n(2 * r - 6)} 0",
            dark(pen.colour, 0.32),
            2.4,
            dash=f"{9 + offset % 3} 9",
            opacity=0.6,
        )
    if pen.chance(0.6):
        share = 0.55
        y = top + (GROUND - top) * share
        r1, r2 = rim + (foot - rim) * share + 4, foot
        pen.path(
            f"M{n(CENTRE - r1)} {n(y)}q{n(r1)} {n(r1 * 0.26)} {n(2 * r1)} 0L{n(CENTRE + r2)} {n(GROUND)}a{n(r2)} {n(r2 * 0.13)} 0 0 1-{n(2 * r2)} 0Z",
            pen.round(light(pen.trim, 0.1)),
            opacity=0.82,
        )
    for side in (-1, 1):
        x = CENTRE + side * rim * 0.86
        pen.band(f"M{n(x - side * 8)} {n(top + 8)}c{n(side * 4)}-44 {n(side * 40)}-40 {n(side * 22)} 12", pen.trim, 9)
    pen.ring(CENTRE, top, rim - 1, rim * 0.18, light(pen.colour, 0.18), 7)
    return Box(CENTRE - rim - 16, top - 32, CENTRE + rim + 16, GROUND + 9)
