"""What an author does: write one review of a product, change it, delete it."""

from __future__ import annotations

from uuid import UUID

import msgspec
from django.conf import settings
from django.db import transaction
from django.utils import timezone

from contexts.reviews.errors import AlreadyReviewed, NoLongerACustomer, NoSuchReview
from contexts.reviews.models import Article, ErasedCustomer, Moderation, Product, Purchase, Review
from contexts.reviews.services.ratings import announce_rating, lock_customer, locked_product

State = Review.State


class Words(msgspec.Struct, frozen=True, kw_only=True):
    """What an author enters: 1 to 5 stars, and the name that others are to read. `language` is that of the page."""

    author: str
    rating: int
    title: str
    text: str = ""
    language: str = ""


def write_review(*, product_id: UUID, customer_id: UUID, words: Words) -> Review:
    """Review a product. Whether it appears at once is for `REVIEWS_MODERATION` to say.

    The same words sent twice are one review.

    Raises:
        AlreadyReviewed: with other words; nothing was changed.
        NoSuchProduct: catalog told us of none. NoLongerACustomer: the account was deleted.
    """
    with transaction.atomic(using="reviews"):
        lock_customer(customer_id)
        if ErasedCustomer.objects.filter(customer_id=customer_id).exists():
            raise NoLongerACustomer
        product = locked_product(product_id)
        earlier = Review.objects.filter(product=product, customer_id=customer_id).first()
        if earlier is not None:
            if not _says(earlier, words):
                raise AlreadyReviewed
            return earlier
        verified = has_received(customer_id, product)
        review = Review.objects.create(
            product=product, customer_id=customer_id, verified=verified, state=_first_state(verified=verified),
            written_at=timezone.now(), **msgspec.structs.asdict(words),
        )  # fmt: skip
        announce_rating(product)
    return review


def edit_review(*, product_id: UUID, customer_id: UUID, words: Words) -> Review:
    """Change what its author wrote; staff look at it again where they look at new ones. A rejected one always waits.

    Raises:
        NoSuchReview: the customer has none of this product.
    """
    with transaction.atomic(using="reviews"):
        lock_customer(customer_id)
        product = locked_product(product_id)
        review = Review.objects.filter(product=product, customer_id=customer_id).first()
        if review is None:
            raise NoSuchReview
        if _says(review, words):
            return review
        for name, value in msgspec.structs.asdict(words).items():
            setattr(review, name, value)
        review.state = State.WAITING if review.state == State.REJECTED else _first_state(verified=review.verified)
        review.reason, review.edited_at = "", timezone.now()
        review.save()
        announce_rating(product)
    return review


def delete_review(*, product_id: UUID, customer_id: UUID) -> None:
    """Take a customer's review of a product away; gone already is fine."""
    with transaction.atomic(using="reviews"):
        lock_customer(customer_id)
        product = locked_product(product_id)
        Review.objects.filter(product=product, customer_id=customer_id).delete()
        announce_rating(product)


def has_received(customer_id: UUID, product: Product) -> bool:
    """Whether an order of this customer brought them any variant of the product."""
    skus = Article.objects.filter(product=product).values("sku")
    return Purchase.objects.filter(customer_id=customer_id, sku__in=skus, delivered_at__isnull=False).exists()


def _first_state(*, verified: bool) -> Review.State:
    rule = Moderation(settings.REVIEWS_MODERATION)
    waits = rule == Moderation.ALL or (rule == Moderation.UNVERIFIED and not verified)
    return State.WAITING if waits else State.PUBLISHED


def _says(review: Review, words: Words) -> bool:
    """Whether a review has these words, on a page of whichever language they are sent once more."""
    kept = Words(author=review.author, rating=review.rating, title=review.title, text=review.text)
    return kept == msgspec.structs.replace(words, language="")
