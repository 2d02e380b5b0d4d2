"""Writes anew everything that lists and search read: after a migration, or for rows that came in past the services."""

from __future__ import annotations

from collections.abc import Iterator

from django.db import transaction

from contexts.catalog import indexing, shelves
from contexts.catalog.colours import family
from contexts.catalog.models import Product, Variant

AT_ONCE = 500


def reindex() -> Iterator[int]:
    """Write all products' summaries, facets and search vectors; yields how many each step had."""
    for colour in Variant.objects.order_by("colour").values_list("colour", flat=True).distinct():
        Variant.objects.filter(colour=colour).exclude(family=family(colour)).update(family=family(colour))
    ids = list(Product.objects.order_by("id").values_list("id", flat=True))
    for start in range(0, len(ids), AT_ONCE):
        with transaction.atomic(using="catalog"):
            locked = shelves.lock(ids[start : start + AT_ONCE])
            shelves.arrange(locked)
            indexing.index(locked)
        yield len(locked)
