"""A product and its variants as the product's page shows them: plain rows, read by one query."""

from __future__ import annotations

from typing import NamedTuple
from uuid import UUID

import msgspec
from django.db import connections

from contexts.catalog.models import LOW_STOCK, Product
from contexts.catalog.pictures import picture_url
from contexts.kernel.links import link
from contexts.kernel.money import Money


class VariantRow(NamedTuple):
    """A variant that is for sale. `drawing` is what its pictures are drawn from; `available` as in the model."""

    sku: str
    label: str
    drawing: str
    price_cents: int
    currency: str
    weight_grams: int
    available: int | None

    @property
    def price(self) -> Money:
        return Money(self.price_cents, self.currency)

    @property
    def stock(self) -> str:
        return stock(self.available)

    @property
    def image(self) -> str:
        return picture_url(self.drawing, "front")

    @property
    def pictures(self) -> tuple[tuple[str, str], ...]:
        """The views of it, each with its address."""
        return tuple((view, picture_url(self.drawing, view)) for view in ("front", "close", "plan"))


class Goods(NamedTuple):
    """A product that is or was in the shop. `attributes` is the JSON that is stored."""

    id: UUID
    slug: str
    name: str
    summary: str
    description: str
    category_id: int
    material: str
    attributes: str
    state: str
    rating_hundredths: int
    rating_count: int
    variants: tuple[VariantRow, ...]

    @property
    def address(self) -> str:
        return link("product", slug=self.slug)

    @property
    def facts(self) -> dict[str, str]:
        return msgspec.json.decode(self.attributes, type=dict[str, str])

    def variant(self, sku: str) -> VariantRow | None:
        """Return the variant asked for; without one, the first that can be bought, else the first."""
        chosen = next((variant for variant in self.variants if variant.sku == sku), None)
        buyable = (variant for variant in self.variants if variant.available)
        return chosen or next(buyable, self.variants[0] if self.variants else None)

    @property
    def is_sold(self) -> bool:
        return self.state == Product.State.PUBLISHED and bool(self.variants)


def goods(slug: str) -> Goods:
    """Return a product that is or was in the shop, with its variants that are for sale; one query.

    Raises:
        Product.DoesNotExist: there was never such a product in the shop.
    """
    with connections["catalog"].cursor() as cursor:
        cursor.execute(_GOODS, [slug])
        rows = cursor.fetchall()
    if not rows:
        raise Product.DoesNotExist
    variants = tuple(VariantRow._make(row[11:]) for row in rows if row[11] is not None)
    return Goods._make((*rows[0][:11], variants))


def stock(available: int | None) -> str:
    """Say "good", "low", "none", or "unknown" while inventory has not counted it."""
    if available is None:
        return "unknown"
    if available == 0:
        return "none"
    return "low" if available <= LOW_STOCK else "good"


_GOODS = """
    SELECT product.id, slug, name, summary, description, category_id, material, attributes::text, state,
        rating_hundredths, rating_count,
        sku, label, drawn_as || '-' || drawing_seed || '-' || ltrim(colour, '#') || '-' || drawing_finish,
        price_cents, variant.currency, weight_grams, variant.available
    FROM catalog_product product LEFT JOIN catalog_variant variant ON variant.product_id = product.id AND listed
    WHERE slug = %s AND state <> 'draft' ORDER BY position, variant.id
"""
