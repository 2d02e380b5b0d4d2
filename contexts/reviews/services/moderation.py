"""What staff do: let a review appear, or reject it with a reason that its author reads."""

from __future__ import annotations

from uuid import UUID

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _, gettext_lazy

from contexts.reviews.errors import NotPossible
from contexts.reviews.models import Review
from contexts.reviews.services.ratings import announce_rating, locked_product

State = Review.State
ALREADY = {
    State.PUBLISHED: gettext_lazy("“%(title)s” is published already."),
    State.REJECTED: gettext_lazy("“%(title)s” is rejected already."),
}


def publish_review(review_id: UUID) -> Review:
    """Let everybody see a review.

    Raises:
        NotPossible: everybody sees it already, or its author deleted it.
    """
    return _moderate(review_id, State.PUBLISHED, reason="")


def reject_review(review_id: UUID, *, reason: str) -> Review:
    """Keep a review from being seen; its author reads `reason` and may change it.

    Raises:
        NotPossible: it was rejected before, its author deleted it, or no reason was given.
    """
    if not reason.strip():
        raise NotPossible(_("Give the author a reason: what should be different?"))
    return _moderate(review_id, State.REJECTED, reason=reason.strip())


def _moderate(review_id: UUID, state: Review.State, *, reason: str) -> Review:
    with transaction.atomic(using="reviews"):
        product = locked_product(_review(review_id).product_id)
        # Read again: its author may have changed or deleted it while we waited for the lock.
        review = _review(review_id)
        if review.state == state:
            raise NotPossible(ALREADY[state] % {"title": review.title})
        review.state, review.reason, review.moderated_at = state, reason, timezone.now()
        review.save(update_fields=["state", "reason", "moderated_at"])
        announce_rating(product)
    return review


def _review(review_id: UUID) -> Review:
    review = Review.objects.filter(id=review_id).first()
    if review is None:
        raise NotPossible(_("Its author has deleted this review meanwhile."))
    return review
