"""What ordering hears: catalog, inventory, payments, shipping and customers, in any order between them."""

from __future__ import annotations

from collections.abc import Callable
from uuid import UUID

from contexts.catalog.events import (
    ExchangeRateSet,
    PriceChanged,
    PricesFixed,
    ProductChanged,
    ProductPublished,
    ProductWithdrawn,
)
from contexts.customers.events import (
    AccountOpenedFromOrder,
    CustomerChanged,
    CustomerErased,
    CustomerRegistered,
    EmailConfirmed,
)
from contexts.inventory.events import AvailabilityChanged, HoldExpired, StockHeld, StockRejected, StockReserved
from contexts.kernel.said import Said
from contexts.messaging import Discard, Envelope, handles, never_replayed, note_erased, read_model
from contexts.ordering import services, wording
from contexts.ordering.errors import NoSuchOrder
from contexts.ordering.events import OrderRetryDue
from contexts.ordering.models import Code, ExchangeRate, GiftCard, Offer, ShippingMethod
from contexts.ordering.order import Order
from contexts.ordering.services import copies
from contexts.ordering.services.orders import (
    change_order,
    dispatch,
    refund,
    refund_to_gift_card,
    wait_for_another_card,
)
from contexts.ordering.states import NEW
from contexts.payments.events import (
    PaymentActionRequired,
    PaymentAuthorised,
    PaymentCaptured,
    PaymentDeclined,
    PaymentRefunded,
    PaymentRetried,
    RefundFailed,
    RefundRequested,
)
from contexts.promotions.events import (
    CodeChanged,
    GiftCardChanged,
    GiftCardRefunded,
    PromotionRedeemed,
    PromotionRefused,
)
from contexts.shipping.events import ParcelDelivered, ParcelDispatched, ShippingMethodChanged

OFFERS = read_model("offers", Offer)
RATES = read_model("rates", ExchangeRate)
SHIPPING_METHODS = read_model("shipping_methods", ShippingMethod)
CODES = read_model("codes", Code)
GIFT_CARDS = read_model("gift_cards", GiftCard)
never_replayed(because="an order has gone on from what it was told, and would be told everything again")


def _tell(order_id: UUID, note: Callable[[Order], None]) -> None:
    """Let an order take note of something, unless it is none of ours."""

    def decide(order: Order) -> None:
        if order.status == NEW:
            raise Discard(f"order {order_id} was never begun here")
        note(order)

    change_order(order_id, decide)


# --- the copy of what is for sale


@handles(ProductPublished, batch=True, feeds=OFFERS)
def open_offers(events: list[tuple[ProductPublished, Envelope]]) -> None:
    copies.keep_offers(
        offer
        for event, _ in events
        for offer in copies.offers_of(
            product_id=event.product_id,
            slug=event.slug,
            name=event.name,
            names=event.names,
            tax_class=event.tax_class,
            image=event.image,
            variants=event.variants,
        )
    )


@handles(ProductChanged, feeds=OFFERS)
def renew_offers(event: ProductChanged, envelope: Envelope) -> None:
    copies.keep_offers(
        copies.offers_of(
            product_id=event.product_id,
            slug=event.slug,
            name=event.name,
            names=event.names,
            tax_class=event.tax_class,
            image=event.image,
            variants=event.variants,
        )
    )
    copies.withdraw_other_variants(event.product_id, [variant.sku for variant in event.variants])


@handles(PriceChanged, feeds=OFFERS)
def renew_price(event: PriceChanged, envelope: Envelope) -> None:
    copies.keep_price(event.sku, event.price)


@handles(PricesFixed, feeds=OFFERS)
def renew_fixed_prices(event: PricesFixed, envelope: Envelope) -> None:
    copies.keep_fixed_prices(event.sku, event.prices)


@handles(ExchangeRateSet, feeds=RATES)
def keep_rate(event: ExchangeRateSet, envelope: Envelope) -> None:
    copies.keep_rate(event.currency, event.since, per_unit=event.per_unit, step=event.step, less=event.less)


@handles(ProductWithdrawn, feeds=OFFERS)
def close_offers(event: ProductWithdrawn, envelope: Envelope) -> None:
    copies.withdraw_product(event.product_id)


@handles(AvailabilityChanged, batch=True, feeds=OFFERS)
def keep_availability(events: list[tuple[AvailabilityChanged, Envelope]]) -> None:
    copies.keep_availability({event.sku: event.available for event, _ in events})


# --- the copy of what makes it cheaper


@handles(CodeChanged, feeds=CODES)
def keep_code(event: CodeChanged, envelope: Envelope) -> None:
    copies.keep_code(
        event.code,
        kind=event.kind,
        percent_hundredths=event.percent_hundredths,
        amounts={amount.currency: amount.amount for amount in event.amounts},
        minimums={amount.currency: amount.amount for amount in event.minimums},
        product_slugs=event.product_slugs,
        valid_from=event.valid_from,
        valid_until=event.valid_until,
        per_customer=event.per_customer,
        usable=event.usable,
    )


@handles(GiftCardChanged, feeds=GIFT_CARDS)
def keep_gift_card(event: GiftCardChanged, envelope: Envelope) -> None:
    copies.keep_gift_card(
        event.card_id,
        digest=event.digest,
        last4=event.last4,
        balance_cents=event.balance.amount,
        currency=event.balance.currency,
        usable=event.usable,
    )


# --- what becomes of a checkout and of an order


@handles(StockHeld)
def show_hold(event: StockHeld, envelope: Envelope) -> None:
    _tell(event.order_id, lambda order: order.note_held(event.held_until))


@handles(HoldExpired)
def end_checkout(event: HoldExpired, envelope: Envelope) -> None:
    said = [Said(code="hold_ran_out")]
    _tell(event.order_id, lambda order: order.note_hold_over(wording.in_its_language(order, said), said))


@handles(StockReserved)
def note_reservation(event: StockReserved, envelope: Envelope) -> None:
    _tell(event.order_id, Order.note_reserved)


@handles(StockRejected)
def give_up_for_want_of_stock(event: StockRejected, envelope: Envelope) -> None:
    def note(order: Order) -> None:
        said = wording.out_of_stock(event.shortages)
        explanation = wording.in_its_language(order, said)
        order.note_hold_over(explanation, said)
        order.note_refused(reason="out_of_stock", explanation=explanation, said=said)

    _tell(event.order_id, note)


@handles(PromotionRedeemed)
def note_redemption(event: PromotionRedeemed, envelope: Envelope) -> None:
    _tell(event.order_id, Order.note_redeemed)


@handles(PromotionRefused)
def give_up_for_want_of_a_discount(event: PromotionRefused, envelope: Envelope) -> None:
    # Not at another price than the shopper agreed to.
    def note(order: Order) -> None:
        said = wording.not_redeemed(order, event.reason)
        order.note_refused(reason="not_redeemed", explanation=wording.in_its_language(order, said), said=said)

    _tell(event.order_id, note)


@handles(PaymentActionRequired)
def ask_for_confirmation(event: PaymentActionRequired, envelope: Envelope) -> None:
    _tell(event.order_id, lambda order: order.note_action_required(event.path, event.expires_at))


@handles(PaymentAuthorised)
def note_authorisation(event: PaymentAuthorised, envelope: Envelope) -> None:
    _tell(event.order_id, lambda order: order.note_authorised(event.method_label))


@handles(PaymentDeclined)
def ask_for_another_card(event: PaymentDeclined, envelope: Envelope) -> None:
    said = wording.card_refused(event)
    _tell(event.order_id, lambda order: wait_for_another_card(order, event.explanation, said, at=envelope.time))


@handles(PaymentRetried)
def note_other_card(event: PaymentRetried, envelope: Envelope) -> None:
    _tell(event.order_id, lambda order: order.note_retried(event.method_label))


@handles(OrderRetryDue)
def give_up_for_want_of_money(event: OrderRetryDue, envelope: Envelope) -> None:
    said = [Said(code="no_other_card")]
    _tell(event.order_id, lambda order: order.note_retry_over(wording.in_its_language(order, said), said))


@handles(PaymentCaptured)
def note_charge(event: PaymentCaptured, envelope: Envelope) -> None:
    _tell(event.order_id, lambda order: order.note_captured(event.amount))


@handles(PaymentRefunded)
def note_refund(event: PaymentRefunded, envelope: Envelope) -> None:
    _tell(
        event.order_id,
        lambda order: refund(
            order,
            amount=event.amount,
            refunded=event.refunded,
            refund_id=event.refund_id,
            return_id=event.return_id,
        ),
    )


@handles(GiftCardRefunded)
def note_gift_card_refunded(event: GiftCardRefunded, envelope: Envelope) -> None:
    _tell(
        event.order_id,
        lambda order: refund_to_gift_card(
            order, amount=event.amount, refunded=event.refunded, return_id=event.return_id
        ),
    )


@handles(RefundRequested)
def note_refund_under_way(event: RefundRequested, envelope: Envelope) -> None:
    _tell(event.order_id, lambda order: order.note_refund_requested(event.refund_id, event.amount))


@handles(RefundFailed)
def note_refund_failed(event: RefundFailed, envelope: Envelope) -> None:
    _tell(
        event.order_id,
        lambda order: order.note_refund_failed(
            event.refund_id, event.amount, event.refunded, came_back=event.came_back
        ),
    )


@handles(ParcelDispatched)
def note_dispatch(event: ParcelDispatched, envelope: Envelope) -> None:
    _tell(
        event.order_id,
        lambda order: dispatch(order, carrier=event.carrier, tracking_number=event.tracking_number, at=envelope.time),
    )


@handles(ParcelDelivered)
def note_delivery(event: ParcelDelivered, envelope: Envelope) -> None:
    _tell(event.order_id, Order.note_delivered)


# --- what fills in the forms


@handles(ShippingMethodChanged, feeds=SHIPPING_METHODS)
def keep_shipping_method(event: ShippingMethodChanged, envelope: Envelope) -> None:
    copies.keep_shipping_method(
        code=event.code,
        name=event.name,
        names=event.names,
        price_cents=event.price.amount,
        currency=event.price.currency,
        prices={price.currency: price.amount for price in event.prices},
        countries=event.countries,
        days_min=event.days_min,
        days_max=event.days_max,
        active=event.active,
    )


@handles(CustomerRegistered)
def meet_customer(event: CustomerRegistered, envelope: Envelope) -> None:
    _refuse_if_erased(envelope)
    copies.keep_customer(customer_id=event.customer_id, email=event.email, name=event.name, address=None)


@handles(CustomerChanged)
def renew_customer(event: CustomerChanged, envelope: Envelope) -> None:
    _refuse_if_erased(envelope)
    copies.keep_customer(
        customer_id=event.customer_id, email=event.email, name=event.name, address=event.default_address
    )


@handles(CustomerErased)
def forget_customer(event: CustomerErased, envelope: Envelope) -> None:
    # The copy first: whoever places an order with its address at this moment is waited for.
    gone = copies.forget_customer(event.customer_id)
    note_erased("ordering", event, **gone, claimed_orders=services.forget_claimed(event.customer_id))


# --- whose a guest's order is


@handles(AccountOpenedFromOrder)
def attach_order(event: AccountOpenedFromOrder, envelope: Envelope) -> None:
    try:
        services.claim_order(order_id=event.order_id, customer_id=event.customer_id)
    except NoSuchOrder:
        raise Discard(f"order {event.order_id} was never placed here") from None


@handles(EmailConfirmed)
def attach_orders_of_address(event: EmailConfirmed, envelope: Envelope) -> None:
    _refuse_if_erased(envelope)
    services.claim_orders_of(customer_id=event.customer_id, email=event.email)


def _refuse_if_erased(envelope: Envelope) -> None:
    if envelope.erased:
        raise Discard(f"{envelope.subject} was erased")
