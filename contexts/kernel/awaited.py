"""What a customer has just done to an order, told to other contexts' pages so that they can wait until they hear of it.

The context that did it puts a signed note into a cookie; a page that shows orders reads it, looks whether its own copy
is that far, and otherwise says that the order is on its way.
"""

from __future__ import annotations

from uuid import UUID

import msgspec
from django.conf import settings
from django.http import HttpRequest, HttpResponse

from contexts.kernel import tokens

COOKIE = "awaited"
#: Whoever has not heard of an order by then has other troubles than a shopper's patience.
MAX_AGE_S = 600
#: The latest so many orders are awaited.
KEPT = 3


class AwaitedOrder(msgspec.Struct, frozen=True, kw_only=True):
    """An order of a customer; `version` is how far its stream was: 1 asks only that the order is known."""

    order_id: UUID
    number: str
    customer_id: UUID
    version: int = 1


class _Note(msgspec.Struct, frozen=True):
    orders: list[AwaitedOrder]


def await_order(request: HttpRequest, response: HttpResponse, order: AwaitedOrder) -> None:
    """Have the pages that this browser opens in the next minutes wait for an order."""
    others = [known for known in _noted(request) if known.order_id != order.order_id]
    response.set_cookie(
        COOKIE, tokens.sign(_Note([*others, order][-KEPT:]), audience="awaited"), max_age=MAX_AGE_S, httponly=True,
        samesite="Lax", secure=settings.SESSION_COOKIE_SECURE,
    )  # fmt: skip


def awaited_orders(request: HttpRequest, customer_id: UUID) -> list[AwaitedOrder]:
    """Return what this browser is to wait for, of one customer's; nothing where the note is forged or old."""
    return [order for order in _noted(request) if order.customer_id == customer_id]


def stop_awaiting(response: HttpResponse) -> None:
    response.delete_cookie(COOKIE, samesite="Lax")


def _noted(request: HttpRequest) -> list[AwaitedOrder]:
    token = request.COOKIES.get(COOKIE)
    if token is None:
        return []
    try:
        return tokens.read(token, _Note, audience="awaited", max_age_s=MAX_AGE_S).orders
    except tokens.InvalidToken:
        return []
