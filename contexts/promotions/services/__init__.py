"""What promotions does, by noun: the codes, the gift cards, and what orders redeem of both."""

from contexts.promotions.services.codes import Terms, change_code, create_code
from contexts.promotions.services.erasure import forget_customer, forget_guest, hand_over
from contexts.promotions.services.gift_cards import (
    issue_gift_card,
    refund_return,
    refund_to_gift_card,
    switch_gift_card,
)
from contexts.promotions.services.redeeming import Wanted, one_delivery_at_a_time, redeem, release

__all__ = [
    "Terms",
    "Wanted",
    "change_code",
    "create_code",
    "forget_customer",
    "forget_guest",
    "hand_over",
    "issue_gift_card",
    "one_delivery_at_a_time",
    "redeem",
    "refund_return",
    "refund_to_gift_card",
    "release",
    "switch_gift_card",
]
