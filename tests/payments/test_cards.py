"""Reading a card number, and what never happens to it."""

from __future__ import annotations

import pytest
from hypothesis import given, strategies as st

from contexts.payments.cards import InvalidCard, brand_of, card_number, luhn_holds
from contexts.payments.sandbox.cards import TEST_CARDS


@pytest.mark.parametrize("card", TEST_CARDS, ids=lambda card: card.number)
def test_every_test_card_has_a_number_that_can_be_one(card: object) -> None:
    assert card_number(card.spaced) == card.number  # type: ignore[attr-defined]


@given(st.integers(0, 10**15 - 1), st.integers(0, 15), st.integers(1, 9))
def test_one_wrong_digit_never_passes(beginning: int, place: int, change: int) -> None:
    fifteen = f"{beginning:015d}"
    number = next(fifteen + str(check) for check in range(10) if luhn_holds(fifteen + str(check)))

    wrong = number[:place] + str((int(number[place]) + change) % 10) + number[place + 1 :]

    assert not luhn_holds(wrong)


@given(st.text(max_size=60))
def test_whatever_is_typed_is_a_number_or_explained(typed: str) -> None:
    try:
        digits = card_number(typed)
    except InvalidCard:
        return
    assert digits.isdigit()
    assert luhn_holds(digits)


def test_an_explanation_never_repeats_the_number() -> None:
    with pytest.raises(InvalidCard) as refused:
        card_number("4242424242424241")

    assert "4242" not in str(refused.value)


@pytest.mark.parametrize(
    ("digits", "brand"),
    [
        ("4242424242424242", "Visa"),
        ("5555555555554444", "Mastercard"),
        ("2223003122003222", "Mastercard"),
        ("378282246310005", "American Express"),
        ("6011111111111117", "Card"),
    ],
)
def test_the_brand_is_read_from_the_number(digits: str, brand: str) -> None:
    assert brand_of(digits) == brand
