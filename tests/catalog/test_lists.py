"""Lists of goods: pages forward and back, facets and their numbers, in the orders that shoppers choose."""

from __future__ import annotations

import random
import re
from collections import Counter

import pytest
from django.http import QueryDict

from contexts.catalog import lists, services
from contexts.catalog.colours import family
from contexts.catalog.facets import SORTS, Wanted, facets
from contexts.catalog.models import Category, Product, Variant
from contexts.kernel.money import eur
from tests.catalog.factories import aisle, draft, kept, on_sale, variant

pytestmark = pytest.mark.django_db(databases=["catalog"])


def wanted(query: str = "") -> Wanted:
    return Wanted.read(QueryDict(query))


def numbers(query: str = "", categories: list[int] | None = None) -> dict[str, int]:
    return dict(lists.counts(categories, wanted(query)).tokens)


@pytest.fixture
def goods():
    """A red mug at 12, a blue pot at 90 in two colours, a red woollen blanket at 40 that is sold out."""
    aisle("kitchen")
    aisle("cups", parent="kitchen")
    aisle("living")
    made = on_sale(
        draft("Mug", variant("MUG", 12_00, colour="#c2452d"), category="cups", material="Stoneware"),
        draft(
            "Pot", variant("POT-B", 90_00, colour="#3a4a78"), variant("POT-R", 95_00, colour="#c2452d"),
            material="Steel",
        ),
        draft("Blanket", variant("BLANKET", 40_00, colour="#c2452d"), category="living", material="Wool"),
    )  # fmt: skip
    services.note_availability({"BLANKET": 0})
    return made


@pytest.mark.parametrize("sort", SORTS)
def test_pages_lead_forward_through_everything_and_back(sort):
    aisle("kitchen")
    aisle("cups", parent="kitchen")
    prices = random.Random(1)
    on_sale(
        *(
            draft(
                f"Mug {number:03}",
                variant(f"M-{number}", prices.choice((5_00, 7_00))),
                category="cups" if number % 3 else "kitchen",
            )
            for number in range(60)
        )
    )
    categories = list(Category.objects.values_list("id", flat=True))
    choice = wanted(f"sort={sort}")

    pages = [lists.shelf(categories, choice)]
    while pages[-1].after:
        pages.append(lists.shelf(categories, choice, after=pages[-1].after))
    way_back = [pages[-1]]
    while way_back[-1].before:
        way_back.append(lists.shelf(categories, choice, before=way_back[-1].before))

    assert [len(page.cards) for page in pages] == [24, 24, 12]
    assert len({card.id for page in pages for card in page.cards}) == 60
    assert [page.cards for page in reversed(way_back)] == [page.cards for page in pages]
    assert way_back[-1].before == ""


def test_what_is_new_is_in_its_order():
    on_sale(*(draft(f"Mug {number}", variant(f"M-{number}")) for number in range(3)))
    Product.objects.filter(name="Mug 1").update(published_at="2030-01-01T00:00Z")

    assert lists.shelf(None, wanted()).cards[0].name == "Mug 1"


@pytest.mark.parametrize("place", ["x", "AAAA", "WzEsMl0=", "W251bGwsbnVsbF0=", "%00", "é", "W10="])
def test_a_place_that_makes_no_sense_is_the_beginning(goods, client, place):
    for sort in SORTS:
        assert len(lists.shelf(None, wanted(f"sort={sort}"), after=place).cards) == 3
        assert client.get("/search/", {"before": place, "sort": sort}).status_code == 200


def test_numbers_beside_the_filters_say_what_each_would_bring(goods):
    assert numbers() == {
        "n:": 3, "c:red": 3, "c:blue": 1, "m:Stoneware": 1, "m:Steel": 1, "m:Wool": 1, "p:to-25": 1, "p:25-60": 1,
        "p:60-150": 1, "s:1": 2,
    }  # fmt: skip


def test_a_facet_that_is_filtered_by_still_says_what_its_others_would_bring(goods):
    found = numbers("material=Wool")

    assert found == {"n:": 1, "c:red": 1, "p:25-60": 1, "m:Stoneware": 1, "m:Steel": 1, "m:Wool": 1}


def test_facets_narrow_and_their_values_widen(goods):
    names = [card.name for card in lists.shelf(None, wanted("colour=blue&material=Steel&material=Wool")).cards]
    found = numbers("colour=blue&material=Steel&material=Wool")

    assert names == ["Pot"]
    assert found["n:"] == 1
    assert found["c:red"] == 2, "red, of steel or wool"
    assert found["m:Steel"] == 1
    assert "m:Wool" not in found, "no blue wool"


def test_the_numbers_of_an_aisle_are_those_of_what_is_below_it(goods):
    cups, kitchen = (Product.objects.get(name=name).category_id for name in ("Mug", "Pot"))

    assert numbers(categories=[cups])["n:"] == 1
    assert numbers(categories=[kitchen, cups])["n:"] == 2
    assert numbers("stock=1", categories=[kitchen, cups])["n:"] == 2


def test_whatever_happens_to_goods_the_numbers_follow(goods):
    """A sale, a price, another category, a withdrawal, in any order: the numbers are what counting one by one gives."""
    luck = random.Random(7)
    _, pot, blanket = goods
    deeds = [
        lambda: services.note_availability({"MUG": luck.randint(0, 1), "POT-B": luck.randint(0, 1)}),
        lambda: services.change_price(sku="MUG", price=eur(luck.choice((12_00, 31_00, 400_00)))),
        lambda: services.change_product(
            pot.id, draft("Pot", variant("POT-B", 90_00), category=luck.choice(("kitchen", "living")), material="Iron")
        ),
        lambda: services.withdraw_product(blanket.id) if Product.objects.get(id=blanket.id).is_published else None,
        lambda: services.publish_product(blanket.id),
        lambda: services.note_ratings({pot.id: (luck.choice((120, 250, 433)), luck.randint(0, 2))}),
    ]

    choices = ("", "colour=red", "stock=1&colour=red&colour=blue", "material=Iron&price=60-150", "rating=2&stock=1")
    for _ in range(24):
        luck.choice(deeds)()
        for query in choices:
            assert numbers(query) | {"n:": 0} == _counted(query) | {"n:": 0}
            assert lists.counts(None, wanted(query)).total == _counted(query)["n:"]


def _counted(query: str) -> Counter[str]:
    """Count one by one: each facet as if it were not filtered by."""
    found: Counter[str] = Counter()
    groups = wanted(query).groups
    for product in Product.objects.filter(state="published"):
        missed = [letter for letter, group in groups.items() if not set(group) & set(product.facets)]
        for token in [*product.facets, "n:"]:
            found[token] += set(missed) <= {token[0]}
    return +found


def test_a_draft_is_in_no_list_and_no_number(goods):
    kept(draft("Secret", variant("SECRET"), material="Silver"))

    assert "m:Silver" not in numbers()
    assert "Secret" not in [card.name for card in lists.shelf(None, wanted()).cards]


def test_a_card_shows_the_first_variant_and_all_colours(goods):
    [pot] = [card for card in lists.shelf(None, wanted()).cards if card.name == "Pot"]

    assert pot.picture == "mug-1-3a4a78-oak"
    assert pot.colours == ["#3a4a78", "#c2452d"]
    assert (pot.price_from, pot.has_price_range) == (eur(90_00), True)


@pytest.mark.parametrize(
    ("shade", "name"),
    [
        ("#c2452d", "red"), ("#2f5d62", "blue"), ("#6b7f4f", "green"), ("#efe6d2", "white"), ("#303535", "black"),
        ("#7d563b", "brown"), ("#d9c6a3", "natural"), ("#dfa32a", "yellow"), ("#6d3f55", "purple"), ("#8a938e", "grey"),
        ("#ffffff", "white"), ("#000000", "black"),
    ],
)  # fmt: skip
def test_shades_belong_to_families(shade, name):
    assert family(shade) == name


def test_filters_are_in_the_address_and_on_the_page(goods, client):
    text = client.get("/c/kitchen/?colour=red&sort=price").content.decode()

    assert re.search(r'name="colour" value="red" checked', text)
    assert ">Mug<" in text
    assert "Clear all filters" in text
    assert '<link rel="canonical" href="http://testserver/c/kitchen/">' in text
    assert 'content="noindex,follow"' in text


def test_a_choice_is_written_in_one_way():
    query = wanted("stock=1&colour=red&colour=blue&price=to-25&sort=name&colour=red&colour=puce").query

    assert query.urlencode() == "sort=name&price=to-25&colour=red&colour=blue&stock=1"


def test_goods_are_narrowed_by_what_people_think_of_them(goods):
    mug, pot, blanket = goods
    services.note_ratings({mug.id: (433, 3), pot.id: (300, 1), blanket.id: (199, 9)})

    assert {token: number for token, number in numbers().items() if token[0] == "r"} == {"r:4": 1, "r:3": 2, "r:2": 2}
    assert [card.name for card in lists.shelf(None, wanted("rating=4")).cards] == ["Mug"]
    assert numbers("rating=4")["r:3"] == 2, "what another value would bring"
    assert numbers("rating=3&colour=blue")["n:"] == 1
    assert numbers("stock=1&rating=2")["n:"] == 2


def test_a_better_average_moves_the_numbers_along(goods):
    mug = goods[0]
    for average, count, four, three in ((433, 3, 1, 1), (390, 4, 0, 1), (0, 0, 0, 0), (500, 1, 1, 1)):
        services.note_ratings({mug.id: (average, count)})

        found = numbers()
        assert (found.get("r:4", 0), found.get("r:3", 0)) == (four, three)


def test_the_rating_is_chosen_on_the_page_and_stays_in_the_address(goods, client):
    services.note_ratings({goods[0].id: (433, 3)})

    page = client.get("/search/?rating=4&rating=9").content.decode()

    assert "4 stars and up" in page
    assert 'name="rating" value="4" checked' in page
    assert wanted("rating=4&rating=9").query.urlencode() == "rating=4"
    assert 'name="rating" value="4"' in client.get("/search/?q=mug").content.decode()


def test_without_reviews_there_is_no_rating_to_choose(goods, client):
    services.note_ratings({goods[0].id: (0, 0)})

    assert 'name="rating"' not in client.get("/search/").content.decode()


def test_a_facet_with_nothing_to_choose_is_left_out(goods):
    services.withdraw_product(goods[1].id)
    services.withdraw_product(goods[2].id)

    assert [facet.name for facet in facets(lists.counts(None, wanted()), wanted(), {})] == ["stock"]
    assert Variant.objects.get(sku="MUG").family == "red"
