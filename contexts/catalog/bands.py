"""Bands of prices, in round numbers of whatever currency is read.

A band is known in addresses by its place: what was the second band in euros is the second in yen, and costs about as much.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache

from django.utils.translation import gettext as _

from contexts.kernel.currencies import Rate, own
from contexts.kernel.money import Money
from contexts.kernel.templatetags.tradepost import money

#: In minor units of a currency: from, below.
Band = tuple[int, int | None]
#: Those of the shop's own currency. A product has the token of the one that its lowest price lies in, see `shelves.py`.
BANDS: dict[str, Band] = {
    "to-25": (0, 25_00), "25-60": (25_00, 60_00), "60-150": (60_00, 150_00), "from-150": (150_00, None),
}  # fmt: skip
#: What a round number begins with.
_ROUND = (10, 12, 15, 20, 25, 30, 35, 40, 45, 50, 60, 70, 80, 90, 100)


@lru_cache(maxsize=64)
def bands(rate: Rate | None) -> dict[str, Band]:
    """Return the bands of a rate's currency: where those of the shop's own begin, exchanged, to the nearest round number."""
    if rate is None:
        return BANDS
    begins = [0]
    for low, _below in list(BANDS.values())[1:]:
        # Where a unit is worth a fortune all would begin at 1.
        begins.append(max(_round(rate.exchanged(Money(low, own())).amount), begins[-1] + 1))
    return dict(zip(BANDS, zip(begins, [*begins[1:], None], strict=True), strict=True))


def span(chosen: Sequence[str]) -> Band:
    """Return between which prices the bands lie that are chosen, in the shop's own currency."""
    each = [BANDS[band] for band in chosen] or [(0, None)]
    above = [below for _, below in each]
    return min(low for low, _ in each), None if None in above else max(below for below in above if below)


def names(rate: Rate | None) -> dict[str, str]:
    """Return what the bands are called in a rate's currency, in the shop's own without one."""
    code = rate.currency if rate else own()

    def said(amount: int) -> str:
        return money(Money(amount, code), short=True)

    found = {}
    for band, (low, below) in bands(rate).items():
        if not low:
            found[band] = _("Under %(price)s") % {"price": said(below or 0)}
        elif below is None:
            found[band] = _("%(price)s and more") % {"price": said(low)}
        else:
            found[band] = _("%(low)s to %(high)s") % {"low": said(low), "high": said(below)}
    return found


def _round(amount: int) -> int:
    """Return the round number that is nearest, in proportion."""
    if amount < 10:
        return amount
    scale = int("1" + "0" * (len(str(amount)) - 2))
    return min((first * scale for first in _ROUND), key=lambda number: max(number / amount, amount / number))
