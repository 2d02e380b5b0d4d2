"""What inventory does: count and receive goods, keep them for checkouts and orders, book them out.

Every change of stock goes through `book.open_book`: rows locked in SKU order, a line in the ledger for each item that
changed, and `AvailabilityChanged` for each whose available number changed.
"""

from contexts.inventory.services.book import BadCount, StillPromised, StockError, UnknownSku
from contexts.inventory.services.holds import expire_hold, hold, release_hold
from contexts.inventory.services.locks import one_delivery_at_a_time
from contexts.inventory.services.reservations import book_out, release, reserve
from contexts.inventory.services.shelf import (
    Listing,
    adjust_stock,
    open_items,
    receive_many,
    receive_stock,
    set_low_stock_threshold,
    take_back,
    withdraw_items,
)

__all__ = [
    "BadCount",
    "Listing",
    "StillPromised",
    "StockError",
    "UnknownSku",
    "adjust_stock",
    "book_out",
    "expire_hold",
    "hold",
    "one_delivery_at_a_time",
    "open_items",
    "receive_many",
    "receive_stock",
    "release",
    "release_hold",
    "reserve",
    "set_low_stock_threshold",
    "take_back",
    "withdraw_items",
]
