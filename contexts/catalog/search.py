"""Finding products by the words of their name, description, material, category and SKU.

A search is a list of wanted words, each with the spellings that count as it; today a word has the one that was typed,
matched as a prefix and by its stem. A corrector of typing errors adds spellings here and changes nothing else.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from django.contrib.postgres.search import SearchQuery, SearchRank
from django.db import connections
from django.db.models import F, QuerySet

from contexts.catalog.models import Product

#: More words than this narrow nothing down.
MOST_WORDS = 8
CONFIGURATION = "english"
_WORD = re.compile(r"[^\W_]+", re.UNICODE)

Word = Sequence[str]


def wanted_words(text: str) -> list[Word]:
    """Split what was typed into words, each with its spellings: "Red-Mug" is [["red"], ["mug"]]."""
    return [[word] for word in _WORD.findall(text.lower().replace("'", ""))[:MOST_WORDS]]


def matching(products: QuerySet[Product], words: Sequence[Word], *, every: bool = True) -> QuerySet[Product]:
    """Return the products that have every word (or any of them), best first."""
    query = SearchQuery(_expression(words, " & " if every else " | "), config=CONFIGURATION, search_type="raw")
    return products.filter(search=query).annotate(rank=SearchRank(F("search"), query)).order_by("-rank", "name", "id")


def _expression(words: Sequence[Word], join: str) -> str:
    """Write a tsquery. Words hold letters and digits only, so nothing in them can be an operator."""
    return join.join("(" + " | ".join(f"{spelling}:*" for spelling in word) + ")" for word in words)


def index(product_ids: Iterable[object]) -> None:
    """Write the search vectors of products anew, in one statement."""
    with connections["catalog"].cursor() as cursor:
        cursor.execute(_INDEX, [list(product_ids)])


# Dashes and slashes become spaces, so that "MUG-1204" is found by either half as by the whole.
_INDEX = """
    UPDATE catalog_product product SET search =
        setweight(to_tsvector('english', product.name), 'A')
        || setweight(to_tsvector('english', words.skus), 'A')
        || setweight(to_tsvector('english', category.name || ' ' || coalesce(parent.name, '') || ' '
            || product.material || ' ' || product.drawn_as || ' ' || words.labels), 'B')
        || setweight(to_tsvector('english', product.summary), 'C')
        || setweight(to_tsvector('english', product.description), 'D')
    FROM catalog_category category
        LEFT JOIN catalog_category parent ON parent.id = category.parent_id,
    (
        SELECT wanted.id,
               coalesce(string_agg(translate(variant.sku, '-/', '  '), ' '), '') AS skus,
               coalesce(string_agg(translate(variant.label, '-/', '  '), ' '), '') AS labels
        FROM unnest(%s::uuid[]) wanted (id)
            LEFT JOIN catalog_variant variant ON variant.product_id = wanted.id AND variant.listed
        GROUP BY wanted.id
    ) words
    WHERE category.id = product.category_id AND product.id = words.id
"""
