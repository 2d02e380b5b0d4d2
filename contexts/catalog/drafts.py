"""A product as somebody describes it, before catalog has it: what forms, imports and seeds hand to the services."""

from __future__ import annotations

import msgspec

from contexts.kernel.money import Money

#: What a draft and a product's row call by the same name.
SHARED_FIELDS = (
    "slug", "name", "summary", "description", "texts", "tax_class", "material", "attributes", "drawn_as", "drawing_seed",
    "drawing_finish", "featured",
)  # fmt: skip


class VariantDraft(msgspec.Struct, frozen=True, kw_only=True):
    """A variant to sell. `colour` is "#" and six hexadecimal digits; `prices` are those fixed in other currencies."""

    sku: str
    price: Money
    label: str = ""
    colour: str = "#8a938e"
    weight_grams: int = 0
    listed: bool = True
    prices: dict[str, int] = {}


class ProductDraft(msgspec.Struct, frozen=True, kw_only=True):
    """A product to sell; `category` is the slug of its category, `texts` are translations: "de:name", "de:summary"."""

    slug: str
    name: str
    summary: str
    category: str
    variants: list[VariantDraft]
    description: str = ""
    texts: dict[str, str] = {}
    tax_class: str = "standard"
    material: str = ""
    attributes: dict[str, str] = {}
    drawn_as: str = "mug"
    drawing_seed: int = 1
    drawing_finish: str = "oak"
    featured: bool = False
