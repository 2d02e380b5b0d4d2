"""The rows beside the streams: carts, checkouts in progress, copies of what others told, and each order's summary."""

from contexts.ordering.models.carts import MAX_QUANTITY, Cart, CartItem, Checkout
from contexts.ordering.models.copies import Code, Customer, ExchangeRate, GiftCard, Offer, ShippingMethod
from contexts.ordering.models.orders import OrderSummary, ReturnedOrder
from contexts.ordering.models.papers import Invoice, InvoiceSerial, ReturnPhoto, private_storage

__all__ = [
    "MAX_QUANTITY",
    "Cart",
    "CartItem",
    "Checkout",
    "Code",
    "Customer",
    "ExchangeRate",
    "GiftCard",
    "Invoice",
    "InvoiceSerial",
    "Offer",
    "OrderSummary",
    "ReturnPhoto",
    "ReturnedOrder",
    "ShippingMethod",
    "private_storage",
]
