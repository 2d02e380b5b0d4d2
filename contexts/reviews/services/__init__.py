"""What reviews does, by noun: the reviews, their moderation, and what the others told us."""

from contexts.reviews.services.copies import (
    forget_order,
    keep_products,
    note_delivered,
    note_purchase,
    withdraw_product,
)
from contexts.reviews.services.erasure import forget_customer
from contexts.reviews.services.moderation import publish_review, reject_review
from contexts.reviews.services.writing import Words, delete_review, edit_review, write_review

__all__ = [
    "Words",
    "delete_review",
    "edit_review",
    "forget_customer",
    "forget_order",
    "keep_products",
    "note_delivered",
    "note_purchase",
    "publish_review",
    "reject_review",
    "withdraw_product",
    "write_review",
]
