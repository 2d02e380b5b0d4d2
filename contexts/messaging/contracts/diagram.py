"""Who tells whom, as a picture: contexts on a circle, an arrow for each that tells another something."""

from __future__ import annotations

import math
from xml.sax.saxutils import escape

from contexts.messaging.contracts.catalogue import edges
from contexts.messaging.contracts.landscape import Told

WIDTH, HEIGHT = 900, 640
RADIUS_X, RADIUS_Y = 340, 250
BOX_WIDTH, BOX_HEIGHT = 130, 40
COLOURS = ("#b8860b", "#1f6feb", "#2da44e", "#cf222e", "#8250df", "#0a7ea4", "#bc4c00", "#57606a")

STYLE = """
text { font: 600 15px system-ui, sans-serif; text-anchor: middle; dominant-baseline: central; fill: #1f2328 }
.count { font-size: 12px; font-weight: 400 }
.box { fill: #fff; stroke-width: 2 }
.paper { fill: #fff }
.arrow { fill: none; stroke-opacity: .75 }
@media (prefers-color-scheme: dark) { text { fill: #e6edf3 } .box, .paper { fill: #0d1117 } }
"""


def draw(told: list[Told]) -> str:
    """Return an SVG; an arrow's thickness and number say how many kinds of events go that way, its tooltip which."""
    arrows = edges(told)
    contexts = sorted({context for pair in arrows for context in pair})
    places = {context: _place(nr, len(contexts)) for nr, context in enumerate(contexts)}
    colours = {context: COLOURS[nr % len(COLOURS)] for nr, context in enumerate(contexts)}
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" role="img">',
        "<title>Who tells whom</title>",
        f"<style>{STYLE}</style>",
        f'<rect class="paper" width="{WIDTH}" height="{HEIGHT}"/>',
        "<defs>",
    ]
    parts += [
        f'<marker id="to-{context}" viewBox="0 0 8 8" refX="7" refY="4" markerWidth="9" markerHeight="9" '
        f'markerUnits="userSpaceOnUse" orient="auto"><path d="M0 0 8 4 0 8z" fill="{colours[context]}"/></marker>'
        for context in contexts
    ]
    parts.append("</defs>")
    for (one, other), names in arrows.items():
        parts.append(_arrow(one, places[one], places[other], names, colours[one]))
    for context, (x, y) in places.items():
        parts.append(
            f'<rect class="box" x="{x - BOX_WIDTH / 2:.0f}" y="{y - BOX_HEIGHT / 2:.0f}" width="{BOX_WIDTH}" '
            f'height="{BOX_HEIGHT}" rx="8" stroke="{colours[context]}"/><text x="{x:.0f}" y="{y:.0f}">{context}</text>'
        )
    return "\n".join([*parts, "</svg>", ""])


def _place(nr: int, count: int) -> tuple[float, float]:
    angle = 2 * math.pi * nr / max(count, 1) - math.pi / 2
    return WIDTH / 2 + RADIUS_X * math.cos(angle), HEIGHT / 2 + RADIUS_Y * math.sin(angle)


def _arrow(one: str, start: tuple[float, float], end: tuple[float, float], names: list[str], colour: str) -> str:
    """An arrow that bends to its left, so that the one of the other direction lies beside it."""
    dx, dy = end[0] - start[0], end[1] - start[1]
    length = math.hypot(dx, dy) or 1
    bend = 0.14 * length
    middle = ((start[0] + end[0]) / 2 + bend * dy / length, (start[1] + end[1]) / 2 - bend * dx / length)
    a, b = _edge_of_box(start, middle), _edge_of_box(end, middle)
    # Nearer to where it comes from than to its middle, where most arrows cross.
    label = tuple(0.45 * a[i] + 0.44 * middle[i] + 0.11 * b[i] for i in (0, 1))
    return (
        f"<g><title>{escape(', '.join(names))}</title>"
        f'<path class="arrow" d="M{a[0]:.0f} {a[1]:.0f} Q{middle[0]:.0f} {middle[1]:.0f} {b[0]:.0f} {b[1]:.0f}" '
        f'stroke="{colour}" stroke-width="{1 + 0.4 * min(len(names), 8):.1f}" marker-end="url(#to-{one})"/>'
        f'<circle class="paper" cx="{label[0]:.0f}" cy="{label[1]:.0f}" r="9"/>'
        f'<text class="count" x="{label[0]:.0f}" y="{label[1]:.0f}">{len(names)}</text></g>'
    )


def _edge_of_box(centre: tuple[float, float], towards: tuple[float, float]) -> tuple[float, float]:
    """Where the line from a box's centre leaves the box."""
    dx, dy = towards[0] - centre[0], towards[1] - centre[1]
    scale = min(
        (BOX_WIDTH / 2 + 4) / abs(dx) if dx else math.inf, (BOX_HEIGHT / 2 + 4) / abs(dy) if dy else math.inf, 1.0
    )
    return centre[0] + dx * scale, centre[1] + dy * scale
