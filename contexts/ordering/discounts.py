"""What a promotion code takes off a checkout, and what it objects to. Pure functions of ordering's own copy."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from decimal import ROUND_HALF_UP, Decimal

import msgspec
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from contexts.kernel.currencies import own
from contexts.kernel.money import Money
from contexts.kernel.templatetags.tradepost import money
from contexts.ordering.events import OrderLine
from contexts.ordering.models import Code


class Reduction(msgspec.Struct, frozen=True, kw_only=True):
    """What is taken off, in cents: `lines` in the order of the checkout's lines, and off the shipping."""

    lines: list[int]
    shipping: int = 0

    @property
    def total(self) -> int:
        return sum(self.lines) + self.shipping


def reduction(code: Code, lines: Sequence[OrderLine], shipping: Money) -> Reduction:
    """Return what a code takes off: never more than the goods it is for, or the shipping, cost."""
    weights = [line.total.amount if _is_for(code, line) else 0 for line in lines]
    if code.kind == "free_shipping":
        return Reduction(lines=[0] * len(lines), shipping=shipping.amount if any(weights) else 0)
    worth = sum(weights)
    if code.kind == "percent":
        exact = Decimal(worth) * code.percent_hundredths / 100_00
        amount = int(exact.quantize(Decimal(1), ROUND_HALF_UP))
    else:
        amount = min(code.amount_in(shipping.currency) or 0, worth)
    return Reduction(lines=spread(amount, weights))


def everything(lines: Sequence[OrderLine], shipping: Money) -> Reduction:
    """Return what makes a checkout free."""
    return Reduction(lines=[line.total.amount for line in lines], shipping=shipping.amount)


def spread(amount: int, weights: Sequence[int]) -> list[int]:
    """Divide `amount` in proportion to `weights` by largest remainder: the parts are whole and sum up to it.

    While `amount` is at most the sum of the weights, no part is above its weight. Without any weight nothing is given.
    """
    whole = sum(weights)
    if not whole:
        return [0] * len(weights)
    parts = [amount * weight // whole for weight in weights]
    # The earlier of two equal remainders first, so that the same cart is always taxed alike.
    by_remainder = sorted(range(len(weights)), key=lambda place: -(amount * weights[place] % whole))
    for place in by_remainder[: amount - sum(parts)]:
        parts[place] += 1
    return parts


def objection(code: Code, lines: Sequence[OrderLine], *, now: datetime, used_before: int = 0) -> str:
    """Return why a code cannot be used for these lines, in words for the shopper; "" where it can.

    `used_before`: how many orders of the same e-mail address use it already.
    """
    currency = lines[0].unit_price.currency if lines else own()
    named = {"code": code.code}
    if code.valid_from and now < code.valid_from:
        day = date_format(timezone.localtime(code.valid_from), "DATE_FORMAT")
        return _("The code %(code)s is valid from %(day)s.") % {**named, "day": day}
    if code.valid_until and now >= code.valid_until:
        day = date_format(timezone.localtime(code.valid_until), "DATE_FORMAT")
        return _("The code %(code)s was valid until %(day)s.") % {**named, "day": day}
    if not code.usable:
        return _("The code %(code)s can no longer be used.") % named
    if code.per_customer is not None and used_before >= code.per_customer:
        return _("The code %(code)s was already used with this e-mail address.") % named
    worth = sum(line.total.amount for line in lines if _is_for(code, line))
    if not worth:
        return _("The code %(code)s is not for anything in your cart.") % named
    if code.kind == "amount" and not code.amount_in(currency):
        return _("The code %(code)s is not for prices in %(currency)s.") % {**named, "currency": currency}
    least = code.minimum_in(currency)
    if worth < least:
        amounts = {"least": money(Money(least, currency)), "more": money(Money(least - worth, currency))}
        return _("The code %(code)s needs goods for %(least)s; %(more)s is missing.") % {**named, **amounts}
    return ""


def _is_for(code: Code, line: OrderLine) -> bool:
    return not code.product_slugs or line.product_slug in code.product_slugs
