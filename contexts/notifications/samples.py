"""Every letter with invented data, so that staff see how it reads before a shopper gets it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from uuid import UUID

from django.utils.translation import gettext_noop as _

from contexts.kernel.addresses import Address
from contexts.kernel.letters import Rendered, Sample, show_sample
from contexts.kernel.money import eur
from contexts.notifications.letters import (
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
from contexts.notifications.rendering import render

ORDER = UUID("01890000-0000-7000-8000-000000000001")
NAME, NUMBER = "Ada Byron", "TP-7F3K-92QX"
SOON = datetime(2026, 3, 1, 14, 30, tzinfo=UTC)
ADDRESS = Address(name=NAME, street="Kanalstr. 4", postcode="20095", city="Hamburg", country="DE")
LINES = [
    Line(name="Stoneware mug", label="Rust red", quantity=2, total=eur(25_00)),
    Line(name="Linen cushion", label="", quantity=1, total=eur(39_00)),
]

#: Each letter, and when it is written.
SAMPLES: list[tuple[str, Letter]] = [
    (_("Somebody opened an account"), Welcome(name=NAME)),
    (
        _("The order was placed"),
        Placed(
            name=NAME, order_id=ORDER, number=NUMBER, lines=LINES, subtotal=eur(64_00), shipping=eur(4_90),
            tax=eur(11_00), total=eur(68_90), address=ADDRESS,
        ),
    ),
    (
        _("The bank wants a confirmation"),
        ActionRequired(name=NAME, order_id=ORDER, number=NUMBER, path="/pay/1/confirm/", expires_at=SOON),
    ),
    (
        _("The card was declined"),
        PaymentDeclined(
            name=NAME, order_id=ORDER, number=NUMBER, explanation="There is not enough money on this card.",
            retry_until=SOON,
        ),
    ),
    (
        _("Goods and money are there"),
        Confirmed(name=NAME, order_id=ORDER, number=NUMBER, lines=LINES, total=eur(68_90), address=ADDRESS),
    ),
    (
        _("The order was cancelled"),
        Cancelled(
            name=NAME, order_id=ORDER, number=NUMBER, explanation="“Linen cushion” is sold out.", gift=eur(10_00),
            gift_last4="92QX",
        ),
    ),
    (
        _("The parcel left"),
        Shipped(name=NAME, order_id=ORDER, number=NUMBER, carrier="Blue Van", tracking_number="BV123456789"),
    ),
    (_("The parcel arrived"), Delivered(name=NAME, order_id=ORDER, number=NUMBER, may_review=True)),
    (
        _("Money went back"),
        Refunded(name=NAME, order_id=ORDER, number=NUMBER, amount=eur(12_50), refunded=eur(12_50)),
    ),
    (
        _("Somebody asks to send something back"),
        ReturnRequested(name=NAME, order_id=ORDER, number=NUMBER, pieces=["1 × Stoneware mug (Rust red)"]),
    ),
    (
        _("A return was accepted"),
        ReturnApproved(
            name=NAME, order_id=ORDER, number=NUMBER, explanation="", address=["Tradepost", "Speicherstr. 1", "20457 Hamburg"]
        ),
    ),
    (
        _("A return was not accepted"),
        ReturnRefused(name=NAME, order_id=ORDER, number=NUMBER, explanation="The mug was used and is chipped."),
    ),
    (
        _("What was sent back is here"),
        ReturnReceived(
            name=NAME, order_id=ORDER, number=NUMBER, refund=eur(12_50), to_gift_card=eur(10_00), gift_last4="92QX"
        ),
    ),
    (
        _("An article somebody waits for is back"),
        BackInStock(
            name="", request_id=ORDER, article="Stoneware mug (Rust red)", sku="RED-MUG", product_slug="mug", left=3
        ),
    ),
]  # fmt: skip


def show_samples() -> None:
    for when, letter in SAMPLES:
        show_sample(Sample(kind=letter.kind, when=when, context="notifications", write=_writer(letter)))


def _writer(letter: Letter) -> Callable[[str], Rendered]:
    return lambda language: render(letter, language=language)
