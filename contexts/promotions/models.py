"""Codes with their limits, gift cards with their ledgers, and which order redeemed what."""

from __future__ import annotations

from typing import ClassVar

from django.core.validators import MaxValueValidator, MinValueValidator, RegexValidator
from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from uuid_utils.compat import uuid7

from contexts.kernel.money import Money


class Kind(models.TextChoices):
    PERCENT = "percent", _("Percent off the goods")
    AMOUNT = "amount", _("Amount off the goods")
    FREE_SHIPPING = "free_shipping", _("Free shipping")


class PromotionCode(models.Model):
    """A word that makes an order cheaper. `redeemed` counts the orders that use it now; a cancelled one gives its use back.

    `amounts` and `minimums` map a currency to minor units: `{"EUR": 500}`.
    """

    code = models.CharField(
        _("code"), max_length=40, primary_key=True,
        validators=[RegexValidator(r"^[A-Z0-9][A-Z0-9-]*$", _("Use capital letters, digits and hyphens."))],
    )  # fmt: skip
    kind = models.CharField(_("kind"), max_length=20, choices=Kind)
    percent = models.DecimalField(
        _("percent"), max_digits=5, decimal_places=2, null=True, blank=True,
        validators=[MinValueValidator(0.01), MaxValueValidator(100)],
    )  # fmt: skip
    amounts = models.JSONField(_("amounts"), default=dict, blank=True)
    minimums = models.JSONField(_("minimum value of the goods"), default=dict, blank=True)
    product_slugs = models.JSONField(_("only these products"), default=list, blank=True)
    valid_from = models.DateTimeField(_("valid from"), null=True, blank=True)
    valid_until = models.DateTimeField(_("valid until"), null=True, blank=True)
    limit = models.PositiveIntegerField(_("limit in all"), null=True, blank=True)
    per_customer = models.PositiveIntegerField(
        _("limit per customer"), null=True, blank=True, validators=[MinValueValidator(1)]
    )
    active = models.BooleanField(_("active"), default=True)
    redeemed = models.PositiveIntegerField(_("used"), default=0)
    created_at = models.DateTimeField(_("created"), default=timezone.now)

    class Meta:
        verbose_name = _("promotion code")
        verbose_name_plural = _("promotion codes")
        ordering: ClassVar = ["-created_at", "code"]
        constraints: ClassVar = [
            models.CheckConstraint(condition=Q(kind__in=Kind.values), name="code_kind_known"),
            models.CheckConstraint(
                condition=Q(limit__isnull=True) | Q(redeemed__lte=F("limit")), name="code_within_its_limit"
            ),
            models.CheckConstraint(
                condition=~Q(kind="percent") | Q(percent__gt=0, percent__lte=100), name="code_percent_makes_sense"
            ),
        ]

    def __str__(self) -> str:
        return self.code

    @property
    def used_up(self) -> bool:
        return self.limit is not None and self.redeemed >= self.limit


class GiftCard(models.Model):
    """Money paid in advance. Its code is told once; here is only its digest. The balance is the sum of its movements."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    digest = models.CharField(max_length=64, unique=True, editable=False)
    last4 = models.CharField(_("ends in"), max_length=4)
    currency = models.CharField(_("currency"), max_length=3)
    balance_cents = models.BigIntegerField(_("balance"))
    active = models.BooleanField(_("active"), default=True)
    note = models.CharField(_("note"), max_length=200, blank=True)
    issued_at = models.DateTimeField(_("issued"), default=timezone.now)

    class Meta:
        verbose_name = _("gift card")
        verbose_name_plural = _("gift cards")
        ordering: ClassVar = ["-issued_at"]
        constraints: ClassVar = [
            models.CheckConstraint(condition=Q(balance_cents__gte=0), name="gift_card_never_negative"),
        ]

    def __str__(self) -> str:
        return str(_("Gift card ending %(last4)s") % {"last4": self.last4})

    @property
    def balance(self) -> Money:
        return Money(self.balance_cents, self.currency)


class Movement(models.Model):
    """One line of a gift card's ledger, written once. `cents` is what the balance changed by."""

    class Kind(models.TextChoices):
        ISSUED = "issued", _("Issued")
        REDEEMED = "redeemed", _("Redeemed by an order")
        RELEASED = "released", _("Released: the order was cancelled")
        REFUNDED = "refunded", _("Refunded")

    card = models.ForeignKey(GiftCard, on_delete=models.PROTECT, related_name="movements")
    kind = models.CharField(_("kind"), max_length=10, choices=Kind)
    cents = models.BigIntegerField(_("amount"))
    balance_cents = models.BigIntegerField(_("balance after"))
    order_id = models.UUIDField(null=True, blank=True)
    number = models.CharField(_("order"), max_length=16, blank=True)
    return_id = models.UUIDField(null=True, blank=True, unique=True, editable=False)
    note = models.CharField(_("note"), max_length=200, blank=True)
    at = models.DateTimeField(_("when"), default=timezone.now)

    class Meta:
        verbose_name = _("movement")
        verbose_name_plural = _("movements")
        ordering: ClassVar = ["id"]
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["card", "order_id", "kind"], name="gift_card_moves_once_per_order",
                condition=Q(kind__in=["redeemed", "released"]),
            ),
            models.CheckConstraint(condition=Q(balance_cents__gte=0), name="movement_leaves_no_debt"),
        ]  # fmt: skip

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {Money(self.cents, self.card.currency)}"


class Redemption(models.Model):
    """What became of an order's code and gift card; one row for each order that had either.

    `email` and `customer_id` are empty once the person was erased. `refunded_cents` is the part of the gift card's
    that went back to it after all.
    """

    class State(models.TextChoices):
        REDEEMED = "redeemed", _("Redeemed")
        REFUSED = "refused", _("Refused")
        RELEASED = "released", _("Released")

    order_id = models.UUIDField(primary_key=True)
    number = models.CharField(_("order"), max_length=16)
    state = models.CharField(_("state"), max_length=10, choices=State)
    reason = models.CharField(_("reason"), max_length=30, blank=True)
    code = models.ForeignKey(PromotionCode, on_delete=models.PROTECT, related_name="redemptions", null=True, blank=True)
    card = models.ForeignKey(GiftCard, on_delete=models.PROTECT, related_name="redemptions", null=True, blank=True)
    currency = models.CharField(max_length=3)
    discount_cents = models.BigIntegerField(_("discount"), default=0)
    card_cents = models.BigIntegerField(_("from the gift card"), default=0)
    refunded_cents = models.BigIntegerField(default=0)
    email = models.CharField(_("e-mail"), max_length=254, blank=True)
    customer_id = models.UUIDField(null=True, blank=True, db_index=True)
    at = models.DateTimeField(_("when"))
    released_at = models.DateTimeField(_("released"), null=True, blank=True)

    class Meta:
        verbose_name = _("redemption")
        verbose_name_plural = _("redemptions")
        ordering: ClassVar = ["-at"]
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(refunded_cents__gte=0, refunded_cents__lte=F("card_cents")),
                name="redemption_refunded_within_taken",
            ),
        ]
        indexes: ClassVar = [
            models.Index(fields=["code", "email"], condition=Q(state="redeemed"), name="redemption_of_customer"),
        ]

    def __str__(self) -> str:
        return self.number

    @property
    def discount(self) -> Money:
        return Money(self.discount_cents, self.currency)

    @property
    def from_card(self) -> Money:
        return Money(self.card_cents, self.currency)
