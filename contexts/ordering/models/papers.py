"""What belongs to an order and is no event: its invoices, and photos sent with a return."""

from __future__ import annotations

import msgspec
from django.core.files.storage import Storage, storages
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from uuid_utils.compat import uuid7

from contexts.ordering.invoicing.document import Document


def private_storage() -> Storage:
    """Where files lie that only a view gives out, to those who may see them; never below a public address."""
    storage: Storage = storages["private"]
    return storage


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
