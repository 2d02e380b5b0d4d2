"""The rows beside the streams: carts, checkouts in progress, copies of what others told, and each order's summary."""

from __future__ import annotations

import msgspec
from django.core.files.storage import Storage, storages
from django.db import models
from django.db.models import Q
from django.db.models.functions import Upper
from django.utils.translation import gettext_lazy as _
from uuid_utils.compat import uuid7

from contexts.kernel.addresses import Address
from contexts.kernel.currencies import amount_in
from contexts.kernel.languages import in_language
from contexts.kernel.money import Money
from contexts.kernel.rates import DatedRate, Priced, Rated
from contexts.ordering.invoicing.document import Document

MAX_QUANTITY = 99


def private_storage() -> Storage:
    """Where files lie that only a view gives out, to those who may see them; never below a public address."""
    storage: Storage = storages["private"]
    return storage


class Offer(Priced, models.Model):
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
    prices = models.JSONField(default=dict, db_default={}, blank=True, editable=False)
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


class ExchangeRate(DatedRate):
    """Ordering's copy of what catalog's staff set."""

    class Meta(DatedRate.Meta):
        verbose_name = _("exchange rate")
        verbose_name_plural = _("exchange rates")


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


class ShippingMethod(Priced, models.Model):
    """Ordering's copy of a way to send parcels."""

    code = models.CharField(max_length=32, primary_key=True)
    name = models.CharField(max_length=100)
    names = models.JSONField(default=dict, db_default={}, blank=True, editable=False)
    price_cents = models.BigIntegerField()
    currency = models.CharField(max_length=3)
    prices = models.JSONField(default=dict, db_default={}, blank=True, editable=False)
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

    def goes_to(self, country: str) -> bool:
        return self.active and country in self.countries


class Code(Rated, models.Model):
    """Ordering's copy of a promotion code's terms: what `promotions.CodeChanged` said last."""

    code = models.CharField(max_length=40, primary_key=True)
    kind = models.CharField(max_length=20)
    percent_hundredths = models.PositiveIntegerField(default=0)
    amounts = models.JSONField(default=dict)
    minimums = models.JSONField(default=dict)
    product_slugs = models.JSONField(default=list)
    valid_from = models.DateTimeField(null=True)
    valid_until = models.DateTimeField(null=True)
    per_customer = models.PositiveIntegerField(null=True)
    usable = models.BooleanField()

    class Meta:
        verbose_name = _("code")
        verbose_name_plural = _("codes")

    def __str__(self) -> str:
        return self.code

    def amount_in(self, currency: str) -> int | None:
        """Return what the code takes off in a currency; None where it has no amount for it."""
        return amount_in(currency, self.amounts, self.rate)

    def minimum_in(self, currency: str) -> int:
        """Return how much the goods must be worth, 0 where it does not matter."""
        return amount_in(currency, self.minimums, self.rate) or 0


class GiftCard(models.Model):
    """Ordering's copy of a gift card's balance, found by the digest of what a shopper typed."""

    card_id = models.UUIDField(primary_key=True)
    digest = models.CharField(max_length=64, unique=True)
    last4 = models.CharField(max_length=4)
    balance_cents = models.BigIntegerField()
    currency = models.CharField(max_length=3)
    usable = models.BooleanField()

    class Meta:
        verbose_name = _("gift card")
        verbose_name_plural = _("gift cards")

    def __str__(self) -> str:
        return self.last4

    @property
    def balance(self) -> Money:
        return Money(self.balance_cents, self.currency)


class Customer(models.Model):
    """Ordering's copy of a customer's default address, to fill in forms with. Removed when the customer is erased."""

    customer_id = models.UUIDField(primary_key=True)
    email = models.EmailField()
    confirmed_email = models.EmailField(default="", db_default="", blank=True, editable=False)
    name = models.CharField(max_length=200)
    street = models.CharField(max_length=200, default="")
    postcode = models.CharField(max_length=20, default="")
    city = models.CharField(max_length=100, default="")
    country = models.CharField(max_length=2, default="")

    class Meta:
        verbose_name = _("customer")
        verbose_name_plural = _("customers")
        indexes = [models.Index(fields=["email"], name="customer_by_email")]

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
    tax_added = models.BooleanField(default=False, db_default=False)
    total_cents = models.BigIntegerField(default=0)
    code = models.CharField(max_length=40, default="")
    discount_cents = models.BigIntegerField(default=0)
    gift_cents = models.BigIntegerField(default=0)
    gift_last4 = models.CharField(max_length=4, default="")
    charged_cents = models.BigIntegerField(default=0)
    refunded_cents = models.BigIntegerField(default=0)
    gift_refunded_cents = models.BigIntegerField(default=0, db_default=0)
    held_until = models.DateTimeField(null=True)
    renewed = models.BooleanField(default=False)
    refund_pending_cents = models.BigIntegerField(default=0)
    refund_state = models.CharField(max_length=10, default="")
    returns = models.JSONField(default=list)
    return_state = models.CharField(max_length=10, default="", db_index=True)
    action_path = models.CharField(max_length=500, default="")
    action_expires_at = models.DateTimeField(null=True)
    reason = models.CharField(max_length=40, default="")
    explanation = models.TextField(default="")
    carrier = models.CharField(max_length=100, default="")
    tracking_number = models.CharField(max_length=100, default="")
    started_at = models.DateTimeField(null=True)
    placed_at = models.DateTimeField(null=True, db_index=True)
    claimed_at = models.DateTimeField(null=True)
    reserved_at = models.DateTimeField(null=True)
    redeemed_at = models.DateTimeField(null=True)
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
        # In capitals, as `email__iexact` asks.
        indexes = [
            models.Index("code", Upper("email"), condition=~Q(code=""), name="order_with_a_code"),
            models.Index(Upper("email"), condition=Q(customer_id=None), name="order_of_a_guest"),
        ]

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
    def discount(self) -> Money:
        return Money(self.discount_cents, self.currency)

    @property
    def gift(self) -> Money:
        """What the gift card pays of the total."""
        return Money(self.gift_cents, self.currency)

    @property
    def payable(self) -> Money:
        """What the shopper's card pays of the total."""
        return Money(self.total_cents - self.gift_cents, self.currency)

    @property
    def refund_pending(self) -> Money:
        return Money(self.refund_pending_cents, self.currency)

    @property
    def charged(self) -> Money:
        return Money(self.charged_cents, self.currency)

    @property
    def refunded(self) -> Money:
        """What went back in all."""
        return Money(self.refunded_cents, self.currency)

    @property
    def refunded_to_card(self) -> Money:
        return Money(self.refunded_cents - self.gift_refunded_cents, self.currency)

    @property
    def refunded_to_gift_card(self) -> Money:
        return Money(self.gift_refunded_cents, self.currency)


class ReturnedOrder(OrderSummary):
    """An order of which something is on its way back or came back, as staff deal with it."""

    class Meta:
        proxy = True
        verbose_name = _("return")
        verbose_name_plural = _("returns")


class ReturnPhoto(models.Model):
    """A photo that a shopper sent along with a return, made anew without what the camera wrote into it."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    order_id = models.UUIDField(db_index=True)
    customer_id = models.UUIDField(null=True, db_index=True)
    return_id = models.UUIDField(db_index=True)
    image = models.FileField(upload_to="returns/%Y/%m", storage=private_storage)
    added_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        verbose_name = _("photo of a return")
        verbose_name_plural = _("photos of returns")
        ordering = ["id"]

    def __str__(self) -> str:
        return str(self.id)


class Invoice(models.Model):
    """An invoice or a credit note as it was issued. Only its `recipient` can go, when somebody asks to be forgotten."""

    class Kind(models.TextChoices):
        INVOICE = "invoice", _("Invoice")
        CREDIT_NOTE = "credit_note", _("Credit note")

    year = models.PositiveSmallIntegerField()
    serial = models.PositiveIntegerField()
    kind = models.CharField(max_length=12, choices=Kind)
    order_id = models.UUIDField(db_index=True)
    customer_id = models.UUIDField(null=True, db_index=True)
    issued_at = models.DateTimeField()
    language = models.CharField(max_length=12)
    document = models.JSONField()
    recipient = models.JSONField(null=True)

    class Meta:
        verbose_name = _("invoice")
        verbose_name_plural = _("invoices")
        ordering = ["-year", "-serial"]
        constraints = [
            models.UniqueConstraint(name="invoice_number_once", fields=["year", "serial"]),
            models.UniqueConstraint(name="one_invoice_per_order", fields=["order_id"], condition=Q(kind="invoice")),
        ]

    def __str__(self) -> str:
        return self.number

    @property
    def number(self) -> str:
        """What people call it: the year, and a number that leaves no gap in it."""
        return f"{self.year}-{self.serial:06d}"

    @property
    def content(self) -> Document:
        return msgspec.convert(self.document, Document)


class InvoiceSerial(models.Model):
    """The last number given in a year; the row is locked by whoever issues an invoice until it is issued."""

    year = models.PositiveSmallIntegerField(primary_key=True)
    last = models.PositiveIntegerField()

    def __str__(self) -> str:
        return f"{self.year}: {self.last}"
