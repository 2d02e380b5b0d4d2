"""What is shown of each order, made from its stream."""

from __future__ import annotations

import msgspec
from django.db import models
from django.db.models import Q
from django.db.models.functions import Upper
from django.utils.translation import gettext_lazy as _

from contexts.kernel.money import Money
from contexts.kernel.said import Said


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
    said = models.JSONField(default=list, db_default=[])
    language = models.CharField(max_length=12, default="", db_default="")
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
    def sentences(self) -> list[Said]:
        """What the shopper was told last, to be worded; empty where somebody typed `explanation`."""
        return msgspec.convert(self.said, list[Said])

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
