# ruff: noqa: E501 - outlines are long, and breaking them shows nothing
"""Lamps, candles and lanterns."""

from __future__ import annotations

from contexts.catalog.drawings.colour import dark, light
from contexts.catalog.drawings.pen import CENTRE, GROUND, At, Box, Pen, n
from contexts.catalog.drawings.registry import kind

GLOW = "#ffe9b0"


@kind("lamp", tall_cm=(38, 56))
def lamp(pen: Pen) -> Box:
    top, low = pen.between(64, 80), pen.between(176, 196)
    rim, crown = pen.between(84, 100), pen.between(44, 66)
    style = pen.pick("stem", "vase", "ball")
    pen.shadow(62)
    if style == "stem":
        pen.turned([At(GROUND - 14, 54), At(GROUND - 6, 60), At(GROUND, 60, True)], pen.material())
        pen.rect(CENTRE - 5, low - 20, 10, GROUND - low + 10, pen.material())
        pen.turned([At(GROUND - 24, 9, True), At(GROUND - 12, 16, True)], pen.material())
    elif style == "vase":
        pen.rect(CENTRE - 5, low - 10, 10, 40, pen.material())
        pen.turned(
            [At(low + 22, 15, True), At(low + 34, 24), At(GROUND - 62, 54), At(GROUND - 14, 40), At(GROUND, 36, True)],
            pen.material(),
        )
    else:
        pen.rect(CENTRE - 5, low - 10, 10, GROUND - low - 76, pen.material())
        pen.turned(
            [At(GROUND - 86, 9), At(GROUND - 74, 34), At(GROUND - 42, 46), At(GROUND - 10, 34), At(GROUND, 28, True)],
            pen.material(),
        )
    pen.ellipse(CENTRE, low, rim, rim * 0.15, GLOW)
    pen.shade(
        f"M{n(CENTRE - rim)} {n(low)}a{n(rim)} {n(rim * 0.15)} 0 0 0 {n(2 * rim)} 0a{n(rim)} {n(rim * 0.1)} 0 0 1-{n(2 * rim)} 0Z",
        opacity=0.1,
    )
    pen.turned([At(top, crown, True), At(low, rim, True)], pen.round(pen.colour), tilt=0.15)
    pen.light(
        f"M{n(CENTRE - crown * 0.5)} {n(top + 6)}L{n(CENTRE - rim * 0.62)} {n(low)}Q{n(CENTRE)} {n(low + 22)} {n(CENTRE + rim * 0.3)} {n(low + 8)}L{n(CENTRE + crown * 0.3)} {n(top + 8)}Z",
        opacity=0.14,
    )
    pen.ellipse(CENTRE, top, crown, crown * 0.15, light(pen.colour, 0.35))
    pen.ellipse(CENTRE, top + 1, crown - 5, crown * 0.11, dark(pen.colour, 0.2))
    return Box(CENTRE - rim, top - 8, CENTRE + rim, GROUND + 8)


@kind("pendant", tall_cm=(22, 34), hangs=True)
def pendant(pen: Pen) -> Box:
    top, low = pen.between(128, 142), pen.between(250, 272)
    rim = pen.between(98, 124)
    style = pen.pick("dome", "cone", "bell")
    pen.band(f"M{n(CENTRE)} 20V{n(top - 22)}", "#2d3131", 4, lit=False)
    pen.turned([At(top - 30, 9, True), At(top - 22, 13), At(top, 19, True)], pen.material())
    pen.ellipse(CENTRE, low, rim, rim * 0.16, GLOW)
    pen.ellipse(CENTRE, low + 4, 26, 20, "#fff7df")
    profile = {
        "dome": [At(top, 18, True), At(top + 10, 50), At(top + 46, rim * 0.86), At(low, rim, True)],
        "cone": [At(top, 18, True), At(top + 16, 26, True), At(low, rim, True)],
        "bell": [At(top, 18, True), At(top + 26, 44), At(low - 50, 62), At(low - 16, rim * 0.82), At(low, rim, True)],
    }[style]
    pen.turned(profile, pen.round(pen.colour), tilt=0.0)
    pen.path(
        f"M{n(CENTRE - rim)} {n(low)}a{n(rim)} {n(rim * 0.16)} 0 0 1 {n(2 * rim)} 0a{n(rim)} {n(rim * 0.11)} 0 0 0-{n(2 * rim)} 0Z",
        dark(pen.colour, 0.15),
    )
    pen.light(
        f"M{n(CENTRE - rim * 0.62)} {n(low - 26)}Q{n(CENTRE - rim * 0.5)} {n(top + 50)} {n(CENTRE - 24)} {n(top + 24)}",
        width=8,
        opacity=0.3,
    )
    return Box(CENTRE - rim, top - 32, CENTRE + rim, low + 24)


@kind("tasklamp", tall_cm=(40, 54))
def tasklamp(pen: Pen) -> Box:
    elbow_x, elbow_y = CENTRE - pen.between(52, 66), pen.between(168, 186)
    head_x, head_y = CENTRE + pen.between(26, 40), pen.between(104, 120)
    foot_x = CENTRE - 14
    pen.shadow(64, cx=foot_x)
    pen.turned([At(GROUND - 16, 46), At(GROUND - 8, 56), At(GROUND, 56, True)], pen.round(pen.colour), cx=foot_x)
    arm = pen.trim
    pen.band(f"M{n(foot_x)} {n(GROUND - 16)}L{n(elbow_x)} {n(elbow_y)}", arm, 9)
    pen.band(f"M{n(elbow_x)} {n(elbow_y)}L{n(head_x - 8)} {n(head_y - 6)}", arm, 9)
    pen.ellipse(elbow_x, elbow_y, 11, 11, pen.material())
    angle = pen.between(24, 38)

    def head() -> None:
        pen.ellipse(0, 62, 54, 11, GLOW)
        pen.ellipse(0, 62, 20, 14, "#fff7df")
        pen.turned(
            [At(-22, 14), At(-6, 20), At(12, 24), At(40, 44), At(60, 55, True)], pen.round(pen.colour), cx=0, tilt=0.0
        )
        pen.path("M-55 60a55 11 0 0 1 110 0a55 7 0 0 0-110 0Z", dark(pen.colour, 0.18))
        pen.light("M-30 44Q-20 20-10 4", width=6, opacity=0.32)

    pen.moved(f"translate({n(head_x)} {n(head_y)}) rotate({n(-angle)})", head)
    return Box(elbow_x - 12, head_y - 30, head_x + 92, GROUND + 8)


@kind("candle", tall_cm=(8, 14))
def candle(pen: Pen) -> Box:
    half = pen.between(56, 70)
    jar = pen.chance(0.6)
    top = pen.between(186, 206) if jar else pen.between(150, 182)
    pen.shadow(half + 10)
    wax = light(pen.colour, 0.72) if jar else pen.colour
    if jar:
        pen.turned([At(top, half, True), At(GROUND - 8, half), At(GROUND, half - 8, True)], pen.round(pen.colour))
        pen.ellipse(CENTRE, top, half, half * 0.18, light(pen.colour, 0.4))
        pen.ellipse(CENTRE, top + 3, half - 6, half * 0.15, wax)
    else:
        pen.turned([At(GROUND - 10, half + 26, True), At(GROUND, half + 14, True)], pen.material())
        pen.ellipse(CENTRE, GROUND - 10, half + 26, 12, light(pen.trim, 0.3))
        half -= 14
        pen.turned([At(top, half, True), At(GROUND - 12, half, True)], pen.round(wax))
        pen.ellipse(CENTRE, top, half, half * 0.2, light(wax, 0.4))
        pen.ellipse(CENTRE, top + 2, half - 8, half * 0.13, light(wax, 0.62))
    pen.detail(f"M{n(CENTRE)} {n(top + 4)}q-2-10 1-18", "#3a2c22", 3)
    pen.glow(CENTRE, top - 34, 62)
    pen.path(f"M{n(CENTRE + 1)} {n(top - 60)}c18 24 15 46 0 46s-18-22 0-46Z", "#ffb629")
    pen.path(f"M{n(CENTRE + 1)} {n(top - 40)}c9 12 7 24 0 24s-9-12 0-24Z", "#fff1bf")
    if jar:
        pen.rect(CENTRE - half * 0.42, top + 44, half * 0.84, 46, "#f7f3e8", r=2)
        pen.detail(
            f"M{n(CENTRE - half * 0.24)} {n(top + 60)}h{n(half * 0.48)}M{n(CENTRE - half * 0.16)} {n(top + 72)}h{n(half * 0.32)}",
            dark(pen.colour, 0.3),
            3,
        )
    pen.light(f"M{n(CENTRE - half * 0.7)} {n(top + 34)}v{n((GROUND - top) * 0.5)}", width=6, opacity=0.35)
    wide = half if jar else half + 40
    return Box(CENTRE - wide, top - 60, CENTRE + wide, GROUND + 6)


@kind("lantern", tall_cm=(20, 32))
def lantern(pen: Pen) -> Box:
    half = pen.between(50, 60)
    top = 150.0
    pen.shadow(half + 14)
    pen.band(
        f"M{n(CENTRE - half + 4)} {top + 8}C{n(CENTRE - half - 16)} {top - 92} {n(CENTRE + half + 16)} {top - 92} {n(CENTRE + half - 4)} {top + 8}",
        "#8d9698",
        5,
    )
    pen.rect(CENTRE - 20, top - 68, 40, 11, pen.material("y"), r=5)
    pen.turned(
        [At(top - 28, 16, True), At(top - 16, 20, True), At(top, half, True), At(top + 12, half + 4, True)],
        pen.round(pen.colour),
    )
    pen.turned([At(top + 12, half - 4, True), At(GROUND - 46, half - 4, True)], pen.glass())
    pen.ellipse(CENTRE, GROUND - 84, 24, 38, GLOW, opacity=0.9)
    pen.turned([At(GROUND - 98, 9, True), At(GROUND - 46, 9, True)], "#fffaf0")
    pen.path(f"M{n(CENTRE)} {n(GROUND - 128)}c12 16 9 28 0 28s-11-13 0-28Z", "#ffb629")
    for x in (-half + 2, -half * 0.34, half * 0.34 - 4, half - 6):
        pen.rect(CENTRE + x, top + 12, 4, GROUND - top - 58, dark(pen.colour, 0.1))
    pen.turned(
        [At(GROUND - 50, half + 2, True), At(GROUND - 10, half + 8), At(GROUND, half + 8, True)], pen.round(pen.colour)
    )
    pen.ellipse(CENTRE + half * 0.2, GROUND - 18, 8, 8, pen.material())
    pen.light(f"M{n(CENTRE - half * 0.66)} {top + 30}v80", width=6, opacity=0.6)
    return Box(CENTRE - half - 8, top - 70, CENTRE + half + 8, GROUND + 8)
