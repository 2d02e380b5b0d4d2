"""What people buy: how much of it lately, and what with it. Learned from ordering's events alone.

A product's popularity is the logarithm of a sum in which a piece bought a fortnight later counts twice as much. Scores
therefore never have to be brought up to date: whatever was bought when, they compare rightly as they stand (Cormode,
Shkapenyuk, Srivastava, Xu: "Forward Decay", ICDE 2009).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from itertools import permutations
from uuid import UUID

from django.db import connections, transaction

from contexts.catalog import shelves
from contexts.catalog.models import Variant

HALF_LIFE_DAYS = 14
BEGAN = datetime(2020, 1, 1, tzinfo=UTC)
#: Of an order with more products than this only so many are taken as bought together.
MOST_TOGETHER = 8

Sale = tuple[datetime, Sequence[tuple[str, int]]]


def note_sales(sales: Iterable[Sale]) -> None:
    """Remember confirmed orders, each its moment and its SKUs with pieces; SKUs that catalog never had are left out."""
    sales = list(sales)
    with transaction.atomic(using="catalog"):
        skus = {sku for _, lines in sales for sku, _ in lines}
        products = dict(Variant.objects.filter(sku__in=skus).values_list("sku", "product_id"))
        weights: dict[UUID, list[tuple[float, int]]] = {}
        together: Counter[tuple[UUID, UUID]] = Counter()
        for moment, lines in sales:
            bought: Counter[UUID] = Counter()
            for sku, pieces in lines:
                if sku in products:
                    bought[products[sku]] += pieces
            for product, pieces in bought.items():
                weights.setdefault(product, []).append((_age(moment), pieces))
            together.update(permutations(sorted(bought)[:MOST_TOGETHER], 2))
        ids = shelves.lock(weights)
        with connections["catalog"].cursor() as cursor:
            for product in ids:
                for age, pieces in weights[product]:
                    cursor.execute(_ADD, [age, pieces, product])
            pairs = sorted(together)
            cursor.execute(
                _TOGETHER,
                [[one for one, _ in pairs], [other for _, other in pairs], [together[pair] for pair in pairs]],
            )


def _age(moment: datetime) -> float:
    return (moment - BEGAN).total_seconds() / (HALF_LIFE_DAYS * 24 * 3600)


# log2(2^popularity + pieces * 2^age), without ever computing the large powers.
_ADD = """
    UPDATE catalog_product SET popularity = greatest(popularity, bought.score)
        + ln(1 + power(2::float8, -least(abs(popularity - bought.score), 1000))) / ln(2::float8)
    FROM (SELECT %s::float8 + ln(%s::float8) / ln(2::float8) AS score) bought WHERE id = %s
"""
_TOGETHER = """
    INSERT INTO catalog_companion (product_id, other_id, times)
    SELECT * FROM unnest(%s::uuid[], %s::uuid[], %s::int[]) AS bought (product_id, other_id, times)
    ORDER BY product_id, other_id
    ON CONFLICT (product_id, other_id) DO UPDATE SET times = catalog_companion.times + excluded.times
"""
