"""What reviews refuses; each says why and what can be done."""

from __future__ import annotations

from django.utils.translation import gettext as _


class ReviewsError(Exception):
    """Anything that reviews refuses; the message is for the person who asked."""


class NoSuchProduct(ReviewsError):
    """Nobody told us of the product."""

    def __init__(self) -> None:
        super().__init__(_("There is no such article to review. Look for it in the shop again."))


class NoSuchReview(ReviewsError):
    """The review is not there, or is somebody else's."""

    def __init__(self) -> None:
        super().__init__(_("This review is no longer there."))


class AlreadyReviewed(ReviewsError):
    """The customer reviewed this product before; that review can be changed."""

    def __init__(self) -> None:
        super().__init__(_("You have reviewed this article already. Save once more to replace what you wrote then."))


class NoLongerACustomer(ReviewsError):
    """The account was deleted; its sign-in holds for a while in other browsers."""

    def __init__(self) -> None:
        super().__init__(_("This account was deleted. Open a new one to write a review."))


class NotPossible(ReviewsError):
    """Staff asked for a step that the review's state does not allow."""
