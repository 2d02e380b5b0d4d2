"""What history hears: what a customer wants to see of an order, and that a customer is to be forgotten."""

from contexts.customers.events import CustomerErased
from contexts.history.changes import changes
from contexts.history.inbox import RedisInbox, record
from contexts.history.rebuild import live_beside
from contexts.history.redis_store import live_store
from contexts.messaging import Envelope, Event, handles, read_model, use_inbox
from contexts.ordering.events import (
    OrderCancelled,
    OrderClaimed,
    OrderCompleted,
    OrderConfirmed,
    OrderPlaced,
    OrderRefunded,
    OrderShipped,
)

use_inbox("history", RedisInbox(live_store))
PURCHASES = read_model("purchases", beside=live_beside)


def _remember(event: Event, envelope: Envelope) -> None:
    record(changes(event, envelope), at=envelope.time, store=live_store())


@handles(OrderPlaced, feeds=PURCHASES)
def add_purchase(event: OrderPlaced, envelope: Envelope) -> None:
    _remember(event, envelope)


@handles(OrderClaimed, feeds=PURCHASES)
def add_guests_purchase(event: OrderClaimed, envelope: Envelope) -> None:
    _remember(event, envelope)


@handles(OrderConfirmed, feeds=PURCHASES)
def confirm_purchase(event: OrderConfirmed, envelope: Envelope) -> None:
    _remember(event, envelope)


@handles(OrderCancelled, feeds=PURCHASES)
def cancel_purchase(event: OrderCancelled, envelope: Envelope) -> None:
    _remember(event, envelope)


@handles(OrderShipped, feeds=PURCHASES)
def ship_purchase(event: OrderShipped, envelope: Envelope) -> None:
    _remember(event, envelope)


@handles(OrderCompleted, feeds=PURCHASES)
def complete_purchase(event: OrderCompleted, envelope: Envelope) -> None:
    _remember(event, envelope)


@handles(OrderRefunded, feeds=PURCHASES)
def refund_purchase(event: OrderRefunded, envelope: Envelope) -> None:
    _remember(event, envelope)


@handles(CustomerErased, feeds=PURCHASES)
def forget_customer(event: CustomerErased, envelope: Envelope) -> None:
    _remember(event, envelope)
