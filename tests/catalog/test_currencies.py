"""Prices in other currencies: the book of rates, fixed prices, and every page that shows them."""

from datetime import timedelta
from decimal import Decimal

import pytest
from django.db import connections
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from contexts.catalog import services
from contexts.catalog.errors import NotAPrice, NotARate
from contexts.catalog.events import ExchangeRateSet, PricesFixed
from contexts.catalog.models import ExchangeRate
from contexts.catalog.rates import set_rate
from contexts.kernel.currencies import Rate
from contexts.kernel.money import Money
from tests.catalog.factories import aisle, draft, on_sale, variant

pytestmark = pytest.mark.django_db(databases=["catalog"])
POUND = Rate("GBP", Decimal("0.87"), step=5)


@pytest.fixture
def in_yen(client):
    set_rate(Rate("JPY", Decimal(178), step=10))
    client.cookies["currency"] = "JPY"
    return client


def test_a_rate_is_announced_once_and_one_of_a_day_to_come_waits(client, published_events):
    on_sale(draft("Mug", variant(cents=10_00)))
    today = timezone.localdate()
    published_events.clear()

    set_rate(POUND)
    set_rate(POUND)
    set_rate(Rate("GBP", Decimal("0.5")), since=today + timedelta(days=1))

    told = [(event.since, event.per_unit) for event in published_events if isinstance(event, ExchangeRateSet)]
    assert told == [(today, Decimal("0.87")), (today + timedelta(days=1), Decimal("0.5"))]
    client.cookies["currency"] = "GBP"
    assert 'price--big">£8.70' in client.get("/p/mug/").content.decode()


@pytest.mark.parametrize(
    "rate", [Rate("EUR", Decimal(1)), Rate("XXX", Decimal(1)), Rate("GBP", Decimal(0)), Rate("GBP", Decimal(1), less=1)]
)
def test_a_rate_that_makes_no_sense_is_refused(rate):
    with pytest.raises(NotARate):
        set_rate(rate)

    assert not ExchangeRate.objects.exists()


def test_a_currency_without_a_rate_is_not_sold_in(client):
    on_sale(draft("Mug", variant(cents=10_00, prices={"GBP": 7_00})))
    client.cookies["currency"] = "GBP"

    assert 'price--big">€10.00' in client.get("/p/mug/").content.decode()


def test_every_page_and_what_machines_read_is_in_the_currency(in_yen):
    on_sale(draft("Mug", variant("A", 10_00), variant("B", 30_00), featured=True))

    for address in ("/", "/c/kitchen/", "/search/?q=mug", "/search/suggest/?q=mug"):
        text = in_yen.get(address).content.decode()
        assert "¥1,780" in text, address
        assert "€" not in text, address
    page = in_yen.get("/p/mug/?variant=B").content.decode()
    assert 'price--big">¥5,340' in page
    assert '"price":"5340","priceCurrency":"JPY"' in page
    assert 'property="product:price:amount" content="5340"' in page
    assert in_yen.get("/de/p/mug/?variant=B").content.decode().count("5.340\N{NO-BREAK SPACE}¥") > 0


def test_bands_of_prices_are_exchanged_with_the_prices(in_yen):
    on_sale(draft("Mug", variant("A", 10_00)), draft("Pot", variant("B", 30_00)))

    text = in_yen.get("/c/kitchen/?price=25-60").content.decode()

    assert "¥4,450 to ¥10,680" in text
    assert ">Pot<" in text
    assert ">Mug<" not in text


def test_a_fixed_price_is_told_and_shown_among_those_at_the_rate(client, published_events):
    on_sale(draft("Mug", variant("A", 10_00), variant("B", 20_00)))
    set_rate(POUND)
    published_events.clear()

    services.change_price(sku="A", price=Money(19_00, "GBP"))
    services.change_price(sku="A", price=Money(19_00, "GBP"))

    [told] = published_events
    assert isinstance(told, PricesFixed)
    assert (told.sku, told.prices) == ("A", [Money(19_00, "GBP")])
    client.cookies["currency"] = "GBP"
    assert "from £17.40" in client.get("/c/kitchen/").content.decode()  # B at the rate; A is dearer now
    assert 'price--big">£19.00' in client.get("/p/mug/?variant=A").content.decode()
    with pytest.raises(NotAPrice):
        services.change_price(sku="A", price=Money(1, "SEK"))


@pytest.mark.parametrize("address", ["/", "/c/cups/", "/search/?q=mug", "/search/", "/search/suggest/?q=mu", "/p/mug/"])
def test_another_currency_costs_no_query(client, address):
    aisle("kitchen")
    aisle("cups", parent="kitchen")
    on_sale(draft("Mug", variant(prices={"GBP": 12_00}), category="cups"))
    set_rate(POUND)

    def asked(code):
        client.cookies["currency"] = code
        client.get(address)
        with CaptureQueriesContext(connections["catalog"]) as queries:
            client.get(address)
        return len(queries)

    assert asked("GBP") == asked("EUR")
