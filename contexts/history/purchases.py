"""What a purchase looks like in the history, and how to ask for a page of them."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

import msgspec

from contexts.kernel.money import Money
from contexts.kernel.said import Said

#: How far a purchase can be, in the order in which people expect them in a filter.
STATUSES = ("placed", "confirmed", "shipped", "completed", "cancelled")

PAGE_SIZE = 10


class BoughtLine(msgspec.Struct, frozen=True, kw_only=True):
    """One line of a purchase, as it was named and priced then; `names` and `labels` are its words in each language."""

    sku: str
    name: str
    label: str
    quantity: int
    unit_price: Money
    image: str
    product_slug: str
    names: dict[str, str] = {}
    labels: dict[str, str] = {}

    @property
    def total(self) -> Money:
        return self.unit_price * self.quantity


class Receipt(msgspec.Struct, frozen=True, kw_only=True):
    """The part of a purchase that never changes. It names goods and amounts, no person and no address.

    `tax_added` is tax that came on top of the prices, None where they contain it. `language` is the one that it was placed
    in, "" where that is not known.
    """

    number: str
    placed_at: datetime
    lines: list[BoughtLine]
    shipping: Money
    total: Money
    discount: Money | None = None
    gift: Money | None = None
    tax_added: Money | None = None
    language: str = ""


class Purchase(msgspec.Struct, frozen=True, kw_only=True):
    """A purchase as it is kept. `said` is what `explanation` says, to be worded; empty where somebody typed it."""

    order_id: UUID
    receipt: Receipt
    status: str
    refunded: Money
    explanation: str
    carrier: str
    tracking_number: str
    said: list[Said] = []


class PurchaseQuery(msgspec.Struct, frozen=True, kw_only=True):
    """Which purchases of a customer to show, newest first. Empty filters let everything through; pages count from 1.

    `awaited` are orders that the asker knows of, each with the version of its stream that it has seen.
    """

    customer_id: UUID
    year: int | None = None
    status: str = ""
    product_slug: str = ""
    page: int = 1
    size: int = PAGE_SIZE
    awaited: tuple[tuple[UUID, int], ...] = ()


class YearTotal(msgspec.Struct, frozen=True, kw_only=True):
    """A year's purchases: how many were placed, and what was spent in each currency less what came back."""

    year: int
    orders: int
    spent: list[Money]


class PurchasePage(msgspec.Struct, frozen=True, kw_only=True):
    """One page, everything that stands around it, and how fresh it is.

    `count` is how many match the filter; `page` is the page shown, the last one where a later one was asked for.
    `by_status` counts what each status would show, the other filters staying. `as_of` is the time of the newest event
    in the history. `missing` are the awaited orders that the history has not heard of, or not up to their version.
    `late_at` is when news last arrived that was long past, as it is while a lost history fills again.
    """

    purchases: list[Purchase]
    count: int
    page: int
    pages: int
    years: list[YearTotal]
    by_status: dict[str, int]
    as_of: datetime
    missing: list[UUID] = []
    late_at: datetime | None = None
