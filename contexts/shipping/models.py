"""Shipping methods, and the parcels that travel by them."""

from __future__ import annotations

import secrets
from typing import ClassVar

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from uuid_utils.compat import uuid7

from contexts.kernel.addresses import Address
from contexts.kernel.currencies import own
from contexts.kernel.languages import in_language
from contexts.kernel.money import Money

#: Letters and digits that cannot be misread on a label.
TRACKING_ALPHABET = "23456789ABCDEFGHJKLMNPQRSTUVWXYZ"


def new_tracking_number() -> str:
    """Return a number that nobody can guess (80 random bits): whoever has it may see where the parcel is."""
    return "TP" + "".join(secrets.choice(TRACKING_ALPHABET) for _ in range(16))


class ShippingMethod(models.Model):
    """A way to send parcels. `days_min` to `days_max` are working days from the confirmation."""

    code = models.SlugField(max_length=40, unique=True)
    name = models.CharField(max_length=100)
    names = models.JSONField(
        default=dict, db_default={}, blank=True, help_text=_('The name in other languages: {"de": "Standardversand"}.')
    )
    carrier = models.CharField(max_length=100)
    price_cents = models.BigIntegerField()
    currency = models.CharField(max_length=3, default=own)
    prices = models.JSONField(default=dict, db_default={}, blank=True)
    countries = ArrayField(models.CharField(max_length=2), help_text=_("ISO 3166-1 alpha-2 codes, such as NL."))
    days_min = models.PositiveSmallIntegerField()
    days_max = models.PositiveSmallIntegerField()
    active = models.BooleanField(default=True)

    class Meta:
        ordering: ClassVar = ["price_cents", "code"]
        constraints: ClassVar = [
            models.CheckConstraint(condition=Q(price_cents__gte=0), name="method_price_not_negative"),
            models.CheckConstraint(condition=Q(days_max__gte=F("days_min")), name="method_days_in_order"),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def price(self) -> Money:
        return Money(self.price_cents, self.currency)


class Parcel(models.Model):
    """An order's goods on their way. Its state moves along `TRANSITIONS` and only through the services."""

    class State(models.TextChoices):
        CREATED = "created", _("Being packed")
        DISPATCHED = "dispatched", _("On its way")
        DELIVERED = "delivered", _("Delivered")
        CANCELLED = "cancelled", _("Cancelled")

    #: From which states each state can be reached.
    TRANSITIONS: ClassVar[dict[str, tuple[str, ...]]] = {
        "dispatched": ("created",),
        "delivered": ("dispatched",),
        "cancelled": ("created",),
    }

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    order_id = models.UUIDField(unique=True)
    order_number = models.CharField(max_length=40)
    customer_id = models.UUIDField(null=True, blank=True, db_index=True)
    state = models.CharField(max_length=12, choices=State.choices, default=State.CREATED)
    method = models.CharField(max_length=40)
    carrier = models.CharField(max_length=100)
    tracking_number = models.CharField(max_length=40, unique=True, default=new_tracking_number)
    name = models.CharField(max_length=200)
    street = models.CharField(max_length=200)
    postcode = models.CharField(max_length=20)
    city = models.CharField(max_length=100)
    country = models.CharField(max_length=2)
    expected_from = models.DateField(null=True, blank=True)
    expected_until = models.DateField(null=True, blank=True)
    created_at = models.DateTimeField(default=timezone.now)
    dispatched_at = models.DateTimeField(null=True, blank=True)
    delivered_at = models.DateTimeField(null=True, blank=True)
    cancelled_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering: ClassVar = ["-created_at", "-id"]
        indexes: ClassVar = [models.Index(fields=["-created_at", "-id"], name="parcel_newest_first")]
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(state__in=["created", "dispatched", "delivered", "cancelled"]), name="parcel_state_known"
            ),
            models.CheckConstraint(
                condition=~Q(state__in=["dispatched", "delivered"]) | Q(dispatched_at__isnull=False),
                name="parcel_on_its_way_has_left",
            ),
        ]

    def __str__(self) -> str:
        return str(_("Parcel for %(number)s") % {"number": self.order_number})

    @property
    def address(self) -> Address:
        return Address(name=self.name, street=self.street, postcode=self.postcode, city=self.city, country=self.country)

    @property
    def is_moving(self) -> bool:
        """Whether something more is going to happen to it."""
        return self.state in (self.State.CREATED, self.State.DISPATCHED)


class ParcelLine(models.Model):
    """What to pack."""

    parcel = models.ForeignKey(Parcel, on_delete=models.CASCADE, related_name="lines")
    sku = models.CharField("SKU", max_length=64)
    name = models.CharField(max_length=200)
    label = models.CharField(max_length=200, blank=True)
    names = models.JSONField(default=dict, db_default={}, blank=True, editable=False)
    labels = models.JSONField(default=dict, db_default={}, blank=True, editable=False)
    quantity = models.PositiveIntegerField()

    class Meta:
        ordering: ClassVar = ["id"]

    def __str__(self) -> str:
        return f"{self.quantity} x {in_language(self.name, self.names)}"


class ParcelEvent(models.Model):
    """One entry of a parcel's tracking: it came into `state` at `happened_at`."""

    parcel = models.ForeignKey(Parcel, on_delete=models.CASCADE, related_name="events")
    state = models.CharField(max_length=12, choices=Parcel.State.choices)
    happened_at = models.DateTimeField()
    actor = models.CharField(max_length=100)

    class Meta:
        ordering: ClassVar = ["id"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["parcel", "state"], name="parcel_event_once"),
        ]

    def __str__(self) -> str:
        return self.get_state_display()


class CancelledOrder(models.Model):
    """An order whose cancellation was heard of before anything else: no parcel is made for it."""

    order_id = models.UUIDField(primary_key=True)
    cancelled_at = models.DateTimeField(default=timezone.now)

    def __str__(self) -> str:
        return str(self.order_id)
