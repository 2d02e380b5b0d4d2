"""Parcels: made when an order is confirmed, dispatched and delivered once each, cancelled only before they leave."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Literal
from uuid import UUID

import msgspec
from django.conf import settings
from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone

from contexts.kernel.addresses import Address
from contexts.kernel.estimates import delivery_estimate
from contexts.kernel.prepared import Lookup, prepared_cursor
from contexts.messaging import cancel_timers, publish
from contexts.shipping.events import ParcelDelivered, ParcelDispatched, ParcelDue
from contexts.shipping.models import CancelledOrder, Parcel, ParcelEvent, ParcelLine, ShippingMethod

logger = logging.getLogger(__name__)
State = Parcel.State

#: Names a parcel's carrier when its method was deleted or renamed since the order was placed.
ANY_CARRIER = "Heron Post"

_parcel = Lookup(Parcel, "order_id")
_cancelled = Lookup(CancelledOrder, "order_id")
_method = Lookup(ShippingMethod, "code")


class Content(msgspec.Struct, frozen=True, kw_only=True):
    """One line to pack; `names` and `labels` are its words in each language."""

    sku: str
    name: str
    label: str
    quantity: int
    names: dict[str, str] = {}
    labels: dict[str, str] = {}


class NotPossible(Exception):
    """The parcel is not in a state from which it could be moved like that."""

    def __init__(self, parcel: Parcel, wanted: str) -> None:
        self.parcel, self.wanted = parcel, wanted
        steps = {
            State.CREATED: "has not been dispatched yet; dispatch it first",
            State.DISPATCHED: "has already left",
            State.DELIVERED: "was already delivered",
            State.CANCELLED: "was cancelled with its order",
        }
        super().__init__(f"The parcel for {parcel.order_number} {steps[State(parcel.state)]}.")


def create_parcel(
    *,
    order_id: UUID,
    number: str,
    customer_id: UUID | None,
    address: Address,
    method: str,
    contents: Sequence[Content],
    actor: str = "system",
) -> Parcel | None:
    """Make the parcel of a confirmed order, to be packed. Returns None if the order is known to be cancelled.

    An order has one parcel: asked again, the first is returned. In the demo shop (`settings.DEMO`) the parcel then
    moves by itself.
    """
    with transaction.atomic(using="shipping"):
        _lock_order(order_id)
        if existing := _parcel(order_id):
            return existing
        if _cancelled(order_id):
            return None
        offered = _method(method)
        now = timezone.now()
        expected = delivery_estimate(timezone.localdate(now), offered.days_min, offered.days_max) if offered else None
        parcel = Parcel.objects.create(
            order_id=order_id,
            order_number=number,
            customer_id=customer_id,
            method=method,
            carrier=offered.carrier if offered else ANY_CARRIER,
            name=address.name,
            street=address.street,
            postcode=address.postcode,
            city=address.city,
            country=address.country,
            expected_from=expected.earliest if expected else None,
            expected_until=expected.latest if expected else None,
            created_at=now,
        )
        ParcelLine.objects.bulk_create(
            ParcelLine(
                parcel=parcel,
                sku=content.sku,
                name=content.name,
                label=content.label,
                names=content.names,
                labels=content.labels,
                quantity=content.quantity,
            )
            for content in contents
        )
        ParcelEvent.objects.create(parcel=parcel, state=State.CREATED, happened_at=now, actor=actor)
        if settings.DEMO:
            _set_demo_timers(parcel, now)
    return parcel


def cancel_parcel(*, order_id: UUID, actor: str = "system") -> bool:
    """Do not send a cancelled order's parcel. Returns False when it has left already, or was cancelled before."""
    with transaction.atomic(using="shipping"):
        _lock_order(order_id)
        parcel = Parcel.objects.filter(order_id=order_id).first()
        if parcel is None:
            CancelledOrder.objects.get_or_create(order_id=order_id)
            return False
        if not _move(parcel, State.CANCELLED, timezone.now(), actor):
            if parcel.state != State.CANCELLED:
                logger.warning("order cancelled after its parcel left", extra={"order_id": str(order_id)})
            return False
        cancel_timers(ParcelDue, subject=f"order/{order_id}")
    return True


def dispatch(parcel_id: UUID, *, at: datetime | None = None, actor: str = "system") -> Parcel:
    """Hand a parcel to its carrier.

    Raises:
        NotPossible: it was handed over before, or cancelled; nothing was announced.
        Parcel.DoesNotExist: no such parcel.
    """
    with transaction.atomic(using="shipping"):
        parcel = Parcel.objects.get(id=parcel_id)
        if not _move(parcel, State.DISPATCHED, at or timezone.now(), actor):
            raise NotPossible(parcel, State.DISPATCHED)
        publish(
            ParcelDispatched(
                order_id=parcel.order_id,
                parcel_id=parcel.id,
                carrier=parcel.carrier,
                tracking_number=parcel.tracking_number,
            )
        )
    return parcel


def deliver(parcel_id: UUID, *, at: datetime | None = None, actor: str = "system") -> Parcel:
    """Note that a parcel reached its address.

    Raises:
        NotPossible: it is not on its way; nothing was announced.
        Parcel.DoesNotExist: no such parcel.
    """
    moment = at or timezone.now()
    with transaction.atomic(using="shipping"):
        parcel = Parcel.objects.get(id=parcel_id)
        if not _move(parcel, State.DELIVERED, moment, actor):
            raise NotPossible(parcel, State.DELIVERED)
        publish(ParcelDelivered(order_id=parcel.order_id, parcel_id=parcel.id, delivered_at=moment))
    return parcel


def take_next_step(parcel_id: UUID, step: Literal["dispatch", "deliver"]) -> bool:
    """Move a demo parcel on when its timer comes; one that was moved or cancelled meanwhile stays as it is."""
    move, state = {"dispatch": (dispatch, State.DISPATCHED), "deliver": (deliver, State.DELIVERED)}[step]
    # Asked first: a page in which a transaction fails is applied a second time, even where the failure is answered.
    if not Parcel.objects.filter(id=parcel_id, state__in=Parcel.TRANSITIONS[state]).exists():
        return False
    try:
        move(parcel_id)
    except NotPossible:
        return False
    return True


def _move(parcel: Parcel, state: Parcel.State, moment: datetime, actor: str) -> bool:
    """Move a parcel on if it still is where it can be moved from, and enter it in its tracking.

    A conditional update: of two that try at once, one moves it.
    """
    moved = Parcel.objects.filter(id=parcel.id, state__in=Parcel.TRANSITIONS[state]).update(
        state=state, **{f"{state}_at": moment}
    )
    if not moved:
        parcel.refresh_from_db()
        return False
    parcel.state = state
    setattr(parcel, f"{state}_at", moment)
    ParcelEvent.objects.create(parcel=parcel, state=state, happened_at=moment, actor=actor)
    return True


def _set_demo_timers(parcel: Parcel, confirmed_at: datetime) -> None:
    dispatch_s = getattr(settings, "SHIPPING_DEMO_DISPATCH_S", 20)
    deliver_s = getattr(settings, "SHIPPING_DEMO_DELIVER_S", 60)
    to_dispatch = ParcelDue(order_id=parcel.order_id, parcel_id=parcel.id, step="dispatch")
    to_deliver = ParcelDue(order_id=parcel.order_id, parcel_id=parcel.id, step="deliver")
    publish(to_dispatch, at=confirmed_at + timedelta(seconds=dispatch_s))
    publish(to_deliver, at=confirmed_at + timedelta(seconds=deliver_s))


def _lock_order(order_id: UUID) -> None:
    """Wait until nobody else makes or cancels this order's parcel.

    A lock by name and not on a row, because there is no row yet when confirmation and cancellation race.
    """
    with prepared_cursor("shipping") as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended(%s::text, 0))", [f"shipping order {order_id}"])


def hand_over(*, order_id: UUID, customer_id: UUID) -> None:
    """A guest's parcel is a customer's from now on."""
    Parcel.objects.filter(order_id=order_id).update(customer_id=customer_id)


def forget_customer(customer_id: UUID) -> int:
    """Take name and address off a customer's parcels and return how many; one still to be packed cannot be sent then."""
    return _forget(Parcel.objects.filter(customer_id=customer_id))


def forget_guest(order_id: UUID) -> int:
    return _forget(Parcel.objects.filter(order_id=order_id))


def _forget(parcels: QuerySet[Parcel]) -> int:
    return parcels.update(name="", street="", postcode="", city="", country="")
