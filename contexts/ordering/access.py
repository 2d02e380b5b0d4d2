"""Who may see what: the cart a browser holds, and the orders it has a key to, kept in signed cookies."""

from __future__ import annotations

from uuid import UUID

from django.conf import settings
from django.core import signing
from django.http import HttpRequest, HttpResponse

from contexts.kernel import tokens
from contexts.kernel.awaited import AwaitedOrder, await_order
from contexts.kernel.checkout import ORDER_KEY_MAX_AGE_S, OrderKey
from contexts.kernel.identity import Identity
from contexts.kernel.links import link
from contexts.ordering.models import OrderSummary
from contexts.ordering.order import Order
from contexts.ordering.services import CartCount

CART_COOKIE, COUNT_COOKIE, ORDERS_COOKIE = "cart", "cart_count", "orders"
CART_MAX_AGE_S = 60 * 24 * 3600
#: A browser keeps the keys of so many orders; the oldest goes first.
ORDERS_KEPT = 20


def cart_of(request: HttpRequest) -> UUID | None:
    """Return the cart this browser holds, None without one or with a cookie that does not hold."""
    try:
        return UUID(request.get_signed_cookie(CART_COOKIE, salt=CART_COOKIE, max_age=CART_MAX_AGE_S))
    except (KeyError, ValueError, signing.BadSignature):
        return None


def keep_cart(response: HttpResponse, cart: CartCount) -> None:
    response.set_signed_cookie(
        CART_COOKIE, str(cart.cart_id), salt=CART_COOKIE, max_age=CART_MAX_AGE_S, httponly=True, samesite="Lax",
        secure=settings.SESSION_COOKIE_SECURE,
    )  # fmt: skip
    show_count(response, cart.count)


def show_count(response: HttpResponse, count: int) -> None:
    """Tell the header of every context's pages how many pieces are in the cart; it is only ever shown."""
    response.set_cookie(
        COUNT_COOKIE, str(count), max_age=CART_MAX_AGE_S, samesite="Lax", secure=settings.SESSION_COOKIE_SECURE
    )


def identity_of(request: HttpRequest) -> Identity | None:
    identity: Identity | None = getattr(request, "identity", None)
    return identity


def key_for(order_id: UUID) -> str:
    """Return a key that opens the order's page for whoever holds it, for 90 days."""
    return tokens.sign(OrderKey(order_id=order_id), audience="order")


def order_link(order_id: UUID) -> str:
    return link("order", {"key": key_for(order_id)}, order_id=order_id)


def key_opens(key: str, order_id: UUID) -> bool:
    try:
        return tokens.read(key, OrderKey, audience="order", max_age_s=ORDER_KEY_MAX_AGE_S).order_id == order_id
    except tokens.InvalidToken:
        return False


def may_see(request: HttpRequest, order: OrderSummary) -> bool:
    """A customer sees the orders of the account, anybody those that this browser has a key to."""
    identity = identity_of(request)
    if identity is not None and order.customer_id is not None and identity.customer_id == order.customer_id:
        return True
    return str(order.order_id) in _kept_orders(request)


def keep_order(request: HttpRequest, response: HttpResponse, order_id: UUID) -> None:
    """Remember in the browser that it may see the order."""
    kept = [kept for kept in _kept_orders(request) if kept != str(order_id)]
    response.set_signed_cookie(
        ORDERS_COOKIE, ".".join([*kept, str(order_id)][-ORDERS_KEPT:]), salt=ORDERS_COOKIE,
        max_age=ORDER_KEY_MAX_AGE_S, httponly=True, samesite="Lax", secure=settings.SESSION_COOKIE_SECURE,
    )  # fmt: skip


def await_in_history(request: HttpRequest, response: HttpResponse, order: Order, *, version: int = 1) -> None:
    """Let the customer's purchase history wait for what was just done to the order; a guest has no history."""
    if order.customer_id is not None and order.placed is not None:
        awaited = AwaitedOrder(
            order_id=order.id, number=order.placed.number, customer_id=order.customer_id, version=version
        )
        await_order(request, response, awaited)


def _kept_orders(request: HttpRequest) -> list[str]:
    try:
        kept = request.get_signed_cookie(ORDERS_COOKIE, salt=ORDERS_COOKIE, max_age=ORDER_KEY_MAX_AGE_S)
    except (KeyError, signing.BadSignature):
        return []
    return kept.split(".") if kept else []
