"""Shoppers find goods by the words they would use."""

import pytest

from contexts.catalog import queries, services
from contexts.catalog.queries import Wanted
from tests.catalog.factories import aisle, draft, on_sale, variant

pytestmark = pytest.mark.django_db(databases=["catalog"])


@pytest.fixture
def shop():
    aisle("kitchen")
    aisle("light")
    return on_sale(
        draft("Alder Mug", variant("MUG-1204-RED", label="Ember red"), material="Stoneware", summary="For both hands"),
        draft(
            "Harrow Lamp", variant("LAMP-7"), category="light", description="Reads well beside mugs.", drawn_as="lamp"
        ),
        draft("Fenn Bowl", variant("BOWL-9"), material="Stoneware", summary="Deep and wide", drawn_as="bowl"),
    )


def names(text: str) -> list[str]:
    return [product.name for product in queries.found(text, Wanted(), 1).cards]


@pytest.mark.parametrize(
    ("typed", "found"),
    [
        ("alder", ["Alder Mug"]),
        ("ALDER mug", ["Alder Mug"]),
        ("bowls", ["Fenn Bowl"]),
        ("bow", ["Fenn Bowl"]),
        ("stonew", ["Alder Mug", "Fenn Bowl"]),
        ("red mug", ["Alder Mug"]),
        ("MUG-1204-RED", ["Alder Mug"]),
        ("1204", ["Alder Mug"]),
        ("both hands", ["Alder Mug"]),
        ("light", ["Harrow Lamp"]),
    ],
)
def test_goods_are_found_by_the_words_people_use(shop, typed, found):
    assert names(typed) == found


def test_a_name_counts_more_than_a_description(shop):
    assert names("mug") == ["Alder Mug", "Harrow Lamp"]


def test_without_all_words_some_are_shown_and_said(shop):
    result = queries.found("purple mug", Wanted(), 1)

    assert not result.exact
    assert "Alder Mug" in [product.name for product in result.cards]


@pytest.mark.parametrize(
    "typed", ["", "   ", "!!!", "&", "a & | b:*", "'; drop table", "(", "mug)", "\\", "ü", "x" * 100, "a " * 60]
)
def test_whatever_is_typed_is_answered(shop, client, typed):
    assert client.get("/search/", {"q": typed}).status_code == 200


def test_nothing_found_helps_on(shop, client):
    text = client.get("/search/", {"q": "zeppelin"}).content.decode()

    assert "We found nothing by that name" in text
    assert 'href="/c/kitchen/"' in text
    assert "Just in" in text


def test_what_is_typed_is_shown_as_text(shop, client):
    assert "<b>hi" not in client.get("/search/", {"q": "<b>hi"}).content.decode()


def test_a_renamed_product_is_found_by_its_new_name(shop):
    services.change_product(shop[0].id, draft("Elder Cup", variant("MUG-1204-RED")))

    assert names("elder") == ["Elder Cup"]
    assert "Alder Mug" not in names("alder")
