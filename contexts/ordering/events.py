"""What ordering tells the others. The events of one order are its stream: together they are the order."""

from datetime import datetime
from decimal import Decimal
from typing import Literal
from uuid import UUID

import msgspec

from contexts.kernel.addresses import Address
from contexts.kernel.money import Money
from contexts.kernel.said import Said
from contexts.messaging import Event, Personal

SUBJECT = "order/{order_id}"

#: Whose the personal data in an order's events is: the customer's, or that of the guest who placed just this order.
PERSON = ("customer/{customer_id}", "guest/{order_id}")


class OrderLine(msgspec.Struct, frozen=True, kw_only=True):
    """What was bought, as it was named and priced when the checkout began or the order was placed.

    `discount` is the line's share of the order's code, taken off `total`; None is nothing. `tax_percent` is contained
    in the price, or comes on top of it where the order says `tax_added`; None in a checkout and in orders from before it
    was noted.

    `name` and `label` are the words that the shopper read; `names` and `labels` are those of each language, to be shown to
    somebody who reads another. They are empty in orders from before they were noted.
    """

    sku: str
    name: str
    label: str
    quantity: int
    unit_price: Money
    image: str
    product_slug: str
    discount: Money | None = None
    tax_percent: Decimal | None = None
    names: dict[str, str] = {}
    labels: dict[str, str] = {}

    @property
    def total(self) -> Money:
        return self.unit_price * self.quantity


class GiftCardPart(msgspec.Struct, frozen=True, kw_only=True):
    """What a gift card pays of an order, or gets back of it; the card's code is not known here."""

    card_id: UUID
    last4: str
    amount: Money


class Contact(msgspec.Struct, frozen=True, kw_only=True):
    """Whom to write to about an order. `language` is a code such as "en"."""

    email: str
    name: str
    language: str = "en"


class CheckoutStarted(Event, name="ordering.checkout_started", version=1, subject=SUBJECT):
    """A shopper began to check out these lines, or began again with others; nothing is ordered yet.

    The order's id is given here and stays.
    """

    order_id: UUID
    customer_id: UUID | None
    lines: list[OrderLine]


class CheckoutHeld(Event, name="ordering.checkout_held", version=1, subject=SUBJECT):
    """Inventory keeps the checkout's goods until `held_until`."""

    order_id: UUID
    held_until: datetime


class CheckoutRenewed(Event, name="ordering.checkout_renewed", version=1, subject=SUBJECT):
    """The shopper wants the goods kept for longer, which may be asked once; whether they are is inventory's to say."""

    order_id: UUID
    lines: list[OrderLine]


class CheckoutExpired(Event, name="ordering.checkout_expired", version=1, subject=SUBJECT):
    """The checkout ended without an order: its hold ran out, or the goods were not there.

    `explanation` is what the shopper is told in the language of the order, `said` the same to be worded in any other;
    empty where somebody typed it. So it is in every event that has both.
    """

    order_id: UUID
    explanation: str
    said: list[Said] = []


class OrderPlaced(Event, name="ordering.order_placed", version=1, subject=SUBJECT, person=PERSON):
    """The shopper confirmed the cart; nothing is paid or reserved yet.

    `number` is what people call the order. All amounts are in one currency; `exchange_rate` is how much of it one unit of
    the shop's own was worth, None if it is the shop's own. `payment_method` is the token that payments gave for the
    shopper's card, "" where nothing is left to pay.

    `tax` is contained in `total`. `tax_added` says that the country adds tax to prices: those of the lines and of the
    shipping are without it; else they contain it.

    `code` took `discount` off: `total` is `subtotal` less `discount` plus `shipping`, and plus `tax` where it is added.
    The lines' own discounts sum up to `discount`, except where it was taken off the shipping. `gift_card` pays a part of
    `total`, the card the rest. Neither is redeemed yet.
    """

    order_id: UUID
    number: str
    customer_id: UUID | None
    contact: Personal[Contact]
    shipping_address: Personal[Address]
    shipping_method: str
    lines: list[OrderLine]
    subtotal: Money
    shipping: Money
    tax: Money
    total: Money
    payment_method: str
    code: str = ""
    discount: Money | None = None
    gift_card: GiftCardPart | None = None
    shipping_tax_percent: Decimal | None = None
    tax_added: bool = False
    exchange_rate: Decimal | None = None

    @property
    def redeems(self) -> bool:
        """Whether the order has to wait for promotions' word."""
        return bool(self.code) or self.gift_card is not None

    @property
    def reduction(self) -> Money:
        return self.discount or Money.zero(self.total.currency)

    @property
    def from_gift_card(self) -> Money:
        return self.gift_card.amount if self.gift_card else Money.zero(self.total.currency)

    @property
    def payable(self) -> Money:
        """What is left for the shopper's card: nothing where the gift card covers all."""
        return self.total - self.from_gift_card


class OrderClaimed(Event, name="ordering.order_claimed", version=1, subject=SUBJECT):
    """An order that a guest placed belongs to a customer's account from now on.

    It carries the order as it is now, for those who kept nothing of a guest's. `status` is `placed`, `confirmed`,
    `shipped`, `completed` or `cancelled`; `explanation` says why it was cancelled. `gift` is what a gift card paid;
    `tax_added` is what came on top of the prices. `language` is the one that it was placed in, "" where that was not
    noted.
    """

    order_id: UUID
    customer_id: UUID
    number: str
    placed_at: datetime
    lines: list[OrderLine]
    shipping: Money
    total: Money
    status: str
    refunded: Money
    discount: Money | None = None
    gift: Money | None = None
    tax_added: Money | None = None
    explanation: str = ""
    carrier: str = ""
    tracking_number: str = ""
    delivered_at: datetime | None = None
    language: str = ""
    said: list[Said] = []


class OrderRedeemed(Event, name="ordering.order_redeemed", version=1, subject=SUBJECT):
    """The order's code and its part of the gift card are its own until it is cancelled; it is not paid yet."""

    order_id: UUID


class OrderReserved(Event, name="ordering.order_reserved", version=1, subject=SUBJECT):
    """The order has its goods; it is not paid yet unless an authorisation came first."""

    order_id: UUID


class OrderActionRequired(Event, name="ordering.order_action_required", version=1, subject=SUBJECT):
    """The shopper's bank wants a confirmation, to be given at `path` before `expires_at`."""

    order_id: UUID
    path: str
    expires_at: datetime


class OrderAuthorised(Event, name="ordering.order_authorised", version=1, subject=SUBJECT):
    """The amount is set aside on the shopper's card; it is taken when the parcel leaves."""

    order_id: UUID
    method_label: str


class OrderPaymentDeclined(Event, name="ordering.order_payment_declined", version=1, subject=SUBJECT):
    """The card was declined; until `retry_until` the order keeps its goods for another card. Nothing is cancelled yet.

    `explanation` is for the shopper.
    """

    order_id: UUID
    explanation: str
    retry_until: datetime
    said: list[Said] = []


class OrderPaymentRetried(Event, name="ordering.order_payment_retried", version=1, subject=SUBJECT):
    """The shopper gave another card, `method_label`, after a declined one; it is not authorised yet."""

    order_id: UUID
    method_label: str


class OrderRetryDue(Event, name="ordering.order_retry_due", version=1, subject=SUBJECT):
    """The moment until which a declined order keeps its goods has come; a timer that only ordering itself hears.

    Says nothing about the payment: another card may have been given, or the order cancelled.
    """

    order_id: UUID


class OrderConfirmed(Event, name="ordering.order_confirmed", version=1, subject=SUBJECT, person=PERSON):
    """Goods reserved, code and gift card redeemed, payment authorised: the shop will deliver. No parcel exists yet.

    `code`, `discount` and `gift_card` are those of `OrderPlaced`.
    """

    order_id: UUID
    number: str
    customer_id: UUID | None
    contact: Personal[Contact]
    shipping_address: Personal[Address]
    shipping_method: str
    lines: list[OrderLine]
    total: Money
    code: str = ""
    discount: Money | None = None
    gift_card: GiftCardPart | None = None


class OrderCancelled(Event, name="ordering.order_cancelled", version=1, subject=SUBJECT):
    """The order will not be delivered; stock and money are about to be released by those who keep them.

    `reason` is a code (`payment_declined`, `out_of_stock`, `not_redeemed`, `by_customer`, `by_staff`), `explanation` the
    plain words for the shopper. `gift_card` is what goes back to the gift card, or stays on it.
    """

    order_id: UUID
    number: str
    reason: str
    explanation: str
    gift_card: GiftCardPart | None = None
    said: list[Said] = []


class CancelledOrderShipped(Event, name="ordering.cancelled_order_shipped", version=1, subject=SUBJECT):
    """The parcel had left before its cancellation arrived: the order stays cancelled and the money goes back.

    Staff ask for the goods.
    """

    order_id: UUID
    carrier: str
    tracking_number: str


class OrderShipped(Event, name="ordering.order_shipped", version=1, subject=SUBJECT):
    """The parcel has left; the order can no longer be cancelled."""

    order_id: UUID
    carrier: str
    tracking_number: str


class OrderCompleted(Event, name="ordering.order_completed", version=1, subject=SUBJECT):
    """The parcel was delivered."""

    order_id: UUID


class OrderCharged(Event, name="ordering.order_charged", version=1, subject=SUBJECT):
    """The shopper's card was charged `amount`."""

    order_id: UUID
    amount: Money


class OrderRefunded(Event, name="ordering.order_refunded", version=1, subject=SUBJECT):
    """`amount` went back to the shopper, `refunded` in all so far. `return_id`: for the pieces of that return.

    `gift_card_last4` is the end of the gift card that it went to, "" for the card that was charged.
    """

    order_id: UUID
    amount: Money
    refunded: Money
    refund_id: UUID | None = None
    return_id: UUID | None = None
    gift_card_last4: str = ""


class ReturnedPieces(msgspec.Struct, frozen=True, kw_only=True):
    """So many pieces of an order's line on their way back. `name` is what the shopper knows them by."""

    sku: str
    name: str
    quantity: int


class ReceivedPieces(msgspec.Struct, frozen=True, kw_only=True):
    """So many pieces came back, of which `resaleable` can be sold again."""

    sku: str
    quantity: int
    resaleable: int


class ReturnRequested(Event, name="ordering.return_requested", version=1, subject=SUBJECT, person=PERSON):
    """The shopper wants to send these pieces back; the shop has not answered, and nothing is on its way.

    `reason` is a code (`changed_mind`, `damaged`, `wrong_article`, `not_as_described`, `other`); `photos` is how many
    were sent along.
    """

    order_id: UUID
    return_id: UUID
    number: str
    customer_id: UUID | None
    pieces: list[ReturnedPieces]
    reason: str
    remark: Personal[str]
    photos: int


class ReturnApproved(Event, name="ordering.return_approved", version=1, subject=SUBJECT):
    """The shop takes the pieces back; they are not here yet.

    `explanation` is for the shopper, and may be empty; `send_to` is the address for the parcel, in lines.
    """

    order_id: UUID
    return_id: UUID
    explanation: str
    send_to: list[str]


class ReturnRefused(Event, name="ordering.return_refused", version=1, subject=SUBJECT):
    """The shop does not take the pieces back; `explanation` tells the shopper why."""

    order_id: UUID
    return_id: UUID
    explanation: str


class ReturnReceived(Event, name="ordering.return_received", version=1, subject=SUBJECT):
    """These pieces are back with the shop and `refund` is due for them; it has not gone back yet.

    `gift_card` is the part of it for the order's gift card, `to_card` the rest.
    """

    order_id: UUID
    return_id: UUID
    number: str
    pieces: list[ReceivedPieces]
    refund: Money
    gift_card: GiftCardPart | None = None

    @property
    def to_card(self) -> Money:
        """What goes back to the card that was charged."""
        return self.refund - self.gift_card.amount if self.gift_card else self.refund


class OrderRefundRequested(Event, name="ordering.order_refund_requested", version=1, subject=SUBJECT):
    """`amount` is on its way back to the shopper; the bank has not answered yet."""

    order_id: UUID
    refund_id: UUID
    amount: Money


class OrderRefundFailed(Event, name="ordering.order_refund_failed", version=1, subject=SUBJECT):
    """A refund did not reach the shopper; `refunded` is what has in all. Staff look for another way.

    `came_back` says that the shopper's bank had taken it and sent it back.
    """

    order_id: UUID
    refund_id: UUID
    amount: Money
    refunded: Money
    came_back: bool


class InvoiceIssued(Event, name="ordering.invoice_issued", version=1, subject="invoice/{number}"):
    """An invoice, or a credit note over a part of one, was given the next number of its year and does not change again.

    `total` is positive in both. Nothing is said of payment.
    """

    order_id: UUID
    number: str
    kind: Literal["invoice", "credit_note"]
    total: Money


class GuestErased(
    Event, name="ordering.guest_erased", version=1, subject="guest/{order_id}", erases="guest/{order_id}"
):
    """Somebody who ordered without an account asked to be forgotten: whoever keeps their data of this order removes it."""

    order_id: UUID
