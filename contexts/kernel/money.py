"""Money as integer minor units plus a currency."""

from __future__ import annotations

from decimal import ROUND_HALF_UP, Decimal

import msgspec

#: Digits after the decimal point where it is not two (ISO 4217).
MINOR_DIGITS = {"JPY": 0, "KRW": 0, "ISK": 0, "KWD": 3, "BHD": 3, "TND": 3}


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
        return Decimal(self.amount).scaleb(-MINOR_DIGITS.get(self.currency, 2))

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
