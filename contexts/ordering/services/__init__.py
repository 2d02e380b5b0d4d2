"""What ordering does, by noun: the cart, the checkout, the order, and what the others told us."""

from contexts.ordering.services.cart import CartCount, add_to_cart, change_quantity, pieces_in, refill_cart
from contexts.ordering.services.checkout import (
    offers_for,
    place_order,
    price,
    renew_hold,
    review,
    save_details,
    save_payment_method,
    start_checkout,
)
from contexts.ordering.services.claims import claim_order, claim_orders_of, forget_claimed
from contexts.ordering.services.orders import cancel_order, change_order, erase_guest, orders_of_guest
from contexts.ordering.services.returns import approve_return, receive_return, refuse_return, request_return
from contexts.ordering.services.vouchers import given as given_vouchers, save_vouchers

__all__ = [
    "CartCount",
    "add_to_cart",
    "approve_return",
    "cancel_order",
    "change_order",
    "change_quantity",
    "claim_order",
    "claim_orders_of",
    "erase_guest",
    "forget_claimed",
    "given_vouchers",
    "offers_for",
    "orders_of_guest",
    "pieces_in",
    "place_order",
    "price",
    "receive_return",
    "refill_cart",
    "refuse_return",
    "renew_hold",
    "request_return",
    "review",
    "save_details",
    "save_payment_method",
    "save_vouchers",
    "start_checkout",
]
