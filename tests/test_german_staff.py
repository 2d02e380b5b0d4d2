"""The staff's admin in German: every page and every answer, and not one English word on them."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from typing import Any
from urllib.parse import urljoin, urlsplit
from uuid import UUID

import pytest
from babel.messages.pofile import read_po
from django.conf import settings as shop_settings
from django.contrib import admin
from django.test import Client
from django.utils import timezone, translation

from config.demo import shop
from config.demo.goods import invent
from config.texts import places
from contexts.catalog import services as catalog
from contexts.catalog.models import Category, Product, Term, Variant
from contexts.customers import services as customers
from contexts.inventory import services as inventory
from contexts.kernel.addresses import Address
from contexts.kernel.money import eur
from contexts.messaging import acting_as
from contexts.notifications.models import BackRequest
from contexts.ordering import services as ordering
from contexts.ordering.events import Contact, ReturnedPieces
from contexts.payments import services as payments
from contexts.payments.models import Payment, RefusedNotice, State
from contexts.promotions import services as promotions
from contexts.promotions.services import Terms
from contexts.shipping import services as shipping
from contexts.shipping.models import Parcel, ShippingMethod
from contexts.shipping.services import install_default_methods
from tests.test_german import Reader

#: What machines call things: kinds of drawings and letters, a pretend bank's answers, ways to send.
NAMES = frozenset([
    "approve", "authorise", "authorised", "black", "confirm", "decline", "declined", "english", "express", "lamp", "pick",
    "post", "press", "shelf", "slow", "standard", "tent", "up", "welcome", "white",
])  # fmt: skip
#: Words of one kind of letters; what has a dot, a digit or the like within is a name.
WORD = re.compile(r"[A-Za-zÄÖÜäöüß]{2,}")
NAME = re.compile(r"\S*[\w][_@./:=\d][\w]\S*|\S*\d\S*")


class StaffReader(Reader):
    """Leaves out what is drawn instead of read: the theme's symbols."""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        if given.get("name") in ("viewport", "color-scheme"):
            return
        symbol = "material-symbols" in (given.get("class") or "")
        # A letter as text is what `test_german` reads; what is not to be translated is as it was recorded.
        silent = symbol or tag == "pre" or given.get("translate") == "no"
        super().handle_starttag(tag, [*attrs, ("lang", "other")] if silent else attrs)


@pytest.fixture
def busy_shop(deliver_all: Callable[..., int], settings: Any) -> None:
    """Something of everything that staff look at."""
    settings.SITE_URL = "http://127.0.0.1:9"  # nobody takes the bank's notices there
    shop.open_categories()
    mug = next(draft for draft in invent(scale=1, seed=7) if draft.drawn_as == "mug")
    sku = mug.variants[0].sku
    with acting_as("system:test"):
        catalog.publish_products(catalog.create_products([mug]))
        inventory.receive_many({sku: 9}, reason="Lieferung 1", actor="system:test", open_missing=True)
        install_default_methods()
        promotions.create_code("ZEHN", Terms(kind="amount", amounts={"EUR": 1_00}))
        card = promotions.issue_gift_card(eur(5_00), note="").card
        account = customers.register(
            email="ada@example.org", name="Ada", password="long enough", language="de", confirmed=True
        )
        home = Address(name="Ada", street="Kanalstr. 4", postcode="20095", city="Hamburg", country="DE")
        customers.save_address(customer_id=account.id, address=home)
        deliver_all()
        for _ in range(2):
            order_id = _buy(sku, home, card.id)
            deliver_all()
            Payment.objects.filter(state=State.DUE).update(work_at=timezone.now())
            deliver_all()
        shipping.dispatch(Parcel.objects.get(order_id=order_id).id, actor="staff:1")
        deliver_all()
        shipping.deliver(Parcel.objects.get(order_id=order_id).id, actor="staff:1")
        deliver_all()
        ordering.request_return(
            order_id=order_id, reason="damaged", pieces=[ReturnedPieces(sku=sku, name=mug.name, quantity=1)]
        )
        deliver_all()
        BackRequest.objects.create(sku=sku, email="ada@example.org")
        RefusedNotice.objects.create(day=timezone.localdate(), gateway="stripe", problem="")


def _buy(sku: str, home: Address, card: UUID) -> UUID:
    cart = ordering.add_to_cart(cart_id=None, sku=sku)
    order_id = ordering.start_checkout(cart_id=cart.cart_id)
    ordering.save_details(
        order_id=order_id, contact=Contact(email="ada@example.org", name="Ada", language="de"), address=home,
        shipping_method="standard",
    )  # fmt: skip
    ordering.save_vouchers(order_id=order_id, code="ZEHN", gift_card_id=card)
    ordering.save_payment_method(
        order_id=order_id, payment=payments.add_card(order_id=order_id, number="4242424242424242")
    )
    ordering.place_order(order_id=order_id)
    return order_id


def english() -> frozenset[str]:
    """Return the words that are English alone: of texts and of names in the code, where no German text has them."""
    texts, german = list[str](), list[str]()
    for place in places():
        if place.path("de").exists():
            with place.path("de").open("rb") as file:
                for message in read_po(file, locale="de"):
                    texts += [message.id] if isinstance(message.id, str) else message.id
                    german += [message.string] if isinstance(message.string, str) else message.string
    for model in admin.site._registry:
        texts += [model.__name__, *(field.name.replace("_", " ") for field in model._meta.get_fields())]
    with translation.override("de"):
        django = translation._trans._active.value._catalog  # type: ignore[attr-defined]
        for text, translated in django.items():
            german.append(str(translated))
            texts.append(text if isinstance(text, str) and text != translated else "")
    return _words(texts) - _words(german) - NAMES - set(shop_settings.CONTEXTS)


def _words(texts: Iterable[str]) -> frozenset[str]:
    return frozenset(word.lower() for text in texts for word in WORD.findall(NAME.sub(" ", text)) if not word.isupper())


def data() -> list[str]:
    """Return what somebody has typed in English: the goods, their words and the ways to send them; the longest first."""
    fields = {
        Category: ("name", "blurb", "path"), Product: ("name", "summary", "description", "attributes"), Term: ("text",),
        Variant: ("label",), ShippingMethod: ("name",),
    }  # fmt: skip
    typed = {
        str(value) for model, names in fields.items() for row in model.objects.values_list(*names) for value in row
    }
    return sorted(filter(None, typed), key=len, reverse=True)


#: Of such pages one is as good as another: any row of a table, its history, a letter; and the shop's own pages.
ALIKE = [(r"[0-9a-f-]{36}|/\d+/|charge_\w+|/[A-Z]+[-\dA-Z]*/", "/*/"), (r".*/history/", "history"), (r"/letters/\w+/", "letter"),
         (r"/admin/r/.*|.*/logout/", "/admin/")]  # fmt: skip


def pages(client: Client) -> Iterator[tuple[str, str]]:
    """Walk through every kind of page, then send each of its forms empty; yields addresses and what they answer."""
    waiting, seen, forms = ["/admin/"], set[str](), list[str]()
    while waiting:
        address = kind = waiting.pop()
        for pattern, one in ALIKE:
            kind = re.sub(pattern, one, kind)
        if kind in seen:
            continue
        seen.add(kind)
        answer = client.get(address, follow=True)
        if "text/html" not in answer.headers["content-type"]:
            continue
        assert answer.status_code == 200, address
        yield address, answer.text
        if answer.text.count("csrfmiddlewaretoken") > 1:  # Every page can sign out.
            forms.append(address)
        reader = Reader("de")
        reader.feed(answer.text)
        here = answer.redirect_chain[-1][0] if answer.redirect_chain else address
        found = [urljoin(here, link).partition("#")[0] for link in reader.links]
        waiting += [link for link in found if urlsplit(link).path.startswith("/admin/") and "?" not in link]
    for address in forms:
        yield f"nothing sent to {address}", client.post(address, {}, follow=True).text


@pytest.mark.django_db(transaction=True, databases="__all__")
def test_no_page_of_the_staff_has_an_english_word(busy_shop: None):
    customers.open_staff_account(
        email="sam@example.org", name="Sam", password="long enough", language="de", superuser=True
    )
    client = Client(headers={"accept-language": "de"})
    signing_in = client.get("/admin/login/").text
    client.post("/admin/login/", {"username": "sam@example.org", "password": "long enough"})

    shown = [("signing in", signing_in), *pages(client)]

    wrong, typed = english(), data()
    said = dict[str, str]()
    for address, html in shown:
        if address.endswith("/en/"):  # A letter as an English reader gets it.
            continue
        assert '<html lang="de"' in html or "<html" not in html, address
        reader = StaffReader("de")
        reader.feed(html)
        for text in reader.texts:
            if _words([text]) & wrong:
                for words in typed:
                    text = text.replace(words, "")
                if found := _words([text]) & wrong:
                    said[text] = f"{', '.join(sorted(found))} in “{text[:200]}” at {address}"
    assert not said, "\n".join(said.values())
    assert len(shown) > 3 * len(admin.site._registry)
