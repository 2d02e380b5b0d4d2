"""What shoppers see, and how many questions a page asks the database."""

import json
import re
from html import unescape

import pytest
from django.db import connections
from django.test.utils import CaptureQueriesContext

from contexts.catalog import services
from contexts.catalog.drafts import ProductDraft
from contexts.catalog.models import Product
from contexts.kernel.money import eur
from tests.catalog.factories import aisle, draft, kept, on_sale, variant

pytestmark = pytest.mark.django_db(databases=["catalog"])


def page(client, address: str, *, status: int = 200) -> str:
    answer = client.get(address)
    assert answer.status_code == status
    return answer.content.decode()


def address_of(text: str, rel: str) -> str:
    """Return where a page's link to the next or the previous one leads."""
    return unescape(re.search(rf'rel="{rel}" href="([^"]+)"', text)[1])


def shelf(count: int) -> None:
    """Fill the shelf until it has `count` mugs."""
    aisle("kitchen")
    aisle("cups", parent="kitchen")
    on_sale(*(_mug(number) for number in range(Product.objects.count(), count)))


def _mug(number: int) -> ProductDraft:
    variants = [variant(f"MUG-{number}-A"), variant(f"MUG-{number}-B")]
    return draft(f"Mug {number}", *variants, category="cups", material="Stoneware", featured=number < 3)


@pytest.mark.parametrize(
    ("address", "queries"),
    [
        ("/", 1),
        # With numbers one more than in the shop: a test's transaction writes, and reads all goods each time. Of words
        # it remembers nothing; in the shop a search whose words were looked for before is two queries.
        ("/c/kitchen/", 2),
        ("/c/cups/?sort=price&material=Stoneware&price=to-25&stock=1", 3),
        ("/search/?q=mug", 5),
        ("/search/?q=mugg", 6),
        ("/search/?q=mug+zebra", 5),
        ("/search/?q=zeppelin", 5),
        ("/search/", 2),
        ("/search/suggest/?q=mu", 6),
        ("/p/mug-1/", 1),
        ("/menu/", 1),
        ("/pictures/mug-1-c2452d-oak/front.svg", 0),
    ],
)
def test_a_page_asks_a_constant_number_of_questions(client, address, queries):
    for count in (5, 30):
        shelf(count)
        page(client, address)  # The tree of categories is known from the page before.
        with CaptureQueriesContext(connections["catalog"]) as asked:
            page(client, address)
        assert len(asked) == queries, [query["sql"][:90] for query in asked]


def test_the_front_shows_goods_and_aisles(client):
    shelf(4)

    text = page(client, "/")

    assert "Mug 3" in text
    assert 'href="/c/kitchen/"' in text
    assert 'href="/p/mug-3/"' in text


def test_an_empty_shop_says_so_and_looks_again_by_itself(client):
    aisle("kitchen")

    text = page(client, "/")

    assert "The shelves are being filled" in text
    main = text[text.index("<main") : text.index("</main>")]
    assert re.findall(r"<h2[^>]*>(.*?)</h2>", main) == ["The shelves are being filled"], "no heading without goods"
    assert 'hx-trigger="every 3s"' in main
    on_sale(draft())
    assert 'hx-trigger="every 3s"' not in page(client, "/")


def test_an_aisle_has_what_is_below_it(client):
    shelf(2)
    on_sale(draft("Board", variant("BOARD"), category="kitchen"))

    assert "Mug 1" in page(client, "/c/kitchen/")
    assert "Board" not in page(client, "/c/cups/")


def test_filters_narrow_and_say_when_nothing_is_left(client):
    on_sale(draft("Mug", variant("MUG", 12_00)), draft("Pot", variant("POT", 90_00)))
    services.note_availability({"MUG": 0})

    assert ">Mug<" not in page(client, "/c/kitchen/?price=60-150")
    assert ">Pot<" not in page(client, "/c/kitchen/?price=to-25")
    assert ">Mug<" not in page(client, "/c/kitchen/?stock=1")
    assert "Nothing fits all of that" in page(client, "/c/kitchen/?price=to-25&stock=1")


def test_goods_are_sorted_by_price(client):
    on_sale(draft("Dear", variant("A", 90_00)), draft("Cheap", variant("B", 10_00)))

    cheap_first = page(client, "/c/kitchen/?sort=price")
    dear_first = page(client, "/c/kitchen/?sort=price-down")

    assert cheap_first.index(">Cheap<") < cheap_first.index(">Dear<")
    assert dear_first.index(">Dear<") < dear_first.index(">Cheap<")


@pytest.mark.parametrize(
    "nonsense", ["page=x", "page=-1", "page=999999999", "sort=%27", "price=1", "material=%00", "stock=9"]
)
def test_nonsense_in_an_address_shows_the_aisle(client, nonsense):
    shelf(1)

    assert "Mug 0" in page(client, f"/c/cups/?{nonsense}")


def test_a_long_aisle_has_pages(client):
    shelf(30)

    first = page(client, "/c/cups/")
    second = page(client, "/c/cups/" + address_of(first, "next"))

    assert "/p/mug-29/" in first
    assert "/p/mug-0/" in second
    assert "/p/mug-29/" not in second


def test_a_product_page_sells_the_variant_that_was_chosen(client):
    on_sale(draft("Mug", variant("RED-MUG", 19_98, label="Red"), variant("BLUE-MUG", 22_50, label="Blue")))

    text = page(client, "/p/mug/?variant=BLUE-MUG")

    assert 'action="/cart/add/"' in text
    assert 'name="sku" value="BLUE-MUG"' in text
    assert "csrfmiddlewaretoken" in text
    assert 'price--big">€22.50' in text
    assert "In stock" in text


def test_an_unknown_variant_shows_the_first_that_can_be_bought(client):
    on_sale(draft("Mug", variant("RED-MUG"), variant("BLUE-MUG")))
    services.note_availability({"RED-MUG": 0})

    assert 'name="sku" value="BLUE-MUG"' in page(client, "/p/mug/?variant=GREEN-MUG")


def test_low_stock_and_none_are_said(client):
    on_sale(draft())

    services.note_availability({"RED-MUG": 3})
    assert "Only 3 left in stock" in page(client, "/p/alder-mug/")

    services.note_availability({"RED-MUG": 1})
    assert "The last one in stock" in page(client, "/p/alder-mug/")

    services.note_availability({"RED-MUG": 0})
    text = page(client, "/p/alder-mug/")
    assert "Sold out for now" in text
    assert "Add to cart" not in text


def test_a_changed_price_is_on_the_page_at_once(client):
    on_sale(draft())

    services.change_price(sku="RED-MUG", price=eur(31_00))

    assert "€31.00" in page(client, "/p/alder-mug/")
    assert "€31.00" in page(client, "/c/kitchen/")


def test_withdrawn_goods_are_gone(client):
    [mug] = on_sale(draft())

    services.withdraw_product(mug.id)

    assert "no longer sell this" in page(client, "/p/alder-mug/", status=410)
    assert "Alder Mug" not in page(client, "/")
    assert "Alder Mug" not in page(client, "/c/kitchen/")
    assert "/p/alder-mug/" not in page(client, "/search/?q=alder")


def test_a_draft_has_no_page(client):
    kept(draft())

    page(client, "/p/alder-mug/", status=404)


def test_machines_read_the_offers(client):
    on_sale(draft("Mug", variant("RED-MUG", 19_98, label="</script><b>Red")))

    blocks = re.findall(r'<script type="application/ld\+json">(.*?)</script>', page(client, "/p/mug/"))

    product, crumbs = map(json.loads, blocks)
    assert product["offers"][0]["price"] == "19.98"
    assert product["offers"][0]["name"] == "</script><b>Red"
    assert product["offers"][0]["availability"] == "https://schema.org/InStock"
    assert [step["name"] for step in crumbs["itemListElement"]] == ["Kitchen", "Mug"]


def test_the_address_of_a_product_is_canonical_whatever_the_variant(client):
    on_sale(draft())

    text = page(client, "/p/alder-mug/?variant=RED-MUG")

    assert '<link rel="canonical" href="http://testserver/p/alder-mug/">' in text


def test_pages_need_no_inline_script_or_style(client):
    shelf(2)

    for address in ("/", "/c/kitchen/", "/search/?q=mug", "/p/mug-1/", "/nowhere/"):
        text = client.get(address).content.decode()
        assert not re.search(r"\sstyle=|\son\w+=|<style", text)
        assert all("src=" in tag or "ld+json" in tag for tag in re.findall(r"<script[^>]*>", text))
