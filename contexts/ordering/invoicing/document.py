"""What an invoice or a credit note says, as it was when it was issued. Pure: the same order gives the same document."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal

import msgspec

from contexts.kernel.money import Money, total
from contexts.ordering import tax
from contexts.ordering.events import OrderLine, OrderPlaced


class Row(msgspec.Struct, frozen=True, kw_only=True):
    """A line of the document. `gross` is what was paid for it, after its `discount`; `tax` is contained in it.

    Where tax is added to prices, `unit_price` and `discount` are without it.
    """

    kind: str  # "article", "shipping" or "refund"
    name: str
    label: str
    quantity: int
    unit_price: Money
    discount: Money
    gross: Money
    tax_percent: Decimal
    tax: Money


class Rate(msgspec.Struct, frozen=True, kw_only=True):
    """What one tax rate comes to."""

    percent: Decimal
    net: Money
    tax: Money
    gross: Money


class Payment(msgspec.Struct, frozen=True, kw_only=True):
    """How a part of it was paid: by a card, "Visa ending 4242", or by a gift card of which the end is known.

    On a credit note it is where a part of it went.
    """

    amount: Money
    label: str = ""
    gift_card_last4: str = ""


class Seller(msgspec.Struct, frozen=True, kw_only=True):
    """Who issued it, kept with it: a shop that moves does not change its old invoices."""

    name: str
    address: list[str]
    tax_id: str


class Document(msgspec.Struct, frozen=True, kw_only=True):
    """All that is printed but the recipient, who can ask to be forgotten. `refers_to`: the invoice of a credit note.

    `code` is the promotion code behind the discounts. `tax_added`: tax came on top of the prices. `tax_in_own` is the tax in
    the shop's own currency at the rate of the order, where that was in another (Directive 2006/112/EC, article 230).
    """

    seller: Seller
    order_number: str
    ordered_on: date
    supplied_on: date
    rows: list[Row]
    rates: list[Rate]
    total: Money
    payments: list[Payment]
    refers_to: str = ""
    code: str = ""
    tax_added: bool = False
    tax_in_own: Money | None = None


def rows_of(placed: OrderPlaced, *, percents: Mapping[str, Decimal], shipping_percent: Decimal) -> list[Row]:
    """Return what an order's invoice lists: its lines, and the shipping if it cost something."""
    rows = [article(line, line.quantity, percents[line.sku], added=placed.tax_added) for line in placed.lines]
    shipping = shipping_row(placed, shipping_percent)
    return [*rows, shipping] if shipping else rows


def shipping_row(placed: OrderPlaced, percent: Decimal) -> Row | None:
    """Return what shipping came to, None where it was free."""
    # What the order's discount takes off beyond the lines' own shares, it takes off the shipping.
    goods = [line.total - line.discount if line.discount else line.total for line in placed.lines]
    paid = placed.total - total(goods, placed.total.currency)
    if placed.tax_added:
        paid -= placed.tax
    if not paid:
        return None
    share = tax.tax_of(paid, percent, added=placed.tax_added)
    return _row("shipping", "", "", 1, placed.shipping, placed.shipping - paid, percent, share, added=placed.tax_added)


def article(line: OrderLine, quantity: int, percent: Decimal, *, before: int = 0, added: bool = False) -> Row:
    """Return the row of some pieces of a line with their share of its discount, when `before` others had theirs.

    However the pieces are divided, the shares of all of them come to the whole discount; and so do those of tax that is
    `added`, since it decides what is paid.
    """
    off = _discount_of(line, before + quantity) - _discount_of(line, before)
    if added:
        share = _tax_added_to(line, before + quantity, percent) - _tax_added_to(line, before, percent)
    else:
        share = tax.tax_contained(line.unit_price * quantity - off, percent)
    return _row("article", line.name, line.label, quantity, line.unit_price, off, percent, share, added=added)


def _discount_of(line: OrderLine, quantity: int) -> Money:
    """Return the discount of the line's first pieces."""
    cents = line.discount.amount * quantity // line.quantity if line.discount else 0
    return Money(cents, line.unit_price.currency)


def _tax_added_to(line: OrderLine, quantity: int, percent: Decimal) -> Money:
    return tax.tax_on(line.unit_price * quantity - _discount_of(line, quantity), percent)


def refund_rows(amount: Money, rates: Sequence[Rate]) -> list[Row]:
    """Spread an amount that no line is known for over the invoice's tax rates, by what each comes to."""
    whole = sum(rate.gross.amount for rate in rates)
    parts = [amount.amount * rate.gross.amount // whole for rate in rates]
    parts[0] += amount.amount - sum(parts)
    return [
        _row(
            "refund", "", "", 1, Money(cents, amount.currency), Money.zero(amount.currency), rate.percent,
            tax.tax_contained(Money(cents, amount.currency), rate.percent),
        )
        for cents, rate in zip(parts, rates, strict=True)
        if cents
    ]  # fmt: skip


def rates_of(rows: Sequence[Row]) -> list[Rate]:
    """Return the sums by tax rate, highest first."""
    rates = []
    for percent in sorted({row.tax_percent for row in rows}, reverse=True):
        mine = [row for row in rows if row.tax_percent == percent]
        currency = mine[0].gross.currency
        gross, contained = total([row.gross for row in mine], currency), total([row.tax for row in mine], currency)
        rates.append(Rate(percent=percent, net=gross - contained, tax=contained, gross=gross))
    return rates


def _row(
    kind: str, name: str, label: str, quantity: int, unit_price: Money, discount: Money, percent: Decimal, share: Money, *,
    added: bool = False,
) -> Row:  # fmt: skip
    price = unit_price * quantity - discount
    return Row(
        kind=kind, name=name, label=label, quantity=quantity, unit_price=unit_price, discount=discount,
        gross=price + share if added else price, tax_percent=percent, tax=share,
    )  # fmt: skip
