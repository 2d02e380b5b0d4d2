"""Carts, and checkouts in progress."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from uuid_utils.compat import uuid7

from contexts.kernel.addresses import Address
from contexts.kernel.rates import Rated
from contexts.ordering.models.copies import Offer

MAX_QUANTITY = 99


class Cart(models.Model):
    """What a browser has put aside. `order_id` is the checkout or order that was last begun from it.

    `currency` is that of the prices its shopper has seen.
    """

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    currency = models.CharField(max_length=3, default="EUR", db_default="EUR")
    order_id = models.UUIDField(null=True, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)
    touched_at = models.DateTimeField(auto_now=True, db_index=True)

    class Meta:
        verbose_name = _("cart")
        verbose_name_plural = _("carts")

    def __str__(self) -> str:
        return str(self.id)


class CartItem(Rated, models.Model):
    """One article in a cart. `seen_price_cents` is the price the shopper last acted upon, to tell when it moves."""

    cart = models.ForeignKey(Cart, on_delete=models.CASCADE, related_name="items")
    offer = models.ForeignKey(Offer, on_delete=models.PROTECT, related_name="+")
    quantity = models.PositiveSmallIntegerField()
    seen_price_cents = models.BigIntegerField()
    last_added = models.PositiveSmallIntegerField(default=0)
    last_added_at = models.DateTimeField()

    class Meta:
        verbose_name = _("cart row")
        verbose_name_plural = _("cart rows")
        ordering = ["id"]
        constraints = [
            models.UniqueConstraint(name="one_cart_row_per_offer", fields=["cart", "offer"]),
            models.CheckConstraint(
                name="cart_quantity_is_sensible", condition=Q(quantity__gte=1, quantity__lte=MAX_QUANTITY)
            ),
        ]

    def __str__(self) -> str:
        return f"{self.quantity} × {self.offer_id}"


class Checkout(models.Model):
    """What the shopper filled in so far; the order takes it over when it is placed."""

    order_id = models.UUIDField(primary_key=True)
    cart_id = models.UUIDField(db_index=True)
    customer_id = models.UUIDField(null=True, db_index=True)
    email = models.EmailField(default="")
    name = models.CharField(max_length=200, default="")
    street = models.CharField(max_length=200, default="")
    postcode = models.CharField(max_length=20, default="")
    city = models.CharField(max_length=100, default="")
    country = models.CharField(max_length=2, default="")
    language = models.CharField(max_length=12, default="en")
    shipping_method = models.CharField(max_length=32, default="")
    payment_method = models.CharField(max_length=200, default="")
    method_label = models.CharField(max_length=100, default="")
    code = models.CharField(max_length=40, default="")
    gift_card_id = models.UUIDField(null=True)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        verbose_name = _("checkout")
        verbose_name_plural = _("checkouts")

    def __str__(self) -> str:
        return str(self.order_id)

    @property
    def has_details(self) -> bool:
        return all((self.email, self.name, self.street, self.postcode, self.city, self.country, self.shipping_method))

    @property
    def address(self) -> Address:
        return Address(name=self.name, street=self.street, postcode=self.postcode, city=self.city, country=self.country)
