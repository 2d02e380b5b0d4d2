"""Rates: what a price is in another currency, and how it is rounded, also where the smallest unit is another."""

from decimal import Decimal

import pytest
from django.test import RequestFactory
from hypothesis import given, strategies as st

from config.middleware import CurrencyMiddleware
from contexts.kernel.currencies import Rate, amount_in, currency, exchanged_back, priced
from contexts.kernel.money import Money, NotAnAmount, eur, from_decimal

YEN = Rate("JPY", Decimal("178"), step=10)
POUND = Rate("GBP", Decimal("0.87"), step=5)
DOLLAR = Rate("USD", Decimal("1.16"), step=100, less=1)


@pytest.mark.parametrize(
    ("price", "rate", "shown"),
    [
        (eur(12_50), None, eur(12_50)),
        (eur(12_50), POUND, Money(10_90, "GBP")),  # 10.875 is half way up to the next five pence
        (eur(12_50), YEN, Money(2230, "JPY")),  # 2,225 yen, which has no smaller unit
        (eur(12_50), DOLLAR, Money(14_99, "USD")),  # 14.50 is half way up to 15.00
        (eur(1), POUND, Money(5, "GBP")),  # nothing becomes free
        (eur(0), DOLLAR, Money(0, "USD")),  # and what is free stays so
    ],
)
def test_a_price_is_exchanged_and_rounded_as_its_rate_says(price, rate, shown):
    assert priced(price, {}, rate) == shown


def test_a_fixed_price_counts_whatever_the_rate():
    assert priced(eur(12_50), {"JPY": 2000}, YEN) == Money(2000, "JPY")
    assert priced(eur(12_50), {"JPY": 2000}, POUND) == Money(10_90, "GBP")


@given(st.lists(st.integers(1, 10**7), min_size=2), st.sampled_from([YEN, POUND, DOLLAR]))
def test_dearer_goods_are_never_cheaper_in_another_currency(cents, rate):
    shown = [rate.priced(eur(price)) for price in sorted(cents)]

    assert shown == sorted(shown)
    assert all(price.amount > 0 for price in shown)


@given(st.integers(1, 10**7), st.sampled_from([YEN, POUND, DOLLAR]))
def test_the_least_price_that_is_sold_for_an_amount_is_found_backwards(amount, rate):
    least = rate.least_priced(amount)

    assert rate.priced(eur(least)).amount >= amount
    assert rate.priced(eur(least - 1)).amount < amount


def test_a_codes_amount_is_its_own_in_a_currency_or_exchanged_to_the_smallest_unit():
    assert amount_in("GBP", {"EUR": 5_00, "GBP": 4_00}, POUND) == 4_00
    assert amount_in("GBP", {"EUR": 5_00}, POUND) == 4_35
    assert amount_in("JPY", {"EUR": 5_00}, YEN) == 890
    assert amount_in("USD", {"EUR": 5_00}, None) is None


def test_amounts_are_read_and_exchanged_back_with_the_digits_of_their_currency():
    assert from_decimal(Decimal("1998"), "JPY") == Money(1998, "JPY")
    assert exchanged_back(Money(1780, "JPY"), Decimal("178")) == eur(10_00)
    with pytest.raises(NotAnAmount, match="has more than 0 digits"):
        from_decimal(Decimal("19.98"), "JPY")


def test_an_address_chooses_a_currency_and_leads_to_itself_without_it():
    def answer(request):
        raise AssertionError("nothing is shown before the choice is kept")

    chosen = CurrencyMiddleware(answer)(RequestFactory().get("/c/cups/?sort=price&currency=JPY"))

    assert (chosen.status_code, chosen["Location"]) == (302, "/c/cups/?sort=price")
    assert chosen.cookies["currency"].value == "JPY"


@pytest.mark.parametrize(("cookie", "read"), [("GBP", "GBP"), ("XXX", "EUR"), ("", "EUR")])
def test_what_was_chosen_is_read_and_answers_differ_by_it(cookie, read):
    from django.http import HttpResponse

    request = RequestFactory().get("/", headers={"cookie": f"currency={cookie}"})

    shown = CurrencyMiddleware(lambda request: HttpResponse(currency()))(request)

    assert shown.content.decode() == read
    assert shown["Vary"] == "Cookie"
