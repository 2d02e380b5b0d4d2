"""Delivery is estimated in working days; weekends are skipped, holidays are not known."""

from datetime import date, timedelta

import pytest
from hypothesis import given, strategies as st

from contexts.kernel.estimates import DeliveryEstimate, delivery_estimate, working_days_after

THURSDAY, FRIDAY, SATURDAY, MONDAY = (date(2026, 3, day) for day in (5, 6, 7, 9))


@pytest.mark.parametrize(
    ("day", "count", "comes"),
    [
        (THURSDAY, 0, THURSDAY),
        (THURSDAY, 1, FRIDAY),
        (THURSDAY, 2, MONDAY),
        (FRIDAY, 1, MONDAY),
        (FRIDAY, 5, date(2026, 3, 13)),
        (SATURDAY, 0, MONDAY),
        (SATURDAY, 1, MONDAY),
        (SATURDAY, 2, date(2026, 3, 10)),
    ],
)
def test_working_days_skip_weekends(day, count, comes):
    assert working_days_after(day, count) == comes


def test_an_estimate_is_a_span_of_days():
    assert delivery_estimate(THURSDAY, 2, 4) == DeliveryEstimate(earliest=MONDAY, latest=date(2026, 3, 11))


@given(day=st.dates(date(2020, 1, 1), date(2030, 1, 1)), count=st.integers(1, 90))
def test_counting_days_one_by_one_gives_the_same(day, count):
    walked = day
    left = count
    while left:
        walked += timedelta(days=1)
        left -= walked.weekday() < 5

    assert working_days_after(day, count) == walked
