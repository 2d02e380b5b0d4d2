"""What is misspelt is found all the same, with the demo shop's own goods and words."""

import pytest

from config.bench._typos import look, typos
from config.demo.goods import invent
from config.demo.shop import open_categories
from contexts.catalog import queries, services, spelling
from contexts.catalog.facets import Wanted
from contexts.catalog.models import Product, Word
from tests.catalog.factories import draft, on_sale, variant

pytestmark = pytest.mark.django_db(databases=["catalog"])


def names(text: str) -> list[str]:
    return [card.name for card in queries.found(text, Wanted()).cards]


def test_of_a_hundred_misspelt_names_nearly_all_are_found_among_the_first_five():
    open_categories()
    services.publish_products(services.create_products(invent(scale=1, seed=11)))
    wanted = typos(list(Product.objects.values_list("name", flat=True)), count=100, seed=5)

    outcome = look(wanted)

    assert len(outcome.times) == 100
    assert outcome.share >= 0.95, outcome.missed


@pytest.fixture
def shop():
    return on_sale(
        draft(
            "Alder Mug", variant("MUG-1204-RED", label="Ember"), material="Ceramic", attributes={"Holds": "Espresso"}
        ),
        draft("Harrow Lamp", variant("LAMP-7"), drawn_as="lamp", description="Liest sich gut neben Bechern."),
        draft("Fenn Bowl", variant("BOWL-9"), drawn_as="bowl"),
    )


@pytest.mark.parametrize(
    ("typed", "found"),
    [
        ("ceramc mug", "Alder Mug"), ("lampp", "Harrow Lamp"), ("lmap", "Harrow Lamp"), ("aldre", "Alder Mug"),
        ("bwl", "Fenn Bowl"), ("esprsso", "Alder Mug"), ("becher", "Harrow Lamp"), ("a mug for the espresso", "Alder Mug"),
        ("cerami", "Alder Mug"), ("mug-1204-red", "Alder Mug"), ("haro lam", "Harrow Lamp"),
    ],
)  # fmt: skip
def test_small_mistakes_are_forgiven(shop, typed, found):
    assert names(typed)[:1] == [found]


def test_what_was_meant_is_said(shop, client):
    text = client.get("/search/", {"q": "ceramc mug"}).content.decode()

    assert "Did you mean <strong>ceramic mug</strong>?" in text


def test_what_is_spelt_right_is_not_corrected(shop):
    assert queries.found("mug", Wanted()).meant == ""


def test_the_very_name_and_the_very_sku_come_first():
    on_sale(
        draft("Mug Mug Mug Tray", variant("TRAY"), description="mug " * 30),
        draft("Mug", variant("X-1")),
        draft("Shelf for X", variant("SHELF"), description="X 1 is X 1"),
    )

    assert names("mug")[0] == "Mug"
    assert names("x-1")[0] == "Mug"


def test_of_names_with_the_same_words_the_shorter_is_meant():
    on_sale(draft("Alder Mug No. 57", variant("M-57")), draft("Alder Mug", variant("M-1")))

    assert names("aldr mug") == ["Alder Mug", "Alder Mug No. 57"]


def test_suggestions_name_words_and_goods(shop, client):
    text = client.get("/search/suggest/", {"q": "lam"}).content.decode()

    assert 'href="/search/?q=lamp"' in text
    assert "Harrow Lamp" in text


def test_of_many_goods_the_most_popular_are_suggested(shop):
    on_sale(*(draft(f"Plain Mug No. {number}", variant(f"P-{number}")) for number in range(4)))
    Product.objects.filter(name="Plain Mug No. 2").update(popularity=9)

    found = queries.found("plain", Wanted())

    assert found.cards[0].name == "Plain Mug No. 2"
    assert found.total == 4


@pytest.mark.parametrize("typed", ["", "x", "&|!:*", "\x00", "' or 1=1", "ü" * 99])
def test_suggestions_answer_whatever_is_typed(shop, client, typed):
    assert client.get("/search/suggest/", {"q": typed}).status_code == 200


@pytest.mark.parametrize(
    ("one", "other", "errors"),
    [
        ("lamp", "lamp", 0),
        ("lmap", "lamp", 1),
        ("lampp", "lamp", 1),
        ("lam", "lamp", 1),
        ("lump", "lamp", 1),
        ("ca", "abc", 3),
    ],
)
def test_errors_are_counted(one, other, errors):
    assert spelling.distance(one, other, 3) == errors


def test_numbers_are_never_corrected(shop):
    assert not Word.objects.filter(word__contains="1204").exists()


def test_machines_find_every_page(shop, client):
    index = client.get("/sitemap.xml").content.decode()
    robots = client.get("/robots.txt").content.decode()

    assert "Sitemap: http://testserver/sitemap.xml" in robots
    assert "Disallow: /checkout/" in robots
    assert "http://testserver/sitemap/aisles.xml" in index
    assert "http://testserver/sitemap/goods/alder-mug.xml" in index
    goods = client.get("/sitemap/goods/alder-mug.xml").content.decode()
    assert [slug in goods for slug in ("/p/alder-mug/", "/p/fenn-bowl/", "/p/harrow-lamp/")] == [True] * 3
    assert "/c/kitchen/" in client.get("/sitemap/aisles.xml").content.decode()
    assert client.get("/sitemap/goods/zzz.xml").status_code == 404
