"""The checkout: from a cart to an order, in steps that may each be repeated without harm."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from itertools import count
from uuid import UUID

import msgspec
from django.db import transaction
from django.utils import timezone
from uuid_utils.compat import uuid7

from contexts.kernel import currencies
from contexts.kernel.addresses import Address
from contexts.kernel.checkout import PaymentMethod
from contexts.kernel.prepared import Lookup
from contexts.kernel.rates import prices_are_kept_in, with_rate
from contexts.kernel.templatetags.tradepost import money
from contexts.messaging import load, retrying
from contexts.ordering import quotes
from contexts.ordering.errors import (
    CartMoved,
    CheckoutOver,
    DetailsMissing,
    EmptyCart,
    MethodUnavailable,
    NoSuchOrder,
    QuoteChanged,
    TooLittle,
)
from contexts.ordering.events import Contact, OrderLine
from contexts.ordering.models import CartItem, Checkout, Customer, ExchangeRate, Offer, OrderSummary, ShippingMethod
from contexts.ordering.order import Order
from contexts.ordering.order_numbers import order_number
from contexts.ordering.quotes import Change, Quote, Seen, changes_since, changes_since_start, line_from_offer
from contexts.ordering.services import vouchers
from contexts.ordering.services.cart import locked_cart, offers_in, priced_offer, switch, take_out_ordered
from contexts.ordering.services.claims import claim_for_owner
from contexts.ordering.services.orders import keep
from contexts.ordering.services.vouchers import Given

_method = Lookup(ShippingMethod, "code")
_locked_checkout = Lookup(Checkout, "order_id", lock=True)
_numbered = Lookup(OrderSummary, "number")


class Review(msgspec.Struct, frozen=True, kw_only=True):
    """All that the last page before the order shows. `changes`: prices that moved since the checkout began.

    `objections`: why a code or gift card that was given does not count, in words for the shopper.
    """

    quote: Quote
    changes: list[Change]
    method: ShippingMethod
    objections: list[str] = []


def start_checkout(
    *,
    cart_id: UUID | None,
    customer_id: UUID | None = None,
    email: str = "",
    name: str = "",
    language: str = "en",
    seen_subtotal_cents: int | None = None,
    now: datetime | None = None,
) -> UUID:
    """Begin to check out the cart and return the order's id; a checkout already begun goes on.

    `email` and `name` fill in the form for somebody who signed in, unless more is known of them.

    Raises:
        EmptyCart: there is nothing to buy.
        NotForSale: something in the cart was withdrawn; it is to be removed first.
        CartMoved: the cart's sum is not `seen_subtotal_cents`, the one on the page that was clicked.
    """
    with transaction.atomic(using="ordering"):
        cart = locked_cart(cart_id)
        if cart is None:
            raise EmptyCart
        lines = _lines_in_cart(cart.id)
        if seen_subtotal_cents not in (None, sum(line.total.amount for line in lines)):
            raise CartMoved
        order = load(Order, cart.order_id) if cart.order_id else None
        if order is None or order.is_placed:
            order = load(Order, uuid7())
        order.start_checkout(order_id=order.id, customer_id=customer_id, lines=lines, now=now or timezone.now())
        keep(order)
        if cart.order_id != order.id:
            cart.order_id = order.id
            Checkout.objects.create(
                order_id=order.id, cart_id=cart.id, language=language, **_prefilled(customer_id, email, name)
            )
        elif customer_id is not None:
            Checkout.objects.filter(order_id=order.id).update(customer_id=customer_id)
        switch(cart, lines[0].unit_price.currency)
        cart.save()
        return order.id


@retrying
def renew_hold(*, order_id: UUID) -> None:
    """Ask for a checkout's goods to be kept for longer; a second time nothing happens.

    Raises:
        CheckoutOver: they are not kept any more.
    """
    with transaction.atomic(using="ordering"):
        order = load(Order, order_id)
        order.renew_hold()
        keep(order)


def save_details(*, order_id: UUID, contact: Contact, address: Address, shipping_method: str) -> Checkout:
    """Keep what the shopper filled in; it may be saved again until the order is placed.

    Raises:
        NoSuchOrder: no such checkout was begun.
        MethodUnavailable: that way of shipping does not go to that country.
    """
    with transaction.atomic(using="ordering"):
        method = _method(shipping_method)
        if method is None or not method.goes_to(address.country):
            raise MethodUnavailable(address.country)
        checkout = _locked_checkout(order_id)
        if checkout is None:
            raise NoSuchOrder
        checkout.email, checkout.language = contact.email, contact.language
        checkout.name, checkout.street, checkout.postcode = address.name, address.street, address.postcode
        checkout.city, checkout.country, checkout.shipping_method = address.city, address.country, method.code
        checkout.save()
    return checkout


def save_payment_method(*, order_id: UUID, payment: PaymentMethod) -> None:
    """Keep which card the shopper gave to payments.

    Raises:
        NoSuchOrder: no such checkout was begun, or the card was given for another one.
    """
    with transaction.atomic(using="ordering"):
        kept = payment.order_id == order_id and Checkout.objects.filter(order_id=order_id).update(
            payment_method=payment.payment_method, method_label=payment.method_label
        )
        if not kept:
            raise NoSuchOrder


def review(*, lines: list[OrderLine], checkout: Checkout, now: datetime | None = None) -> Review:
    """Return what the checkout costs now; the prices in `lines` are those it began with.

    Raises:
        NotForSale: something was withdrawn.
        DetailsMissing: the country or the way of shipping is not known yet.
        MethodUnavailable: the way of shipping does not go there any more.
    """
    if not checkout.has_details:
        raise DetailsMissing("details")
    currency = quotes.currency_of(lines)
    method = _method_in(currency, checkout.shipping_method)
    if method is None or not method.goes_to(checkout.country):
        raise MethodUnavailable(checkout.country)
    now, offers, given = now or timezone.now(), offers_for(lines), vouchers.given(checkout, currency)
    quote, objections = price(lines, offers=offers, given=given, method=method, country=checkout.country, now=now)
    quote = quotes.with_rates(quote, offers=offers, country=checkout.country, day=timezone.localdate(now))
    return Review(quote=quote, changes=changes_since_start(lines, quote), method=method, objections=objections)


def offers_for(lines: list[OrderLine]) -> dict[str, Offer]:
    """Return the offers of lines, priced in the currency that these are in."""
    return {offer.sku: offer for offer in offers_in(quotes.currency_of(lines), [line.sku for line in lines])}


def _method_in(currency: str, code: str) -> ShippingMethod | None:
    if prices_are_kept_in(currency):
        return _method(code)
    return with_rate(ShippingMethod.objects.filter(code=code), currency, ExchangeRate).first()


def price(
    lines: list[OrderLine],
    *,
    offers: Mapping[str, Offer],
    given: Given,
    method: ShippingMethod | None,
    country: str,
    now: datetime | None = None,
) -> tuple[Quote, list[str]]:
    """Price a checkout. A code or gift card that may not be used for it takes nothing off; the sentences say why.

    Raises:
        NotForSale: something was withdrawn.
    """
    now = now or timezone.now()
    objections = vouchers.objections(given, quotes.present_lines(lines, offers), now=now)
    quote = quotes.quote(
        wanted=lines,
        offers=offers,
        method=method,
        country=country,
        day=timezone.localdate(now),
        code=given.code if given.code and given.code.code not in objections else None,
        gift_card=given.card,
    )
    return quote, list(objections.values())


@retrying
def place_order(*, order_id: UUID, seen: Seen | None = None) -> Order:
    """Order what the checkout holds at the shop's present prices, and empty the cart of it.

    An order already placed is returned as it is: after a conflict (the same button pressed twice, or inventory's news
    in between) it is decided anew on the newer stream. `seen` is what the shopper was shown; None agrees to any price.

    Raises:
        NoSuchOrder: no such checkout was begun.
        CheckoutOver: it expired.
        DetailsMissing: the address or the card is not there yet.
        QuoteChanged: it costs something else than the shopper was shown.
        TooLittle: no card can pay so small an amount.
        NotForSale: something was withdrawn.
        MethodUnavailable: the way of shipping does not go there any more.
    """
    with transaction.atomic(using="ordering"):
        checkout = _locked_checkout(order_id)
        if checkout is None:
            raise NoSuchOrder
        order = load(Order, order_id)
        if order.is_placed:
            return order
        if not order.can_be_placed:
            raise CheckoutOver
        quote = review(lines=order.lines, checkout=checkout).quote
        if seen is not None and (changes := changes_since(seen, quote)):
            raise QuoteChanged(changes, quote)
        if quote.too_little:
            raise TooLittle(money(quote.too_little))
        if quote.payable and not checkout.payment_method:
            raise DetailsMissing("payment")
        order.place(
            order_id=order_id,
            number=_free_number(order_id),
            contact=Contact(email=checkout.email, name=checkout.name, language=checkout.language),
            shipping_address=checkout.address,
            shipping_method=checkout.shipping_method,
            quote=quote,
            payment_method=checkout.payment_method if quote.payable else "",
        )
        keep(order)
        claim_for_owner(order)
        take_out_ordered(checkout.cart_id, order.lines)
    return order


def _lines_in_cart(cart_id: UUID) -> list[OrderLine]:
    rows = CartItem.objects.filter(cart_id=cart_id).select_related("offer")
    items = list(with_rate(rows, currencies.currency(), ExchangeRate))
    if not items:
        raise EmptyCart
    return [line_from_offer(priced_offer(item), item.quantity) for item in items]


def _prefilled(customer_id: UUID | None, email: str, name: str) -> dict[str, object]:
    if customer_id is None:
        return {}
    customer = Customer.objects.filter(customer_id=customer_id).first()
    if customer is None:
        return {"customer_id": customer_id, "email": email, "name": name}
    fields = ("customer_id", "email", "name", "street", "postcode", "city", "country")
    return {field: getattr(customer, field) for field in fields}


def _free_number(order_id: UUID) -> str:
    for attempt in count():
        number = order_number(order_id, attempt)
        if _numbered(number) is None:
            return number
    raise AssertionError("count() does not end")
