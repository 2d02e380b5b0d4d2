"""Keeps what lists are read from: a product's own summary of its variants, and its facets.

Both are written in the transaction of the change, in one statement for any number of products. How many goods have each
facet's value is nowhere in the database, so that two sales in one category never wait for one another: `bitmaps.py`.
"""

from __future__ import annotations

from collections.abc import Iterable
from uuid import UUID

from contexts.catalog.bands import BANDS
from contexts.catalog.facets import RATINGS, STOCK
from contexts.kernel.prepared import prepared_cursor


def lock(product_ids: Iterable[UUID]) -> list[UUID]:
    """Lock products in a fixed order, so that two writers of several cannot deadlock; return their ids."""
    ids = sorted(product_ids)
    with prepared_cursor("catalog") as cursor:
        cursor.execute("SELECT id FROM catalog_product WHERE id = ANY(%s) ORDER BY id FOR NO KEY UPDATE", [ids])
    return ids


def arrange(product_ids: Iterable[UUID]) -> None:
    """Bring the summaries of products, which are locked, in line with the variants and the products' state."""
    with prepared_cursor("catalog") as cursor:
        cursor.execute(_ARRANGE, [list(product_ids)])


def _band() -> str:
    whens = " ".join(
        f"WHEN low >= {low} THEN 'p:{name}'"
        for name, (low, _below) in sorted(BANDS.items(), key=lambda band: -band[1][0])
    )
    return f"CASE {whens} END"


def _stars() -> str:
    """Return the tokens of the averages that a product reaches; without reviews it reaches none."""
    whens = " ".join(
        f"WHEN product.rating_hundredths >= {stars * 100} THEN '{{r:{',r:'.join(map(str, RATINGS[place:]))}}}'::text[]"
        for place, stars in enumerate(RATINGS)
    )
    return f"CASE WHEN product.rating_count = 0 THEN '{{}}' {whens} ELSE '{{}}' END"


_ARRANGE = f"""
    WITH told AS (SELECT id FROM catalog_product WHERE id = ANY(%s)),
    shades AS (
        SELECT product_id, array_agg(colour ORDER BY place) AS colours FROM (
            SELECT product_id, colour, min(place) AS place FROM (
                SELECT product_id, colour, row_number() OVER (PARTITION BY product_id ORDER BY position, id) AS place
                FROM catalog_variant WHERE listed AND product_id IN (SELECT id FROM told)
            ) numbered GROUP BY product_id, colour
        ) first GROUP BY product_id
    ),
    goods AS (
        SELECT product_id, min(price_cents) AS low, max(price_cents) AS high, min(currency) AS currency,
               coalesce(sum(available), 0) AS pieces, array_agg(DISTINCT 'c:' || family) AS families
        FROM catalog_variant WHERE listed AND product_id IN (SELECT id FROM told) GROUP BY product_id
    ),
    named AS (
        SELECT DISTINCT product_id, jsonb_object_keys(prices) AS code
        FROM catalog_variant WHERE listed AND product_id IN (SELECT id FROM told)
    ),
    fixed AS (
        SELECT product_id, jsonb_object_agg(code, ends) AS ends FROM (
            SELECT product_id, code, jsonb_build_array(
                min((prices ->> code)::bigint), max((prices ->> code)::bigint),
                min(price_cents) FILTER (WHERE prices -> code IS NULL),
                max(price_cents) FILTER (WHERE prices -> code IS NULL)
            ) AS ends
            FROM named JOIN catalog_variant variant USING (product_id) WHERE listed GROUP BY product_id, code
        ) each GROUP BY product_id
    ),
    fresh AS (
        SELECT product.id, product.category_id, low, high, goods.currency, pieces, coalesce(fixed.ends, '{{}}') AS fixed,
            coalesce(shades.colours, '{{}}') AS colours,
            CASE WHEN shades.colours IS NULL THEN '' ELSE product.drawn_as || '-' || product.drawing_seed || '-'
                || ltrim(shades.colours[1], '#') || '-' || product.drawing_finish END AS picture,
            CASE WHEN product.state = 'published' THEN families || ({_band()})
                || CASE WHEN product.material <> '' THEN ARRAY['m:' || product.material] ELSE '{{}}' END
                || CASE WHEN pieces > 0 THEN ARRAY['{STOCK}'] ELSE '{{}}' END || ({_stars()})
            ELSE '{{}}' END AS facets,
            CASE WHEN product.state = 'published' THEN product.category_id END AS shelf
        FROM told JOIN catalog_product product ON product.id = told.id
            LEFT JOIN goods ON goods.product_id = told.id LEFT JOIN shades ON shades.product_id = told.id
            LEFT JOIN fixed ON fixed.product_id = told.id
    )
    UPDATE catalog_product product SET
        price_from_cents = coalesce(fresh.low, product.price_from_cents),
        price_to_cents = coalesce(fresh.high, product.price_to_cents),
        currency = coalesce(fresh.currency, product.currency), fixed = fresh.fixed, available = coalesce(fresh.pieces, 0),
        colours = fresh.colours, picture = fresh.picture, facets = fresh.facets, shelf = fresh.shelf
    FROM fresh WHERE product.id = fresh.id
"""
