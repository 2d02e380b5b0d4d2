"""The currencies that the shop sells in: which one is being read, and what a price is in it.

Prices are kept in the shop's own currency, the first of `settings.CURRENCIES`. In another one a price is what staff fixed
for it, or else what the latest exchange rate makes of it, rounded as that rate says. Catalog keeps both and tells them
to the others. A currency without a rate is not sold in: its readers are shown the shop's own. See docs/money.md.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction
from math import ceil
from typing import NamedTuple

from django.conf import settings
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.utils.translation import gettext_lazy as _

from contexts.kernel.money import Money, minor_digits

COOKIE = "currency"
#: Stands beside it until the visitor's account knows of the choice, and no longer than the visit.
CHOICE_COOKIE = "currency_chosen"
#: The part of an address that chooses one: /cart/?currency=GBP.
PARAMETER = "currency"
NAMES = {
    "EUR": _("Euro"), "GBP": _("Pound sterling"), "USD": _("US dollar"), "CHF": _("Swiss franc"), "JPY": _("Japanese yen"),
    "SEK": _("Swedish krona"), "NOK": _("Norwegian krone"), "DKK": _("Danish krone"), "PLN": _("Polish złoty"),
    "CZK": _("Czech koruna"), "CAD": _("Canadian dollar"), "AUD": _("Australian dollar"),
}  # fmt: skip
_reading: ContextVar[str] = ContextVar("currency", default="")
#: What prices turned out to be in; "" as long as no page has noted it.
_shown: ContextVar[str] = ContextVar("shown currency", default="")


def own() -> str:
    """Return the shop's own currency, in which prices are kept."""
    return str(settings.CURRENCIES[0])


def currency() -> str:
    """Return the currency that is being read; the shop's own where nobody chose."""
    return _reading.get() or own()


def chosen_in(request: HttpRequest) -> str:
    """Return the currency that a browser chose, the shop's own if it chose none or one that is no longer offered."""
    known = request.COOKIES.get(COOKIE, "")
    return known if known in settings.CURRENCIES else own()


@contextmanager
def reading(code: str) -> Iterator[None]:
    """Have what is shown within be in a currency."""
    before, shown = _reading.set(code), _shown.set("")
    try:
        yield
    finally:
        _reading.reset(before)
        _shown.reset(shown)


def note_shown(code: str) -> None:
    """Note which currency the prices of a page are in, so that it can say where they are not in the one being read."""
    _shown.set(code)


def not_sold_in() -> tuple[str, str]:
    """Return what the currency being read is called, for want of a rate of which prices are in another, and what that is.

    Two empty words where all is well, and before a page noted what it shows.
    """
    shown = _shown.get() or currency()
    return ("", "") if shown == currency() else (name_of(currency()), name_of(shown))


def name_of(code: str) -> str:
    """Return a currency's name and code: "Pound sterling (GBP)"."""
    return f"{NAMES[code]} ({code})" if code in NAMES else code


def set_currency_cookie(response: HttpResponseBase, code: str) -> None:
    """Remember in the browser which currency is read, for as long as the language."""
    response.set_cookie(
        COOKIE, code, max_age=settings.LANGUAGE_COOKIE_AGE, secure=settings.LANGUAGE_COOKIE_SECURE, httponly=True,
        samesite="Lax",
    )  # fmt: skip


def set_choice_cookies(response: HttpResponseBase, code: str) -> None:
    """Remember in the browser which currency was chosen, and that an account may have to hear of it."""
    set_currency_cookie(response, code)
    response.set_cookie(CHOICE_COOKIE, "new", secure=settings.LANGUAGE_COOKIE_SECURE, httponly=True, samesite="Lax")


class Rate(NamedTuple):
    """An exchange rate: `per_unit` of the currency for one unit of the shop's own.

    Prices are rounded half up to a multiple of `step` minor units, then `less` is taken off: 5 and 0 give 21.35, 100 and
    1 give 20.99. Both keep the order of prices.
    """

    currency: str
    per_unit: Decimal
    step: int = 1
    less: int = 0

    def exchanged(self, amount: Money) -> Money:
        """Return an amount to the nearest minor unit, half up: what a code takes off, or the least that it needs."""
        return Money(self._steps(amount, 1), self.currency)

    def priced(self, price: Money) -> Money:
        """Return a price as it is rounded for shoppers. What is free stays free, and nothing else becomes so."""
        if price.amount <= 0:
            return Money(0, self.currency)
        return Money(max(self._steps(price, self.step), 1) * self.step - self.less, self.currency)

    def least_priced(self, amount: int) -> int:
        """Return what the cheapest thing costs in the shop's own currency that is sold for at least an amount here.

        Both are minor units. It is `priced` read backwards.
        """
        if amount <= 0:
            return 0
        steps = -(-(amount + self.less) // self.step)
        if steps <= 1:
            return 1  # nothing becomes free
        per_minor = Fraction(self.per_unit) * Fraction(10) ** (minor_digits(self.currency) - minor_digits(own()))
        return ceil((steps - Fraction(1, 2)) * self.step / per_minor)

    def _steps(self, amount: Money, step: int) -> int:
        exact = (amount.decimal * self.per_unit).scaleb(minor_digits(self.currency))
        return int((exact / step).quantize(Decimal(1), ROUND_HALF_UP))


def priced(price: Money, fixed: Mapping[str, int], rate: Rate | None) -> Money:
    """Return a price in the currency of a rate: the one that is fixed in it, else what the rate makes of it.

    Without a rate, or of a price that is not in the shop's own currency, it is the price itself.
    """
    if rate is None or price.currency == rate.currency or price.currency != own():
        return price
    if rate.currency in fixed:
        return Money(fixed[rate.currency], rate.currency)
    return rate.priced(price)


def amount_in(code: str, amounts: Mapping[str, int], rate: Rate | None) -> int | None:
    """Return which of the amounts (minor units by currency) counts in a currency; None where there is none.

    Without one of its own it is the amount in the shop's currency at the rate.
    """
    if code in amounts:
        return amounts[code]
    if own() not in amounts or rate is None or rate.currency != code:
        return None
    return rate.exchanged(Money(amounts[own()], own())).amount


def exchanged_back(amount: Money, per_unit: Decimal) -> Money:
    """Return an amount in the shop's own currency at a rate, to the nearest minor unit, half up."""
    exact = (amount.decimal / per_unit).scaleb(minor_digits(own()))
    return Money(int(exact.quantize(Decimal(1), ROUND_HALF_UP)), own())
