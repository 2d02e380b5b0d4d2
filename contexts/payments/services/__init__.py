"""What payments does, by noun: `cards`, `payments` (one per order), `work` (calls out), `confirmations`, `refunds`."""

from contexts.payments.services.cards import (
    NothingToPay,
    add_card,
    declined_payment,
    open_card_page,
    pay_with_another_card,
    take_card_from_page,
)
from contexts.payments.services.confirmations import (
    answer_confirmation,
    confirmation_for,
    confirmation_page,
    count_refused,
    gateway_says,
)
from contexts.payments.services.payments import (
    charge_card,
    note_amount_due,
    note_redeemed,
    note_stock_reserved,
    release_money,
    stop_waiting_for_confirmation,
    try_again,
)
from contexts.payments.services.refunds import RefundRefused, check_refund, pay_refunds, refund, refund_return
from contexts.payments.services.work import authorise_due, capture_due, settle_overdue_actions, void_due

__all__ = [
    "NothingToPay",
    "RefundRefused",
    "add_card",
    "answer_confirmation",
    "authorise_due",
    "capture_due",
    "charge_card",
    "check_refund",
    "confirmation_for",
    "confirmation_page",
    "count_refused",
    "declined_payment",
    "gateway_says",
    "note_amount_due",
    "note_redeemed",
    "note_stock_reserved",
    "open_card_page",
    "pay_refunds",
    "pay_with_another_card",
    "refund",
    "refund_return",
    "release_money",
    "settle_overdue_actions",
    "stop_waiting_for_confirmation",
    "take_card_from_page",
    "try_again",
    "void_due",
]
