"""Lists of wishes, and wishlists' own copy of the goods they are about."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _
from uuid_utils.compat import uuid7

from contexts.kernel.languages import in_language
from contexts.kernel.money import Money
from contexts.kernel.rates import DatedRate, Priced

MOST_ITEMS = 100
#: From this many pieces down the shop says how many are left.
LOW_STOCK = 5


class Product(models.Model):
    """What catalog sells, as it said last."""

    id = models.UUIDField(primary_key=True)
    slug = models.CharField(max_length=100)
    name = models.CharField(max_length=120)
    names = models.JSONField(default=dict, db_default={}, blank=True, editable=False)
    image = models.CharField(max_length=500, blank=True)
    on_sale = models.BooleanField(default=True)

    def __str__(self) -> str:
        return self.name

    @property
    def shown_name(self) -> str:
        """The name in the language that is being read."""
        return in_language(self.name, self.names)


class ExchangeRate(DatedRate):
    """Wishlists' copy of what catalog's staff set."""

    class Meta(DatedRate.Meta):
        verbose_name = _("exchange rate")
        verbose_name_plural = _("exchange rates")


class Article(Priced, models.Model):
    """A variant of a product, with its price and what inventory says is left of it.

    Availability may be told before catalog's news arrives: such a row has no product yet. `back_since` is when it last
    came back after being sold out.
    """

    sku = models.CharField(max_length=64, primary_key=True)
    product = models.ForeignKey(Product, on_delete=models.CASCADE, related_name="articles", null=True)
    position = models.PositiveSmallIntegerField(default=0)
    label = models.CharField(max_length=200, blank=True, default="")
    labels = models.JSONField(default=dict, db_default={}, blank=True, editable=False)
    image = models.CharField(max_length=500, blank=True, default="")
    price_cents = models.BigIntegerField(default=0)
    currency = models.CharField(max_length=3, default="EUR")
    prices = models.JSONField(default=dict, db_default={}, blank=True, editable=False)
    listed = models.BooleanField(default=False)
    available = models.PositiveIntegerField(null=True)
    back_since = models.DateTimeField(null=True)

    class Meta:
        ordering: ClassVar = ["position", "sku"]

    def __str__(self) -> str:
        return self.sku

    @property
    def shown_label(self) -> str:
        return in_language(self.label, self.labels)


class Wishlist(models.Model):
    """One person's list: a customer's, or that of a browser which holds its id in a signed cookie.

    Whoever has `share_key` may read it; it is empty while the list is not shared.
    """

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    customer_id = models.UUIDField(null=True, blank=True, unique=True)
    title = models.CharField(_("title"), max_length=60, blank=True)
    share_key = models.CharField(max_length=40, null=True, blank=True, unique=True)
    touched_at = models.DateTimeField(auto_now=True, db_index=True)

    class Meta:
        verbose_name = _("wishlist")
        verbose_name_plural = _("wishlists")

    def __str__(self) -> str:
        return self.title or str(self.id)


class Item(models.Model):
    """A wish. `sku` is the variant that was chosen, "" for any; the price is what it cost when it was wished."""

    wishlist = models.ForeignKey(Wishlist, on_delete=models.CASCADE, related_name="items")
    product = models.ForeignKey(Product, on_delete=models.CASCADE, related_name="+")
    sku = models.CharField(max_length=64, blank=True)
    seen_price_cents = models.BigIntegerField()
    seen_currency = models.CharField(max_length=3)
    added_at = models.DateTimeField()

    class Meta:
        verbose_name = _("wish")
        verbose_name_plural = _("wishes")
        ordering: ClassVar = ["-added_at", "-id"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["wishlist", "product"], name="one_wish_per_list_and_product")
        ]

    def __str__(self) -> str:
        return self.product.name

    @property
    def seen_price(self) -> Money:
        return Money(self.seen_price_cents, self.seen_currency)


class ErasedCustomer(models.Model):
    """Somebody who asked to be forgotten: their sign-in may hold for a while, but no list is made for it."""

    customer_id = models.UUIDField(primary_key=True)
    erased_at = models.DateTimeField(auto_now_add=True)

    def __str__(self) -> str:
        return str(self.customer_id)
