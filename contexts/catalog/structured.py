"""What machines read on the shop's pages (schema.org as JSON-LD), and the table of facts that people read."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _

from contexts.catalog import drawings
from contexts.catalog.goods import Goods, VariantRow
from contexts.catalog.tree import Aisle

# As in Django's json_script: a "</script>" in a name must not end the block.
_ESCAPES = {ord(">"): "\\u003E", ord("<"): "\\u003C", ord("&"): "\\u0026"}


def product(site: str, shown: Goods, category: Aisle) -> SafeString:
    """Return a product with its offers as JSON-LD; `site` is where addresses begin: "https://shop.example"."""
    address = absolute(site, shown.address)
    return _json(
        {
            "@type": "Product",
            "name": shown.name,
            "description": shown.summary,
            "url": address,
            "image": [absolute(site, variant.image) for variant in shown.variants],
            "sku": shown.variants[0].sku,
            "material": shown.material,
            "category": category.name,
            "brand": {"@type": "Brand", "name": "Tradepost"},
            "offers": [_offer(address, variant) for variant in shown.variants],
            **_rating(shown),
        }
    )


def crumbs(site: str, way: Sequence[Aisle], shown: Goods | None = None) -> SafeString:
    """Return the way to a page as JSON-LD."""
    steps = [(step.name, step.address) for step in way]
    steps += [(shown.name, shown.address)] if shown else []
    return _json(
        {
            "@type": "BreadcrumbList",
            "itemListElement": [
                {"@type": "ListItem", "position": place, "name": name, "item": absolute(site, address)}
                for place, (name, address) in enumerate(steps, start=1)
            ],
        }
    )


def absolute(site: str, address: str) -> str:
    return address if "://" in address else site + address


def facts(shown: Goods, chosen: VariantRow) -> list[tuple[str, str]]:
    """Return what is to be known of a variant, as pairs of name and value."""
    wide, tall = drawings.measure(chosen.drawing)
    known = [(_("Material"), shown.material)] if shown.material else []
    known += list(shown.attributes.items())
    known.append((_("Size"), _("%(wide)s × %(tall)s cm") % {"wide": wide, "tall": tall}))
    if chosen.weight_grams:
        known.append((_("Weight"), _weight(chosen.weight_grams)))
    return [*known, (_("Article"), chosen.sku)]


def _weight(grams: int) -> str:
    return f"{grams} g" if grams < 1000 else f"{grams / 1000:.1f} kg"


def _offer(address: str, variant: VariantRow) -> dict[str, Any]:
    return {
        "@type": "Offer",
        "sku": variant.sku,
        "name": variant.label,
        "price": str(variant.price.decimal),
        "priceCurrency": variant.price.currency,
        "availability": f"https://schema.org/{'InStock' if variant.available else 'OutOfStock'}",
        "url": f"{address}?variant={variant.sku}",
    }


def _rating(shown: Goods) -> dict[str, Any]:
    """Return what reviews say, or nothing: a rating by nobody is an error to those who read this."""
    if not shown.rating_count:
        return {}
    average = f"{shown.rating_hundredths / 100:.2f}"
    return {"aggregateRating": {"@type": "AggregateRating", "ratingValue": average, "reviewCount": shown.rating_count}}


def _json(thing: dict[str, Any]) -> SafeString:
    text = json.dumps({"@context": "https://schema.org", **thing}, ensure_ascii=False, separators=(",", ":"))
    return mark_safe(text.translate(_ESCAPES))  # noqa: S308 - escaped above
