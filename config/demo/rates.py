"""The demo's exchange rates: about those of the day it was written, so that a visitor sees sensible prices."""

from __future__ import annotations

from decimal import Decimal

from django.conf import settings

from contexts.catalog.models import ExchangeRate
from contexts.catalog.rates import set_rate
from contexts.kernel.currencies import Rate, own
from contexts.messaging import acting_as

RATES = (
    Rate("GBP", Decimal("0.87"), step=5),
    Rate("USD", Decimal("1.16"), step=100, less=1),
    Rate("CHF", Decimal("0.93"), step=5),
    Rate("JPY", Decimal("178"), step=10),
)


def make() -> int:
    """Set the rates of the currencies that have none; return how many that was."""
    known = set(ExchangeRate.objects.values_list("currency", flat=True))
    wanted = [rate for rate in RATES if rate.currency in settings.CURRENCIES and rate.currency not in known]
    if own() != "EUR":
        return 0
    with acting_as("system:demo"):
        for rate in wanted:
            set_rate(rate)
    return len(wanted)
