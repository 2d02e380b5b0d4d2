"""Prices in other currencies: the book of rates, fixed prices, and every page that shows them."""

import base64
import random
from datetime import timedelta
from decimal import Decimal
from uuid import UUID

import pytest
from django.db import connections
from django.http import QueryDict
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from contexts.catalog import lists, services
from contexts.catalog.bands import bands
from contexts.catalog.drafts import VariantDraft
from contexts.catalog.errors import NotAPrice, NotARate
from contexts.catalog.events import ExchangeRateSet, PricesFixed
from contexts.catalog.facets import Wanted
from contexts.catalog.models import ExchangeRate
from contexts.catalog.rates import set_rate
from contexts.kernel.currencies import Rate, reading
from contexts.kernel.money import Money, eur
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
    said = "Prices are in Euro (EUR) for now: we have no exchange rate for Pound sterling (GBP) at the moment."
    pages = ("/", "/c/kitchen/", "/c/kitchen/?sort=price&price=to-25", "/search/?q=mug", "/search/?q=nix", "/p/mug/")
    for address in pages:
        assert said in client.get(address).content.decode(), address
    set_rate(POUND)
    for address in pages:
        assert "for now" not in client.get(address).content.decode(), address


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


def test_bands_of_prices_are_round_numbers_of_what_the_shopper_sees(in_yen):
    # 10.00 is 1,780 yen, 25.20 is 4,490; the cup is fixed at 4,600, and is 10.00 as well.
    on_sale(
        draft("Mug", variant("A", 10_00)), draft("Pot", variant("B", 25_20)),
        draft("Cup", variant("C", 10_00, prices={"JPY": 4600})),
    )  # fmt: skip

    for address in ("/c/kitchen/?price=25-60", "/search/?q=kitchen&price=25-60", "/search/?price=25-60"):
        text = in_yen.get(address).content.decode()
        assert "Under ¥4,500" in text
        assert "¥4,500 to ¥10,000" in text
        assert [name for name in ("Mug", "Pot", "Cup") if f">{name}<" in text] == ["Cup"], address
    text = in_yen.get("/search/?q=kitchen&sort=price-down").content.decode()
    assert text.index(">Cup<") < text.index(">Pot<") < text.index(">Mug<")
    assert bands(Rate("GBP", Decimal("0.87")))["60-150"] == (50_00, 120_00)
    assert list(bands(Rate("GBP", Decimal("0.0001"))).values()) == [(0, 1), (1, 2), (2, 3), (3, None)]


@pytest.mark.parametrize("rate", [POUND, Rate("JPY", Decimal(178), step=100, less=2)])
def test_lists_and_numbers_follow_the_prices_that_are_shown(rate):
    """Goods with prices fixed for all, some or none of their variants; the cards themselves say what is right."""
    luck, code = random.Random(3), rate.currency
    most = rate.priced(eur(200_00)).amount
    set_rate(rate)

    def one(number: int, place: int) -> VariantDraft:
        fixed = {code: luck.randint(1, most)} if luck.random() < 0.4 else {}
        return variant(f"V-{number}-{place}", luck.choice((5_00, 26_00, luck.randint(1, 200_00))), prices=fixed)

    on_sale(*(draft(f"Mug {n:03}", *(one(n, place) for place in range(luck.randint(1, 2)))) for n in range(60)))

    with reading(code):
        for query, falling in (("sort=price", False), ("sort=price-down", True)):
            wanted = Wanted.read(QueryDict(query))
            pages = [lists.shelf(None, wanted)]
            while pages[-1].after:
                pages.append(lists.shelf(None, wanted, after=pages[-1].after))
            way_back = [pages[-1]]
            while way_back[-1].before:
                way_back.append(lists.shelf(None, wanted, before=way_back[-1].before))
            cards = [card for page in pages for card in page.cards]
            prices = [card.price_from for card in cards]
            assert prices == sorted(prices, reverse=falling)
            assert [len(page.cards) for page in pages] == [24, 24, 12]
            assert len({card.id for card in cards}) == 60
            assert [page.cards for page in reversed(way_back)] == [page.cards for page in pages]
        for band, (low, below) in bands(rate).items():
            right = [
                card.id
                for card in cards
                if low <= card.price_from.amount and (not below or card.price_from.amount < below)
            ]
            for query in (f"price={band}", f"price={band}&sort=price"):
                wanted = Wanted.read(QueryDict(query))
                assert lists.counts(None, wanted).total == len(right)
                found = lists.shelf(None, wanted)
                assert {card.id for card in found.cards} <= set(right)
                assert len(found.cards) == min(len(right), 24)


def test_a_place_among_prices_means_nothing_in_another_currency(in_yen):
    set_rate(POUND)
    on_sale(*(draft(f"Mug {number}", variant(f"M-{number}", 1_00 + number)) for number in range(30)))
    wanted = Wanted.read(QueryDict("sort=price"))
    with reading("JPY"):
        after = lists.shelf(None, wanted).after

    assert len(in_yen.get("/search/", {"sort": "price", "after": after}).context["goods"]) == 6
    for code in ("GBP", "EUR"):
        in_yen.cookies["currency"] = code
        assert len(in_yen.get("/search/", {"sort": "price", "after": after}).context["goods"]) == 24
    forged = base64.urlsafe_b64encode(f'[["GBP",1,{2**50}],"{UUID(int=1)}"]'.encode()).decode()
    in_yen.cookies["currency"] = "GBP"
    assert in_yen.get("/search/", {"sort": "price", "after": forged}).status_code == 200


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


@pytest.mark.parametrize(
    "address", ["/c/cups/?sort=price", "/c/cups/?sort=price-down&price=to-25", "/search/?sort=price"]
)
def test_a_list_by_price_in_another_currency_is_two_queries(client, address, django_assert_num_queries):
    aisle("cups")
    on_sale(draft("Mug", variant(prices={"GBP": 12_00}), category="cups"))
    set_rate(POUND)
    client.cookies["currency"] = "GBP"
    client.get(address)

    # One more, which a test's transaction needs to read what it wrote itself.
    with django_assert_num_queries(2 + 1, using="catalog"):
        client.get(address)
