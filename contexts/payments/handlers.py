"""What payments hears: an amount is due, goods and discount are the order's, it is off, the parcel left, time is over."""

from contexts.inventory.events import StockReserved
from contexts.messaging import Envelope, handles, never_replayed
from contexts.ordering.events import OrderCancelled, OrderPlaced, ReturnReceived
from contexts.payments import services
from contexts.payments.events import PaymentActionDue
from contexts.promotions.events import PromotionRedeemed
from contexts.shipping.events import ParcelDispatched

never_replayed(because="money moves once: an authorisation, a charge or a refund would be asked of the gateway again")


@handles(OrderPlaced)
def note_amount_due(event: OrderPlaced, envelope: Envelope) -> None:
    services.note_amount_due(
        order_id=event.order_id,
        number=event.number,
        amount=event.payable,
        card=event.payment_method,
        language=event.contact.language,
        redeems=event.redeems,
        correlation_id=envelope.correlation_id,
    )


@handles(StockReserved)
def note_stock_reserved(event: StockReserved, envelope: Envelope) -> None:
    services.note_stock_reserved(order_id=event.order_id, correlation_id=envelope.correlation_id)


@handles(PromotionRedeemed)
def note_redemption(event: PromotionRedeemed, envelope: Envelope) -> None:
    services.note_redeemed(order_id=event.order_id)


@handles(OrderCancelled)
def release_money(event: OrderCancelled, envelope: Envelope) -> None:
    services.release_money(order_id=event.order_id, correlation_id=envelope.correlation_id)


@handles(ParcelDispatched)
def charge_card(event: ParcelDispatched, envelope: Envelope) -> None:
    services.charge_card(order_id=event.order_id, correlation_id=envelope.correlation_id)


@handles(ReturnReceived)
def refund_return(event: ReturnReceived, envelope: Envelope) -> None:
    if event.to_card:
        services.refund_return(order_id=event.order_id, return_id=event.return_id, amount=event.to_card)


@handles(PaymentActionDue)
def stop_waiting_for_confirmation(event: PaymentActionDue, envelope: Envelope) -> None:
    services.stop_waiting_for_confirmation(order_id=event.order_id, attempt=event.attempt)
