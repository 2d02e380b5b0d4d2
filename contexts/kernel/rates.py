"""Exchange rates in a context's own table, and what rows with a price share. Catalog's is the book; others keep copies."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Any, ClassVar, TypeVar, cast

import msgspec
from django.conf import settings
from django.db import models
from django.db.models import F, Subquery
from django.db.models.functions import Cast, JSONArray
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from contexts.kernel.currencies import Rate, own, priced
from contexts.kernel.money import Money

M = TypeVar("M", bound=models.Model)


class DatedRate(models.Model):
    """An exchange rate from a day on, until the next one of its currency begins. See `currencies.Rate`."""

    #: "GBP-2026-01-31", so that copies which are made anew have the same rows.
    key = models.CharField(max_length=16, primary_key=True, editable=False)
    currency = models.CharField(_("currency"), max_length=3)
    since = models.DateField(_("valid from"))
    per_unit = models.DecimalField(_("rate"), max_digits=18, decimal_places=8)
    step = models.PositiveIntegerField(_("rounded to"), default=1)
    less = models.PositiveIntegerField(_("then taken off"), default=0)

    class Meta:
        abstract = True
        ordering: ClassVar = ["currency", "-since"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["currency", "since"], name="%(app_label)s_one_rate_a_day"),
            models.CheckConstraint(condition=models.Q(per_unit__gt=0), name="%(app_label)s_rate_above_zero"),
            models.CheckConstraint(condition=models.Q(less__lt=F("step")), name="%(app_label)s_rate_rounds"),
        ]

    def __str__(self) -> str:
        return f"{self.currency} {self.per_unit.normalize():f}"


def rate_key(code: str, since: date) -> str:
    return f"{code}-{since.isoformat()}"


def prices_are_kept_in(code: str) -> bool:
    """Whether rows say their prices in a currency as they are, without a rate."""
    return code == own() or code not in settings.CURRENCIES


def with_rate(rows: models.QuerySet[M], code: str, rates: type[DatedRate]) -> models.QuerySet[M]:
    """Have rows say their prices in a currency; no further query, and the rate is looked up once for all of them."""
    if prices_are_kept_in(code):
        return rows
    today = rates._default_manager.filter(currency=code, since__lte=timezone.localdate()).order_by("-since")
    # As text, so that no digit is lost on the way through JSON.
    columns = JSONArray("currency", Cast("per_unit", models.TextField()), "step", "less")
    rated: Any = rows.annotate(rate_now=Subquery(today.values(found=columns)[:1], output_field=models.JSONField()))
    return cast("models.QuerySet[M]", rated)


if TYPE_CHECKING:
    _Row = models.Model
else:
    _Row = object


class Rated(_Row):
    """A row that was read `with_rate`; without, its rate is None."""

    rate_now: Any = None  # what JSON the database has

    @property
    def rate(self) -> Rate | None:
        return msgspec.convert(self.rate_now, Rate) if self.rate_now else None


class Priced(Rated):
    """A row with a price in the shop's own currency and, in `prices`, those that are fixed in others."""

    if TYPE_CHECKING:
        price_cents: Any
        currency: Any
        prices: Any

    @property
    def price(self) -> Money:
        """The price in the currency that it was read in."""
        return priced(Money(self.price_cents, self.currency), self.prices, self.rate)
