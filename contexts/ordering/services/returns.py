"""Sending things back: a shopper asks, staff answer and count what came; money and stock follow by events."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _
from uuid_utils.compat import uuid7

from contexts.ordering import photos
from contexts.ordering.errors import BadPhoto, NoSuchOrder, NotReturnable
from contexts.ordering.events import ReceivedPieces, ReturnedPieces
from contexts.ordering.invoicing.issuing import seller
from contexts.ordering.models import OrderSummary
from contexts.ordering.order import Order
from contexts.ordering.services.orders import change_order


def request_return(
    *,
    order_id: UUID,
    pieces: list[ReturnedPieces],
    reason: str,
    remark: str = "",
    pictures: Sequence[bytes] = (),
    return_id: UUID | None = None,
    now: datetime | None = None,
) -> UUID:
    """Ask to send pieces of a delivered order back, and return the id of the return.

    `pictures` come from `photos.clean`. With a `return_id` that was used already nothing happens: the button was
    pressed twice.

    Raises:
        NoSuchOrder: nothing was placed under this id.
        NotReturnable: not delivered yet, too long ago, or more than there is to send back.
        BadPhoto: more photos than we take.
    """
    return_id = return_id or uuid7()
    if len(pictures) > photos.MOST:
        raise BadPhoto(_("Send up to %(most)d photos.") % {"most": photos.MOST})
    summary = OrderSummary.objects.filter(order_id=order_id).first()
    if summary is None:
        raise NoSuchOrder
    if any(one["id"] == str(return_id) for one in summary.returns):
        return return_id

    def ask(order: Order) -> None:
        order.request_return(
            return_id=return_id, pieces=pieces, reason=reason, remark=remark, photos=len(pictures),
            delivered_at=summary.completed_at, now=now or timezone.now(),
        )  # fmt: skip

    with (
        transaction.atomic(using="ordering"),
        photos.kept(pictures, order_id=order_id, customer_id=summary.customer_id, return_id=return_id),
    ):
        change_order(order_id, ask)
    return return_id


def approve_return(*, order_id: UUID, return_id: UUID, explanation: str = "") -> Order:
    """Let the shopper send the pieces.

    Raises:
        NotReturnable: it was answered already.
    """
    shop = seller()
    send_to = [shop.name, *shop.address]
    return change_order(order_id, lambda order: order.approve_return(return_id, explanation.strip(), send_to=send_to))


def refuse_return(*, order_id: UUID, return_id: UUID, explanation: str) -> Order:
    """Tell the shopper why the pieces are not taken back.

    Raises:
        NotReturnable: it was answered already, or no reason is given.
    """
    if not explanation.strip():
        raise NotReturnable(_("Tell the shopper why."))
    return change_order(order_id, lambda order: order.refuse_return(return_id, explanation.strip()))


def receive_return(*, order_id: UUID, return_id: UUID, pieces: list[ReceivedPieces]) -> Order:
    """Note what came back; the money for it is due now, and what can be sold again goes back on the shelf.

    Raises:
        NotReturnable: the return is not on its way, or more came than it is about.
    """
    return change_order(order_id, lambda order: order.receive_return(return_id, pieces))
