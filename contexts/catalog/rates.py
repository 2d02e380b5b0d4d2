"""Exchange rates: the book that staff keep, and how catalog's pages read the rate of the day."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import NamedTuple

import msgspec
from django.conf import settings
from django.db import transaction
from django.db.models import Max
from django.utils import timezone

from contexts.catalog.asking import Question
from contexts.catalog.errors import NotARate
from contexts.catalog.events import ExchangeRateSet
from contexts.catalog.models import ExchangeRate
from contexts.kernel.currencies import Rate, currency, note_shown, own
from contexts.kernel.money import minor_digits
from contexts.kernel.rates import rate_key
from contexts.messaging import publish

#: A rate that began longer ago still counts, and staff are asked whether it should.
OLD_AFTER_DAYS = 30
# The code is one of the settings', and the day is ours: nothing of it comes from an address.
_TODAY = "FROM catalog_exchangerate WHERE currency = '{code}' AND since <= '{today}' ORDER BY since DESC LIMIT 1"


def set_rate(rate: Rate, *, since: date | None = None) -> ExchangeRate:
    """Sell at a rate from a day on, today if none is said; a rate of that day is corrected. Saying it again says nothing.

    Raises:
        NotARate: the currency is not one of the shop's others, or the numbers make no sense.
    """
    since = since or timezone.localdate()
    check_rate(rate)
    wanted = {
        "currency": rate.currency,
        "since": since,
        "per_unit": rate.per_unit,
        "step": rate.step,
        "less": rate.less,
    }
    with transaction.atomic(using="catalog"):
        kept, is_new = ExchangeRate.objects.select_for_update().get_or_create(
            key=rate_key(rate.currency, since), defaults=wanted
        )
        if not is_new:
            if all(getattr(kept, field) == value for field, value in wanted.items()):
                return kept
            for field, value in wanted.items():
                setattr(kept, field, value)
            kept.save()
        publish(
            ExchangeRateSet(currency=rate.currency, since=since, per_unit=rate.per_unit, step=rate.step, less=rate.less)
        )
    return kept


def check_rate(rate: Rate) -> None:
    """Raise `NotARate` for the first thing that is wrong with a rate."""
    if rate.currency == own() or rate.currency not in settings.CURRENCIES:
        raise NotARate("currency", f"{rate.currency} is none of the shop's other currencies.")
    if not Decimal(0) < rate.per_unit < Decimal(10) ** 9:
        raise NotARate("per_unit", "A rate is above zero: so many units of the currency for one of the shop's own.")
    if not rate.step or not 0 <= rate.less < rate.step:
        raise NotARate("less", "Prices are rounded to 1 or more, and less than that is taken off.")


def rate_sql() -> str:
    """Return the SQL of today's rate of the currency being read, as JSON; of the shop's own it is "null".

    It depends on no row, so a statement looks it up once, however many rows have it.
    """
    if currency() == own():
        return "null"
    return _of_rate("json_build_array(currency, per_unit::text, step, less)")


def fixed_sql(column: str) -> str:
    """Return the SQL of what `column` has for the currency being read."""
    return "null" if currency() == own() else f"{column} -> '{currency()}'"


def shown_sql() -> str:
    """Return the SQL of a product's lowest price in the currency being read, in minor units, as `Card` says it.

    Without a rate it is the price in the shop's own currency.
    """
    code = currency()
    if code == own():
        return "price_from_cents"
    lowest, rest = (f"(fixed -> '{code}' ->> {place})::bigint" for place in (0, 2))
    return (
        f"CASE WHEN {_of_rate('per_unit')} IS NULL THEN price_from_cents WHEN fixed ? '{code}' "
        f"THEN LEAST({lowest}, {_priced_sql(rest)}) ELSE {_priced_sql('price_from_cents')} END"
    )


def _priced_sql(cents: str) -> str:
    """Return the SQL of `Rate.priced`; of nothing it is nothing."""
    step, smaller = _of_rate("step"), Decimal(10) ** (minor_digits(currency()) - minor_digits(own()))
    steps = f"GREATEST(round({cents} * {smaller} * {_of_rate('per_unit')} / {step}), 1)"
    return f"CASE WHEN {cents} > 0 THEN {steps}::bigint * {step} - {_of_rate('less')} WHEN {cents} <= 0 THEN 0 END"


def _of_rate(column: str) -> str:
    return f"(SELECT {column} {_TODAY.format(code=currency(), today=timezone.localdate().isoformat())})"


def asked_rate() -> Question:
    """Ask for today's rate of the currency being read."""
    return Question(f"SELECT {rate_sql()} AS row")


def read_rate(answer: str) -> Rate | None:
    """Read the answer to `asked_rate`; the page says where there is none."""
    [rate] = msgspec.json.decode(answer, type=list[Rate | None])
    note_shown(rate.currency if rate else own())
    return rate


class Doubt(NamedTuple):
    """A currency that nothing is sold in for want of a rate, or whose rate began long ago."""

    currency: str
    since: date | None


def doubts() -> list[Doubt]:
    """Return the currencies whose rate staff should see to; one query."""
    today = timezone.localdate()
    begun = ExchangeRate.objects.filter(since__lte=today).order_by().values_list("currency").annotate(Max("since"))
    latest: dict[str, date] = dict(begun)
    found = [Doubt(code, latest.get(code)) for code in settings.CURRENCIES if code != own()]
    return [doubt for doubt in found if doubt.since is None or (today - doubt.since).days > OLD_AFTER_DAYS]
