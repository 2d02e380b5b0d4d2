"""What a checkout costs now, and what moved since the shopper last looked. Pure functions of the shop's own copy."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from uuid import UUID

import msgspec

from contexts.kernel.money import Money, total
from contexts.ordering import tax
from contexts.ordering.errors import NotForSale
from contexts.ordering.events import OrderLine
from contexts.ordering.models import Offer, ShippingMethod

#: A review page older than this is shown again instead of being believed.
SEEN_MAX_AGE_S = 24 * 3600


class TaxShare(msgspec.Struct, frozen=True):
    """The tax of one rate, contained in `gross`."""

    percent: Decimal
    gross: Money
    tax: Money


class Quote(msgspec.Struct, frozen=True, kw_only=True):
    """The server's own prices for a checkout. `tax` is contained in `total`."""

    lines: list[OrderLine]
    subtotal: Money
    shipping: Money
    taxes: list[TaxShare]
    tax: Money
    total: Money


class Seen(msgspec.Struct, frozen=True, kw_only=True):
    """What a review page showed, signed into its form: `lines` maps a SKU to quantity and unit price in cents."""

    order_id: UUID
    lines: dict[str, tuple[int, int]]
    shipping: int
    total: int


class Change(msgspec.Struct, frozen=True, kw_only=True):
    """One thing that is not as the shopper saw it. `kind` is "price", "quantity", "shipping" or "total"."""

    kind: str
    name: str = ""
    before: Money | None = None
    now: Money | None = None


def line_from_offer(offer: Offer, quantity: int) -> OrderLine:
    """Return an order line at the present price.

    Raises:
        NotForSale: the offer was withdrawn.
    """
    if not offer.on_sale:
        raise NotForSale(offer.title)
    return OrderLine(
        sku=offer.sku,
        name=offer.shown_name,
        label=offer.shown_label,
        quantity=quantity,
        unit_price=offer.price,
        image=offer.image,
        product_slug=offer.product_slug,
    )


def quote(
    *, wanted: list[OrderLine], offers: Mapping[str, Offer], method: ShippingMethod | None, country: str, day: date
) -> Quote:
    """Price `wanted` (whose own prices are ignored) from `offers`, sent by `method` to `country`.

    Without a method shipping costs nothing yet. Shipping is taxed at the standard rate.

    Raises:
        NotForSale: one of them was withdrawn.
        NoTaxRate: the shop does not sell to that country.
    """
    lines = []
    shares: dict[Decimal, TaxShare] = {}
    for line in wanted:
        if (offer := offers.get(line.sku)) is None:
            raise NotForSale(line.name)
        lines.append(line_from_offer(offer, line.quantity))
        _add_share(shares, lines[-1].total, tax.tax_percent(country=country, tax_class=offer.tax_class, day=day))
    currency = lines[0].unit_price.currency if lines else "EUR"
    subtotal = total([line.total for line in lines], currency)
    shipping = method.price if method else Money.zero(currency)
    if shipping:
        _add_share(shares, shipping, tax.tax_percent(country=country, tax_class=tax.STANDARD, day=day))
    taxes = [shares[percent] for percent in sorted(shares, reverse=True)]
    return Quote(
        lines=lines,
        subtotal=subtotal,
        shipping=shipping,
        taxes=taxes,
        tax=total([share.tax for share in taxes], currency),
        total=subtotal + shipping,
    )


def _add_share(shares: dict[Decimal, TaxShare], gross: Money, percent: Decimal) -> None:
    before = shares.get(percent, TaxShare(percent, Money.zero(gross.currency), Money.zero(gross.currency)))
    shares[percent] = TaxShare(percent, before.gross + gross, before.tax + tax.tax_contained(gross, percent))


def seen(order_id: UUID, shown: Quote) -> Seen:
    """Return what to sign into the form of a page that shows this quote."""
    return Seen(
        order_id=order_id,
        lines={line.sku: (line.quantity, line.unit_price.amount) for line in shown.lines},
        shipping=shown.shipping.amount,
        total=shown.total.amount,
    )


def changes_since(before: Seen, now: Quote) -> list[Change]:
    """Return what moved; an empty list means that the shopper saw exactly what it costs."""
    currency = now.total.currency
    changes = []
    for line in now.lines:
        quantity, cents = before.lines.get(line.sku, (0, line.unit_price.amount))
        if cents != line.unit_price.amount:
            changes.append(Change(kind="price", name=line.name, before=Money(cents, currency), now=line.unit_price))
        if quantity != line.quantity:
            changes.append(Change(kind="quantity", name=line.name))
    if before.shipping != now.shipping.amount:
        changes.append(Change(kind="shipping", before=Money(before.shipping, currency), now=now.shipping))
    if not changes and before.total != now.total.amount:
        changes.append(Change(kind="total", before=Money(before.total, currency), now=now.total))
    return changes


def changes_since_start(started: list[OrderLine], now: Quote) -> list[Change]:
    """Return the prices that moved since the checkout began."""
    before = {line.sku: line.unit_price for line in started}
    return [
        Change(kind="price", name=line.name, before=before[line.sku], now=line.unit_price)
        for line in now.lines
        if line.sku in before and before[line.sku] != line.unit_price
    ]
