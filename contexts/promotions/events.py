"""What promotions tells the others: what a code or a gift card is worth, and what became of an order's."""

from datetime import datetime
from uuid import UUID

from contexts.kernel.money import Money
from contexts.messaging import Event


class CodeChanged(Event, name="promotions.code_changed", version=1, subject="code/{code}"):
    """A promotion code has these terms from now on; orders already placed keep those they were placed under.

    `kind` is "percent" (`percent_hundredths`, 1000 is 10 %), "amount" (`amounts`, one per currency) or "free_shipping".
    The goods must come to one of `minimums`, if there are any. `product_slugs` are the products it is for; empty: all.
    `per_customer`: how many orders under one e-mail address may use it. `usable` is false once staff stopped it, and
    while its limit is used up. That it is usable is no promise: the last use goes to who is first.
    """

    code: str
    kind: str
    percent_hundredths: int
    amounts: list[Money]
    minimums: list[Money]
    product_slugs: list[str]
    valid_from: datetime | None
    valid_until: datetime | None
    per_customer: int | None
    usable: bool


class GiftCardChanged(Event, name="promotions.gift_card_changed", version=1, subject="gift-card/{card_id}"):
    """What is left on a gift card; `digest` is `kernel.vouchers.card_digest` of its code, which is kept nowhere.

    The balance is no promise: whoever redeems first takes it.
    """

    card_id: UUID
    digest: str
    last4: str
    balance: Money
    usable: bool


class PromotionRedeemed(Event, name="promotions.promotion_redeemed", version=1, subject="order/{order_id}"):
    """The placed order's code is used and its gift card's part taken, both or as far as it had them; nothing is paid yet."""

    order_id: UUID


class PromotionRefused(Event, name="promotions.promotion_refused", version=1, subject="order/{order_id}"):
    """The placed order's code or gift card cannot be redeemed; nothing of either was used.

    `reason` is "code_over", "code_used_up", "code_used_before", "gift_card_stopped" or "gift_card_balance".
    """

    order_id: UUID
    reason: str


class GiftCardRefunded(Event, name="promotions.gift_card_refunded", version=1, subject="order/{order_id}"):
    """`amount` of what an order took from its gift card is on that card again, `refunded` in all so far.

    `return_id`: for the pieces of that return. What goes back because an order was cancelled is not told here.
    """

    order_id: UUID
    amount: Money
    refunded: Money
    return_id: UUID | None = None
