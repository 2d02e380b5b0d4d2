"""The sandbox bank's own books. Only `contexts.payments.sandbox` reads and writes them; the admin shows them."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q
from django.utils import timezone

from contexts.kernel.money import Money
from contexts.payments.gateway import Status
from contexts.payments.sandbox.cards import Behaviour


class BankCard(models.Model):
    """A card by its token; the number itself is forgotten as soon as its behaviour is known."""

    token = models.CharField(primary_key=True, max_length=40)
    brand = models.CharField(max_length=30)
    last4 = models.CharField(max_length=4)
    behaviour = models.CharField(max_length=20, choices=[(b.value, b.value) for b in Behaviour])
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        app_label = "payments"

    def __str__(self) -> str:
        return f"{self.brand} {self.last4} ({self.behaviour})"


class BankCharge(models.Model):
    """An amount asked for on a card, what became of it, and the key it was asked for with."""

    reference = models.CharField("charge", primary_key=True, max_length=40)
    key = models.CharField(max_length=100, unique=True)
    card = models.ForeignKey(BankCard, on_delete=models.PROTECT, related_name="charges")
    order = models.CharField(max_length=60)
    status = models.CharField(max_length=20, choices=[(s.value, s.value) for s in Status])
    reason = models.CharField(max_length=40, blank=True, default="")
    amount_cents = models.BigIntegerField()
    captured_cents = models.BigIntegerField(default=0)
    refunded_cents = models.BigIntegerField(default=0)
    currency = models.CharField(max_length=3)
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        app_label = "payments"
        ordering = ["-created_at"]
        constraints = [
            models.CheckConstraint(
                name="bank_never_gives_back_more_than_it_took",
                condition=Q(refunded_cents__gte=0, refunded_cents__lte=F("captured_cents")),
            ),
            models.CheckConstraint(
                name="bank_never_takes_more_than_it_set_aside",
                condition=Q(captured_cents__gte=0, captured_cents__lte=F("amount_cents")),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.reference} {self.status}"

    @property
    def amount(self) -> Money:
        return Money(self.amount_cents, self.currency)


class BankEntry(models.Model):
    """A line in the books: every movement of a charge, in order, under the key that asked for it."""

    key = models.CharField(max_length=100, unique=True)
    charge = models.ForeignKey(BankCharge, on_delete=models.PROTECT, related_name="entries")
    kind = models.CharField(max_length=20)
    amount_cents = models.BigIntegerField()
    made_at = models.DateTimeField(default=timezone.now)

    class Meta:
        app_label = "payments"
        ordering = ["id"]
        verbose_name_plural = "bank entries"

    def __str__(self) -> str:
        return f"{self.kind} {self.amount_cents}"


class BankNotice(models.Model):
    """A message the bank owes the shop: a card holder answered. Sent until the shop takes it, or for some hours."""

    id = models.BigAutoField(primary_key=True)
    charge = models.ForeignKey(BankCharge, on_delete=models.PROTECT, related_name="notices")
    kind = models.CharField(max_length=40)
    made_at = models.DateTimeField(default=timezone.now)
    send_at = models.DateTimeField(null=True, default=timezone.now)
    tries = models.PositiveIntegerField(default=0)
    taken_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        app_label = "payments"
        ordering = ["-id"]
        indexes = [models.Index(fields=["send_at"], name="bank_notice_due", condition=Q(send_at__isnull=False))]

    def __str__(self) -> str:
        return f"{self.kind} {self.charge_id}"
