# ruff: noqa: E501 - outlines are long, and breaking them shows nothing
"""Things for the kitchen and the table."""

from __future__ import annotations

from contexts.catalog.drawings.colour import FINISHES, dark, light
from contexts.catalog.drawings.pen import CENTRE, GROUND, At, Box, Pen, n
from contexts.catalog.drawings.registry import kind


@kind("mug", tall_cm=(8, 11))
def mug(pen: Pen) -> Box:
    top, radius = pen.between(158, 182), pen.between(68, 82)
    foot = radius * pen.between(0.72, 1.0)
    pen.shadow(foot + 14)
    ear = f"M{n(CENTRE + radius - 6)} {n(top + 34)}c62-8 66 {n(pen.between(88, 104))} -4 {n(pen.between(78, 92))}"
    pen.band(ear, dark(pen.colour, 0.1), pen.between(15, 19))
    body = [
        At(top, radius, True),
        At(top + 70, radius * 0.99),
        At(GROUND - 26, (radius + foot) / 2 + 4),
        At(GROUND, foot, True),
    ]
    pen.turned(body, pen.round(pen.colour))
    if pen.chance(0.6):  # dipped: the lower part shows the bare clay
        clay = light("#c9a27c", 0.15)
        dip = GROUND - pen.between(34, 58)
        edge = foot + (radius - foot) * 0.5 + 2
        pen.turned(
            [At(dip, edge + 1.5, True), At(GROUND - 18, (edge + foot) / 2 + 2), At(GROUND, foot, True)], pen.round(clay)
        )
        pen.path(
            f"M{n(CENTRE - edge - 1.5)} {n(dip)}a{n(edge + 1.5)} {n(edge * 0.13)} 0 0 0 {n(2 * edge + 3)} 0",
            stroke=pen.colour,
            width=5,
        )
    pen.ellipse(CENTRE, top, radius, radius * 0.17, light(pen.colour, 0.28))
    pen.ellipse(CENTRE, top + 2, radius - 6, radius * 0.13, dark(pen.colour, 0.42))
    pen.light(f"M{n(CENTRE - radius * 0.62)} {n(top + 34)}v{n((GROUND - top) * 0.48)}", width=8, opacity=0.32)
    return Box(CENTRE - radius, top - 12, CENTRE + radius + 44, GROUND + 8)


@kind("teapot", tall_cm=(13, 18))
def teapot(pen: Pen) -> Box:
    wide, top = pen.between(84, 98), pen.between(178, 192)
    pen.shadow(wide)
    spout = f"M{n(CENTRE - wide + 22)} 268C{n(CENTRE - wide - 30)} 262 {n(CENTRE - wide - 24)} 212 {n(CENTRE - wide - 50)} 196l17-6C{n(CENTRE - wide - 4)} 200 {n(CENTRE - wide)} 214 {n(CENTRE - wide + 30)} 222Z"
    pen.path(spout, pen.slant(pen.colour))
    arch = pen.chance(0.5)
    if arch:
        pen.band(
            f"M{n(CENTRE - 58)} {n(top + 10)}C{n(CENTRE - 74)} {n(top - 96)} {n(CENTRE + 74)} {n(top - 96)} {n(CENTRE + 58)} {n(top + 10)}",
            pen.trim,
            11,
        )
    else:
        pen.band(
            f"M{n(CENTRE + wide - 16)} 216c62-22 74 74 2 70", pen.trim if pen.finish in FINISHES else pen.colour, 13
        )
    pen.turned(
        [
            At(top, 50, True),
            At(top + 26, wide * 0.86),
            At(258, wide),
            At(GROUND - 14, wide * 0.78),
            At(GROUND, wide * 0.6, True),
        ],
        pen.round(pen.colour),
    )
    pen.ellipse(CENTRE, top, 50, 9, dark(pen.colour, 0.25))
    pen.path(
        f"M{n(CENTRE - 48)} {n(top - 1)}c4-22 26-28 48-28s44 6 48 28a48 9 0 0 1-96 0Z",
        pen.round(light(pen.colour, 0.06)),
    )
    pen.ellipse(CENTRE, top - 36, 12, 10, pen.material())
    pen.light(f"M{n(CENTRE - wide * 0.62)} 226c-10 18-10 38-2 56", width=9, opacity=0.34)
    height = top - (74 if arch else 48)
    return Box(CENTRE - wide - 50, height, CENTRE + (wide if arch else wide + 42), GROUND + 6)


@kind("press", tall_cm=(18, 24))
def press(pen: Pen) -> Box:
    half, top = pen.between(52, 60), 142.0
    pen.shadow(half + 14)
    pen.band(f"M{n(CENTRE + half - 2)} 168h30q20 0 20 22v72q0 22-20 22h-30", pen.trim, 14)
    pen.rect(CENTRE - 2.5, 72, 5, 76, pen.metal("#b9c0c2"))
    pen.ellipse(CENTRE, 70, 15, 13, pen.material())
    pen.turned([At(top, half, True), At(GROUND - 6, half, True)], pen.glass())
    coffee = pen.between(196, 220)
    pen.turned([At(coffee, half - 5, True), At(GROUND - 12, half - 5, True)], pen.round("#4a2f22"))
    pen.ellipse(CENTRE, coffee, half - 5, 8, "#6b4630")
    frame = pen.metal(pen.colour) if pen.finish == "steel" else pen.round(pen.colour)
    pen.turned([At(GROUND - 32, half + 4, True), At(GROUND, half + 4, True)], frame)
    pen.turned([At(178, half + 4, True), At(192, half + 4, True)], frame)
    for x in (-half + 4, half - 12):
        pen.rect(CENTRE + x, 186, 8, 110, frame)
    pen.turned([At(124, half * 0.7), At(132, half + 2), At(148, half + 4, True)], frame)
    pen.light(f"M{n(CENTRE - half * 0.5)} 204v76", width=7, opacity=0.4)
    return Box(CENTRE - half - 4, 57, CENTRE + half + 55, GROUND + 7)


@kind("kettle", tall_cm=(20, 26))
def kettle(pen: Pen) -> Box:
    wide, top = pen.between(80, 94), pen.between(172, 186)
    pen.shadow(wide + 4)
    lip = CENTRE - wide
    pen.path(
        f"M{n(lip + 12)} 284C{n(lip - 24)} 276 {n(lip - 14)} 206 {n(lip - 46)} 178l16-8C{n(lip - 2)} 188 {n(lip + 4)} 230 {n(lip + 28)} 246Z",
        pen.slant(pen.colour),
    )
    pen.band(
        f"M{n(CENTRE - 50)} {n(top + 8)}C{n(CENTRE - 62)} {n(top - 84)} {n(CENTRE - 30)} {n(top - 96)} {n(CENTRE)} {n(top - 96)}S{n(CENTRE + 62)} {n(top - 84)} {n(CENTRE + 50)} {n(top + 8)}",
        "#9aa3a5",
        7,
    )
    pen.band(f"M{n(CENTRE - 40)} {n(top - 86)}Q{n(CENTRE)} {n(top - 104)} {n(CENTRE + 40)} {n(top - 86)}", pen.trim, 15)
    pen.turned(
        [
            At(top, 46, True),
            At(top + 26, wide * 0.74),
            At(268, wide),
            At(GROUND - 12, wide * 0.97),
            At(GROUND, wide * 0.88, True),
        ],
        pen.round(pen.colour),
    )
    pen.turned([At(GROUND - 8, wide * 0.93, True), At(GROUND, wide * 0.88, True)], pen.metal("#b9c0c2"))
    pen.path(
        f"M{n(CENTRE - 46)} {n(top)}c4-18 24-24 46-24s42 6 46 24a46 8 0 0 1-92 0Z", pen.round(dark(pen.colour, 0.05))
    )
    pen.ellipse(CENTRE, top - 31, 11, 9, pen.material())
    pen.light(f"M{n(CENTRE - wide * 0.6)} 232c-10 20-12 36-8 58", width=9, opacity=0.34)
    return Box(lip - 46, top - 108, CENTRE + wide, GROUND + 9)


@kind("casserole", tall_cm=(14, 19))
def casserole(pen: Pen) -> Box:
    wide, top = pen.between(104, 122), pen.between(206, 224)
    pen.shadow(wide + 8)
    for side in (-1, 1):
        x = CENTRE + side * (wide - 4)
        pen.band(
            f"M{n(x)} {n(top + 22)}h{n(side * 18)}q{n(side * 12)} 0 {n(side * 12)} 12t{n(-side * 12)} 12h{n(-side * 18)}",
            dark(pen.colour, 0.14),
            11,
        )
    pen.turned(
        [At(top, wide, True), At(GROUND - 34, wide * 0.99), At(GROUND - 8, wide * 0.92), At(GROUND, wide * 0.84, True)],
        pen.round(pen.colour),
    )
    pen.shade(
        f"M{n(CENTRE - wide)} {n(top + 2)}a{n(wide)} {n(wide * 0.13)} 0 0 0 {n(2 * wide)} 0v9a{n(wide)} {n(wide * 0.13)} 0 0 1-{n(2 * wide)} 0Z"
    )
    pen.path(
        f"M{n(CENTRE - wide - 4)} {n(top)}C{n(CENTRE - wide + 14)} {n(top - 32)} {n(CENTRE - 50)} {n(top - 44)} {n(CENTRE)} {n(top - 44)}S{n(CENTRE + wide - 14)} {n(top - 32)} {n(CENTRE + wide + 4)} {n(top)}a{n(wide + 4)} {n(wide * 0.13)} 0 0 1-{n(2 * wide + 8)} 0Z",
        pen.round(light(pen.colour, 0.05)),
    )
    pen.detail(
        f"M{n(CENTRE - wide * 0.55)} {n(top - 24)}q{n(wide * 0.55)} -18 {n(wide * 1.1)} 0",
        dark(pen.colour, 0.25),
        2,
        opacity=0.6,
    )
    pen.rect(CENTRE - 7, top - 54, 14, 14, pen.material())
    pen.ellipse(CENTRE, top - 58, 19, 9, pen.material())
    pen.light(f"M{n(CENTRE - wide * 0.7)} {n(top + 30)}q-2 26 6 46", width=9, opacity=0.3)
    return Box(CENTRE - wide - 32, top - 68, CENTRE + wide + 32, GROUND + 12)


@kind("board", tall_cm=(34, 46))
def board(pen: Pen) -> Box:
    half, top = pen.between(72, 92), 66.0
    pen.shadow(half + 6, ry=10)
    wood = pen.colour
    head = pen.pick("paddle", "plain", "round")
    if head == "paddle":
        d = f"M{n(CENTRE - 20)} {top + 16}q0-16 20-16t20 16l4 40q2 18 {n(half - 38)} 22 14 3 14 20V{GROUND - 18}q0 18-18 18H{n(CENTRE - half + 18)}q-18 0-18-18V{top + 98}q0-17 14-20 {n(half - 40)}-4 {n(half - 38)}-22Z"
    elif head == "round":
        d = f"M{n(CENTRE - 18)} {top + 14}q0-14 18-14t18 14l2 44C{n(CENTRE + 80)} {top + 68} {n(CENTRE + half + 14)} {top + 110} {n(CENTRE + half + 14)} {top + 160}S{n(CENTRE + 60)} {GROUND} {n(CENTRE)} {GROUND}S{n(CENTRE - half - 14)} {top + 210} {n(CENTRE - half - 14)} {top + 160}S{n(CENTRE - 80)} {top + 68} {n(CENTRE - 20)} {top + 58}Z"
    else:
        d = f"M{n(CENTRE - half)} {top + 24}q0-18 18-18h{n(2 * half - 36)}q18 0 18 18V{GROUND - 18}q0 18-18 18h-{n(2 * half - 36)}q-18 0-18-18Z"
    pen.path(d, dark(wood, 0.3))
    pen.moved("translate(-5 -3)", lambda: _face(pen, d, wood, half, top))
    pen.ellipse(CENTRE - 5, top + (22 if head != "plain" else 34), 8, 8, pen.tint if not pen.lined else "#fff")
    if pen.finish == "leather":
        pen.band(f"M{n(CENTRE - 5)} {top + 20}q-16-20-8-34 8-12 16 0 8 14-8 34", FINISHES["leather"], 4)
    wide = half + 14 if head == "round" else half
    return Box(CENTRE - wide - 5, top, CENTRE + wide, GROUND)


def _face(pen: Pen, d: str, wood: str, half: float, top: float) -> None:
    pen.path(d, pen.slant(wood, 0.14))
    pen.grain(Box(CENTRE - half + 16, top + 104, CENTRE + half - 16, GROUND - 22), wood, 7, upright=True)


@kind("bowl", tall_cm=(8, 14))
def bowl(pen: Pen) -> Box:
    wide, top = pen.between(112, 132), pen.between(206, 226)
    foot = wide * pen.between(0.36, 0.5)
    pen.shadow(foot + 34)
    pen.turned([At(GROUND - 12, foot * 1.02, True), At(GROUND, foot, True)], pen.round(dark(pen.colour, 0.12)))
    pen.turned(
        [At(top, wide, True), At(top + 42, wide * 0.9), At(GROUND - 30, wide * 0.62), At(GROUND - 9, foot, True)],
        pen.round(pen.colour),
    )
    pen.ellipse(CENTRE, top, wide, wide * 0.2, light(pen.colour, 0.34))
    inside = light(pen.colour, 0.12) if pen.finish != "white" else "#f3efe4"
    pen.ellipse(CENTRE, top + 3, wide - 7, wide * 0.17, pen.fall(inside, 0.3))
    bands = int(pen.between(0, 3))
    for index in range(bands):
        y, r = top + 30 + index * 11, wide * (0.965 - index * 0.03)
        pen.detail(
            f"M{n(CENTRE - r)} {n(y)}a{n(r)} {n(r * 0.16)} 0 0 0 {n(2 * r)} 0", light(pen.colour, 0.5), 3, opacity=0.75
        )
    pen.light(f"M{n(CENTRE - wide * 0.72)} {n(top + 40)}q8 26 24 42", width=9, opacity=0.3)
    return Box(CENTRE - wide, top - wide * 0.2, CENTRE + wide, GROUND + 6)


@kind("mill", tall_cm=(16, 26))
def mill(pen: Pen) -> Box:
    top = pen.between(92, 128)
    wide, waist = pen.between(42, 50), pen.between(24, 32)
    pen.shadow(wide + 10)
    middle = (top + GROUND) / 2 + 8
    pen.turned(
        [
            At(top + 66, wide * 0.78, True),
            At(top + 84, wide * 0.72),
            At(middle, waist),
            At(GROUND - 44, wide * 0.96),
            At(GROUND, wide, True),
        ],
        pen.round(pen.colour),
    )
    pen.turned([At(top + 56, waist + 3, True), At(top + 67, waist + 3, True)], pen.material())
    pen.turned(
        [At(top, 10, True), At(top + 14, wide * 0.7), At(top + 36, wide * 0.8), At(top + 58, waist + 6, True)],
        pen.round(pen.colour),
    )
    pen.turned([At(top - 12, 9, True), At(top + 2, 9, True)], pen.material())
    pen.ellipse(CENTRE, top - 13, 9, 3, light(pen.trim, 0.4))
    for y in (GROUND - 16, GROUND - 22):
        pen.detail(
            f"M{n(CENTRE - wide * 0.99)} {n(y)}a{n(wide)} {n(wide * 0.13)} 0 0 0 {n(wide * 1.98)} 0",
            dark(pen.colour, 0.35),
            1.6,
            opacity=0.6,
        )
    pen.light(f"M{n(CENTRE - wide * 0.5)} {n(GROUND - 62)}v36", width=7, opacity=0.34)
    return Box(CENTRE - wide, top - 16, CENTRE + wide, GROUND + 6)
