"""The tax of a sale, by the country a parcel goes to and the day of the order: contained in the price, or added to it.

Source of the rates: European Commission, Taxes in Europe Database and "VAT rates applied in the Member States of the
European Union" (taxation-customs.ec.europa.eu), with the national changes since: DE 2020-07 and 2021-01, LU 2023-01 and
2024-01, CZ 2024-01, FI 2024-09 and 2026-01, SK 2025-01. Beyond the Union: GB, VAT Notice 700; CH, MWSTG article 25 in the
version of 2024; JP, consumption tax since 2019-10; CA, the federal GST, which is added at the till as everywhere there
(Excise Tax Act, section 165); US, where sales tax is owed in the states in which a shop has to register, and none before.
The provinces' and states' own taxes are not known here. "reduced" is a country's main reduced rate; a country without
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
    """A country's rates in percent from a day on, by tax class. `added`: prices are without it."""

    since: date
    percent: dict[str, Decimal]
    added: bool = False


def _rates(since: str, standard: str, reduced: str | None = None, *, added: bool = False) -> Rates:
    percent = {STANDARD: Decimal(standard)}
    if reduced is not None:
        percent["reduced"] = Decimal(reduced)
    return Rates(date.fromisoformat(since), percent, added)


#: Newest first in each country.
RATES: dict[str, list[Rates]] = {
    "AT": [_rates("2016-01-01", "20", "10")],
    "BE": [_rates("1996-01-01", "21", "6")],
    "CA": [_rates("2008-01-01", "5", added=True), _rates("2006-07-01", "6", added=True)],
    "CH": [_rates("2024-01-01", "8.1", "2.6"), _rates("2018-01-01", "7.7", "2.5")],
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
    "GB": [_rates("2011-01-04", "20", "5")],
    "IE": [_rates("2021-03-01", "23", "13.5")],
    "IT": [_rates("2013-10-01", "22", "10")],
    "JP": [_rates("2019-10-01", "10", "8"), _rates("2014-04-01", "8")],
    "LU": [_rates("2024-01-01", "17", "8"), _rates("2023-01-01", "16", "7"), _rates("2015-01-01", "17", "8")],
    "NL": [_rates("2019-01-01", "21", "9")],
    "PL": [_rates("2011-01-01", "23", "8")],
    "PT": [_rates("2011-01-01", "23", "6")],
    "SE": [_rates("1995-01-01", "25", "12")],
    "SK": [_rates("2025-01-01", "23", "19"), _rates("2011-01-01", "20", "10")],
    "US": [_rates("2000-01-01", "0", added=True)],
}


def tax_percent(*, country: str, tax_class: str, day: date) -> Decimal:
    """Return the rate in percent (`Decimal("25.5")`).

    Raises:
        NoTaxRate: the country is not in the table, or the day is before its first entry.
    """
    percent = _valid(country, day).percent
    return percent.get(tax_class, percent[STANDARD])


def is_added(*, country: str, day: date) -> bool:
    """Return whether tax comes on top of prices there. Raises `NoTaxRate` as `tax_percent` does."""
    return _valid(country, day).added


def _valid(country: str, day: date) -> Rates:
    for rates in RATES.get(country, ()):
        if rates.since <= day:
            return rates
    raise NoTaxRate(f"No tax rate is known for {country} on {day}. Add it to contexts/ordering/tax.py.")


def tax_contained(gross: Money, percent: Decimal) -> Money:
    """Return the tax inside a gross amount, rounded half up to a whole minor unit. Call it once per line."""
    exact = gross.amount * percent / (100 + percent)
    return Money(int(exact.quantize(Decimal(1), ROUND_HALF_UP)), gross.currency)


def tax_on(net: Money, percent: Decimal) -> Money:
    """Return the tax that comes on top of a net amount, rounded half up to a whole minor unit. Call it once per line."""
    return net.times(percent / 100)


def tax_of(price: Money, percent: Decimal, *, added: bool) -> Money:
    """Return the tax of a price that contains it, or to which it is added."""
    return tax_on(price, percent) if added else tax_contained(price, percent)
