"""What ordering and payments hand to each other, and to the shopper, through the browser during a checkout.

Each struct is the statement of a `kernel.tokens` token. The audiences: "payments" for `PaymentStatement`, "ordering"
for `PaymentMethod`, "order" for `OrderKey`, "customers" for `AccountOffer`.
"""

from datetime import datetime
from uuid import UUID

import msgspec

from contexts.kernel.addresses import Address
from contexts.kernel.money import Money

#: What the payment page adds to `return_path` as `card`, when the bank is asked about another card now.
ANOTHER_CARD = "given"
#: How long a shopper may take over the payment page.
STATEMENT_MAX_AGE_S = 2 * 3600
#: How long the offer of an account on an order's page may be taken.
OFFER_MAX_AGE_S = 24 * 3600
#: How long the link in an e-mail opens the page of an order.
ORDER_KEY_MAX_AGE_S = 90 * 24 * 3600


class PaymentStatement(msgspec.Struct, frozen=True, kw_only=True):
    """Ordering says what is to be paid; the payment page sends the shopper on to `return_path`.

    `pay_before` is set when the order is placed already, its card was declined, and another may be given until then.
    """

    order_id: UUID
    amount: Money
    return_path: str
    pay_before: datetime | None = None


class PaymentMethod(msgspec.Struct, frozen=True, kw_only=True):
    """Payments says which card the shopper gave: its token at the gateway, and a label such as "Visa ending 4242"."""

    order_id: UUID
    payment_method: str
    method_label: str


class AccountOffer(msgspec.Struct, frozen=True, kw_only=True):
    """Ordering says who placed an order as a guest, so that an account needs a password and nothing else."""

    order_id: UUID
    number: str
    email: str
    name: str
    address: Address


class OrderKey(msgspec.Struct, frozen=True, kw_only=True):
    """Whoever holds this may see the order: the key in a guest's link."""

    order_id: UUID
