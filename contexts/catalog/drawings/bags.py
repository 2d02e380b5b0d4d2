# ruff: noqa: E501 - outlines are long, and breaking them shows nothing
"""Things to carry things in, and an umbrella."""

from __future__ import annotations

from contexts.catalog.drawings.colour import FINISHES, dark, light
from contexts.catalog.drawings.pen import CENTRE, GROUND, Box, Pen, n
from contexts.catalog.drawings.registry import kind


@kind("backpack", tall_cm=(40, 50))
def backpack(pen: Pen) -> Box:
    half, top = pen.between(78, 88), pen.between(98, 110)
    left, right = CENTRE - half, CENTRE + half
    rolled = pen.chance(0.45)
    pen.shadow(half + 8, ry=12)
    pen.band(f"M{n(CENTRE - 22)} {n(top + 8)}q0-32 22-32t22 32", pen.trim, 8)
    for side in (-1, 1):
        x = CENTRE + side * (half - 2)
        pen.path(
            f"M{n(x)} 226q{n(side * 20)} 0 {n(side * 22)} 22v46q0 18 {n(-side * 22)} 20Z",
            pen.slant(dark(pen.colour, 0.12)),
        )
    pen.path(
        f"M{n(left)} {n(top + 62)}q0-62 62-62h{n(2 * half - 124)}q62 0 62 62V{GROUND - 26}q0 26-26 26H{n(left + 26)}q-26 0-26-26Z",
        pen.slant(pen.colour, 0.17),
    )
    if rolled:
        pen.path(
            f"M{n(left - 3)} {n(top + 4)}q0-12 12-12h{n(2 * half - 18)}q12 0 12 12v18q0 12-12 12H{n(left + 9)}q-12 0-12-12Z",
            pen.fall(light(pen.colour, 0.06), 0.28),
        )
        for x in (CENTRE - half * 0.5, CENTRE + half * 0.5):
            pen.rect(x - 7, top - 10, 14, 92, pen.material("y"), r=2)
            pen.rect(x - 11, top + 62, 22, 16, pen.material("y", "brass"), r=3)
            pen.rect(x - 6, top + 66, 12, 8, dark(pen.trim, 0.2), r=1)
    else:
        pen.path(
            f"M{n(left)} {n(top + 62)}q0-62 62-62h{n(2 * half - 124)}q62 0 62 62v28q0 12-12 12H{n(left + 12)}q-12 0-12-12Z",
            pen.slant(light(pen.colour, 0.07), 0.15),
        )
        pen.shade(f"M{n(left + 6)} {n(top + 102)}h{n(2 * half - 12)}v8h-{n(2 * half - 12)}Z")
        pen.detail(
            f"M{n(left + 10)} {n(top + 92)}h{n(2 * half - 20)}", light(pen.colour, 0.4), 1.6, dash="5 4", opacity=0.8
        )
        pen.rect(CENTRE - 9, top + 66, 18, 62, pen.material("y"), r=3)
        pen.rect(CENTRE - 12, top + 100, 24, 18, pen.material("y", "brass"), r=3)
    pocket = 232.0
    pen.path(
        f"M{n(left + 18)} {n(pocket)}h{n(2 * half - 36)}v{n(GROUND - pocket - 28)}q0 12-12 12H{n(left + 30)}q-12 0-12-12Z",
        pen.slant(light(pen.colour, 0.04), 0.2),
    )
    pen.detail(f"M{n(left + 24)} {n(pocket + 12)}h{n(2 * half - 48)}", dark(pen.colour, 0.4), 3)
    pen.rect(CENTRE + half * 0.42, pocket + 12, 6, 20, pen.material("y"), r=2)
    pen.rect(CENTRE - 20, pocket + 32, 40, 20, pen.material("y"), r=3)
    return Box(left - 22, top - 24, right + 22, GROUND)


@kind("tote", tall_cm=(36, 42))
def tote(pen: Pen) -> Box:
    top_half, foot_half, top = pen.between(90, 98), pen.between(84, 92), pen.between(152, 166)
    pen.shadow(foot_half + 8, ry=11)
    handle = pen.trim if pen.finish in ("leather", "black", "rope") else dark(pen.colour, 0.2)
    drop = pen.between(84, 100)
    pen.band(
        f"M{n(CENTRE - 44)} {n(top + 12)}C{n(CENTRE - 50)} {n(top - drop)} {n(CENTRE + 50)} {n(top - drop)} {n(CENTRE + 44)} {n(top + 12)}",
        dark(handle, 0.2),
        10,
        lit=False,
    )
    pen.path(
        f"M{n(CENTRE - top_half)} {n(top)}H{n(CENTRE + top_half)}L{n(CENTRE + foot_half)} {GROUND - 8}q-1 8-9 8H{n(CENTRE - foot_half + 9)}q-8 0-9-8Z",
        pen.slant(pen.colour, 0.18),
    )
    style = pen.pick("base", "sun", "plain", "stripes")
    accent = light(pen.trim, 0.1)
    if style == "base":
        slope = (top_half - foot_half) * 0.38
        pen.path(
            f"M{n(CENTRE - foot_half - slope)} {GROUND - 54}H{n(CENTRE + foot_half + slope)}L{n(CENTRE + foot_half)} {GROUND - 8}q-1 8-9 8H{n(CENTRE - foot_half + 9)}q-8 0-9-8Z",
            pen.slant(accent),
        )
        pen.detail(
            f"M{n(CENTRE - foot_half)} {GROUND - 48}H{n(CENTRE + foot_half)}", light(accent, 0.5), 1.6, dash="5 4"
        )
    elif style == "sun":
        pen.ellipse(CENTRE, 250, 32, 32, accent)
        pen.detail(f"M{n(CENTRE - 44)} 270h88M{n(CENTRE - 36)} 280h72M{n(CENTRE - 24)} 290h48", pen.colour, 4)
    elif style == "stripes":
        for y in (236, 256, 276):
            pen.detail(f"M{n(CENTRE - foot_half - 4)} {y}H{n(CENTRE + foot_half + 4)}", accent, 7)
    pen.shade(f"M{n(CENTRE + top_half)} {n(top)}L{n(CENTRE + foot_half)} {GROUND - 8}q-1 8-9 8l-22 0Z", opacity=0.1)
    pen.detail(
        f"M{n(CENTRE - top_half + 4)} {n(top + 14)}H{n(CENTRE + top_half - 4)}",
        dark(pen.colour, 0.3),
        1.5,
        dash="5 4",
        opacity=0.7,
    )
    pen.band(
        f"M{n(CENTRE - 56)} {n(top + 34)}V{n(top)}C{n(CENTRE - 56)} {n(top - drop)} {n(CENTRE + 56)} {n(top - drop)} {n(CENTRE + 56)} {n(top)}V{n(top + 34)}",
        handle,
        11,
    )
    return Box(CENTRE - top_half, top - drop * 0.78, CENTRE + top_half, GROUND)


@kind("duffel", tall_cm=(28, 34))
def duffel(pen: Pen) -> Box:
    half, top = pen.between(126, 138), pen.between(196, 208)
    left, right = CENTRE - half, CENTRE + half
    pen.shadow(half, ry=13)
    pen.band(
        f"M{n(CENTRE - 52)} {n(top + 10)}C{n(CENTRE - 46)} {n(top - 66)} {n(CENTRE + 46)} {n(top - 66)} {n(CENTRE + 52)} {n(top + 10)}",
        dark(pen.trim, 0.25),
        8,
        lit=False,
    )
    pen.path(
        f"M{n(left)} 270q0-{n(270 - top)} 56-{n(270 - top)}H{n(right - 56)}q56 0 56 {n(270 - top)}v30q0 22-24 22H{n(left + 24)}q-24 0-24-22Z",
        pen.fall(pen.colour, 0.26),
    )
    for side in (-1, 1):
        edge = CENTRE + side * half
        high, deep = 270 - top, GROUND - top
        pen.path(
            f"M{n(edge)} 270q0 {n(-high)} {n(-side * 56)} {n(-high)}q{n(-side * 2)} 60 {n(side * 8)} {n(deep)}"
            f"H{n(edge - side * 24)}q{n(side * 24)} 0 {n(side * 24)}-22Z",
            pen.material("y"),
        )
    pen.detail(f"M{n(left + 58)} {n(top + 12)}H{n(right - 58)}", dark(pen.colour, 0.45), 3.5)
    pen.rect(right - 88, top + 8, 18, 8, pen.material("y", "brass"), r=2)
    for x in (CENTRE - 62, CENTRE + 50):
        pen.rect(x, top + 6, 12, GROUND - top - 6, pen.trim)
        pen.detail(f"M{n(x + 6)} {n(top + 30)}V{GROUND - 8}", light(pen.trim, 0.45), 1.4, dash="5 4")
    pen.band(
        f"M{n(CENTRE - 56)} {n(top + 48)}V{n(top + 10)}C{n(CENTRE - 56)} {n(top - 74)} {n(CENTRE + 56)} {n(top - 74)} {n(CENTRE + 56)} {n(top + 10)}V{n(top + 48)}",
        pen.trim,
        10,
    )
    pen.rect(CENTRE - 28, top - 58, 56, 15, dark(pen.trim, 0.3), r=7)
    pen.light(f"M{n(left + 64)} {n(top + 28)}h36", width=5, opacity=0.25)
    return Box(left, top - 58, right, GROUND)


@kind("wallet", tall_cm=(8, 10))
def wallet(pen: Pen) -> Box:
    half, top = pen.between(104, 116), pen.between(178, 190)
    left, right = CENTRE - half, CENTRE + half
    pen.shadow(half + 4, ry=11)
    for offset, tone in ((26, "#e7e0d2"), (14, "#e0a526")):
        pen.rect(left + 22, top - offset, 2 * half - 52, 40, tone, r=6)
    pen.rect(left + 4, top + 2, 2 * half, GROUND - top - 2, dark(pen.colour, 0.32), r=14)
    pen.rect(left, top, 2 * half, GROUND - top - 5, pen.slant(pen.colour), r=14)
    style = pen.pick("strap", "fold", "zip")
    stitch = light(pen.trim, 0.3)
    pen.detail(
        f"M{n(left + 9)} {n(top + 14)}V{n(GROUND - 22)}q0 9 9 9H{n(right - 18)}q9 0 9-9V{n(top + 14)}",
        stitch,
        1.8,
        dash="6 5",
    )
    if style == "strap":
        pen.path(
            f"M{n(right)} {n(top + 40)}H{n(right - 66)}q-20 0-20 20t20 20H{n(right)}Z",
            pen.slant(light(pen.colour, 0.08)),
        )
        pen.ellipse(right - 62, top + 60, 8, 8, pen.material("x", "brass"))
    elif style == "fold":
        pen.path(
            f"M{n(left)} {n(top + 14)}q0-14 14-14H{n(right - 14)}q14 0 14 14v38q-{n(half)} 34-{n(2 * half)} 0Z",
            pen.slant(light(pen.colour, 0.08)),
        )
        pen.ellipse(CENTRE, top + 54, 8, 8, pen.material("x", "brass"))
    else:
        pen.detail(f"M{n(left + 12)} {n(top + 24)}H{n(right - 12)}", dark(pen.colour, 0.5), 5)
        pen.detail(f"M{n(left + 12)} {n(top + 24)}H{n(right - 12)}", FINISHES["brass"], 2.4, dash="2 3")
        pen.rect(right - 50, top + 20, 26, 8, pen.material("y", "brass"), r=3)
    return Box(left, top - 26, right + 4, GROUND)


@kind("umbrella", tall_cm=(84, 94))
def umbrella(pen: Pen) -> Box:
    half, low = pen.between(128, 140), pen.between(186, 196)
    top = 72.0
    pen.band(f"M{n(CENTRE)} {n(low - 10)}V{GROUND - 26}", "#9aa3a5", 5)
    pen.band(f"M{n(CENTRE)} {n(GROUND - 66)}V{n(GROUND - 14)}q0 22 20 22t20-22v-5", pen.trim, 11)
    pen.band(f"M{n(CENTRE)} {top}v-16", "#9aa3a5", 5)
    edges = [-half, -half * 0.5, 0, half * 0.5, half]
    for index in range(4):
        a, b = edges[index], edges[index + 1]
        tone = pen.colour if index % 2 == 0 or pen.finish not in ("white", "rope", "oak") else light(pen.trim, 0.1)
        shift = (0.16, 0.04, -0.08, -0.24)[index]
        paint = light(tone, shift) if shift > 0 else dark(tone, -shift)
        pen.path(
            f"M{n(CENTRE)} {top}C{n(CENTRE + a * 0.62)} {n(top + 6)} {n(CENTRE + a * 0.98)} {n(top + 52)} {n(CENTRE + a)} {n(low)}"
            f"Q{n(CENTRE + (a + b) / 2)} {n(low - 26)} {n(CENTRE + b)} {n(low)}C{n(CENTRE + b * 0.98)} {n(top + 52)} {n(CENTRE + b * 0.62)} {n(top + 6)} {n(CENTRE)} {top}Z",
            paint,
        )
    pen.light(f"M{n(CENTRE - half * 0.76)} {n(low - 42)}q22-46 70-58", width=6, opacity=0.26)
    return Box(CENTRE - half, top - 18, CENTRE + half, GROUND - 4 + 12)
