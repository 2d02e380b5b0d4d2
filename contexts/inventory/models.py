"""Stock: how many pieces there are, for whom some are kept, and the ledger that explains both.

A *hold* keeps pieces for a checkout until a moment; a *reservation* keeps them for a placed order until its parcel
leaves or it is cancelled.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar
from uuid import UUID

from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

#: More pieces of one thing than any shelf holds; a larger number is a slip of the hand.
MAX_PIECES = 1_000_000


class StockItemQuerySet(models.QuerySet["StockItem"]):
    """The questions staff ask of the shelf."""

    def sold_out(self) -> StockItemQuerySet:
        return self.filter(on_hand=F("held") + F("reserved"))

    def low(self) -> StockItemQuerySet:
        """Items for sale with no more than their threshold available, sold-out ones included."""
        return self.filter(for_sale=True, on_hand__lte=F("held") + F("reserved") + F("low_stock_threshold"))


class StockItem(models.Model):
    """One SKU on the shelf: `on_hand` pieces, of which `held` and `reserved` are promised."""

    sku = models.CharField("SKU", max_length=64, unique=True)
    name = models.CharField(max_length=200, blank=True)
    label = models.CharField(max_length=200, blank=True)
    product_id = models.UUIDField(null=True, blank=True, db_index=True)
    for_sale = models.BooleanField(default=True)
    on_hand = models.PositiveIntegerField(default=0)
    held = models.PositiveIntegerField(default=0)
    reserved = models.PositiveIntegerField(default=0)
    low_stock_threshold = models.PositiveIntegerField(
        default=5, help_text=_("Listed as low when this many or fewer are available.")
    )
    opened_at = models.DateTimeField(default=timezone.now, editable=False)

    objects = StockItemQuerySet.as_manager()

    class Meta:
        ordering: ClassVar = ["sku"]
        constraints: ClassVar = [
            models.CheckConstraint(condition=Q(on_hand__gte=0), name="stock_on_hand_not_negative"),
            models.CheckConstraint(condition=Q(held__gte=0), name="stock_held_not_negative"),
            models.CheckConstraint(condition=Q(reserved__gte=0), name="stock_reserved_not_negative"),
            models.CheckConstraint(
                condition=Q(on_hand__gte=F("held") + F("reserved")), name="stock_promises_are_on_hand"
            ),
        ]

    def __str__(self) -> str:
        return self.sku

    @property
    def title(self) -> str:
        return " - ".join(part for part in (self.name, self.label) if part) or self.sku

    @property
    def promised(self) -> int:
        return self.held + self.reserved

    @property
    def available(self) -> int:
        """How many pieces can be bought now."""
        return self.on_hand - self.held - self.reserved

    @property
    def is_low(self) -> bool:
        return self.available <= self.low_stock_threshold


class StockMove(models.Model):
    """One line of the ledger: what changed, the sums after it, who did it and why. Never changed, never deleted."""

    class Kind(models.TextChoices):
        RECEIVED = "received", _("Received")
        ADJUSTED = "adjusted", _("Counted")
        HELD = "held", _("Held")
        HOLD_RELEASED = "hold_released", _("Hold Released")
        HOLD_EXPIRED = "hold_expired", _("Hold Expired")
        RESERVED = "reserved", _("Reserved")
        RELEASED = "released", _("Released")
        BOOKED_OUT = "booked_out", _("Booked Out")

    item = models.ForeignKey(StockItem, on_delete=models.PROTECT, related_name="moves")
    kind = models.CharField(max_length=16, choices=Kind.choices)
    on_hand_change = models.IntegerField(default=0)
    held_change = models.IntegerField(default=0)
    reserved_change = models.IntegerField(default=0)
    on_hand_after = models.PositiveIntegerField()
    held_after = models.PositiveIntegerField()
    reserved_after = models.PositiveIntegerField()
    order_id = models.UUIDField(null=True, blank=True, db_index=True)
    reason = models.CharField(max_length=300)
    actor = models.CharField(max_length=100)
    moved_at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering: ClassVar = ["-id"]
        indexes: ClassVar = [models.Index(fields=["item", "id"], name="stockmove_item_history")]

    def __str__(self) -> str:
        return f"{self.item_id} {self.get_kind_display()}"

    @property
    def on_hand_before(self) -> int:
        return self.on_hand_after - self.on_hand_change

    @property
    def held_before(self) -> int:
        return self.held_after - self.held_change

    @property
    def reserved_before(self) -> int:
        return self.reserved_after - self.reserved_change


class Hold(models.Model):
    """Pieces kept for a checkout until `until`; only a live one counts in the items' `held`."""

    class State(models.TextChoices):
        LIVE = "live", _("Live")
        USED = "used", _("Became a reservation")
        RELEASED = "released", _("Released")
        EXPIRED = "expired", _("Expired")

    order_id = models.UUIDField(unique=True)
    until = models.DateTimeField()
    state = models.CharField(max_length=10, choices=State.choices, default=State.LIVE)
    started_at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering: ClassVar = ["-id"]
        indexes: ClassVar = [models.Index(fields=["until"], condition=Q(state="live"), name="hold_live_until")]

    def __str__(self) -> str:
        return str(_("Hold for %(order)s") % {"order": self.order_id})

    def pieces(self) -> dict[str, int]:
        """Return quantities by SKU."""
        return {line.sku: line.quantity for line in self.lines.all()}


class HoldLine(models.Model):
    """How many pieces of one SKU a hold keeps."""

    hold = models.ForeignKey(Hold, on_delete=models.CASCADE, related_name="lines")
    sku = models.CharField("SKU", max_length=64)
    quantity = models.PositiveIntegerField()

    class Meta:
        ordering: ClassVar = ["sku"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["hold", "sku"], name="hold_line_once"),
            models.CheckConstraint(condition=Q(quantity__gt=0), name="hold_line_of_some"),
        ]

    def __str__(self) -> str:
        return f"{self.quantity} x {self.sku}"


class Reservation(models.Model):
    """What a placed order was given. Only a reserved one counts in the items' `reserved`.

    Events of other contexts may come before the order itself: a row without lines was released or booked out before
    the order was heard of, and gets its lines when it is.
    """

    class State(models.TextChoices):
        RESERVED = "reserved", _("Reserved")
        REJECTED = "rejected", _("Not all there")
        RELEASED = "released", _("Released")
        BOOKED_OUT = "booked_out", _("Booked Out")

    order_id = models.UUIDField(unique=True)
    state = models.CharField(max_length=10, choices=State.choices)
    decided_at = models.DateTimeField(default=timezone.now)
    changed_at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering: ClassVar = ["-id"]

    def __str__(self) -> str:
        return str(_("Reservation for %(order)s") % {"order": self.order_id})

    def pieces(self) -> dict[str, int]:
        """Return quantities by SKU; empty as long as the order was not heard of."""
        return {line.sku: line.quantity for line in self.lines.all()}

    def keep(self, pieces: Mapping[str, int], missing: Mapping[str, int] | None = None) -> None:
        """Write the order's lines."""
        ReservationLine.objects.bulk_create(
            ReservationLine(reservation=self, sku=sku, quantity=pieces[sku], missing=(missing or {}).get(sku, 0))
            for sku in sorted(pieces)
        )


class ReservationLine(models.Model):
    """How many pieces of one SKU an order wants.

    `missing` pieces left in a parcel although they were no longer the order's (it had been cancelled) and all others
    were promised: they are not booked out, and a person must count.
    """

    reservation = models.ForeignKey(Reservation, on_delete=models.CASCADE, related_name="lines")
    sku = models.CharField("SKU", max_length=64)
    quantity = models.PositiveIntegerField()
    missing = models.PositiveIntegerField(default=0)

    class Meta:
        ordering: ClassVar = ["sku"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["reservation", "sku"], name="reservation_line_once"),
            models.CheckConstraint(condition=Q(quantity__gt=0), name="reservation_line_of_some"),
        ]

    def __str__(self) -> str:
        return f"{self.quantity} x {self.sku}"


def order_subject(order_id: UUID) -> str:
    return f"order/{order_id}"
