"""The rows beside the streams: carts, checkouts in progress, copies of what others told, and each order's summary."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from uuid_utils.compat import uuid7

from contexts.kernel.addresses import Address
from contexts.kernel.languages import in_language
from contexts.kernel.money import Money

MAX_QUANTITY = 99


class Offer(models.Model):
    """Ordering's own copy of what catalog sells, with what inventory says is left of it.

    Availability may be told before catalog's news arrives: such a row has no product yet and is not on sale.
    `names` and `labels` are translations of name and label, by language.
    """

    sku = models.CharField(max_length=64, primary_key=True)
    product_id = models.UUIDField(null=True, db_index=True)
    product_slug = models.CharField(max_length=200, default="")
    name = models.CharField(max_length=200, default="")
    label = models.CharField(max_length=200, default="", blank=True)
    names = models.JSONField(default=dict, db_default={}, blank=True, editable=False)
    labels = models.JSONField(default=dict, db_default={}, blank=True, editable=False)
    image = models.CharField(max_length=500, default="", blank=True)
    tax_class = models.CharField(max_length=32, default="standard")
    price_cents = models.BigIntegerField(default=0)
    currency = models.CharField(max_length=3, default="EUR")
    on_sale = models.BooleanField(default=False)
    available = models.IntegerField(null=True, help_text=_("Pieces that can be bought now; empty while unknown."))

    class Meta:
        verbose_name = _("offer")
        verbose_name_plural = _("offers")
        constraints = [
            models.CheckConstraint(name="offer_price_is_not_negative", condition=Q(price_cents__gte=0)),
            models.CheckConstraint(
                name="offer_on_sale_has_a_product", condition=Q(on_sale=False) | Q(product_id__isnull=False)
            ),
        ]

    def __str__(self) -> str:
        return self.title or self.sku

    @property
    def price(self) -> Money:
        return Money(self.price_cents, self.currency)

    @property
    def shown_name(self) -> str:
        """The name in the language that is being read."""
        return in_language(self.name, self.names)

    @property
    def shown_label(self) -> str:
        return in_language(self.label, self.labels)

    @property
    def title(self) -> str:
        name, label = self.shown_name, self.shown_label
        return f"{name} ({label})" if label else name


class Cart(models.Model):
    """What a browser has put aside. `order_id` is the checkout or order that was last begun from it."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    order_id = models.UUIDField(null=True, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)
    touched_at = models.DateTimeField(auto_now=True, db_index=True)

    class Meta:
        verbose_name = _("cart")
        verbose_name_plural = _("carts")

    def __str__(self) -> str:
        return str(self.id)


class CartItem(models.Model):
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


class ShippingMethod(models.Model):
    """Ordering's copy of a way to send parcels."""

    code = models.CharField(max_length=32, primary_key=True)
    name = models.CharField(max_length=100)
    names = models.JSONField(default=dict, db_default={}, blank=True, editable=False)
    price_cents = models.BigIntegerField()
    currency = models.CharField(max_length=3)
    countries = models.JSONField(default=list)
    days_min = models.PositiveSmallIntegerField()
    days_max = models.PositiveSmallIntegerField()
    active = models.BooleanField()

    class Meta:
        verbose_name = _("shipping method")
        verbose_name_plural = _("shipping methods")

    def __str__(self) -> str:
        return self.name

    @property
    def shown_name(self) -> str:
        """The name in the language that is being read."""
        return in_language(self.name, self.names)

    @property
    def price(self) -> Money:
        return Money(self.price_cents, self.currency)

    def goes_to(self, country: str) -> bool:
        return self.active and country in self.countries


class Customer(models.Model):
    """Ordering's copy of a customer's default address, to fill in forms with. Removed when the customer is erased."""

    customer_id = models.UUIDField(primary_key=True)
    email = models.EmailField()
    name = models.CharField(max_length=200)
    street = models.CharField(max_length=200, default="")
    postcode = models.CharField(max_length=20, default="")
    city = models.CharField(max_length=100, default="")
    country = models.CharField(max_length=2, default="")

    class Meta:
        verbose_name = _("customer")
        verbose_name_plural = _("customers")

    def __str__(self) -> str:
        return self.name


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


class OrderSummary(models.Model):
    """The read model of an order: what `summaries.project` makes of its stream, and nothing else."""

    order_id = models.UUIDField(primary_key=True)
    version = models.PositiveIntegerField(default=0)
    number = models.CharField(max_length=16, null=True, unique=True)
    status = models.CharField(max_length=20, db_index=True)
    customer_id = models.UUIDField(null=True, db_index=True)
    email = models.EmailField(default="")
    name = models.CharField(max_length=200, default="")
    address = models.JSONField(null=True)
    lines = models.JSONField(default=list)
    shipping_method = models.CharField(max_length=32, default="")
    method_label = models.CharField(max_length=100, default="")
    currency = models.CharField(max_length=3, default="EUR")
    subtotal_cents = models.BigIntegerField(default=0)
    shipping_cents = models.BigIntegerField(default=0)
    tax_cents = models.BigIntegerField(default=0)
    total_cents = models.BigIntegerField(default=0)
    charged_cents = models.BigIntegerField(default=0)
    refunded_cents = models.BigIntegerField(default=0)
    held_until = models.DateTimeField(null=True)
    action_path = models.CharField(max_length=500, default="")
    action_expires_at = models.DateTimeField(null=True)
    reason = models.CharField(max_length=40, default="")
    explanation = models.TextField(default="")
    carrier = models.CharField(max_length=100, default="")
    tracking_number = models.CharField(max_length=100, default="")
    started_at = models.DateTimeField(null=True)
    placed_at = models.DateTimeField(null=True, db_index=True)
    reserved_at = models.DateTimeField(null=True)
    action_required_at = models.DateTimeField(null=True)
    authorised_at = models.DateTimeField(null=True)
    confirmed_at = models.DateTimeField(null=True)
    shipped_at = models.DateTimeField(null=True)
    completed_at = models.DateTimeField(null=True)
    cancelled_at = models.DateTimeField(null=True)
    charged_at = models.DateTimeField(null=True)
    refunded_at = models.DateTimeField(null=True)

    class Meta:
        verbose_name = _("order")
        verbose_name_plural = _("orders")

    def __str__(self) -> str:
        return self.number or str(self.order_id)

    @property
    def subtotal(self) -> Money:
        return Money(self.subtotal_cents, self.currency)

    @property
    def shipping(self) -> Money:
        return Money(self.shipping_cents, self.currency)

    @property
    def tax(self) -> Money:
        return Money(self.tax_cents, self.currency)

    @property
    def total(self) -> Money:
        return Money(self.total_cents, self.currency)

    @property
    def charged(self) -> Money:
        return Money(self.charged_cents, self.currency)

    @property
    def refunded(self) -> Money:
        return Money(self.refunded_cents, self.currency)
