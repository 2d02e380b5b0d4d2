"""The letters we write: what each needs to know, and its subject. The texts: `templates/notifications/email/`."""

from __future__ import annotations

from abc import ABCMeta, abstractmethod
from datetime import datetime
from typing import ClassVar
from uuid import UUID

import msgspec
from django.utils.translation import gettext as _

from contexts.kernel.addresses import Address
from contexts.kernel.money import Money


class Line(msgspec.Struct, frozen=True, kw_only=True):
    """A row of an order as the shopper reads it."""

    name: str
    label: str
    quantity: int
    total: Money


class _LetterMeta(msgspec.StructMeta, ABCMeta):
    """A letter without a subject cannot be written."""


class Letter(msgspec.Struct, metaclass=_LetterMeta, frozen=True, kw_only=True):
    """One e-mail before it is written. `kind` names its templates."""

    kind: ClassVar[str]

    name: str

    @abstractmethod
    def subject(self) -> str:
        """Return the subject in the language that is active."""


class Welcome(Letter, frozen=True, kw_only=True):
    kind: ClassVar[str] = "welcome"

    def subject(self) -> str:
        return _("Welcome to Tradepost")


class OrderLetter(Letter, frozen=True, kw_only=True):
    """A letter about one order."""

    order_id: UUID
    number: str


class Summed(OrderLetter, frozen=True, kw_only=True):
    """A letter with what an order comes to. `gift` is what a gift card pays of `total`."""

    lines: list[Line]
    total: Money
    address: Address
    code: str = ""
    discount: Money | None = None
    gift: Money | None = None
    gift_last4: str = ""

    @property
    def payable(self) -> Money:
        return self.total - self.gift if self.gift else self.total


class Placed(Summed, frozen=True, kw_only=True):
    kind: ClassVar[str] = "order_placed"

    subtotal: Money
    shipping: Money
    tax: Money
    tax_added: bool = False

    def subject(self) -> str:
        return _("We have your order %(number)s") % {"number": self.number}


class ActionRequired(OrderLetter, frozen=True, kw_only=True):
    kind: ClassVar[str] = "action_required"

    path: str
    expires_at: datetime

    def subject(self) -> str:
        return _("Order %(number)s: please confirm your payment") % {"number": self.number}


class PaymentDeclined(OrderLetter, frozen=True, kw_only=True):
    """The goods are kept until `retry_until` for another card."""

    kind: ClassVar[str] = "payment_declined"

    explanation: str
    retry_until: datetime

    def subject(self) -> str:
        return _("Order %(number)s: please pay with another card") % {"number": self.number}


class Confirmed(Summed, frozen=True, kw_only=True):
    kind: ClassVar[str] = "order_confirmed"

    def subject(self) -> str:
        return _("Order %(number)s is confirmed") % {"number": self.number}


class Cancelled(OrderLetter, frozen=True, kw_only=True):
    """`gift` is what goes back to the gift card."""

    kind: ClassVar[str] = "order_cancelled"

    explanation: str
    gift: Money | None = None
    gift_last4: str = ""

    def subject(self) -> str:
        return _("Order %(number)s was cancelled") % {"number": self.number}


class Shipped(OrderLetter, frozen=True, kw_only=True):
    kind: ClassVar[str] = "order_shipped"

    carrier: str
    tracking_number: str

    def subject(self) -> str:
        return _("Order %(number)s is on its way") % {"number": self.number}


class Delivered(OrderLetter, frozen=True, kw_only=True):
    kind: ClassVar[str] = "order_delivered"

    #: Whether the order belongs to an account, which may review what it brought.
    may_review: bool = False

    def subject(self) -> str:
        return _("Order %(number)s was delivered") % {"number": self.number}


class Refunded(OrderLetter, frozen=True, kw_only=True):
    """`gift_card_last4` is the end of the gift card that it went to, "" for the card that was charged."""

    kind: ClassVar[str] = "order_refunded"

    amount: Money
    refunded: Money
    gift_card_last4: str = ""

    def subject(self) -> str:
        return _("Money back for order %(number)s") % {"number": self.number}


class ReturnRequested(OrderLetter, frozen=True, kw_only=True):
    kind: ClassVar[str] = "return_requested"

    pieces: list[str]

    def subject(self) -> str:
        return _("Order %(number)s: we have your wish to send something back") % {"number": self.number}


class ReturnApproved(OrderLetter, frozen=True, kw_only=True):
    """`address` is where to send it, in lines."""

    kind: ClassVar[str] = "return_approved"

    explanation: str
    address: list[str]

    def subject(self) -> str:
        return _("Order %(number)s: please send it back") % {"number": self.number}


class ReturnRefused(OrderLetter, frozen=True, kw_only=True):
    kind: ClassVar[str] = "return_refused"

    explanation: str

    def subject(self) -> str:
        return _("Order %(number)s: we cannot take it back") % {"number": self.number}


class ReturnReceived(OrderLetter, frozen=True, kw_only=True):
    """`to_gift_card` is the part of `refund` that goes to the gift card."""

    kind: ClassVar[str] = "return_received"

    refund: Money
    to_gift_card: Money | None = None
    gift_last4: str = ""

    @property
    def to_card(self) -> Money:
        return self.refund - self.to_gift_card if self.to_gift_card else self.refund

    def subject(self) -> str:
        return _("Order %(number)s: what you sent is back with us") % {"number": self.number}


class BackInStock(Letter, frozen=True, kw_only=True):
    """The one e-mail that somebody asked for about an article. `left` is how many there were when it was written."""

    kind: ClassVar[str] = "back_in_stock"

    request_id: UUID
    article: str
    sku: str
    product_slug: str
    left: int

    def subject(self) -> str:
        return _("It is back: %(article)s") % {"article": self.article}


LETTERS: dict[str, type[Letter]] = {
    letter.kind: letter
    for letter in (
        Welcome,
        Placed,
        ActionRequired,
        PaymentDeclined,
        Confirmed,
        Cancelled,
        Shipped,
        Delivered,
        Refunded,
        ReturnRequested,
        ReturnApproved,
        ReturnRefused,
        ReturnReceived,
        BackInStock,
    )
}
