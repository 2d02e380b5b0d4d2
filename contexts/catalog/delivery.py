"""When a parcel would come that is ordered today, from the ways to send it that shipping has told."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from typing import NamedTuple

import msgspec

from contexts.catalog.asking import Question
from contexts.catalog.rates import fixed_sql, rate_sql
from contexts.kernel.currencies import Rate, priced
from contexts.kernel.estimates import DeliveryEstimate, delivery_estimate
from contexts.kernel.languages import language
from contexts.kernel.money import Money


class Method(NamedTuple):
    """A way to send parcels that is offered now."""

    code: str
    name: str
    price_cents: int
    currency: str
    fixed: int | None
    rate: Rate | None
    days_min: int
    days_max: int

    @property
    def price(self) -> Money:
        fixed = {} if self.rate is None or self.fixed is None else {self.rate.currency: self.fixed}
        return priced(Money(self.price_cents, self.currency), fixed, self.rate)


def asked_methods() -> Question:
    """Ask for the ways to send parcels that are offered now."""
    return Question(
        f"SELECT json_build_array(code, coalesce(names ->> '{language()}', name), price_cents, currency, "
        f"{fixed_sql('prices')}, {rate_sql()}, days_min, days_max) "
        "AS row FROM catalog_deliverymethod WHERE active ORDER BY code"
    )


def read_methods(answer: str) -> list[Method]:
    """Read the answer to `asked_methods`."""
    return msgspec.json.decode(answer, type=list[Method])


class Promise(NamedTuple):
    """A way to send a parcel, its price, and when the parcel would come."""

    name: str
    price: Money
    when: DeliveryEstimate


def promises(methods: Iterable[Method], today: date) -> tuple[Promise, ...]:
    """Return the cheapest way, and the fastest if that is another and faster."""
    offered = list(methods)
    if not offered:
        return ()
    cheapest = min(offered, key=lambda method: (method.price.amount, method.days_max, method.code))
    fastest = min(offered, key=lambda method: (method.days_max, method.price.amount, method.code))
    chosen = [cheapest, fastest] if fastest.days_max < cheapest.days_max else [cheapest]
    return tuple(
        Promise(
            method.name,
            method.price,
            delivery_estimate(today, method.days_min, method.days_max),
        )
        for method in chosen
    )
