"""Order numbers: short, the same for the same order, and forgiving to type."""

import re
from uuid import UUID

import pytest
from uuid_utils.compat import uuid7

from contexts.ordering.order_numbers import as_typed, order_number

ORDER = UUID("01890000-0000-7000-8000-000000000001")


def test_an_order_always_has_the_same_number():
    assert order_number(ORDER) == order_number(ORDER) == "TP-DBX9-TB37"


def test_numbers_look_alike_nothing_and_differ():
    numbers = {order_number(uuid7()) for _ in range(2_000)}

    assert len(numbers) == 2_000
    assert all(re.fullmatch(r"TP-[0-9A-HJKMNP-TV-Z]{4}-[0-9A-HJKMNP-TV-Z]{4}", number) for number in numbers)


def test_the_next_attempt_gives_another_number():
    assert order_number(ORDER, 1) != order_number(ORDER)


@pytest.mark.parametrize("typed", ["TP-7F3K-92Q1", "tp7f3k92q1", " 7f3k 92qI ", "TP-7F3K-92QL"])
def test_a_number_is_found_however_it_was_typed(typed):
    assert as_typed(typed) == "TP-7F3K-92Q1"
