"""When a parcel can be expected.

Working days are Monday to Friday. Public holidays differ by country and region and are not taken into account: around
one, a parcel may come a day later than said here.
"""

from __future__ import annotations

from datetime import date, timedelta

import msgspec

SATURDAY = 5


class DeliveryEstimate(msgspec.Struct, frozen=True, kw_only=True):
    """The first and last day on which a parcel is likely to come."""

    earliest: date
    latest: date


def delivery_estimate(confirmed_on: date, days_min: int, days_max: int) -> DeliveryEstimate:
    """Return when an order confirmed that day arrives by a method that takes `days_min` to `days_max` working days."""
    return DeliveryEstimate(
        earliest=working_days_after(confirmed_on, days_min), latest=working_days_after(confirmed_on, days_max)
    )


def working_days_after(day: date, count: int) -> date:
    """Return the working day that comes `count` working days after `day`; with 0, `day` itself or the next Monday."""
    while day.weekday() >= SATURDAY:
        day += timedelta(days=1)
        if day.weekday() < SATURDAY and count:
            count -= 1
    weeks, rest = divmod(count, 5)
    day += timedelta(weeks=weeks)
    for _ in range(rest):
        day += timedelta(days=3 if day.weekday() == SATURDAY - 1 else 1)
    return day
