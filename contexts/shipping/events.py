"""What shipping tells the others: how parcels can travel, and where they are."""

from datetime import datetime
from typing import Literal
from uuid import UUID

from contexts.kernel.money import Money
from contexts.messaging import Event


class ShippingMethodChanged(Event, name="shipping.method_changed", version=1, subject="method/{code}"):
    """A way to send parcels is offered, changed, or no longer offered (`active` false).

    `countries` are ISO 3166-1 alpha-2 codes; `days_min` and `days_max` are working days from the confirmation;
    `names` are translations of the name, by language. `price` is in the shop's own currency; `prices` are those that are
    fixed in others, where catalog's exchange rate does not count.
    """

    code: str
    name: str
    price: Money
    countries: list[str]
    days_min: int
    days_max: int
    active: bool
    names: dict[str, str] = {}
    prices: list[Money] = []


class ParcelDispatched(Event, name="shipping.parcel_dispatched", version=1, subject="order/{order_id}"):
    """The order's parcel was handed to the carrier."""

    order_id: UUID
    parcel_id: UUID
    carrier: str
    tracking_number: str


class ParcelDelivered(Event, name="shipping.parcel_delivered", version=1, subject="order/{order_id}"):
    """The order's parcel reached its address."""

    order_id: UUID
    parcel_id: UUID
    delivered_at: datetime


class ParcelDue(Event, name="shipping.parcel_due", version=1, subject="order/{order_id}"):
    """The moment for a parcel's next step has come in the demo shop; a timer that only shipping itself hears.

    Nothing has happened to the parcel yet; it may have been cancelled or moved on by hand meanwhile.
    """

    order_id: UUID
    parcel_id: UUID
    step: Literal["dispatch", "deliver"]
