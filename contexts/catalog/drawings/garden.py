# ruff: noqa: E501 - outlines are long, and breaking them shows nothing
"""Things for plants and birds."""

from __future__ import annotations

from contexts.catalog.drawings.colour import dark, light
from contexts.catalog.drawings.pen import CENTRE, GROUND, At, Box, Pen, n
from contexts.catalog.drawings.registry import kind

GREENS = ("#5d7a4a", "#6f8f58", "#4a6b46", "#86a06a")


@kind("plantpot", tall_cm=(12, 24))
def plantpot(pen: Pen) -> Box:
    rim, top = pen.between(66, 80), pen.between(212, 226)
    foot = rim * pen.between(0.66, 0.92)
    plant = pen.pick("sword", "round", "palm")
    pen.shadow(foot + 18)
    if pen.chance(0.6):
        pen.turned([At(GROUND - 9, foot + 16, True), At(GROUND, foot + 10, True)], pen.round(dark(pen.colour, 0.14)))
    if plant == "sword":
        for index in range(7):
            lean = (index - 3) * 19 + pen.between(-6, 6)
            tip = pen.between(52, 110)
            x = CENTRE + (index - 3) * 13
            pen.path(
                f"M{n(x - 9)} {n(top + 4)}Q{n(x + lean * 0.3 - 12)} {n((top + tip) / 2)} {n(x + lean)} {n(tip)}Q{n(x + lean * 0.3 + 14)} {n((top + tip) / 2)} {n(x + 9)} {n(top + 4)}Z",
                GREENS[index % 4],
            )
    else:
        leaf = (
            "M0 0C-30-18-30-58 0-84C30-58 30-18 0 0Z" if plant == "round" else "M0 0C-12-40-8-90 0-128C8-90 12-40 0 0Z"
        )
        for index, angle in enumerate((-74, 70, -48, 46, -20, 24, 2)):
            turn = angle + pen.between(-5, 5)

            def one(index: int = index) -> None:
                pen.path(leaf, GREENS[index % 4])
                pen.detail(
                    "M0 0V-70" if plant == "round" else "M0 0V-112", light(GREENS[index % 4], 0.3), 1.6, opacity=0.7
                )

            lift = 0 if plant == "palm" else -26 - (18 if index > 3 else 0)
            pen.moved(f"translate({n(CENTRE + angle * 0.22)} {n(top + 8 + lift)}) rotate({n(turn)})", one)
        if plant == "round":
            pen.detail(
                f"M{n(CENTRE)} {n(top + 8)}v-40M{n(CENTRE - 8)} {n(top + 8)}l-6-34M{n(CENTRE + 8)} {n(top + 8)}l6-34",
                "#4a6b46",
                4,
            )
    pen.ellipse(CENTRE, top, rim, rim * 0.12, dark(pen.colour, 0.5))
    style = pen.pick("collar", "smooth", "ribbed")
    pen.path(
        f"M{n(CENTRE - rim)} {n(top)}a{n(rim)} {n(rim * 0.14)} 0 0 0 {n(2 * rim)} 0L{n(CENTRE + foot)} {n(GROUND - 6)}a{n(foot)} {n(foot * 0.13)} 0 0 1-{n(2 * foot)} 0Z",
        pen.round(pen.colour),
    )
    if style == "collar":
        pen.path(
            f"M{n(CENTRE - rim - 5)} {n(top - 1)}a{n(rim + 5)} {n(rim * 0.14)} 0 0 0 {n(2 * rim + 10)} 0v22a{n(rim + 5)} {n(rim * 0.14)} 0 0 1-{n(2 * rim + 10)} 0Z",
            pen.round(light(pen.colour, 0.08)),
        )
    elif style == "ribbed":
        for share in (0.3, 0.5, 0.7):
            y, r = top + (GROUND - top) * share, rim + (foot - rim) * share
            pen.detail(
                f"M{n(CENTRE - r)} {n(y)}a{n(r)} {n(r * 0.14)} 0 0 0 {n(2 * r)} 0",
                dark(pen.colour, 0.28),
                2.4,
                opacity=0.5,
            )
    pen.light(f"M{n(CENTRE - rim * 0.6)} {n(top + 34)}l{n((rim - foot) * 0.4)} 40", width=7, opacity=0.28)
    return Box(CENTRE - 104, 60, CENTRE + 104, GROUND + 8)


@kind("wateringcan", tall_cm=(24, 36))
def wateringcan(pen: Pen) -> Box:
    half, top = pen.between(62, 70), pen.between(190, 202)
    cx = CENTRE + 22
    pen.shadow(half + 14, cx=cx)
    spout_x = cx - half - pen.between(88, 98)
    pen.path(f"M{n(cx - half + 6)} 300L{n(spout_x + 8)} 158l13-8L{n(cx - half + 12)} 262Z", pen.slant(pen.colour, 0.18))
    pen.path(f"M{n(spout_x - 14)} 172l32-34 8 8-26 36Z", pen.slant(light(pen.colour, 0.08)))
    pen.band(
        f"M{n(cx - half + 14)} {n(top + 8)}C{n(cx - 40)} {n(top - 92)} {n(cx + 66)} {n(top - 84)} {n(cx + half + 26)} 222T{n(cx + half - 4)} 288",
        pen.trim,
        10,
    )
    pen.turned(
        [At(top, half - 5, True), At(top + 12, half), At(GROUND - 8, half, True), At(GROUND, half - 2, True)],
        pen.round(pen.colour),
        cx=cx,
    )
    pen.path(
        f"M{n(cx - half + 5)} {n(top)}a{n(half - 5)} {n(half * 0.15)} 0 0 1 {n(2 * half - 10)} 0a{n(half - 5)} {n(half * 0.15)} 0 0 1-{n(2 * half - 10)} 0Z",
        dark(pen.colour, 0.45),
    )
    pen.path(
        f"M{n(cx - half + 5)} {n(top)}a{n(half - 5)} {n(half * 0.15)} 0 0 0 {n(2 * half - 10)} 0l-30-14q-40 14-{n(2 * half - 40)} 14Z",
        pen.slant(light(pen.colour, 0.1)),
    )
    for y in (top + 30, GROUND - 24):
        pen.detail(
            f"M{n(cx - half)} {n(y)}a{n(half)} {n(half * 0.13)} 0 0 0 {n(2 * half)} 0",
            dark(pen.colour, 0.3),
            2.2,
            opacity=0.6,
        )
    pen.light(f"M{n(cx - half * 0.6)} {n(top + 44)}v50", width=7, opacity=0.32)
    return Box(spout_x - 14, top - 66, cx + half + 30, GROUND + 8)


@kind("trowel", tall_cm=(28, 34))
def trowel(pen: Pen) -> Box:
    pen.shadow(40, ry=8)
    wide, shoulder = pen.between(38, 46), pen.between(206, 216)
    pen.path(f"M{n(CENTRE - 5)} 150h10v44h-10Z", pen.metal("#b9c0c2"))
    blade = pen.metal("#b9c0c2") if pen.chance(0.5) else pen.slant(pen.colour)
    pen.path(
        f"M{n(CENTRE - 7)} 186h14q2 14 {n(wide - 8)} 20v42C{n(CENTRE + wide)} 280 {n(CENTRE + 22)} 306 {n(CENTRE)} {GROUND}C{n(CENTRE - 22)} 306 {n(CENTRE - wide)} 280 {n(CENTRE - wide)} 248v-42q{n(wide - 9)}-6 {n(wide - 7)}-20Z",
        blade,
    )
    pen.shade(
        f"M{n(CENTRE)} {n(shoulder)}V{GROUND}C{n(CENTRE + 22)} 306 {n(CENTRE + wide)} 280 {n(CENTRE + wide)} 248v-42Z",
        opacity=0.13,
    )
    pen.detail(
        f"M{n(CENTRE - wide + 9)} 226h9M{n(CENTRE - wide + 9)} 242h13M{n(CENTRE - wide + 10)} 258h9", "#56605f", 2
    )
    pen.turned([At(62, 8), At(70, 15), At(104, 17), At(140, 12), At(156, 11, True)], pen.material())
    pen.turned([At(150, 12, True), At(160, 9, True)], pen.material(finish="brass"))
    if pen.finish in ("oak", "walnut", "beech"):
        pen.turned([At(72, 15.5, True), At(86, 17, True)], pen.round(pen.colour))
    pen.band(f"M{n(CENTRE)} 68q-20-26 0-30t0 30", "#9c5f38", 3.5)
    return Box(CENTRE - wide, 40, CENTRE + wide, GROUND)


@kind("birdhouse", tall_cm=(22, 30))
def birdhouse(pen: Pen) -> Box:
    half, eaves = pen.between(60, 70), pen.between(160, 172)
    peak = eaves - pen.between(58, 74)
    pen.shadow(half + 16, ry=11)
    side = 30.0
    pen.path(f"M{n(CENTRE + half - 14)} {n(eaves)}l{side}-10V{n(GROUND - 12)}l-{side} 12Z", dark(pen.colour, 0.28))
    pen.path(
        f"M{n(CENTRE - half - 14)} {n(eaves)}L{n(CENTRE - 14)} {n(peak)}L{n(CENTRE + half - 14)} {n(eaves)}V{GROUND}H{n(CENTRE - half - 14)}Z",
        pen.slant(pen.colour),
    )
    for share in (0.25, 0.5, 0.75):
        x = CENTRE - half - 14 + 2 * half * share
        pen.detail(f"M{n(x)} {n(eaves + 6)}V{GROUND}", dark(pen.colour, 0.3), 1.6, opacity=0.5)
    pen.path(
        f"M{n(CENTRE - 14)} {n(peak - 20)}l{side + 8}-8L{n(CENTRE + half + side + 4)} {n(eaves + 4)}l-{side + 4} 10Z",
        pen.slant(dark(pen.trim, 0.14)),
    )
    pen.path(
        f"M{n(CENTRE - 14)} {n(peak - 20)}L{n(CENTRE - half - 32)} {n(eaves + 8)}l10 10L{n(CENTRE - 14)} {n(peak + 2)}L{n(CENTRE + half - 6)} {n(eaves + 18)}l10-10Z",
        pen.slant(pen.trim),
    )
    hole = eaves + 34
    pen.ellipse(CENTRE - 14, hole, 23, 23, light(pen.colour, 0.25))
    pen.ellipse(CENTRE - 14, hole, 18, 18, "#251d18")
    pen.band(f"M{n(CENTRE - 14)} {n(hole + 40)}l-10 8", pen.trim, 9)
    return Box(CENTRE - half - 32, peak - 28, CENTRE + half + side + 4, GROUND)
