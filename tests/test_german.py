"""No page mixes languages: a guest walks through the whole shop and a customer through an order, in each language."""

from __future__ import annotations

import re
from collections.abc import Iterator
from html import escape
from html.parser import HTMLParser
from io import BytesIO
from typing import Any
from uuid import UUID

import pytest
from babel.messages.pofile import read_po
from django.conf import settings
from django.test import Client
from django.utils import timezone
from pypdf import PdfReader
from uuid_utils.compat import uuid7

from config.demo import german, shop
from config.demo.goods import invent
from config.demo.lines import CATEGORIES
from config.texts import places
from contexts.catalog import services as catalog
from contexts.catalog.events import ProductPublished
from contexts.catalog.models import Product
from contexts.customers.services import register, save_address
from contexts.inventory.events import AvailabilityChanged, StockReserved
from contexts.kernel import letters, tokens
from contexts.kernel.addresses import Address
from contexts.kernel.checkout import PaymentMethod
from contexts.ordering import services as ordering
from contexts.ordering.events import ReceivedPieces, ReturnedPieces
from contexts.ordering.models import Invoice, OrderSummary
from contexts.payments.events import PaymentAuthorised, PaymentCaptured
from contexts.promotions.events import PromotionRedeemed
from contexts.shipping.events import ParcelDelivered, ParcelDispatched, ShippingMethodChanged
from contexts.shipping.services import install_default_methods
from tests.ordering.browsing import seen
from tests.ordering.test_vouchers import code, gift_card

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
ACCOUNT_PAGES = (
    "", "profile/", "addresses/", "addresses/add/", "delete/", "email/", "password/", "devices/", "data/", "security/",
    "security/app/", "purchases/", "reviews/", "sign-out/",
)  # fmt: skip
PASSWORD, GIFT_CARD = "quite a long phrase", "7F3K-92QX-0000-0001"


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


def customers_pages(client: Client, deliver: Any) -> Iterator[tuple[str, str]]:
    """Buy with a code and a gift card, send something back, read the papers; then look at each page of the account."""

    def page(name: str, address: str, data: dict[str, Any] | None = None) -> tuple[str, str]:
        answer = client.get(address, follow=True) if data is None else client.post(address, data, follow=True)
        return name, answer.content.decode()

    def heard(*events: Any) -> None:
        for event in events:
            deliver(event, to="ordering")

    code()
    gift_card(5_00, GIFT_CARD)
    sku = Product.objects.get(drawn_as="mug").variants.filter(available__gt=0)[0].sku
    client.post("/cart/add/", {"sku": sku, "quantity": 2})
    checkout = client.post("/checkout/", follow=True).redirect_chain[-1][0]
    order_id = UUID(checkout.split("/")[-2])
    order = f"/orders/{order_id}/"
    yield page("unknown code", checkout, DETAILS | {"promotion_code": "NOTHING", "gift_card": GIFT_CARD})
    client.post(checkout, DETAILS | {"promotion_code": "WELCOME10", "gift_card": GIFT_CARD})
    yield page("code and gift card", checkout)
    card = PaymentMethod(order_id=order_id, payment_method="pm_1", method_label="Visa 4242")
    yield page("review", f"{checkout}review/?payment={tokens.sign(card, audience='ordering')}")
    yield page("placed", f"{checkout}review/", {"seen": seen(client, order_id)})
    total, parcel = OrderSummary.objects.get(order_id=order_id).total, {"order_id": order_id, "parcel_id": uuid7()}
    heard(PromotionRedeemed(order_id=order_id), StockReserved(order_id=order_id))
    heard(PaymentAuthorised(order_id=order_id, amount=total, method_label="Visa 4242"))
    yield page("confirmed", order)
    heard(ParcelDispatched(**parcel, carrier="Blue Van", tracking_number="BV1"))
    yield page("on its way", order)
    heard(PaymentCaptured(order_id=order_id, amount=total), ParcelDelivered(**parcel, delivered_at=timezone.now()))
    yield page("delivered", order)
    yield page("sending back", f"{order}return/")
    yield page("sending nothing back", f"{order}return/", {})
    [line] = OrderSummary.objects.get(order_id=order_id).lines
    return_id = ordering.request_return(
        order_id=order_id, reason="damaged", pieces=[ReturnedPieces(sku=sku, name=line["name"], quantity=1)]
    )
    yield page("return asked for", order)
    ordering.approve_return(order_id=order_id, return_id=return_id)
    yield page("return accepted", order)
    came = [ReceivedPieces(sku=sku, quantity=1, resaleable=1)]
    ordering.receive_return(order_id=order_id, return_id=return_id, pieces=came)
    yield page("return received", order)
    for invoice in Invoice.objects.all():
        paper = PdfReader(BytesIO(b"".join(client.get(f"{order}invoice/{invoice.number}/"))))
        yield invoice.number, "".join(f"<p>{escape(line)}</p>" for line in paper.pages[0].extract_text().splitlines())
    client.post("/account/confirm-identity/", {"password": PASSWORD})
    yield from (page(address, f"/account/{address}") for address in ACCOUNT_PAGES)


def mixed_in(language: str, shown: Iterator[tuple[str, str]]) -> list[str]:
    """Return what is in another language, with the page that says it."""
    alone, within = other_language(language)
    mixed = list[str]()
    for address, html in shown:
        reader = Reader(language)
        reader.feed(html)
        if "<html" in html:
            assert f'<html lang="{language}"' in html, address
        mixed += [
            f"{address}: {text}"
            for text in reader.texts
            if text in alone or any(sentence in text for sentence in within)
        ]
    return mixed


@pytest.mark.parametrize("language", [code for code, _ in settings.LANGUAGES])
def test_nothing_after_an_order_and_in_an_account_mixes_languages(open_shop, deliver, language: str):
    account = register(email="ada@example.org", name="Ada", password=PASSWORD, language=language, confirmed=True)
    home = Address(name="Ada Byron", street="Kanalstr. 4", postcode="20095", city="Hamburg", country="DE")
    save_address(customer_id=account.id, address=home)
    client = visitor(language)
    client.post("/account/sign-in/", {"login": account.email, "password": PASSWORD})

    shown = list(customers_pages(client, deliver))

    assert mixed_in(language, iter(shown)) == []
    assert [len(html) > 0 for _, html in shown] == [True] * (13 + len(ACCOUNT_PAGES))
    order = dict(shown)["return accepted"]
    for city in ("20095 Hamburg", "20457 Hamburg"):
        assert f"{city}, {'Deutschland' if language == 'de' else 'Germany'}" in order
    assert (f"{timezone.localtime():%-d}. " in order) == (language == "de")


@pytest.mark.parametrize("language", [code for code, _ in settings.LANGUAGES])
def test_no_letter_mixes_languages(open_shop, language: str):
    written = [(sample.kind, sample.write(language)) for sample in letters.samples()]

    assert mixed_in(language, ((kind, f"<p>{escape(one.subject)}</p>{one.html}") for kind, one in written)) == []
    texts = ((kind, "".join(f"<p>{escape(line)}</p>" for line in one.text.splitlines())) for kind, one in written)
    assert mixed_in(language, texts) == []
    assert len(written) > 10


@pytest.mark.parametrize("language", [code for code, _ in settings.LANGUAGES])
def test_no_page_mixes_languages(open_shop, language: str):
    shown = list(pages(visitor(language), language))

    assert mixed_in(language, iter(shown)) == []
    assert len(shown) > len(KINDS) + len(CATEGORIES)


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
