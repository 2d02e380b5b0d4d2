"""Tax is contained in the gross price, by country, class and day, rounded half up once per line."""

from datetime import date
from decimal import Decimal

import pytest

from contexts.kernel.money import eur
from contexts.ordering.models import Offer, ShippingMethod
from contexts.ordering.quotes import quote
from contexts.ordering.tax import NoTaxRate, tax_contained, tax_percent
from tests.ordering.shop import NOON, line

TODAY = NOON.date()


@pytest.mark.parametrize(
    ("gross", "percent", "contained"),
    [
        (119_00, "19", 19_00),
        (19_99, "19", 3_19),
        (100_00, "25.5", 20_32),
        (10_00, "5.5", 52),
        (1, "19", 0),
        (1_05, "5", 5),
        # Exactly 3.5 and 2.5 cents: both halves go up, where rounding to even would give 4 and 2.
        (21, "20", 4),
        (15, "20", 3),
        (0, "19", 0),
        (-119_00, "19", -19_00),
    ],
)
def test_the_tax_inside_a_price(gross, percent, contained):
    assert tax_contained(eur(gross), Decimal(percent)) == eur(contained)


@pytest.mark.parametrize(
    ("country", "tax_class", "day", "percent"),
    [
        ("DE", "standard", "2026-03-02", "19"),
        ("DE", "reduced", "2026-03-02", "7"),
        ("DE", "standard", "2020-12-31", "16"),
        ("DE", "standard", "2021-01-01", "19"),
        ("FI", "standard", "2024-08-31", "24"),
        ("FI", "standard", "2024-09-01", "25.5"),
        ("FI", "reduced", "2026-01-01", "13.5"),
        ("CZ", "reduced", "2023-12-31", "15"),
        ("CZ", "reduced", "2024-01-01", "12"),
        ("SK", "standard", "2025-01-01", "23"),
        ("FR", "reduced", "2026-03-02", "5.5"),
        ("DK", "reduced", "2026-03-02", "25"),
        ("AT", "never-heard-of", "2026-03-02", "20"),
    ],
)
def test_the_rate_of_a_country_on_a_day(country, tax_class, day, percent):
    found = tax_percent(country=country, tax_class=tax_class, day=date.fromisoformat(day))

    assert found == Decimal(percent)


def test_a_country_without_a_rate_is_refused_with_the_next_step():
    with pytest.raises(NoTaxRate, match=r"No tax rate is known for BR on 2026-03-02\. Add it"):
        tax_percent(country="BR", tax_class="standard", day=TODAY)


def test_a_quote_rounds_once_per_line_and_adds_up_by_rate():
    def sold(sku, cents, tax_class):
        return Offer(sku=sku, name=sku, price_cents=cents, tax_class=tax_class, on_sale=True)

    offers = {
        o.sku: o for o in [sold("MUG", 33, "standard"), sold("CUP", 33, "standard"), sold("BOOK", 10_00, "reduced")]
    }

    now = quote(
        wanted=[line("MUG", quantity=1), line("CUP", quantity=1), line("BOOK", quantity=2)],
        offers=offers,
        method=ShippingMethod(price_cents=4_90, currency="EUR"),
        country="DE",
        day=TODAY,
    )

    # 33 ct hold 5.27 ct: 5 + 5, where 66 ct at once would hold 10.54, so 11. Shipping holds 78.
    assert [(str(share.percent), share.gross, share.tax) for share in now.taxes] == [
        ("19", eur(5_56), eur(88)),
        ("7", eur(20_00), eur(1_31)),
    ]
    assert (now.subtotal, now.shipping, now.tax, now.total) == (eur(20_66), eur(4_90), eur(2_19), eur(25_56))


@pytest.mark.parametrize(
    ("country", "tax", "total", "added"),
    [("DE", 4_77, 29_90, False), ("CA", 1_50, 31_40, True), ("US", 0, 29_90, True)],
)
def test_some_countries_add_tax_to_the_price(country, tax, total, added):
    offers = {"RED-MUG": Offer(sku="RED-MUG", price_cents=12_50, on_sale=True)}
    method = ShippingMethod(code="standard", price_cents=4_90, currency="EUR", countries=[country], active=True)

    priced = quote(wanted=[line()], offers=offers, method=method, country=country, day=TODAY)

    # 5 % of 25.00 and of 4.90, each rounded half up: 1.25 and 0.245.
    assert (priced.tax, priced.total, priced.tax_added) == (eur(tax), eur(total), added)
    assert sum(share.gross.amount for share in priced.taxes) == total
