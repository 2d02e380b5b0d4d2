"""From a letter to what is sent: subject, text and HTML, in the reader's language."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode, urljoin
from uuid import UUID

import msgspec
from django.conf import settings
from django.template.loader import render_to_string
from django.utils.translation import override

from contexts.kernel import tokens
from contexts.kernel.checkout import OrderKey
from contexts.kernel.letters import Rendered
from contexts.kernel.links import link
from contexts.notifications.letters import (
    LETTERS,
    ActionRequired,
    BackInStock,
    Delivered,
    Letter,
    OrderLetter,
    PaymentDeclined,
    Shipped,
)


def letter_of(kind: str, data: dict[str, Any]) -> Letter:
    """Return the letter that was kept as `data`."""
    return msgspec.convert(data, LETTERS[kind])


def render(letter: Letter, *, language: str) -> Rendered:
    """Write the letter. Links to an order carry a key that opens it for `ORDER_KEY_MAX_AGE_S` from now."""
    with override(language):
        # A line break in a subject would begin another header.
        subject = " ".join(letter.subject().split())
        context = {"letter": letter, "subject": subject, "language": language, **_links(letter)}
        folder = f"notifications/email/{letter.kind}"
        return Rendered(
            subject=subject,
            text=render_to_string(f"{folder}.txt", context).strip() + "\n",
            html=render_to_string(f"{folder}.html", context),
        )


class StopKey(msgspec.Struct, frozen=True, kw_only=True):
    """Whoever holds this may stop the news that the request's address gets: the key in an e-mail's last line."""

    request_id: UUID


def stop_url(request_id: UUID) -> str:
    """Return the address that ends all news of stock to whoever asked."""
    return _absolute(link("tell-me-stop", token=tokens.sign(StopKey(request_id=request_id), audience="back in stock")))


def _links(letter: Letter) -> dict[str, str]:
    links = {"shop_url": _absolute(link("home")), "account_url": _absolute(link("account"))}
    if isinstance(letter, BackInStock):
        links["product_url"] = _absolute(link("product", slug=letter.product_slug, query={"variant": letter.sku}))
        links["stop_url"] = stop_url(letter.request_id)
    if not isinstance(letter, OrderLetter):
        return links
    key = tokens.sign(OrderKey(order_id=letter.order_id), audience="order")
    links["order_url"] = _absolute(link("order", order_id=letter.order_id, query={"key": key}))
    if isinstance(letter, ActionRequired):
        links["action_url"] = f"{_absolute(letter.path)}?{urlencode({'key': key})}"
    if isinstance(letter, PaymentDeclined):
        links["pay_url"] = _absolute(link("order-pay", order_id=letter.order_id, query={"key": key}))
    if isinstance(letter, Delivered):
        links["return_url"] = _absolute(link("order-return", order_id=letter.order_id, query={"key": key}))
    if isinstance(letter, Delivered) and letter.may_review:
        links["reviews_url"] = _absolute(link("my-reviews"))
    if isinstance(letter, Shipped):
        tracked = letter.tracking_number and _absolute(link("tracking", tracking_number=letter.tracking_number))
        links["tracking_url"] = tracked or links["order_url"]
        links["invoice_url"] = _absolute(link("invoice", order_id=letter.order_id, query={"key": key}))
    return links


def _absolute(address: str) -> str:
    return urljoin(str(settings.SITE_URL), address)
