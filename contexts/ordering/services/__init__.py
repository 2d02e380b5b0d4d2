"""What ordering does, by noun: the cart, the checkout, the order, and what the others told us."""

from contexts.ordering.services.cart import CartCount, add_to_cart, change_quantity, refill_cart
from contexts.ordering.services.checkout import (
    place_order,
    review,
    save_details,
    save_payment_method,
    start_checkout,
)
from contexts.ordering.services.orders import cancel_order, change_order, erase_guest, orders_of_guest
from contexts.ordering.services.returns import approve_return, receive_return, refuse_return, request_return

__all__ = [
    "CartCount",
    "add_to_cart",
    "approve_return",
    "cancel_order",
    "change_order",
    "change_quantity",
    "erase_guest",
    "orders_of_guest",
    "place_order",
    "receive_return",
    "refill_cart",
    "refuse_return",
    "request_return",
    "review",
    "save_details",
    "save_payment_method",
    "start_checkout",
]
