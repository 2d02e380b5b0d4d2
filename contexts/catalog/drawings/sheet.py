"""A drawing put on its ground: the views that a gallery shows."""

from __future__ import annotations

from collections.abc import Callable
from random import Random

from contexts.catalog.drawings.colour import dark, light
from contexts.catalog.drawings.pen import LINE, Box, Pen, n
from contexts.catalog.drawings.registry import Kind

SIZE = 400


class Sheet:
    """One thing, drawn when asked: painted or lined."""

    def __init__(self, kind: Kind, colour: str, finish: str, seed: int) -> None:
        self.kind = kind
        self._how = {"colour": colour, "finish": finish, "seed": seed}
        low, high = kind.tall_cm
        self._tall_cm = Random(seed * 31 + 7).randint(low, high)  # noqa: S311 - a size, not a secret

    def draw(self, *, lined: bool = False) -> tuple[Pen, Box]:
        pen = Pen(lined=lined, **self._how)  # type: ignore[arg-type]
        return pen, self.kind.draw(pen)

    @property
    def size_cm(self) -> tuple[int, int]:
        _, box = self.draw(lined=True)
        wide_cm = self._tall_cm * (box.right - box.left) / (box.bottom - box.top)
        return max(round(wide_cm), 1), self._tall_cm


def front(sheet: Sheet) -> str:
    """The whole thing on its ground, in the middle of the sheet and of like size whatever it is."""
    pen, box = sheet.draw()
    wide, high = box.right - box.left, box.bottom - box.top
    scale = min(1.42, 276 / max(wide, high * 1.02))
    shift_x, shift_y = 200 - (box.left + wide / 2) * scale, 204 - (box.top + high / 2) * scale
    foot = box.bottom * scale + shift_y
    inner = f'<g transform="translate({n(shift_x)} {n(shift_y)}) scale({scale:.2f})">{pen.shapes}</g>'
    hangs = sheet.kind.hangs
    return _svg(_ground(pen, 400 if hangs else foot - 44) + inner, pen.definitions + _ground_paint(pen))


def close(sheet: Sheet) -> str:
    """Nearer: the upper part, twice as large, cut by the edge of the sheet."""
    pen, box = sheet.draw()
    middle, height = (box.left + box.right) / 2, box.bottom - box.top
    scale = min(2.1, 330 / max(height * 0.62, (box.right - box.left) * 0.5))
    shift_x, shift_y = 175 - middle * scale, 72 - box.top * scale
    inner = f'<g transform="translate({n(shift_x)} {n(shift_y)}) scale({scale:.2f})">{pen.shapes}</g>'
    return _svg(f'<rect width="400" height="400" fill="{dark(pen.tint, 0.07)}"/>' + inner, pen.definitions)


def plan(sheet: Sheet) -> str:
    """The thing as a measured line drawing."""
    pen, box = sheet.draw(lined=True)
    wide_cm, tall_cm = sheet.size_cm
    right, below = box.right + 24, box.bottom + 24
    ticks = (
        f"M{n(box.left)} {n(below)}H{n(box.right)}M{n(box.left)} {n(below - 6)}v12M{n(box.right)} {n(below - 6)}v12"
        f"M{n(right)} {n(box.top)}V{n(box.bottom)}M{n(right - 6)} {n(box.top)}h12M{n(right - 6)} {n(box.bottom)}h12"
    )
    middle_x, middle_y = (box.left + box.right) / 2, (box.top + box.bottom) / 2
    # Fit thing and measures on the sheet, centred.
    left, top, far, low = box.left, box.top, right + 26, below + 26
    scale = min(1.0, 352 / (far - left), 352 / (low - top))
    shift = f"translate({n(200 - (left + far) / 2 * scale)} {n(200 - (top + low) / 2 * scale)}) scale({scale:.3f})"
    words = 'font-family="ui-monospace,Menlo,Consolas,monospace" font-size="14" text-anchor="middle"'
    return _svg(
        f'<rect width="400" height="400" fill="#f3f5f2"/><g transform="{shift}">{pen.shapes}'
        f'<path d="{ticks}" fill="none" stroke="{LINE}" stroke-width="1"/><g fill="{LINE}" {words}>'
        f'<text x="{n(middle_x)}" y="{n(below + 20)}">{wide_cm} cm</text>'
        f'<text transform="translate({n(right + 18)} {n(middle_y)}) rotate(-90)">{tall_cm} cm</text></g></g>',
        "",
    )


def cut(sheet: Sheet) -> str:
    """The thing alone and without a ground, to stand on whatever is behind it."""
    pen, box = sheet.draw()
    left, top = box.left - 14, (min(box.top, 24) if sheet.kind.hangs else box.top - 4)
    wide, high = box.right - box.left + 34, box.bottom - top + (2 if sheet.kind.hangs else 8)
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="{n(left)} {n(top)} {n(wide)} {n(high)}" '
        f'width="{n(wide)}" height="{n(high)}"><defs>{pen.definitions}</defs>{pen.shapes}</svg>'
    )


VIEWS: dict[str, Callable[[Sheet], str]] = {"front": front, "close": close, "plan": plan, "cut": cut}


def _ground(pen: Pen, horizon: float) -> str:
    return (
        f'<rect width="400" height="400" fill="{pen.tint}"/>'
        f'<rect y="{n(horizon)}" width="400" height="{n(400 - horizon)}" fill="url(#f)"/>'
    )


def _ground_paint(pen: Pen) -> str:
    near = dark(pen.tint, 0.1)
    return (
        '<linearGradient id="f" x2="0" y2="1">'
        f'<stop stop-color="{light(pen.tint, 0.05)}" stop-opacity="0"/>'
        f'<stop offset=".5" stop-color="{near}" stop-opacity=".7"/>'
        f'<stop offset="1" stop-color="{near}"/></linearGradient>'
    )


def _svg(inner: str, definitions: str) -> str:
    defs = f"<defs>{definitions}</defs>" if definitions else ""
    box = f'viewBox="0 0 {SIZE} {SIZE}" width="{2 * SIZE}" height="{2 * SIZE}"'
    return f'<svg xmlns="http://www.w3.org/2000/svg" {box}>{defs}{inner}</svg>'
