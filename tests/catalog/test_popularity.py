"""What people buy is what the shop shows first; what they buy together stands together."""

from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest
import time_machine

from contexts.catalog import popularity, queries
from contexts.catalog.asking import ask
from contexts.catalog.cards import read_cards
from contexts.catalog.models import Companion, Product
from contexts.kernel.addresses import Address
from contexts.kernel.money import eur
from contexts.ordering.events import Contact, OrderConfirmed, OrderLine
from contexts.shipping.events import ShippingMethodChanged
from tests.catalog.factories import draft, on_sale, variant

pytestmark = pytest.mark.django_db(databases=["catalog"])
NOW = datetime(2026, 3, 2, 12, tzinfo=UTC)


def confirmed(*skus: str, pieces: int = 1, number: int = 1) -> OrderConfirmed:
    lines = [
        OrderLine(
            sku=sku, name=sku, label="", quantity=pieces, unit_price=eur(1), image="", product_slug=sku.lower()
        )
        for sku in skus
    ]  # fmt: skip
    return OrderConfirmed(
        order_id=UUID(int=number), number=str(number), customer_id=None,
        contact=Contact(email="a@example.com", name="A"),
        shipping_address=Address(name="A", street="B 1", postcode="79098", city="Freiburg", country="DE"),
        shipping_method="standard", lines=lines, total=eur(1),
    )  # fmt: skip


@pytest.fixture
def shop():
    return on_sale(*(draft(name, variant(name.upper())) for name in ("Mug", "Pot", "Bowl", "Lamp")))


def popular() -> list[str]:
    return [card.name for card in read_cards(*ask(queries.popular()))]


def test_what_was_bought_is_popular(shop, deliver, client):
    assert popular() == []

    deliver(confirmed("POT", pieces=2), times=2, to="catalog")
    deliver(confirmed("MUG", "NO-SUCH-SKU", number=2), to="catalog")

    assert popular() == ["Pot", "Mug"]
    assert "What others buy" in client.get("/").content.decode()


def test_what_was_bought_lately_counts_more(shop):
    fortnight = timedelta(days=popularity.HALF_LIFE_DAYS)

    popularity.note_sales([(NOW - 2 * fortnight, [("POT", 3)]), (NOW, [("MUG", 1)])])
    assert popular() == ["Mug", "Pot"]

    popularity.note_sales([(NOW - 2 * fortnight, [("POT", 2)])])
    assert popular() == ["Pot", "Mug"]


def test_many_sales_add_up(shop):
    popularity.note_sales([(NOW, [("MUG", 1)])] * 8)
    popularity.note_sales([(NOW, [("POT", 8)])])

    mug, pot = (Product.objects.get(name=name).popularity for name in ("Mug", "Pot"))
    assert mug == pytest.approx(pot, abs=1e-9)


def test_what_is_bought_together_stands_on_each_others_pages(shop, deliver, client):
    deliver(confirmed("MUG", "POT"), to="catalog")
    deliver(confirmed("MUG", "POT", "LAMP", number=2), times=2, to="catalog")

    together, neighbours = ask(queries.together("mug"), queries.neighbours("mug"))
    shown = queries.around(shop[0].id, together=together, neighbours=neighbours, viewed="[]")
    assert [card.name for card in shown.together] == ["Pot", "Lamp"]
    assert [card.name for card in shown.beside] == ["Bowl"]
    assert Companion.objects.count() == 6
    assert "Bought together with it" in client.get("/p/pot/").content.decode()


def test_one_thing_alone_is_together_with_nothing(shop, deliver):
    deliver(confirmed("MUG", pieces=3), to="catalog")

    assert not Companion.objects.exists()


def told(code: str, cents: int, days: tuple[int, int], *, active: bool = True) -> ShippingMethodChanged:
    return ShippingMethodChanged(
        code=code, name=code.title(), price=eur(cents), countries=["DE"], days_min=days[0], days_max=days[1],
        active=active,
    )  # fmt: skip


@time_machine.travel(NOW, tick=False)
def test_a_product_says_when_it_would_come(shop, deliver, client):
    deliver(told("standard", 4_90, (2, 4)), to="catalog")
    deliver(told("express", 9_90, (1, 1)), to="catalog")
    deliver(told("pigeon", 1_00, (1, 2), active=False), to="catalog")

    text = client.get("/p/mug/").content.decode()

    assert "Wed 4 Mar – Fri 6 Mar</strong> · Standard, €4.90" in text
    assert "Tue 3 Mar</strong> · Express, €9.90" in text
    assert "Pigeon" not in text
