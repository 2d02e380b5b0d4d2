"""Reviews, the goods they are about, and who bought what."""

from __future__ import annotations

from typing import ClassVar

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from uuid_utils.compat import uuid7

from contexts.kernel.languages import in_language
from contexts.reviews.wording import shown_reason

MOST_STARS = 5


class Moderation(models.TextChoices):
    """Whose reviews wait for staff: the values of the setting `REVIEWS_MODERATION`."""

    ALL = "all"
    UNVERIFIED = "unverified"
    NONE = "none"


class Product(models.Model):
    """Reviews' own copy of what catalog sells, with the sum of what its published reviews say.

    `rating_total` is the sum of their stars. Every change of a product's reviews begins with a lock on this row.
    """

    id = models.UUIDField(primary_key=True)
    # Not unique: two products may swap their slugs, and the news of them come in any order.
    slug = models.CharField(max_length=100, db_index=True)
    name = models.CharField(max_length=120)
    names = models.JSONField(default=dict, db_default={}, blank=True, editable=False)
    image = models.CharField(max_length=500, blank=True)
    on_sale = models.BooleanField(default=True)
    rating_total = models.PositiveIntegerField(default=0)
    rating_count = models.PositiveIntegerField(default=0)

    class Meta:
        verbose_name = _("product")
        verbose_name_plural = _("products")

    def __str__(self) -> str:
        return self.name

    @property
    def shown_name(self) -> str:
        """The name in the language that is being read."""
        return in_language(self.name, self.names)

    @property
    def rating_hundredths(self) -> int:
        """The average number of stars times 100, rounded half up; 0 without reviews."""
        return average_hundredths(self.rating_total, self.rating_count)

    @property
    def average(self) -> float:
        """The average number of stars, as it is written."""
        return self.rating_hundredths / 100


def average_hundredths(total: int, count: int) -> int:
    return (200 * total + count) // (2 * count) if count else 0


class Article(models.Model):
    """Which product a SKU belongs to, also of variants no longer sold: somebody may have bought them."""

    sku = models.CharField(max_length=64, primary_key=True)
    product = models.ForeignKey(Product, on_delete=models.CASCADE, related_name="articles")

    def __str__(self) -> str:
        return self.sku


class Purchase(models.Model):
    """A customer's order had this SKU. `delivered_at` is empty until the parcel has arrived."""

    order_id = models.UUIDField()
    sku = models.CharField(max_length=64)
    customer_id = models.UUIDField()
    delivered_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(fields=["order_id", "sku"], name="purchase_once_per_order")]
        indexes: ClassVar = [models.Index(fields=["customer_id", "sku"], name="purchase_of_customer")]

    def __str__(self) -> str:
        return f"{self.sku} in {self.order_id}"


class Review(models.Model):
    """What one customer says about one product. `reason` is why staff rejected it, for its author to read.

    `language` is the one of the page that it was written on, "" where that was not noted.

    `customer_id` is empty once the customer was erased; the name shown is gone then, too.
    """

    class State(models.TextChoices):
        WAITING = "waiting", _("Waiting")
        PUBLISHED = "published", _("Published")
        REJECTED = "rejected", _("Rejected")

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    product = models.ForeignKey(Product, on_delete=models.CASCADE, related_name="reviews")
    customer_id = models.UUIDField(null=True, blank=True, db_index=True)
    author = models.CharField(_("name shown"), max_length=60, blank=True)
    rating = models.PositiveSmallIntegerField(
        _("stars"), validators=[MinValueValidator(1), MaxValueValidator(MOST_STARS)]
    )
    title = models.CharField(_("title"), max_length=120)
    text = models.TextField(_("text"), max_length=4000, blank=True)
    language = models.CharField(_("language"), max_length=12, default="", db_default="", blank=True)
    verified = models.BooleanField(_("bought here"), default=False)
    state = models.CharField(_("state"), max_length=10, choices=State, default=State.WAITING)
    reason = models.CharField(_("reason"), max_length=300, blank=True)
    written_at = models.DateTimeField(_("written"), default=timezone.now)
    edited_at = models.DateTimeField(_("edited"), null=True, blank=True)
    moderated_at = models.DateTimeField(_("moderated"), null=True, blank=True)

    class Meta:
        verbose_name = _("review")
        verbose_name_plural = _("reviews")
        ordering: ClassVar = ["-id"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["product", "customer_id"], name="one_review_per_customer_and_product"),
            models.CheckConstraint(condition=Q(rating__gte=1, rating__lte=MOST_STARS), name="review_stars_1_to_5"),
            models.CheckConstraint(
                condition=Q(state__in=["waiting", "published", "rejected"]), name="review_state_known"
            ),
            models.CheckConstraint(condition=~Q(state="rejected") | ~Q(reason=""), name="review_rejected_with_reason"),
        ]
        indexes: ClassVar = [
            models.Index(fields=["product", "-id"], condition=Q(state="published"), name="review_newest"),
            models.Index(fields=["product", "-rating", "-id"], condition=Q(state="published"), name="review_best"),
            models.Index(fields=["id"], condition=Q(state="waiting"), name="review_waiting"),
        ]

    def __str__(self) -> str:
        return f"{self.rating}/{MOST_STARS}: {self.title}"

    @property
    def hundredths(self) -> int:
        """The stars as averages are given."""
        return self.rating * 100

    @property
    def shown_reason(self) -> str:
        return shown_reason(self.reason)

    @property
    def is_published(self) -> bool:
        return self.state == self.State.PUBLISHED


class ErasedCustomer(models.Model):
    """Somebody who asked to be forgotten: what is still on its way about them is not kept."""

    customer_id = models.UUIDField(primary_key=True)
    erased_at = models.DateTimeField(auto_now_add=True)

    def __str__(self) -> str:
        return str(self.customer_id)
