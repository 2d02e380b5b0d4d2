# ruff: noqa: E501 - outlines are long, and breaking them shows nothing
"""Things for a night under the sky."""

from __future__ import annotations

from contexts.catalog.drawings.colour import dark, light
from contexts.catalog.drawings.pen import CENTRE, GROUND, At, Box, Pen, n
from contexts.catalog.drawings.registry import kind


@kind("tent", tall_cm=(110, 140))
def tent(pen: Pen) -> Box:
    half = pen.between(136, 148)
    style = pen.pick("ridge", "dome", "tipi")
    pen.shadow(half + 6, ry=16)
    if style == "tipi":
        top, half = 72.0, half - 26
        pen.detail(
            f"M{n(CENTRE)} {top + 6}l-13-26M{n(CENTRE)} {top + 6}l13-26M{n(CENTRE)} {top + 6}l3-30", "#9c6b3f", 4
        )
        pen.path(
            f"M{n(CENTRE)} {top}L{n(CENTRE - half)} {GROUND - 6}Q{n(CENTRE - 30)} {GROUND + 12} {n(CENTRE + half)} {GROUND - 6}Z",
            pen.slant(pen.colour, 0.2),
        )
        pen.path(
            f"M{n(CENTRE)} {top}L{n(CENTRE + half * 0.42)} {GROUND + 1}L{n(CENTRE + half)} {GROUND - 6}Z",
            dark(pen.colour, 0.2),
        )
        door_top, left, right = top + 84, CENTRE - half * 0.42, CENTRE + half * 0.06
        box = Box(CENTRE - half, top - 26, CENTRE + half, GROUND + 4)
    elif style == "dome":
        top = 150.0
        pen.path(
            f"M{n(CENTRE - half)} {GROUND}C{n(CENTRE - half + 8)} {top + 30} {n(CENTRE - 60)} {top} {n(CENTRE)} {top}S{n(CENTRE + half - 8)} {top + 30} {n(CENTRE + half)} {GROUND}Q{n(CENTRE)} {GROUND + 12} {n(CENTRE - half)} {GROUND}Z",
            pen.slant(pen.colour, 0.2),
        )
        pen.path(
            f"M{n(CENTRE)} {top}C{n(CENTRE + 60)} {top} {n(CENTRE + half - 8)} {top + 30} {n(CENTRE + half)} {GROUND}q-40 5-64 5C{n(CENTRE + 70)} {top + 50} {n(CENTRE + 34)} {top + 10} {n(CENTRE)} {top}Z",
            dark(pen.colour, 0.18),
        )
        pen.detail(
            f"M{n(CENTRE)} {top}C{n(CENTRE - 60)} {top + 10} {n(CENTRE - 92)} {top + 80} {n(CENTRE - 100)} {GROUND + 3}M{n(CENTRE)} {top}C{n(CENTRE + 34)} {top + 10} {n(CENTRE + 70)} {top + 50} {n(CENTRE + half - 64)} {GROUND + 4}",
            light(pen.trim, 0.3),
            4,
        )
        door_top, left, right = top + 34, CENTRE - 62, CENTRE + 44
        box = Box(CENTRE - half, top, CENTRE + half, GROUND + 6)
    else:
        top = 132.0
        pen.path(
            f"M{n(CENTRE - 40)} {top}H{n(CENTRE + 88)}L{n(CENTRE + half)} {GROUND - 16}L{n(CENTRE + 62)} {GROUND + 2}Z",
            pen.slant(dark(pen.colour, 0.16), 0.12),
        )
        pen.path(
            f"M{n(CENTRE - 40)} {top}L{n(CENTRE - half)} {GROUND}Q{n(CENTRE - 36)} {GROUND + 8} {n(CENTRE + 62)} {GROUND + 2}Z",
            pen.slant(pen.colour, 0.2),
        )
        pen.detail(
            f"M{n(CENTRE - 40)} {top - 12}V{top + 8}M{n(CENTRE + 88)} {top}l58 {GROUND - top - 8}M{n(CENTRE - 40)} {top}L{n(CENTRE - half - 10)} {GROUND - 30}",
            light(pen.trim, 0.2),
            2.4,
        )
        door_top, left, right = top + 22, CENTRE - 84, CENTRE - 4
        box = Box(CENTRE - half - 10, top - 12, CENTRE + half + 6, GROUND + 4)
    apex = CENTRE - 40 if style == "ridge" else CENTRE - (10 if style == "dome" else half * 0.12)
    pen.path(f"M{n(apex)} {n(door_top)}L{n(left)} {GROUND + 3}H{n(right)}Z", dark(pen.colour, 0.62))
    pen.path(
        f"M{n(apex)} {n(door_top)}L{n(left)} {GROUND + 3}h16Q{n(left + 34)} {n((door_top + GROUND) / 2 + 26)} {n(apex)} {n(door_top)}Z",
        light(pen.colour, 0.3),
    )
    pen.light(
        f"M{n(apex + 4)} {n(GROUND - 8)}L{n(apex)} {n(door_top + 60)}l14 {n(GROUND - door_top - 66)}Z", opacity=0.08
    )
    return box


@kind("flask", tall_cm=(22, 30))
def flask(pen: Pen) -> Box:
    half, top = pen.between(38, 48), pen.between(88, 102)
    style = pen.pick("loop", "cup", "slim")
    pen.shadow(half + 10)
    neck = half * (0.62 if style != "cup" else 0.9)
    if style == "loop":
        pen.band(
            f"M{n(CENTRE - neck + 3)} {n(top + 12)}C{n(CENTRE - neck)} {n(top - 46)} {n(CENTRE + neck)} {n(top - 46)} {n(CENTRE + neck - 3)} {n(top + 12)}",
            pen.trim,
            8,
        )
    cap_paint = pen.material() if pen.finish != "rope" else pen.material(finish="black")
    pen.turned([At(top, neck - 4), At(top + 4, neck, True), At(top + 34, neck, True)], cap_paint)
    pen.ellipse(CENTRE, top + 2, neck - 2, neck * 0.13, light(pen.trim, 0.3))
    pen.turned([At(top + 34, neck - 3, True), At(top + 42, neck - 3, True)], pen.metal("#b9c0c2"))
    pen.turned(
        [
            At(top + 42, neck - 1, True),
            At(top + 66, half * 0.96),
            At(top + 92, half),
            At(GROUND - 10, half),
            At(GROUND, half - 5, True),
        ],
        pen.round(pen.colour),
    )
    pen.turned([At(GROUND - 12, half, True), At(GROUND, half - 5, True)], pen.metal("#b9c0c2"))
    if pen.chance(0.5):
        pen.ellipse(CENTRE + half * 0.08, 222, 13, 13, light(pen.colour, 0.45))
        pen.path(f"M{n(CENTRE + half * 0.08 - 10)} 227l7-11 4 5 3-4 6 10Z", dark(pen.colour, 0.2))
    else:
        pen.detail(
            f"M{n(CENTRE - half)} 216a{n(half)} {n(half * 0.13)} 0 0 0 {n(2 * half)} 0M{n(CENTRE - half)} 228a{n(half)} {n(half * 0.13)} 0 0 0 {n(2 * half)} 0",
            light(pen.colour, 0.4),
            3,
            opacity=0.8,
        )
    pen.light(f"M{n(CENTRE - half * 0.58)} {n(top + 78)}v150", width=7, opacity=0.32)
    return Box(CENTRE - half, top - (32 if style == "loop" else 3), CENTRE + half, GROUND + 5)


@kind("mat", tall_cm=(14, 18))
def mat(pen: Pen) -> Box:
    """A sleeping mat, rolled and strapped."""
    radius, half = pen.between(62, 72), pen.between(94, 108)
    cy = GROUND - radius
    left, right = CENTRE - half, CENTRE + half - 20
    pen.shadow(half + 10, ry=13)
    depth = radius * 0.4
    pen.path(
        f"M{n(left)} {n(cy - radius)}H{n(right)}a{n(depth)} {n(radius)} 0 0 1 0 {n(2 * radius)}H{n(left)}a{n(depth)} {n(radius)} 0 0 1 0-{n(2 * radius)}Z",
        pen.fall(pen.colour, 0.34),
    )
    for share in (0.3, 0.72):
        x = left + (right - left) * share
        pen.path(
            f"M{n(x)} {n(cy - radius)}h17a{n(depth)} {n(radius)} 0 0 1 0 {n(2 * radius)}h-17a{n(depth)} {n(radius)} 0 0 0 0-{n(2 * radius)}Z",
            pen.fall(pen.trim, 0.3),
        )
        pen.rect(x + depth * 0.7, cy - radius * 0.62, 24, 19, pen.material("y", "black"), r=3)
    for index in range(1, 5):
        y = cy - radius + index * radius * 0.4
        pen.detail(
            f"M{n(left + depth * 0.4)} {n(y)}H{n(right + depth * 0.5)}", dark(pen.colour, 0.25), 1.3, opacity=0.35
        )
    pen.ellipse(left, cy, depth, radius, light(pen.colour, 0.2))
    pen.ellipse(left, cy, depth - 4, radius - 6, dark(pen.colour, 0.1))
    for share in (0.78, 0.56, 0.34):
        pen.ring(left, cy, depth * share, radius * share, light(pen.colour, 0.34), 4)
    pen.ellipse(left, cy, 4, 7, dark(pen.colour, 0.5))
    return Box(left - depth, cy - radius, right + depth, GROUND)
