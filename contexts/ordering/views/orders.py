"""The page of an order, which moves by itself."""

from __future__ import annotations

from uuid import UUID

import msgspec
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_POST

from contexts.kernel import tokens
from contexts.kernel.addresses import Address
from contexts.kernel.checkout import ANOTHER_CARD, AccountOffer, PaymentStatement
from contexts.kernel.links import link
from contexts.ordering import access, queries, services, states, wording
from contexts.ordering.errors import CannotDo
from contexts.ordering.forms import COUNTRIES
from contexts.ordering.invoicing.issuing import seller
from contexts.ordering.models import OrderSummary
from contexts.ordering.summaries import lines_of
from contexts.ordering.views import SeeOther
from contexts.ordering.views.checkout import etag_of, live_part


class NotYours(Exception):
    """Nobody may see this order here; the page says why."""

    def __init__(self, response: HttpResponse) -> None:
        self.response = response


@never_cache
@require_GET
def show(request: HttpRequest, order_id: UUID) -> HttpResponse:
    if key := request.GET.get("key"):
        return take_key(request, order_id, key)
    try:
        order = own_order(request, order_id)
    except NotYours as refusal:
        return refusal.response
    return _order_page(request, order)


@require_GET
def live(request: HttpRequest, order_id: UUID) -> HttpResponse:
    """The part of the order's page that moves; 304 while nothing moved."""
    try:
        order = own_order(request, order_id)
    except NotYours as refusal:
        return refusal.response
    return live_part(request, "ordering/_order_live.html", _live_context(order))


@never_cache
@require_GET
def pay(request: HttpRequest, order_id: UUID) -> HttpResponse:
    """Go on to the page that takes another card, as a letter about a declined one asks; else to the order."""
    if key := request.GET.get("key"):
        return take_key(request, order_id, key, then="ordering:order-pay")
    try:
        order = own_order(request, order_id)
    except NotYours as refusal:
        return refusal.response
    if order.status != states.PAYMENT_DECLINED:
        return SeeOther(reverse("ordering:order", args=[order_id]))
    return SeeOther(_pay_link(order))


@require_POST
def cancel(request: HttpRequest, order_id: UUID) -> HttpResponse:
    try:
        order = own_order(request, order_id)
    except NotYours as refusal:
        return refusal.response
    try:
        cancelled = services.cancel_order(order_id=order_id)
    except CannotDo as refusal:
        order.refresh_from_db()
        return _order_page(request, order, problem=str(refusal), status=409)
    response = SeeOther(reverse("ordering:order", args=[order_id]))
    access.await_in_history(request, response, cancelled, version=cancelled.version)
    return response


@require_POST
def again(request: HttpRequest, order_id: UUID) -> HttpResponse:
    """Put the goods back into the cart, as somebody wants whose card was declined."""
    try:
        order = own_order(request, order_id)
    except NotYours as refusal:
        return refusal.response
    cart = services.refill_cart(cart_id=access.cart_of(request), lines=lines_of(order))
    response = SeeOther(reverse("ordering:cart"))
    access.keep_cart(response, cart)
    return response


def _order_page(request: HttpRequest, order: OrderSummary, *, problem: str = "", status: int = 200) -> HttpResponse:
    context = {
        **_live_context(order, asking=_asks_the_bank_again(request, order)),
        "lines": wording.shown_lines(order), "problem": problem, "address": order.address,
        "account_offer": _account_offer(request, order),
    }  # fmt: skip
    if order.address:
        context["country"] = COUNTRIES.get(order.address["country"], order.address["country"])
    return render(request, "ordering/order.html", context, status=status)


def _account_offer(request: HttpRequest, order: OrderSummary) -> str:
    """Return what lets a guest open an account with a password alone; "" for whoever has one, or was erased.

    An order that an account claimed is no exception: the page does not tell whether its address has one.
    """
    bought_by_guest = order.customer_id is None or order.claimed_at is not None
    if not bought_by_guest or access.identity_of(request) is not None or not order.address:
        return ""
    offer = AccountOffer(
        order_id=order.order_id,
        number=order.number or "",
        email=order.email,
        name=order.name,
        address=msgspec.convert(order.address, Address),
    )
    return tokens.sign(offer, audience="customers")


def _asks_the_bank_again(request: HttpRequest, order: OrderSummary) -> bool:
    """Whether the shopper comes from giving another card, of which the order has not heard yet."""
    given = request.GET.get("card") == ANOTHER_CARD and request.GET.get("seen") == str(order.version)
    return given and order.status == states.PAYMENT_DECLINED


def _live_context(order: OrderSummary, *, asking: bool = False) -> dict[str, object]:
    action_link = f"{order.action_path}?key={access.key_for(order.order_id)}" if order.action_path else ""
    return {
        "order": order,
        "explanation": wording.explanation_of(order),
        "steps": queries.steps(order),
        "asking": asking,
        "poll_s": queries.QUICK_S if asking else queries.poll_s(order),
        "moves": asking or queries.poll_s(order) == queries.QUICK_S,
        "can_cancel": queries.can_be_cancelled(order),
        "action_link": action_link,
        "pay_link": _pay_link(order) if order.status == states.PAYMENT_DECLINED else "",
        "left_s": queries.seconds_left(order.held_until),
        "now": timezone.now(),
        "etag": etag_of(order),
        "returns": queries.returns_of(order),
        "invoices": queries.invoices_of(order.order_id) if order.shipped_at else [],
        "seller": seller(),
        "can_return": queries.can_be_returned(order),
    }


def _pay_link(order: OrderSummary) -> str:
    """Return where another card is given for an order whose card was declined."""
    statement = PaymentStatement(
        order_id=order.order_id,
        amount=order.payable,
        return_path=f"{reverse('ordering:order', args=[order.order_id])}?seen={order.version}",
        pay_before=order.held_until,
    )
    return link("pay", {"statement": tokens.sign(statement, audience="payments")}, order_id=order.order_id)


def take_key(request: HttpRequest, order_id: UUID, key: str, *, then: str = "ordering:order") -> HttpResponse:
    """Keep a key in the browser and go on at an address without it, so that it is not passed on by accident."""
    if not access.key_opens(key, order_id):
        explanation = _("This link has expired or is not complete. Use the newest link from our e-mails.")
        return _refused(request, explanation)
    response = SeeOther(reverse(then, args=[order_id]))
    access.keep_order(request, response, order_id)
    return response


def own_order(request: HttpRequest, order_id: UUID) -> OrderSummary:
    order = queries.summary(order_id)
    if order is None or order.placed_at is None:
        explanation = _("There is no order at this address. Check the link in your e-mail.")
        raise NotYours(render(request, "ordering/no_order.html", {"explanation": explanation}, status=404))
    if not access.may_see(request, order):
        raise NotYours(
            _refused(request, _("Open the link in your e-mail, or sign in to the account it was ordered with."))
        )
    return order


def _refused(request: HttpRequest, explanation: str) -> HttpResponse:
    context = {"explanation": explanation, "forbidden": True, "offer_sign_in": access.identity_of(request) is None}
    return render(request, "ordering/no_order.html", context, status=403)
