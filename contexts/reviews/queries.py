"""What reviews can be asked: what people say about a product, and what a customer may still say."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple
from uuid import UUID

import msgspec
from django.db.models import Case, Count, Q, QuerySet, When
from django.utils.translation import gettext as _

from contexts.kernel.board import Tile
from contexts.kernel.languages import language
from contexts.reviews.models import MOST_STARS, Article, Product, Purchase, Review

State = Review.State
PAGE_SIZE = 10
#: So many are shown on the product's own page.
BRIEF = 4
SORTS = {"new": ("-id",), "best": ("-rating", "-id"), "worst": ("rating", "-id")}


class Wanted(NamedTuple):
    """How a reader narrowed the list down; `after` is the last review of the page before."""

    sort: str = "new"
    stars: int = 0
    after: tuple[int, UUID] | None = None

    @classmethod
    def read(cls, asked: Mapping[str, str]) -> Wanted:
        """Read a query string; what makes no sense is as if it were not there."""
        stars = asked.get("stars", "")
        return cls(
            sort=asked["sort"] if asked.get("sort") in SORTS else "new",
            stars=int(stars) if stars in {"1", "2", "3", "4", "5"} else 0,
            after=_place(asked.get("after", "")),
        )


class Bar(msgspec.Struct, frozen=True, kw_only=True):
    """How many reviews give so many stars, and their share in percent."""

    stars: int
    count: int
    percent: int


class Said(msgspec.Struct, frozen=True, kw_only=True):
    """A product's published reviews, a page of them. `after` begins the next page, "" on the last."""

    product: Product
    bars: list[Bar]
    reviews: list[Review]
    after: str
    own: Review | None


class ToReview(msgspec.Struct, frozen=True, kw_only=True):
    """What a customer wrote, and what they received and have not written about."""

    written: list[Review]
    waiting: list[Product]


def product_of(slug: str) -> Product | None:
    """Return the product that has this slug now, None if none ever had it."""
    return Product.objects.filter(slug=slug).order_by("-on_sale", "-id").first()


def said_about(
    product: Product, wanted: Wanted, *, customer_id: UUID | None, size: int = PAGE_SIZE, readable_first: bool = False
) -> Said:
    """Return what people say about a product; at most three queries.

    With `readable_first` those in the language being read come before the others: for a few that no page follows.
    """
    published = _page(Review.objects.filter(product=product, state=State.PUBLISHED), wanted)
    if readable_first:
        other = Case(When(language=language(), then=0), default=1)
        published = published.order_by(other, *_sort(wanted))
    found = list(published[: size + 1])
    shown = found[:size]
    return Said(
        product=product,
        bars=_bars(product) if product.rating_count else [],
        reviews=shown,
        after=f"{shown[-1].rating}.{shown[-1].id}" if len(found) > size else "",
        own=review_of(product, customer_id),
    )


def review_of(product: Product, customer_id: UUID | None) -> Review | None:
    if customer_id is None:
        return None
    return Review.objects.filter(product=product, customer_id=customer_id).first()


def of_customer(customer_id: UUID) -> ToReview:
    """Return a customer's reviews, newest first, and the goods that await one; two queries."""
    written = list(Review.objects.filter(customer_id=customer_id).select_related("product"))
    received = Purchase.objects.filter(customer_id=customer_id, delivered_at__isnull=False)
    skus = received.values("sku")
    waiting = Product.objects.filter(id__in=Article.objects.filter(sku__in=skus).values("product"), on_sale=True)
    reviewed = [review.product_id for review in written]
    return ToReview(written=written, waiting=list(waiting.exclude(id__in=reviewed).order_by("name")[:50]))


def tiles() -> list[Tile]:
    """Return the reviews that wait for staff."""
    waiting = Review.objects.filter(state=State.WAITING).count()
    return [
        Tile(
            title=_("Reviews to look at"), figure=str(waiting), text=_("nobody sees them before they are published"),
            list="reviews_review", query="state__exact=waiting", tone="act" if waiting else "calm",
        ),
    ]  # fmt: skip


def _bars(product: Product) -> list[Bar]:
    published = Review.objects.filter(product=product, state=State.PUBLISHED)
    counted = published.order_by().values_list("rating").annotate(count=Count("id"))
    by_stars: dict[int, int] = dict(counted)
    everything = sum(by_stars.values()) or 1
    return [
        Bar(stars=stars, count=by_stars.get(stars, 0), percent=round(100 * by_stars.get(stars, 0) / everything))
        for stars in range(MOST_STARS, 0, -1)
    ]


def _page(reviews: QuerySet[Review], wanted: Wanted) -> QuerySet[Review]:
    if wanted.stars:
        reviews = reviews.filter(rating=wanted.stars)
    if wanted.after is not None:
        rating, review_id = wanted.after
        older = Q(id__lt=review_id)
        match wanted.sort:
            case "best":
                older = Q(rating__lt=rating) | Q(rating=rating) & older
            case "worst":
                older = Q(rating__gt=rating) | Q(rating=rating) & older
        reviews = reviews.filter(older)
    return reviews.order_by(*_sort(wanted))


def _sort(wanted: Wanted) -> Sequence[str]:
    return SORTS[wanted.sort]


def _place(text: str) -> tuple[int, UUID] | None:
    rating, _, review_id = text.partition(".")
    try:
        return (int(rating), UUID(review_id)) if rating in {"1", "2", "3", "4", "5"} else None
    except ValueError:
        return None
