"""What the first list page of a web process would read: all goods, half a second for 100,000 products."""

from contexts.catalog import bitmaps
from contexts.catalog.asking import ask


def warm() -> None:
    known = bitmaps.latest()
    known.after(*ask(known.asked_news()))
