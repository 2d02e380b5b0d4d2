"""A product and its variants as the product's page shows them: plain rows, read by one query."""

from __future__ import annotations

from typing import NamedTuple
from uuid import UUID

import msgspec

from contexts.catalog.asking import Question
from contexts.catalog.models import LOW_STOCK, Product
from contexts.catalog.pictures import picture_url
from contexts.catalog.rates import fixed_sql, rate_sql
from contexts.catalog.translations import MATERIAL, facts, label, said, term
from contexts.kernel.currencies import Rate, priced
from contexts.kernel.links import link
from contexts.kernel.money import Money


class VariantRow(NamedTuple):
    """A variant that is for sale. `drawing` is what its pictures are drawn from; `available` as in the model."""

    sku: str
    label: str
    drawing: str
    price_cents: int
    currency: str
    fixed: int | None
    rate: Rate | None
    weight_grams: int
    available: int | None

    @property
    def price(self) -> Money:
        """The price in the currency that is being read."""
        fixed = {self.rate.currency: self.fixed} if self.rate and self.fixed else {}
        return priced(Money(self.price_cents, self.currency), fixed, self.rate)

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
    """A product that is or was in the shop."""

    id: UUID
    slug: str
    name: str
    summary: str
    description: str
    category_id: int
    material: str
    attributes: dict[str, str]
    state: str
    rating_hundredths: int
    rating_count: int
    variants: tuple[VariantRow, ...]

    @property
    def address(self) -> str:
        return link("product", slug=self.slug)

    def variant(self, sku: str) -> VariantRow | None:
        """Return the variant asked for; without one, the first that can be bought, else the first."""
        chosen = next((variant for variant in self.variants if variant.sku == sku), None)
        buyable = (variant for variant in self.variants if variant.available)
        return chosen or next(buyable, self.variants[0] if self.variants else None)

    @property
    def is_sold(self) -> bool:
        return self.state == Product.State.PUBLISHED and bool(self.variants)


def asked_goods(slug: str) -> Question:
    """Ask for a product that is or was in the shop, with its variants that are for sale."""
    return Question(
        f"""
        SELECT json_build_array(id, slug, {said("name")}, {said("summary")}, {said("description")}, category_id,
            {term(MATERIAL, "material")}, {facts("attributes")}, state, rating_hundredths, rating_count, (
            SELECT coalesce(json_agg(json_build_array(
                sku, {label("label")}, drawn_as || '-' || drawing_seed || '-' || ltrim(colour, '#') || '-' || drawing_finish,
                price_cents, variant.currency, {fixed_sql("prices")}, {rate_sql()}, weight_grams, variant.available
            ) ORDER BY position, variant.id), '[]')
            FROM catalog_variant variant WHERE variant.product_id = product.id AND listed
        )) AS row
        FROM catalog_product product WHERE slug = %s AND state <> 'draft'
        """,
        [slug],
    )


def read_goods(answer: str) -> Goods | None:
    """Read the answer to `asked_goods`: None where there was never such a product in the shop."""
    found = msgspec.json.decode(answer, type=tuple[Goods, ...])
    return found[0] if found else None


def stock(available: int | None) -> str:
    """Say "good", "low", "none", or "unknown" while inventory has not counted it."""
    if available is None:
        return "unknown"
    if available == 0:
        return "none"
    return "low" if available <= LOW_STOCK else "good"
