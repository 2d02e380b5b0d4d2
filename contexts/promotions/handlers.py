"""What promotions hears: placed orders that redeem something, cancelled ones, returned goods, and whom to forget."""

from __future__ import annotations

from contexts.customers.events import CustomerErased
from contexts.messaging import Envelope, handles, never_replayed, note_erased
from contexts.ordering.events import GuestErased, OrderCancelled, OrderClaimed, OrderPlaced, ReturnReceived
from contexts.promotions import services

never_replayed(because="a code and a gift card are redeemed once: a replay would use both up again")


@handles(OrderPlaced)
def redeem(event: OrderPlaced, envelope: Envelope) -> None:
    if not event.redeems:
        return
    services.one_delivery_at_a_time()
    services.redeem(
        services.Wanted(
            order_id=event.order_id,
            number=event.number,
            # Of somebody who was erased meanwhile both are empty already.
            email=event.contact.email,
            customer_id=None if envelope.erased else event.customer_id,
            code=event.code,
            discount=event.reduction,
            card_id=event.gift_card.card_id if event.gift_card else None,
            from_card=event.from_gift_card,
            at=envelope.time,
        )
    )


@handles(OrderClaimed)
def hand_over_redemption(event: OrderClaimed, envelope: Envelope) -> None:
    services.hand_over(order_id=event.order_id, customer_id=event.customer_id)


@handles(OrderCancelled)
def release(event: OrderCancelled, envelope: Envelope) -> None:
    services.one_delivery_at_a_time()
    services.release(event.order_id)


@handles(ReturnReceived)
def refund_return(event: ReturnReceived, envelope: Envelope) -> None:
    if event.gift_card is None:
        return
    services.one_delivery_at_a_time()
    services.refund_return(order_id=event.order_id, return_id=event.return_id, amount=event.gift_card.amount)


@handles(CustomerErased)
def forget_customer(event: CustomerErased, envelope: Envelope) -> None:
    note_erased("promotions", event, **services.forget_customer(event.customer_id))


@handles(GuestErased)
def forget_guest(event: GuestErased, envelope: Envelope) -> None:
    note_erased("promotions", event, **services.forget_guest(event.order_id))
