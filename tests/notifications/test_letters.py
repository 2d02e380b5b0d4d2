"""Every letter as it is read: complete in text and in HTML, in the contact's language, with working links."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from html.parser import HTMLParser
from typing import Any
from urllib.parse import parse_qs, urlsplit
from uuid import UUID

import msgspec
import pytest

from contexts.kernel import tokens
from contexts.kernel.addresses import Address
from contexts.kernel.checkout import OrderKey
from contexts.kernel.letters import samples
from contexts.kernel.money import eur
from contexts.notifications.letters import (
    LETTERS,
    ActionRequired,
    BackInStock,
    Cancelled,
    Confirmed,
    Delivered,
    Letter,
    Line,
    PaymentDeclined,
    Placed,
    Refunded,
    ReturnApproved,
    ReturnReceived,
    ReturnRefused,
    ReturnRequested,
    Shipped,
    Welcome,
)
from contexts.notifications.rendering import letter_of, render

ORDER = UUID("01890000-0000-7000-8000-000000000001")
COMMON: dict[str, Any] = {"name": "Ada <b>", "order_id": ORDER, "number": "TP-1001"}
ADDRESS = Address(name="Ada", street="Main Street 1", postcode="10115", city="Berlin", country="DE")
LINES = [Line(name="Mug & saucer", label="Rust red", quantity=2, total=eur(19_98))]

EXAMPLES: dict[str, tuple[Letter, list[str]]] = {
    "welcome": (Welcome(name="Ada <b>"), ["Your account is open"]),
    "order_placed": (
        Placed(
            **COMMON,
            lines=LINES,
            subtotal=eur(19_98),
            shipping=eur(4_90),
            tax=eur(3_97),
            total=eur(24_88),
            address=ADDRESS,
        ),
        [
            "TP-1001",
            "Mug & saucer",
            "Rust red",
            "€19.98",
            "€4.90",
            "€3.97",
            "€24.88",
            "Main Street 1",
            "10115 Berlin",
            "Germany",
        ],
    ),
    "action_required": (
        ActionRequired(**COMMON, path="/pay/1/confirm/", expires_at=datetime(2026, 3, 1, 14, 30, tzinfo=UTC)),
        ["TP-1001", "14:30", "http://testserver/pay/1/confirm/?key="],
    ),
    "payment_declined": (
        PaymentDeclined(
            **COMMON, explanation="Not enough money.", retry_until=datetime(2026, 3, 1, 14, 30, tzinfo=UTC)
        ),
        ["TP-1001", "Not enough money.", "14:30", f"http://testserver/orders/{ORDER}/pay/?key="],
    ),
    "order_confirmed": (
        Confirmed(**COMMON, lines=LINES, total=eur(24_88), address=ADDRESS),
        ["TP-1001", "Mug & saucer", "€24.88", "10115 Berlin", "Germany"],
    ),
    "order_cancelled": (
        Cancelled(**COMMON, explanation="The last mug was sold.", gift=eur(10_00), gift_last4="92QX"),
        ["TP-1001", "The last mug was sold.", "€10.00 goes back to your gift card ending 92QX."],
    ),
    "order_shipped": (
        Shipped(**COMMON, carrier="Blue Van", tracking_number="BV 1"),
        [
            "TP-1001",
            "Blue Van",
            "BV 1",
            "http://testserver/parcels/BV%201/",
            f"http://testserver/orders/{ORDER}/invoice/?key=",
        ],
    ),
    "order_delivered": (
        Delivered(**COMMON),
        ["TP-1001", "was delivered", f"http://testserver/orders/{ORDER}/return/?key="],
    ),
    "back_in_stock": (
        BackInStock(
            name="Ada <b>", request_id=ORDER, article="Mug & saucer", sku="RED-MUG", product_slug="mug", left=1
        ),
        [
            "Mug & saucer",
            "There is 1 piece",
            "http://testserver/p/mug/?variant=RED-MUG",
            "http://testserver/back-in-stock",
        ],
    ),
    "return_requested": (ReturnRequested(**COMMON, pieces=["2 × Mug & saucer"]), ["TP-1001", "2 × Mug & saucer"]),
    "return_approved": (
        ReturnApproved(**COMMON, explanation="Of course.", address=["Tradepost", "Pier 1"]),
        ["TP-1001", "Of course.", "Pier 1"],
    ),
    "return_refused": (ReturnRefused(**COMMON, explanation="It was used."), ["TP-1001", "It was used."]),
    "return_received": (ReturnReceived(**COMMON, refund=eur(12_50)), ["TP-1001", "€12.50"]),
    "order_refunded": (Refunded(**COMMON, amount=eur(5_00), refunded=eur(7_00)), ["TP-1001", "€5.00", "€7.00"]),
}


class Page(HTMLParser):
    """What a reader sees of an HTML letter, and the tags that were never closed."""

    VOID = {"meta", "br", "img", "hr", "link"}

    def __init__(self, html: str) -> None:
        super().__init__()
        self.words: list[str] = []
        self.open: list[str] = []
        self.links: list[str] = []
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag not in self.VOID:
            self.open.append(tag)
        if tag == "a":
            self.links.append(dict(attrs)["href"] or "")

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        if "style" not in self.open:
            self.words.append(data)

    @property
    def text(self) -> str:
        return " ".join(" ".join(self.words).split())


def test_every_letter_has_an_example() -> None:
    assert set(EXAMPLES) == set(LETTERS)


@pytest.mark.parametrize("kind", EXAMPLES)
def test_a_letter_says_the_same_in_text_and_html(kind: str) -> None:
    letter, facts = EXAMPLES[kind]

    rendered = render(letter, language="en")

    page = Page(rendered.html)
    assert page.open == []
    for fact in facts:
        assert fact in rendered.text
        assert fact in page.text or any(link.startswith(fact) for link in page.links)
    assert "Hello Ada <b>," in rendered.text
    assert "Hello Ada <b>," in page.text
    assert not re.search(r"\{[{%]|<[a-z]+ |&amp;|&lt;", rendered.text)
    assert rendered.subject


@pytest.mark.parametrize("kind", EXAMPLES)
def test_a_letter_needs_nothing_from_elsewhere_and_only_links_to_the_shop(kind: str) -> None:
    page = render(EXAMPLES[kind][0], language="en").html

    assert not re.search(r"<(img|script|link|iframe|form)", page)
    assert all(address.startswith("http://testserver/") for address in Page(page).links)


def test_the_link_to_an_order_opens_it_for_a_guest() -> None:
    rendered = render(EXAMPLES["order_delivered"][0], language="en")

    [address] = [link for link in Page(rendered.html).links if f"/orders/{ORDER}/?key=" in link]
    key = parse_qs(urlsplit(address).query)["key"][0]
    assert tokens.read(key, OrderKey, audience="order", max_age_s=60).order_id == ORDER
    assert address in rendered.text


@pytest.mark.parametrize("kind", EXAMPLES)
def test_a_letter_is_kept_as_json_and_read_back_unchanged(kind: str) -> None:
    letter = EXAMPLES[kind][0]

    assert letter_of(kind, msgspec.json.decode(msgspec.json.encode(msgspec.to_builtins(letter)))) == letter


def test_amounts_are_written_as_the_reader_writes_them() -> None:
    rendered = render(EXAMPLES["order_refunded"][0], language="de")

    assert "5,00" in rendered.text
    assert '<html lang="de">' in rendered.html


def test_who_has_an_account_is_asked_for_a_review_and_a_guest_is_not() -> None:
    customers, guests = (render(Delivered(**COMMON, may_review=may), language="en") for may in (True, False))

    asked = "http://testserver/account/reviews/"
    assert asked in customers.text
    assert asked in Page(customers.html).links
    assert "/reviews/" not in guests.text + guests.html


@pytest.mark.parametrize(
    ("letter", "said"),
    [
        (
            ReturnReceived(**COMMON, refund=eur(12_50), to_gift_card=eur(10_00), gift_last4="92QX"),
            "€12.50 for it goes back: €2.50 to your card and €10.00 to your gift card ending 92QX.",
        ),
        (
            ReturnReceived(**COMMON, refund=eur(12_50), to_gift_card=eur(12_50), gift_last4="92QX"),
            "€12.50 for it goes back to your gift card ending 92QX.",
        ),
        (
            Refunded(**COMMON, amount=eur(5_00), refunded=eur(7_00), gift_card_last4="92QX"),
            "We have given back €5.00 for order TP-1001 to your gift card ending 92QX.",
        ),
    ],
)
def test_a_letter_says_how_much_goes_to_which_card(letter: Letter, said: str) -> None:
    rendered = render(letter, language="en")

    assert said in rendered.text
    assert said in Page(rendered.html).text


def test_a_line_break_in_a_subject_cannot_begin_a_header() -> None:
    letter = Delivered(name="Ada", order_id=ORDER, number="TP-1\nBcc: eve@example.com")

    assert "\n" not in render(letter, language="en").subject


def test_a_parcel_without_a_number_leads_to_the_order() -> None:
    rendered = render(Shipped(**COMMON, carrier="Courier", tracking_number=""), language="en")

    assert "/orders/" in rendered.text
    assert all(Page(rendered.html).links)


@pytest.mark.parametrize("language", ["en", "de"])
def test_staff_can_look_at_every_letter_in_every_language(language: str) -> None:
    shown = {sample.kind: sample.write(language) for sample in samples()}

    assert set(LETTERS) < set(shown)
    assert {"email_confirmation", "password_changed"} < set(shown)
    for kind, rendered in shown.items():
        page = Page(rendered.html)
        assert page.open == [], kind
        assert rendered.subject, kind
        assert f'<html lang="{language}">' in rendered.html
        assert not re.search(r"\{[{%]|<(img|script|link|iframe|form)", rendered.html), kind
        assert all(address.startswith("http://testserver/") for address in page.links), kind


def test_a_letter_can_be_read_where_its_style_sheet_is_thrown_away() -> None:
    html = render(EXAMPLES["order_placed"][0], language="en").html

    for tag in re.findall(r'<[a-z]+ [^>]*class="(?:sheet|button|quiet|rule|note|ground)[^>]*>', html):
        assert re.search(r'style="[^"]*(color|background|border-top): ?[^"]*#[0-9a-f]{6}', tag), tag
