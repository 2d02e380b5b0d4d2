"""What a line of goods is: everything the generator needs to invent articles of one kind."""

from __future__ import annotations

import msgspec


class Line(msgspec.Struct, frozen=True, kw_only=True):
    """One kind of thing. Prices in euro, weights in grams; `{finish}` in a text is the second material.

    `sizes` multiply the colours: label and price factor. `facts` are choices for the table of facts.
    """

    kind: str
    category: str
    nouns: tuple[str, ...]
    price: tuple[int, int]
    grams: tuple[int, int]
    materials: tuple[str, ...]
    finishes: tuple[str, ...]
    palette: str
    summaries: tuple[str, ...]
    details: tuple[str, ...]
    facts: dict[str, tuple[str, ...]] = {}
    sizes: tuple[tuple[str, float], ...] = ()


WOODS = ("oak", "walnut", "beech")

#: Slug, parent's slug, name, blurb, and the drawing that stands for it.
CATEGORIES: tuple[tuple[str, str, str, str, str], ...] = (
    ("kitchen", "", "Kitchen", "Pots, boards and cups that earn their place on the counter.", "kettle-31-c2452d-oak"),
    ("cups", "kitchen", "Cups and pots", "For the first coffee and the last tea.", "mug-14-2f5d62-oak"),
    ("cooking", "kitchen", "Cooking", "For the stove and for the oven.", "casserole-8-c2452d-brass"),
    ("table", "kitchen", "At the table", "Boards, bowls and mills to be passed around.", "bowl-8-34435f-oak"),
    ("living", "", "Living", "Soft, warm and quiet things for rooms.", "vase-33-c58262-oak"),
    ("textiles", "living", "Textiles", "Wool, linen and cotton to sink into.", "blanket-3-b9532f-white"),
    ("rooms", "living", "For rooms", "Vases, mirrors and baskets.", "basket-5-cdb182-leather"),
    ("light", "", "Light", "Lamps that light the page and not the whole street.", "tasklamp-12-dfa32a-oak"),
    ("furniture", "", "Furniture", "To sit on and to put things on, in honest wood and steel.", "chair-14-22606b-oak"),
    ("desk", "", "Desk", "Paper, pens and somewhere to keep them.", "notebook-6-34435f-leather"),
    ("bags", "", "Bags", "For the way to work and the long way home.", "backpack-23-3d5a4a-leather"),
    ("outdoors", "", "Outdoors", "For gardens, balconies and nights under the sky.", "tent-15-cf9a35-white"),
    ("camp", "outdoors", "Camp", "Light to carry, good to have.", "flask-11-2f5d62-steel"),
    ("garden", "outdoors", "Garden", "For whoever likes earth under the nails.", "plantpot-17-c58262-oak"),
    ("sound", "", "Sound and time", "To hear well, and to know when to stop.", "radio-7-cc4530-brass"),
)
