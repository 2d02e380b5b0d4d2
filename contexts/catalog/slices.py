"""What goods cost, as bitmaps: which of them cost less than an amount, in any currency, and which come first by price.

A bitmap for each binary digit of a number finds all that are below an amount with one step for each digit, however many
goods there are: O'Neil, Quass: "Improved query performance with variant indexes", SIGMOD 1997. A rate keeps the order of
prices, so an amount in another currency is looked up as the least that is sold for it in the shop's own; goods with
fixed prices have slices of those.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from itertools import zip_longest
from typing import NamedTuple

from contexts.catalog.bits import bits, highest, lowest
from contexts.kernel.currencies import Rate, own
from contexts.kernel.money import Money

#: Of each currency: lowest and highest fixed price, and those in the shop's own of variants without. See `Product.fixed`.
Fixed = dict[str, tuple[int, int, int | None, int | None]]
#: The lowest price in the shop's own currency, what is fixed in others, and the numbers of goods that have both.
Priced = tuple[int, Fixed, list[int]]


class Sliced(NamedTuple):
    """An amount for each of some goods: which those are, and for each binary digit, the lowest first, who has it."""

    there: int = 0
    digits: tuple[int, ...] = ()

    @classmethod
    def of(cls, amounts: Mapping[int, list[int]]) -> Sliced:
        """Slice up the numbers of goods by their amount."""
        digits: list[list[int]] = [[] for _ in range(max(amounts, default=0).bit_length())]
        for amount, numbers in amounts.items():
            for place, those in enumerate(digits):
                if amount >> place & 1:
                    those.extend(numbers)
        everybody = [number for numbers in amounts.values() for number in numbers]
        return cls(bits(everybody), tuple(bits(those) for those in digits))

    def changed(self, kept: int, fresh: Sliced) -> Sliced:
        """Return the amounts with those of `fresh` instead of what is not in `kept`."""
        digits = zip_longest(self.digits, fresh.digits, fillvalue=0)
        return Sliced(self.there & kept | fresh.there, tuple(old & kept | new for old, new in digits))

    def below(self, amount: int) -> int:
        """Return who has less than an amount."""
        if amount <= 0:
            return 0
        if amount.bit_length() > len(self.digits):
            return self.there
        less, same = 0, self.there
        for place in reversed(range(len(self.digits))):
            with_it = same & self.digits[place]
            if amount >> place & 1:
                less |= same ^ with_it
                same = with_it
            else:
                same ^= with_it
        return less

    @property
    def most(self) -> int:
        """An amount that nobody has or exceeds."""
        return 1 << len(self.digits)


class Prices(NamedTuple):
    """The lowest prices of goods: in the shop's own currency; and by currency, of those with a price that is fixed in it,
    the lowest of these, and the lowest in the shop's own of their variants without.
    """

    base: Sliced = Sliced()
    fixed: Mapping[str, Sliced] = {}
    beside: Mapping[str, Sliced] = {}

    @classmethod
    def of(cls, goods: Iterable[Priced]) -> Prices:
        own: dict[int, list[int]] = {}
        fixed: dict[str, dict[int, list[int]]] = {}
        beside: dict[str, dict[int, list[int]]] = {}
        for price, others, numbers in goods:
            own.setdefault(price, []).extend(numbers)
            for code, (cents, _, rest, _) in others.items():
                fixed.setdefault(code, {}).setdefault(cents, []).extend(numbers)
                if rest is not None:
                    beside.setdefault(code, {}).setdefault(rest, []).extend(numbers)
        return cls(Sliced.of(own), *({code: Sliced.of(each) for code, each in one.items()} for one in (fixed, beside)))

    def changed(self, kept: int, fresh: Prices) -> Prices:
        """Return the prices with those of `fresh` instead of what is not in `kept`."""
        return Prices(
            self.base.changed(kept, fresh.base),
            *(
                {code: old.get(code, Sliced()).changed(kept, new.get(code, Sliced())) for code in {*old, *new}}
                for old, new in ((self.fixed, fresh.fixed), (self.beside, fresh.beside))
            ),
        )

    def below(self, amount: int, rate: Rate) -> int:
        """Return what costs less than an amount of the rate's currency."""
        least = rate.least_priced(amount)
        exchanged = self.base.below(least)
        fixed, beside = self.fixed.get(rate.currency), self.beside.get(rate.currency)
        if fixed is not None:
            exchanged = exchanged & ~fixed.there | fixed.below(amount)
        if beside is not None:
            exchanged |= beside.below(least)
        return exchanged

    def first(
        self, some: int, size: int, rate: Rate, *, dearest: bool = False, after: tuple[int, int] | None = None
    ) -> list[int]:
        """Return the numbers of those of some goods that come first by price, and by number where that is the same.

        With `dearest` the order is the other way round. `after` are price and number of one that others come after.
        """
        under = _remembered(lambda amount: some & self.below(amount, rate))
        if after is not None:
            price, number = after
            same = under(price + 1) & ~under(price)
            lower = same & ((1 << min(number, some.bit_length())) - 1)
            if dearest:
                some = under(price) | lower
            else:
                some &= ~(under(price) | lower | same & (1 << number if number < some.bit_length() else 0))
            under = _remembered(lambda amount: some & self.below(amount, rate))
        if some.bit_count() <= size:
            return list(lowest(some, size))
        # Between `low` and `high` lies the price of the last of them.
        dear = rate.priced(Money(self.base.most, own())).amount + 1
        low, high = 0, max(dear, self.fixed.get(rate.currency, Sliced()).most)
        while high - low > 1:
            middle = (low + high) // 2
            enough = (some & ~under(middle) if dearest else under(middle)).bit_count() >= size
            low, high = (middle, high) if enough == dearest else (low, middle)
        same = under(low + 1) & ~under(low)
        before = some & ~under(low + 1) if dearest else under(low)
        return [*lowest(before, size), *(highest if dearest else lowest)(same, size - before.bit_count())]


def _remembered(under: Callable[[int], int]) -> Callable[[int], int]:
    known: dict[int, int] = {}

    def remembered(amount: int) -> int:
        if amount not in known:
            known[amount] = under(amount)
        return known[amount]

    return remembered
