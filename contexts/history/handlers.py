"""What history hears: what a customer wants to see of an order, and that a customer is to be forgotten."""

from contexts.customers.events import CustomerErased
from contexts.history.changes import changes
from contexts.history.inbox import RedisInbox, record
from contexts.history.redis_store import live_store
from contexts.messaging import Envelope, Event, handles, use_inbox
from contexts.ordering.events import (
    OrderCancelled,
    OrderCompleted,
    OrderConfirmed,
    OrderPlaced,
    OrderRefunded,
    OrderShipped,
)

use_inbox("history", RedisInbox(live_store))


def _remember(event: Event, envelope: Envelope) -> None:
    record(changes(event, envelope), at=envelope.time, store=live_store())


@handles(OrderPlaced)
def add_purchase(event: OrderPlaced, envelope: Envelope) -> None:
    _remember(event, envelope)


@handles(OrderConfirmed)
def confirm_purchase(event: OrderConfirmed, envelope: Envelope) -> None:
    _remember(event, envelope)


@handles(OrderCancelled)
def cancel_purchase(event: OrderCancelled, envelope: Envelope) -> None:
    _remember(event, envelope)


@handles(OrderShipped)
def ship_purchase(event: OrderShipped, envelope: Envelope) -> None:
    _remember(event, envelope)


@handles(OrderCompleted)
def complete_purchase(event: OrderCompleted, envelope: Envelope) -> None:
    _remember(event, envelope)


@handles(OrderRefunded)
def refund_purchase(event: OrderRefunded, envelope: Envelope) -> None:
    _remember(event, envelope)


@handles(CustomerErased)
def forget_customer(event: CustomerErased, envelope: Envelope) -> None:
    _remember(event, envelope)
