"""Social cards: what networks and messengers show of a page. PNG, because none of them takes SVG.

Drawn once from the parametric drawing and kept on disk under a digest of all that is on it; a changed name makes another
file. The folder may be deleted at any time.
"""

from __future__ import annotations

import os
import tempfile
from hashlib import blake2s
from io import BytesIO
from pathlib import Path

import resvg_py
from django.conf import settings
from django.contrib.staticfiles import finders
from PIL import Image, ImageDraw, ImageFont

from contexts.catalog import drawings

WIDTH, HEIGHT = 1200, 630
#: Raise it when the layout changes.
VERSION = 1
#: On the card of everything that is not a product.
SHOP_DRAWING = "backpack-12-2f5d62-leather"

PAPER, INK, MUTED, ACCENT = "#ffffff", "#16201c", "#54605a", "#ffc61a"
MARGIN, COLUMN = 64, WIDTH - HEIGHT - 2 * 64
TITLE_SIZES = (76, 68, 60, 52, 44)
TITLE_LINES, WORD_LINES = 4, 3


def card(*, drawing: str, title: str, words: str) -> Path:
    """Return the file of a card; it is drawn if it is not there.

    Raises:
        UnknownDrawing: there is no such drawing.
    """
    file = settings.DATA_DIR / "cards" / f"{tag(drawing=drawing, title=title, words=words)}.png"
    if not file.exists():
        file.parent.mkdir(parents=True, exist_ok=True)
        # Two may draw at once: each writes a file of its own and the last rename wins.
        descriptor, name = tempfile.mkstemp(dir=file.parent, suffix=".part")
        with os.fdopen(descriptor, "wb") as part:
            part.write(draw(drawing=drawing, title=title, words=words))
        os.replace(name, file)
    return Path(file)


def tag(*, drawing: str, title: str, words: str) -> str:
    """Return a digest of everything that decides what a card looks like."""
    parts = "\0".join([str(VERSION), str(drawings.VERSION), drawing, title, words])
    return blake2s(parts.encode(), digest_size=12).hexdigest()


def draw(*, drawing: str, title: str, words: str) -> bytes:
    """Return the PNG: the words on the left, the thing on the right."""
    picture = resvg_py.svg_to_bytes(
        svg_string=drawings.render(drawing, "front"), width=HEIGHT, height=HEIGHT, skip_system_fonts=True
    )
    sheet = Image.new("RGB", (WIDTH, HEIGHT), PAPER)
    sheet.paste(Image.open(BytesIO(picture)).convert("RGB"), (WIDTH - HEIGHT, 0))
    pen = ImageDraw.Draw(sheet)
    pen.rectangle((0, HEIGHT - 14, WIDTH - HEIGHT - 1, HEIGHT), fill=ACCENT)
    bottom = _write_title(pen, title)
    text = _font("instrument", 30, weight=400)
    for number, line in enumerate(_wrapped(pen, words, text, most=WORD_LINES)):
        pen.text((MARGIN, bottom + 24 + number * 42), line, font=text, fill=MUTED)
    pen.text((MARGIN, HEIGHT - 96), "Tradepost", font=_font("bricolage", 40, weight=800), fill=INK)
    out = BytesIO()
    sheet.quantize(256, dither=Image.Dither.NONE).save(out, "PNG", optimize=True)
    return out.getvalue()


def _write_title(pen: ImageDraw.ImageDraw, title: str) -> int:
    """Write the title as large as it fits and return where it ends."""
    for size in TITLE_SIZES:
        font = _font("bricolage", size, weight=800)
        lines = _wrapped(pen, title, font, most=TITLE_LINES)
        if len(lines) < TITLE_LINES and all(pen.textlength(line, font=font) <= COLUMN for line in lines):
            break
    for number, line in enumerate(lines):
        pen.text((MARGIN, MARGIN + round(number * size * 1.08)), line, font=font, fill=INK)
    return MARGIN + round(len(lines) * size * 1.08)


def _wrapped(pen: ImageDraw.ImageDraw, text: str, font: ImageFont.FreeTypeFont, *, most: int) -> list[str]:
    """Return the text in lines that fit the column; what is too much ends in an ellipsis."""
    lines = [""]
    for word in text.split():
        longer = f"{lines[-1]} {word}".strip()
        if not lines[-1] or pen.textlength(longer, font=font) <= COLUMN:
            lines[-1] = longer
        else:
            lines.append(word)
    if len(lines) > most:
        lines = [*lines[: most - 1], lines[most - 1] + "…"]
    return lines


def _font(name: str, size: int, *, weight: int) -> ImageFont.FreeTypeFont:
    found = finders.find(f"kernel/fonts/{name}.woff2")
    assert isinstance(found, str), f"The shop's font {name} is missing."
    font = ImageFont.truetype(found, size)
    font.set_variation_by_axes([weight])
    return font
