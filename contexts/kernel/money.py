"""Money as integer minor units plus a currency. How prices become those of another currency: `currencies`."""

from __future__ import annotations

from decimal import ROUND_HALF_UP, Decimal

import msgspec

#: Digits after the decimal point where it is not two: ISO 4217, table A.1, column "Minor unit".
MINOR_DIGITS = {
    **dict.fromkeys(
        ("BIF", "CLP", "DJF", "GNF", "ISK", "JPY", "KMF", "KRW", "PYG", "RWF", "UGX", "UYI", "VND", "VUV", "XAF", "XOF",
         "XPF"), 0,
    ),
    **dict.fromkeys(("BHD", "IQD", "JOD", "KWD", "LYD", "OMR", "TND"), 3),
    **dict.fromkeys(("CLF", "UYW"), 4),
}  # fmt: skip


class NotAnAmount(ValueError):
    """A number has more digits after the point than its currency."""


def minor_digits(currency: str) -> int:
    """Return how many digits the currency has after the point: 2 for EUR, 0 for JPY."""
    return MINOR_DIGITS.get(currency, 2)


def from_decimal(number: Decimal, currency: str) -> Money:
    """Return an amount of major units: `from_decimal(Decimal("19.98"), "EUR")`.

    Raises:
        NotAnAmount: there are more digits after the point than the currency has.
    """
    minor = number.scaleb(minor_digits(currency))
    if minor != minor.to_integral_value():
        raise NotAnAmount(f"{number} has more than {minor_digits(currency)} digits after the point.")
    return Money(int(minor), currency)


class CurrencyMismatch(ValueError):
    """Two amounts of different currencies were combined."""


class Money(msgspec.Struct, frozen=True, order=False):
    """An amount in the currency's minor unit: `Money(1998, "EUR")` is 19.98 euro.

    `amount` may be negative (a refund, a difference). `currency` is an ISO 4217 code.
    Adding, subtracting and comparing raise `CurrencyMismatch` across currencies.
    """

    amount: int
    currency: str

    @classmethod
    def zero(cls, currency: str) -> Money:
        return cls(0, currency)

    @property
    def decimal(self) -> Decimal:
        """The amount in major units, exact."""
        return Decimal(self.amount).scaleb(-minor_digits(self.currency))

    def times(self, factor: Decimal) -> Money:
        """Multiply by a fraction and round half up to a whole minor unit."""
        return Money(int((self.amount * factor).quantize(Decimal(1), ROUND_HALF_UP)), self.currency)

    def __add__(self, other: Money) -> Money:
        return Money(self.amount + self._same(other), self.currency)

    def __sub__(self, other: Money) -> Money:
        return Money(self.amount - self._same(other), self.currency)

    def __mul__(self, quantity: int) -> Money:
        return Money(self.amount * quantity, self.currency)

    __rmul__ = __mul__

    def __neg__(self) -> Money:
        return Money(-self.amount, self.currency)

    def __lt__(self, other: Money) -> bool:
        return self.amount < self._same(other)

    def __le__(self, other: Money) -> bool:
        return self.amount <= self._same(other)

    def __gt__(self, other: Money) -> bool:
        return self.amount > self._same(other)

    def __ge__(self, other: Money) -> bool:
        return self.amount >= self._same(other)

    def __bool__(self) -> bool:
        return self.amount != 0

    def __str__(self) -> str:
        return f"{self.decimal} {self.currency}"

    def _same(self, other: Money) -> int:
        if other.currency != self.currency:
            raise CurrencyMismatch(f"{self} and {other} are of different currencies; convert one first.")
        return other.amount


def eur(cents: int) -> Money:
    """Return euro: `eur(19_98)` is 19.98 euro."""
    return Money(cents, "EUR")


def total(amounts: list[Money], currency: str) -> Money:
    """Sum a list, which may be empty; `currency` is the one to answer in."""
    return sum(amounts, Money.zero(currency))
