"""Value added tax contained in gross prices, by the country a parcel goes to and the day of the order.

Source of the rates: European Commission, Taxes in Europe Database and "VAT rates applied in the Member States of the
European Union" (taxation-customs.ec.europa.eu), with the national changes since: DE 2020-07 and 2021-01, LU 2023-01 and
2024-01, CZ 2024-01, FI 2024-09 and 2026-01, SK 2025-01. "reduced" is a country's main reduced rate; a country without
one (DK) charges the standard rate, and so does a tax class that the table does not know, since the standard rate is
the one that needs no exemption.
"""

from __future__ import annotations

from datetime import date
from decimal import ROUND_HALF_UP, Decimal

import msgspec

from contexts.kernel.money import Money

STANDARD = "standard"


class NoTaxRate(LookupError):
    """The shop does not know the tax of that country and day, so it cannot sell there."""


class Rates(msgspec.Struct, frozen=True):
    """A country's rates in percent from a day on, by tax class."""

    since: date
    percent: dict[str, Decimal]


def _rates(since: str, standard: str, reduced: str | None = None) -> Rates:
    percent = {STANDARD: Decimal(standard)}
    if reduced is not None:
        percent["reduced"] = Decimal(reduced)
    return Rates(date.fromisoformat(since), percent)


#: Newest first in each country.
RATES: dict[str, list[Rates]] = {
    "AT": [_rates("2016-01-01", "20", "10")],
    "BE": [_rates("1996-01-01", "21", "6")],
    "CZ": [_rates("2024-01-01", "21", "12"), _rates("2015-01-01", "21", "15")],
    "DE": [_rates("2021-01-01", "19", "7"), _rates("2020-07-01", "16", "5"), _rates("2007-01-01", "19", "7")],
    "DK": [_rates("1992-01-01", "25")],
    "ES": [_rates("2012-09-01", "21", "10")],
    "FI": [
        _rates("2026-01-01", "25.5", "13.5"),
        _rates("2024-09-01", "25.5", "14"),
        _rates("2013-01-01", "24", "14"),
    ],
    "FR": [_rates("2014-01-01", "20", "5.5")],
    "IE": [_rates("2021-03-01", "23", "13.5")],
    "IT": [_rates("2013-10-01", "22", "10")],
    "LU": [_rates("2024-01-01", "17", "8"), _rates("2023-01-01", "16", "7"), _rates("2015-01-01", "17", "8")],
    "NL": [_rates("2019-01-01", "21", "9")],
    "PL": [_rates("2011-01-01", "23", "8")],
    "PT": [_rates("2011-01-01", "23", "6")],
    "SE": [_rates("1995-01-01", "25", "12")],
    "SK": [_rates("2025-01-01", "23", "19"), _rates("2011-01-01", "20", "10")],
}


def tax_percent(*, country: str, tax_class: str, day: date) -> Decimal:
    """Return the rate in percent (`Decimal("25.5")`).

    Raises:
        NoTaxRate: the country is not in the table, or the day is before its first entry.
    """
    for rates in RATES.get(country, ()):
        if rates.since <= day:
            return rates.percent.get(tax_class, rates.percent[STANDARD])
    raise NoTaxRate(f"No tax rate is known for {country} on {day}. Add it to contexts/ordering/tax.py.")


def tax_contained(gross: Money, percent: Decimal) -> Money:
    """Return the tax inside a gross amount, rounded half up to a whole minor unit. Call it once per line."""
    exact = gross.amount * percent / (100 + percent)
    return Money(int(exact.quantize(Decimal(1), ROUND_HALF_UP)), gross.currency)
