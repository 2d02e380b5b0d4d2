"""What inventory tells the others: what is held, reserved or refused, and how much is left."""

from datetime import datetime
from uuid import UUID

import msgspec

from contexts.messaging import Event


class Shortage(msgspec.Struct, frozen=True, kw_only=True):
    """A line that could not be filled; `left` is what was available then."""

    sku: str
    wanted: int
    left: int


class StockHeld(Event, name="inventory.stock_held", version=1, subject="order/{order_id}"):
    """The checkout's goods are kept for this shopper until `held_until`; nothing is ordered yet."""

    order_id: UUID
    held_until: datetime


class StockReserved(Event, name="inventory.stock_reserved", version=1, subject="order/{order_id}"):
    """The placed order's goods are its own until it ships or is cancelled; nothing is paid yet."""

    order_id: UUID


class StockRejected(Event, name="inventory.stock_rejected", version=1, subject="order/{order_id}"):
    """Not all goods of the checkout or order were there; nothing is held or reserved for it."""

    order_id: UUID
    shortages: list[Shortage]


class HoldExpired(Event, name="inventory.hold_expired", version=1, subject="order/{order_id}"):
    """The hold ran out before an order was placed; its goods are available to others again."""

    order_id: UUID


class ReservationReleased(Event, name="inventory.reservation_released", version=1, subject="order/{order_id}"):
    """A cancelled order's goods are available to others again."""

    order_id: UUID


class HoldDue(Event, name="inventory.hold_due", version=1, subject="order/{order_id}"):
    """The moment until which a checkout's goods were to be kept has come; a timer that only inventory itself hears.

    Says nothing about the hold: it may have been renewed, replaced or used meanwhile.
    """

    order_id: UUID
    until: datetime


class AvailabilityChanged(Event, name="inventory.availability_changed", version=1, subject="sku/{sku}"):
    """How many pieces can be bought now: on hand less held and reserved."""

    sku: str
    available: int
