"""Keeps what lists are read from: a product's own summary of its variants, and how many goods have each facet's value.

Both are written in the transaction of the change, in statements for any number of products. The numbers are kept as
changes that are only ever added (`Tally`), so that two sales in one category never wait for one another.
"""

from __future__ import annotations

from collections.abc import Iterable
from uuid import UUID

from django.db import connections

from contexts.catalog.facets import ALL, BANDS, RATINGS, STOCK

#: A category with more rows of changes than this has them summed up.
CROWDED = 600


def lock(product_ids: Iterable[UUID]) -> list[UUID]:
    """Lock products in a fixed order, so that two writers of several cannot deadlock; return their ids."""
    ids = sorted(product_ids)
    with connections["catalog"].cursor() as cursor:
        cursor.execute("SELECT id FROM catalog_product WHERE id = ANY(%s) ORDER BY id FOR NO KEY UPDATE", [ids])
    return ids


def arrange(product_ids: Iterable[UUID]) -> None:
    """Bring the summaries of products and the tallies in line with the variants and the products' state.

    The products must be locked in an earlier statement: this one reads what they were counted as.
    """
    ids = list(product_ids)
    with connections["catalog"].cursor() as cursor:
        cursor.execute(_ARRANGE, [ids])
        cursor.execute(_SUM_UP, [ids, CROWDED])


def count_afresh() -> None:
    """Count everything anew; only for rows that came in past the services."""
    with connections["catalog"].cursor() as cursor:
        cursor.execute("DELETE FROM catalog_tally")
        cursor.execute(_COUNT)


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
    WITH told AS (SELECT id, shelf, facets FROM catalog_product WHERE id = ANY(%s)),
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
    ),
    written AS (
        UPDATE catalog_product product SET
            price_from_cents = coalesce(fresh.low, product.price_from_cents),
            price_to_cents = coalesce(fresh.high, product.price_to_cents),
            currency = coalesce(fresh.currency, product.currency), fixed = fresh.fixed, available = coalesce(fresh.pieces, 0),
            colours = fresh.colours, picture = fresh.picture, facets = fresh.facets, shelf = fresh.shelf
        FROM fresh WHERE product.id = fresh.id
    ),
    moved AS (
        SELECT shelf, unnest(facets || '{ALL}'::varchar) AS token, -1 AS change FROM told WHERE shelf IS NOT NULL
        UNION ALL
        SELECT shelf, unnest(facets || '{ALL}'::varchar), 1 FROM fresh WHERE shelf IS NOT NULL
    )
    INSERT INTO catalog_tally (category_id, token, change)
    SELECT shelf, token, sum(change) FROM moved GROUP BY shelf, token HAVING sum(change) <> 0
"""
# What another transaction is summing up just now is left to it.
_SUM_UP = """
    WITH crowded AS (
        SELECT category_id FROM catalog_tally
        WHERE category_id IN (SELECT category_id FROM catalog_product WHERE id = ANY(%s))
        GROUP BY category_id HAVING count(*) > %s
    ),
    taken AS (
        DELETE FROM catalog_tally WHERE id IN (
            SELECT id FROM catalog_tally WHERE category_id IN (SELECT category_id FROM crowded)
            FOR UPDATE SKIP LOCKED
        ) RETURNING category_id, token, change
    )
    INSERT INTO catalog_tally (category_id, token, change)
    SELECT category_id, token, sum(change) FROM taken GROUP BY category_id, token HAVING sum(change) <> 0
"""
_COUNT = f"""
    INSERT INTO catalog_tally (category_id, token, change)
    SELECT shelf, token, count(*) FROM catalog_product, unnest(facets || '{ALL}'::varchar) AS token
    WHERE shelf IS NOT NULL GROUP BY shelf, token
"""
