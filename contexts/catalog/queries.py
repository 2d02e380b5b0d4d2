"""What the shop's pages ask: each page a constant number of queries, however much there is."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from django.core.paginator import Page, Paginator
from django.db.models import QuerySet

from contexts.catalog import search
from contexts.catalog.announcements import listed_variants
from contexts.catalog.models import Category, Product, Variant
from contexts.catalog.tree import Tree

PAGE_SIZE = 24
SHELF = 8
SORTS = {
    "new": ("-published_at", "-id"),
    "price": ("price_from_cents", "id"),
    "price-down": ("-price_from_cents", "id"),
    "name": ("name", "id"),
}
#: Price bands in cents: from, below.
BANDS: dict[str, tuple[int, int | None]] = {
    "to-25": (0, 25_00), "25-60": (25_00, 60_00), "60-150": (60_00, 150_00), "from-150": (150_00, None),
}  # fmt: skip


class Wanted(NamedTuple):
    """How a shopper narrowed a list down."""

    sort: str = "new"
    material: str = ""
    band: str = ""
    in_stock: bool = False

    @classmethod
    def read(cls, asked: Mapping[str, str], *, sort: str = "new") -> Wanted:
        """Read a query string; what makes no sense is as if it were not there."""
        return cls(
            sort=asked["sort"] if asked.get("sort") in SORTS else sort,
            material=asked.get("material", "").replace("\x00", "")[:60],
            band=asked["price"] if asked.get("price") in BANDS else "",
            in_stock=asked.get("stock") == "1",
        )

    @property
    def narrows(self) -> bool:
        return bool(self.material or self.band or self.in_stock)


def tree() -> Tree:
    """Return all categories; one query."""
    return Tree(Category.objects.all())


def for_sale() -> QuerySet[Product]:
    return Product.objects.filter(state=Product.State.PUBLISHED).defer("search", "description", "attributes")


def newest(limit: int = SHELF) -> list[Product]:
    return list(_listed(for_sale().order_by("-published_at", "-id"))[:limit])


def featured(limit: int = SHELF) -> list[Product]:
    return list(_listed(for_sale().filter(featured=True).order_by("-published_at", "-id"))[:limit])


def in_categories(ids: Sequence[int], wanted: Wanted, page: int) -> Page[Product]:
    """Return a page of what these categories have."""
    products = for_sale().filter(category_id__in=ids)
    return _page(_narrowed(products, wanted).order_by(*SORTS[wanted.sort]), page)


def materials_in(ids: Sequence[int]) -> list[str]:
    """Return what the products of these categories are made of, by name."""
    products = for_sale().filter(category_id__in=ids).exclude(material="")
    return list(products.order_by("material").values_list("material", flat=True).distinct())


class Found(NamedTuple):
    """What a search brought; `exact` is false where no product had every word, and these have some."""

    page: Page[Product]
    exact: bool


def found(text: str, wanted: Wanted, page: int) -> Found:
    """Return what a search finds; without words, everything."""
    words = search.wanted_words(text)
    products = _narrowed(for_sale(), wanted)
    if not words:
        return Found(_page(products.order_by(*SORTS[wanted.sort]), page), exact=True)
    every = _page(_sorted(search.matching(products, words), wanted), page)
    if every.paginator.count or len(words) == 1:
        return Found(every, exact=True)
    return Found(_page(_sorted(search.matching(products, words, every=False), wanted), page), exact=False)


def product_for_page(slug: str) -> Product:
    """Return a product that is or was in the shop, with its variants that are for sale.

    Raises:
        Product.DoesNotExist: there was never such a product in the shop.
    """
    products = Product.objects.exclude(state=Product.State.DRAFT).select_related("category").defer("search")
    return products.prefetch_related(listed_variants()).get(slug=slug)


def beside(product: Product, limit: int = 4) -> list[Product]:
    """Return other products of the same category, newest first."""
    others = for_sale().filter(category_id=product.category_id).exclude(id=product.id)
    return list(_listed(others.order_by("-published_at", "-id"))[:limit])


def _listed(products: QuerySet[Product]) -> QuerySet[Product]:
    return products.prefetch_related(listed_variants())


def _narrowed(products: QuerySet[Product], wanted: Wanted) -> QuerySet[Product]:
    if wanted.material:
        products = products.filter(material=wanted.material)
    if wanted.band:
        low, below = BANDS[wanted.band]
        products = products.filter(price_from_cents__gte=low)
        products = products if below is None else products.filter(price_from_cents__lt=below)
    return products.filter(available__gt=0) if wanted.in_stock else products


def _sorted(products: QuerySet[Product], wanted: Wanted) -> QuerySet[Product]:
    return products if wanted.sort == "new" else products.order_by(*SORTS[wanted.sort])


def _page(products: QuerySet[Product], number: int) -> Page[Product]:
    return Paginator(_listed(products), PAGE_SIZE).get_page(number)


def variant_of(product: Product, sku: str) -> Variant | None:
    """Return the variant asked for; without one, the first that can be bought, else the first."""
    variants = list(product.variants.all())
    chosen = next((variant for variant in variants if variant.sku == sku), None)
    return chosen or next((variant for variant in variants if variant.available), variants[0] if variants else None)
