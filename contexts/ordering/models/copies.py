"""Copies of what other contexts told: what is for sale and at what rate, ways of shipping, codes, gift cards, customers."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from contexts.kernel.currencies import amount_in
from contexts.kernel.languages import in_language
from contexts.kernel.money import Money
from contexts.kernel.rates import DatedRate, Priced, Rated


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
    def all_names(self) -> dict[str, str]:
        """The name in each language that has one, the shop's own included."""
        return {settings.LANGUAGE_CODE: self.name, **self.names}

    @property
    def all_labels(self) -> dict[str, str]:
        return {settings.LANGUAGE_CODE: self.label, **self.labels} if self.label else {}

    @property
    def title(self) -> str:
        name, label = self.shown_name, self.shown_label
        return f"{name} ({label})" if label else name


class ExchangeRate(DatedRate):
    """Ordering's copy of what catalog's staff set."""

    class Meta(DatedRate.Meta):
        verbose_name = _("exchange rate")
        verbose_name_plural = _("exchange rates")


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
