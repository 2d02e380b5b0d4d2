"""No page mixes languages: a guest walks through the whole shop, once in German and once in English."""

from __future__ import annotations

import re
from collections.abc import Iterator
from html.parser import HTMLParser

import pytest
from babel.messages.pofile import read_po
from django.conf import settings
from django.test import Client

from config.demo import german, shop
from config.demo.goods import invent
from config.demo.lines import CATEGORIES
from config.texts import places
from contexts.catalog import services as catalog
from contexts.catalog.events import ProductPublished
from contexts.catalog.models import Product
from contexts.inventory.events import AvailabilityChanged
from contexts.shipping.events import ShippingMethodChanged
from contexts.shipping.services import install_default_methods

pytestmark = pytest.mark.django_db(databases="__all__")
KINDS = ("mug", "kettle", "lamp", "chair", "notebook", "backpack", "plantpot", "blanket")
#: What people read of an element besides its text.
READ = ("alt", "title", "placeholder", "aria-label", "content", "data-close", "data-before", "data-after", "data-less",
        "data-more", "data-words")  # fmt: skip
DETAILS = {
    "email": "ada@example.org", "name": "Ada Byron", "street": "Kanalstr. 4", "postcode": "20095", "city": "Hamburg",
    "country": "DE", "shipping_method": "standard",
}  # fmt: skip
OTHER_PAGES = (
    "/account/sign-in/", "/account/sign-up/", "/account/password/reset/", "/account/password/reset/sent/",
    "/search/?q=xqzv", "/search/?sort=name", "/search/suggest/?q=be", "/parcels/NO-SUCH/", "/nowhere/",
    "/orders/00000000-0000-7000-8000-000000000000/", "/checkout/00000000-0000-7000-8000-000000000000/",
    "/wishlist/", "/cart/", "/menu/",
)  # fmt: skip


class Reader(HTMLParser):
    """Collects what people read of a page, one text after the other; what says it is in another language is left out."""

    VOID = frozenset(["br", "hr", "img", "input", "link", "meta", "source", "wbr"])

    def __init__(self, language: str) -> None:
        super().__init__()
        self.language, self.texts, self.links = language, list[str](), list[str]()
        self._silent: list[bool] = [False]

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        silent = self._silent[-1] or tag in ("script", "style") or given.get("lang", self.language) != self.language
        if given.get("property", given.get("name")) in ("og:type", "twitter:card"):
            given.pop("content")
        if not silent:
            self.texts += [given[name] for name in READ if name in given]
        if tag == "a" and "href" in given:
            self.links.append(given["href"])
        if tag not in self.VOID:
            self._silent.append(silent)

    def handle_endtag(self, tag: str) -> None:
        if tag not in self.VOID and len(self._silent) > 1:
            self._silent.pop()

    def handle_data(self, data: str) -> None:
        if not self._silent[-1] and data.strip():
            self.texts.append(" ".join(data.split()))


@pytest.fixture
def open_shop(deliver, published_events) -> None:
    """An article of some lines of the demo shop, in stock; ways to send them."""
    shop.open_categories()
    one_of_each = {draft.drawn_as: draft for draft in invent(scale=1, seed=7) if draft.drawn_as in KINDS}
    catalog.publish_products(catalog.create_products(list(one_of_each.values())))
    install_default_methods()
    for event in (*published_events.of(ProductPublished), *published_events.of(ShippingMethodChanged)):
        deliver(event)
    skus = [variant.sku for event in published_events.of(ProductPublished) for variant in event.variants]
    for sku in skus[::3]:
        deliver(AvailabilityChanged(sku=sku, available=9))


def visitor(language: str) -> Client:
    return Client(headers={"accept-language": f"{language},en;q=0.3" if language != "en" else "en-GB"})


def other_language(language: str) -> tuple[set[str], tuple[str, ...]]:
    """Return what no page in a language may say: texts that must not stand alone, and sentences that must not occur."""
    pairs = [*_of_catalogues(), *_of_goods()]
    if language != "en":
        wrong = [(english, translated) for english, translated in pairs]
    else:
        wrong = [(translated, english) for english, translated in pairs]
    fine = {right for _, right in wrong}
    alone = {text for text, right in wrong if text != right and text not in fine}
    # A sentence without placeholders is looked for within texts as well; three words are no coincidence.
    return alone, tuple(text for text in alone if len(re.findall(r"[^\W\d_]+", text)) >= 3 and "%(" not in text)


def _of_catalogues() -> Iterator[tuple[str, str]]:
    for place in places():
        path = place.path("de")
        if path.exists():
            with path.open("rb") as file:
                for message in read_po(file, locale="de"):
                    if isinstance(message.id, str) and message.id:
                        yield " ".join(message.id.split()), " ".join(str(message.string).split())


def _of_goods() -> Iterator[tuple[str, str]]:
    for slug, _, name, blurb, _ in CATEGORIES:
        yield name, german.CATEGORIES[slug][0]
        yield blurb, german.CATEGORIES[slug][1]
    for words in (german.MATERIALS, german.LABELS, german.FACTS):
        yield from words.items()
    for product in Product.objects.all():
        for field in ("name", "summary", "description"):
            yield getattr(product, field), product.texts[f"de:{field}"]


def pages(client: Client, language: str) -> Iterator[tuple[str, str]]:
    """Walk from page to page, then through a purchase; yields addresses and what they answer."""
    waiting, seen = ["/", *OTHER_PAGES], set[str]()
    while waiting:
        address = waiting.pop()
        if address in seen:
            continue
        seen.add(address)
        response = client.get(address, follow=True)
        if "text/html" not in response.headers["content-type"]:
            continue
        html = response.content.decode()
        yield address, html
        reader = Reader(language)
        reader.feed(html)
        waiting += [
            link for link in reader.links if re.fullmatch(r"/[\w/-]*", link) and link[1:4] not in ("de/", "en/")
        ]
    sku = Product.objects.get(drawn_as="mug").variants.filter(available__gt=0)[0].sku
    yield "added", client.post("/cart/add/", {"sku": sku, "quantity": 2}, follow=True).content.decode()
    details = client.post("/checkout/", follow=True)
    yield "details", details.content.decode()
    checkout = details.redirect_chain[-1][0]
    yield "mistakes", client.post(checkout, {"email": "nobody"}).content.decode()
    yield "payment", client.post(checkout, DETAILS, follow=True).content.decode()


@pytest.mark.parametrize("language", [code for code, _ in settings.LANGUAGES])
def test_no_page_mixes_languages(open_shop, language: str):
    alone, within = other_language(language)
    count, mixed = 0, list[str]()

    for address, html in pages(visitor(language), language):
        count += 1
        reader = Reader(language)
        reader.feed(html)
        if "<html" in html:
            assert f'<html lang="{language}"' in html, address
        for text in reader.texts:
            if text in alone or any(sentence in text for sentence in within):
                mixed.append(f"{address}: {text}")

    assert mixed == []
    assert count > len(KINDS) + len(CATEGORIES)


def test_an_address_names_its_language_and_keeps_to_it(open_shop):
    client = visitor("en")

    page = client.get("/de/c/kitchen/")

    assert page.status_code == 200
    html = page.content.decode()
    assert '<html lang="de"' in html
    assert ">Küche</h1>" in html
    links = set(re.findall(r'<a [^>]*href="(/[^"]*)"', html))
    assert {link for link in links if not link.startswith("/de/")} == {"/en/c/kitchen/"}
    assert '<link rel="canonical" href="http://testserver/de/c/kitchen/">' in html
    assert '<link rel="alternate" hreflang="en" href="http://testserver/c/kitchen/">' in html


def test_the_language_is_chosen_without_a_script_and_remembered(open_shop):
    client = visitor("de")
    assert '<html lang="de"' in client.get("/c/kitchen/").content.decode()

    chosen = client.get("/en/c/kitchen/?sort=name")

    assert (chosen.status_code, chosen.url) == (302, "/c/kitchen/?sort=name")
    assert '<html lang="en"' in client.get(chosen.url).content.decode()
    client.get("/de/")
    assert '<html lang="de"' in client.get("/c/kitchen/").content.decode()


def test_an_address_in_the_shops_own_language_leads_nowhere_else():
    assert visitor("en").get("/en//evil.example/").url == "/%2Fevil.example/"


def test_goods_are_found_in_german_too(open_shop):
    client = visitor("de")
    kettle = Product.objects.get(drawn_as="kettle")

    for typed in (kettle.texts["de:name"], "Wasserkessel", "wasserkesel", "kessel"):
        if typed.lower() in ("wasserkessel", "wasserkesel", "kessel") and "Wasserkessel" not in kettle.texts["de:name"]:
            continue
        assert kettle.texts["de:name"] in client.get("/search/", {"q": typed}).content.decode(), typed
    reader = Reader("de")
    reader.feed(client.get("/search/suggest/", {"q": "ke"}).content.decode())
    assert "Kessel" in " ".join(reader.texts) or "kessel" in " ".join(reader.texts)
    assert "kettle" not in " ".join(reader.texts).lower()
