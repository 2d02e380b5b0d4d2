"""An order is read in the language of whoever reads it, whichever it was placed in: by its shopper and by staff."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any
from uuid import UUID

import pytest
from django.test import Client
from django.utils import timezone
from django.utils.html import escape
from uuid_utils.compat import uuid7

from contexts.catalog.models import Product, Variant
from contexts.customers.services import open_staff_account, register
from contexts.history.redis_store import live_store
from contexts.inventory.events import HoldExpired, Shortage, StockRejected, StockReserved
from contexts.kernel.checkout import PaymentMethod
from contexts.ordering import services as ordering
from contexts.ordering.events import (
    OrderCancelled,
    OrderConfirmed,
    OrderPlaced,
    ReturnedPieces,
    ReturnRequested,
)
from contexts.ordering.models import Offer, OrderSummary
from contexts.payments.events import PaymentAuthorised, PaymentCaptured, PaymentDeclined
from contexts.payments.wording import explanation_of
from contexts.promotions.events import PromotionRefused
from contexts.shipping.events import ParcelDelivered, ParcelDispatched
from contexts.shipping.models import Parcel
from tests.history.factories import said
from tests.ordering.browsing import seen
from tests.ordering.test_vouchers import code
from tests.test_german import DETAILS, PASSWORD, Reader, mixed_in, open_shop, visitor

__all__ = ["open_shop"]
pytestmark = pytest.mark.django_db(databases="__all__")
BOTH_WAYS = pytest.mark.parametrize(("placed_in", "read_in"), [("en", "de"), ("de", "en")])


class Shopper:
    """Somebody with an account who fills carts in one language."""

    def __init__(self, language: str, deliver: Any) -> None:
        self.client, self.language, self._deliver = visitor(language), language, deliver
        account = register(email="ada@example.org", name="Ada", password=PASSWORD, language=language, confirmed=True)
        self.client.post("/account/sign-in/", {"login": account.email, "password": PASSWORD})
        self.sku = Product.objects.get(drawn_as="mug").variants.filter(available__gt=0)[0].sku

    def check_out(self) -> UUID:
        self.client.post("/cart/add/", {"sku": self.sku, "quantity": 2})
        return UUID(self.client.post("/checkout/", follow=True).redirect_chain[-1][0].split("/")[-2])

    def order(self, **more: str) -> UUID:
        order_id = self.check_out()
        self.client.post(f"/checkout/{order_id}/", DETAILS | more)
        card = PaymentMethod(order_id=order_id, payment_method="pm_1", method_label="Visa ending 4242")
        ordering.save_payment_method(order_id=order_id, payment=card)
        self.client.post(f"/checkout/{order_id}/review/", {"seen": seen(self.client, order_id)})
        return order_id

    def hear(self, *events: Any) -> None:
        for event in events:
            self._deliver(event, to="ordering")

    def pages(self, language: str, *addresses: str) -> Iterator[tuple[str, str]]:
        self.client.get(f"/{language}/", follow=True)
        for address in addresses:
            yield address, self.client.get(address, follow=True).content.decode()


def article(sku: str, language: str) -> str:
    """Return what an article is called in a language."""
    variant = Variant.objects.select_related("product").get(sku=sku)
    name: str = variant.product.texts["de:name"] if language == "de" else variant.product.name
    return escape(name)


def delivered(shopper: Shopper) -> UUID:
    order_id = shopper.order()
    total, parcel = OrderSummary.objects.get(order_id=order_id).total, {"order_id": order_id, "parcel_id": uuid7()}
    shopper.hear(
        StockReserved(order_id=order_id), PaymentAuthorised(order_id=order_id, amount=total, method_label="Visa ending 4242"),
        ParcelDispatched(**parcel, carrier="Blue Van", tracking_number="BV1"),
        PaymentCaptured(order_id=order_id, amount=total), ParcelDelivered(**parcel, delivered_at=timezone.now()),
    )  # fmt: skip
    return order_id


def sad_orders(shopper: Shopper) -> dict[str, UUID]:
    """Place orders that come to nothing, each in its own way."""
    code()
    orders = {
        way: shopper.order()
        for way in ("by the shopper", "by the shop", "too few", "sold out", "gone", "declined", "given up")
    }
    orders["code"] = shopper.order(promotion_code="WELCOME10")
    ordering.cancel_order(order_id=orders["by the shop"], reason="by_staff")
    shopper.client.post(f"/orders/{orders['by the shopper']}/cancel/")
    few, none = Shortage(sku=shopper.sku, wanted=2, left=1), Shortage(sku=shopper.sku, wanted=2, left=0)
    shopper.hear(
        StockRejected(order_id=orders["too few"], shortages=[few]),
        StockRejected(order_id=orders["sold out"], shortages=[none]),
        StockRejected(order_id=orders["gone"], shortages=[]),
        PromotionRefused(order_id=orders["code"], reason="code_used_up"),
        *(
            PaymentDeclined(order_id=orders[way], reason="insufficient_funds", explanation=_no_money(shopper.language))
            for way in ("declined", "given up")
        ),
    )
    ordering.cancel_order(order_id=orders["given up"])
    return orders


def _no_money(language: str) -> str:
    return explanation_of("insufficient_funds", language=language)


@BOTH_WAYS
def test_the_pages_of_an_order_are_in_the_language_of_whoever_reads_them(
    open_shop, deliver, published_events, placed_in: str, read_in: str
):
    shopper = Shopper(placed_in, deliver)
    orders = sad_orders(shopper)
    done = delivered(shopper)
    pieces = [ReturnedPieces(sku=shopper.sku, name="Mug", quantity=1)]
    ordering.request_return(order_id=done, reason="damaged", pieces=pieces)
    over = shopper.check_out()
    shopper.hear(HoldExpired(order_id=over))
    addresses = [f"/orders/{order_id}/" for order_id in [*orders.values(), done]]

    shown = list(shopper.pages(read_in, *addresses, f"/orders/{done}/return/", f"/checkout/{over}/"))

    assert mixed_in(read_in, iter(shown)) == []
    name, other = article(shopper.sku, read_in), article(shopper.sku, placed_in)
    assert [address for address, html in shown[:-1] if name not in html or other in html] == []
    words = {"de": "ist ausverkauft.", "en": "is sold out."}
    assert words[read_in] in dict(shown)[f"/orders/{orders['sold out']}/"]
    assert f'<span lang="{placed_in}">Visa ending 4242</span>' in dict(shown)[f"/orders/{done}/"]
    told = {event.order_id: event.explanation for event in published_events.of(OrderCancelled)}
    assert words[placed_in] in told[orders["sold out"]]  # The letter is the shopper's.


@BOTH_WAYS
def test_a_purchase_is_shown_in_the_language_of_whoever_reads_it(
    open_shop, deliver, published_events, placed_in: str, read_in: str
):
    shopper = Shopper(placed_in, deliver)
    orders = sad_orders(shopper)
    for event in [*published_events.of(OrderPlaced), *published_events.of(OrderCancelled)]:
        version = 2 if isinstance(event, OrderPlaced) else 3
        live_store().apply(said(event, version), as_of=timezone.now())

    shown = dict(shopper.pages(read_in, "/account/purchases/"))

    assert mixed_in(read_in, iter(shown.items())) == []
    [html] = shown.values()
    assert html.count('<p class="line__name">') == len(orders)
    assert html.count(f">{article(shopper.sku, read_in)}</a>") == len(orders)
    assert {"de": "ist ausverkauft.", "en": "is sold out."}[read_in] in html


def test_a_letter_says_what_the_order_says_whoever_asked_in_which_language(open_shop, deliver, published_events):
    shopper = Shopper("en", deliver)
    done = delivered(shopper)
    [(_, form)] = shopper.pages("de", f"/orders/{done}/return/")
    return_id = re.search(r'name="return_id" value="([^"]+)"', form)

    answer = shopper.client.post(
        f"/orders/{done}/return/", {"return_id": return_id and return_id[1], "reason": "damaged", "pieces_0": "1"}
    )

    assert answer.status_code == 303
    [asked] = published_events.of(ReturnRequested)
    assert asked.pieces[0].name.startswith(Product.objects.get(drawn_as="mug").name)


def test_what_staff_typed_stays_as_it_is_and_says_its_language(open_shop, deliver):
    shopper = Shopper("en", deliver)
    order_id = shopper.order()
    ordering.cancel_order(order_id=order_id, reason="by_staff", explanation="The mug broke in our hands.")

    [(_, html)] = shopper.pages("de", f"/orders/{order_id}/")

    assert html.count('<span lang="en">The mug broke in our hands.</span>') == 2


def test_an_order_from_before_translations_were_kept_says_its_language(open_shop, deliver):
    shopper = Shopper("en", deliver)
    order_id = shopper.order()
    row = OrderSummary.objects.get(order_id=order_id)
    row.lines = [{key: line[key] for key in line if key not in ("names", "labels")} for line in row.lines]
    row.status, row.explanation, row.said = "cancelled", "You cancelled the order.", []
    row.save()
    name = article(shopper.sku, "en")

    [(_, german)] = shopper.pages("de", f"/orders/{order_id}/")
    [(_, english)] = shopper.pages("en", f"/orders/{order_id}/")

    assert f'<p class="line__name"><span lang="en">{name}</span></p>' in german
    assert '<span lang="en">You cancelled the order.</span>' in german
    assert f'<p class="line__name">{name}</p>' in english


def test_an_article_that_nobody_translated_says_its_language(open_shop, deliver):
    shopper = Shopper("en", deliver)
    Offer.objects.filter(sku=shopper.sku).update(names={})
    order_id = shopper.order()
    shortage = Shortage(sku=shopper.sku, wanted=2, left=0)
    shopper.hear(StockRejected(order_id=order_id, shortages=[shortage]))

    [(_, html)] = shopper.pages("de", f"/orders/{order_id}/")

    assert html.count(f'<span lang="en">{article(shopper.sku, "en")}</span>') == 3
    assert "ist ausverkauft." in html


def test_staff_read_orders_parcels_and_returns_in_their_own_language(open_shop, deliver, published_events):
    shopper = Shopper("en", deliver)
    orders, done = sad_orders(shopper), delivered(shopper)
    pieces = [ReturnedPieces(sku=shopper.sku, name="Mug", quantity=1)]
    ordering.request_return(order_id=done, reason="damaged", pieces=pieces)
    for event in published_events.of(OrderConfirmed):
        deliver(event, to="shipping")
    open_staff_account(email="sam@example.org", name="Sam", password="long enough", language="de", superuser=True)
    staff = Client(headers={"accept-language": "de"})
    staff.post("/admin/login/", {"username": "sam@example.org", "password": "long enough"})

    shown = [
        (address, staff.get(address).content.decode())
        for address in (
            *(f"/admin/ordering/ordersummary/{order_id}/change/" for order_id in [*orders.values(), done]),
            f"/admin/ordering/ordersummary/{done}/past/", f"/admin/ordering/returnedorder/{done}/handle/",
            f"/admin/shipping/parcel/{Parcel.objects.get().pk}/change/",
        )
    ]  # fmt: skip

    name, other = article(shopper.sku, "de"), article(shopper.sku, "en")
    assert [address for address, html in shown if name not in html] == []
    seen_by_staff = [(address, _said_in(html, "de")) for address, html in shown]
    assert [address for address, words in seen_by_staff if other in words] == []
    cancelled = dict(seen_by_staff)[f"/admin/ordering/ordersummary/{orders['sold out']}/change/"]
    assert "ist ausverkauft." in cancelled
    assert "sold out" not in cancelled


def _said_in(html: str, language: str) -> str:
    reader = Reader(language)
    reader.feed(html)
    return " ".join(reader.texts)
