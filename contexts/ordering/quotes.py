"""What a checkout costs now, and what moved since the shopper last looked. Pure functions of the shop's own copy."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal
from uuid import UUID

import msgspec
from django.conf import settings

from contexts.kernel.currencies import own
from contexts.kernel.money import Money, total
from contexts.ordering import tax
from contexts.ordering.discounts import Reduction, everything, reduction
from contexts.ordering.errors import NotForSale
from contexts.ordering.events import GiftCardPart, OrderLine
from contexts.ordering.models import Code, GiftCard, Offer, ShippingMethod

#: A review page older than this is shown again instead of being believed.
SEEN_MAX_AGE_S = 24 * 3600


class TaxShare(msgspec.Struct, frozen=True):
    """The tax of one rate, contained in `gross`: what is paid, tax and all."""

    percent: Decimal
    gross: Money
    tax: Money


class Quote(msgspec.Struct, frozen=True, kw_only=True):
    """The server's own prices for a checkout, in one currency. `tax` is contained in `total`.

    `total` is `subtotal` less `discount` plus `shipping`, plus `tax` where it is `tax_added`; `gift_card` pays a part of
    it. `code` is "" and both are None where nothing is taken off. `given_up` is a rest of a few cents after a code that
    no card could pay; it is part of `discount`.
    """

    lines: list[OrderLine]
    subtotal: Money
    shipping: Money
    taxes: list[TaxShare]
    tax: Money
    total: Money
    code: str = ""
    discount: Money | None = None
    gift_card: GiftCardPart | None = None
    shipping_tax_percent: Decimal | None = None
    tax_added: bool = False
    exchange_rate: Decimal | None = None
    given_up: Money | None = None

    @property
    def too_little(self) -> Money | None:
        """The least that a card can pay, where what is left for it is less than that."""
        least = _least(self.total.currency)
        return least if self.payable and self.payable < least else None

    @property
    def gift(self) -> Money:
        """What the gift card pays of the total."""
        return self.gift_card.amount if self.gift_card else Money.zero(self.total.currency)

    @property
    def gift_last4(self) -> str:
        return self.gift_card.last4 if self.gift_card else ""

    @property
    def payable(self) -> Money:
        """What the shopper's card pays of the total."""
        return self.total - self.gift


class Seen(msgspec.Struct, frozen=True, kw_only=True):
    """What a review page showed, signed into its form: `lines` maps a SKU to quantity and unit price in cents."""

    order_id: UUID
    lines: dict[str, tuple[int, int]]
    shipping: int
    total: int
    discount: int = 0
    gift: int = 0


class Change(msgspec.Struct, frozen=True, kw_only=True):
    """One thing that is not as the shopper saw it. `kind` is "price", "quantity", "discount", "shipping", "gift" or "total"."""

    kind: str
    name: str = ""
    before: Money | None = None
    now: Money | None = None


def currency_of(lines: Sequence[OrderLine]) -> str:
    """Return the currency of lines, which have one; the shop's own of none."""
    return lines[0].unit_price.currency if lines else own()


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
        names=offer.all_names,
        labels=offer.all_labels,
    )


def present_lines(wanted: list[OrderLine], offers: Mapping[str, Offer]) -> list[OrderLine]:
    """Return `wanted` at the present prices.

    Raises:
        NotForSale: one of them was withdrawn.
    """
    lines = []
    for line in wanted:
        if (offer := offers.get(line.sku)) is None:
            raise NotForSale(line.name)
        lines.append(line_from_offer(offer, line.quantity))
    return lines


def quote(
    *,
    wanted: list[OrderLine],
    offers: Mapping[str, Offer],
    method: ShippingMethod | None,
    country: str,
    day: date,
    code: Code | None = None,
    gift_card: GiftCard | None = None,
) -> Quote:
    """Price `wanted` (whose own prices are ignored) from `offers`, sent by `method` to `country`.

    The offers' currency is the quote's. Without a method shipping costs nothing yet, without a country nothing is said of
    tax. Shipping is taxed at the standard rate. `code` makes the goods or the shipping cheaper, and so less tax is due;
    `gift_card` is a way to pay.

    Raises:
        NotForSale: one of them was withdrawn.
        NoTaxRate: the shop does not sell to that country.
    """
    lines = present_lines(wanted, offers)
    currency = currency_of(lines)
    shipping = method.price if method else Money.zero(currency)
    off = reduction(code, lines, shipping) if code else Reduction(lines=[0] * len(lines))
    percents = {}
    if country:
        percents = {
            line.sku: tax.tax_percent(country=country, tax_class=offers[line.sku].tax_class, day=day) for line in lines
        }
        percents[""] = tax.tax_percent(country=country, tax_class=tax.STANDARD, day=day)
    added = bool(country) and tax.is_added(country=country, day=day)
    rate = offers[lines[0].sku].rate if lines else None
    quoted = _summed(lines, shipping, off, percents, added=added)
    quoted = msgspec.structs.replace(
        quoted,
        # A code that takes nothing off, as free shipping where shipping is free, is not used up by the order.
        code=code.code if code and off.total else "",
        gift_card=_part(gift_card, quoted.total) if gift_card else None,
        exchange_rate=rate.per_unit if rate and rate.currency == currency else None,
    )
    if quoted.code and quoted.too_little and method:
        # No card could pay the rest, and the shopper was promised no more than this: it is given up.
        free = _summed(lines, shipping, everything(lines, shipping), percents, added=added)
        return msgspec.structs.replace(
            quoted, lines=free.lines, taxes=free.taxes, tax=free.tax, total=free.total, discount=free.discount,
            gift_card=None, given_up=quoted.payable,
        )  # fmt: skip
    return quoted


def _summed(
    lines: list[OrderLine], shipping: Money, off: Reduction, percents: Mapping[str, Decimal], *, added: bool
) -> Quote:
    """Return what lines and shipping come to. `percents` are the tax rates by SKU, by "" that of the shipping."""
    currency = shipping.currency
    subtotal, discount = total([line.total for line in lines], currency), Money(off.total, currency)
    shares: dict[Decimal, TaxShare] = {}
    if percents:
        for line, cents in zip(lines, off.lines, strict=True):
            _add_share(shares, line.total - Money(cents, currency), percents[line.sku], added=added)
        if taxed := shipping - Money(off.shipping, currency):
            _add_share(shares, taxed, percents[""], added=added)
    taxes = [shares[percent] for percent in sorted(shares, reverse=True)]
    contained = total([share.tax for share in taxes], currency)
    return Quote(
        lines=[_reduced(line, cents) for line, cents in zip(lines, off.lines, strict=True)],
        subtotal=subtotal,
        shipping=shipping,
        taxes=taxes,
        tax=contained,
        total=subtotal - discount + shipping + (contained if added else Money.zero(currency)),
        discount=discount if discount else None,
        tax_added=added,
    )


def _reduced(line: OrderLine, cents: int) -> OrderLine:
    return msgspec.structs.replace(line, discount=Money(cents, line.unit_price.currency)) if cents else line


def _part(card: GiftCard, whole: Money) -> GiftCardPart | None:
    """Return what the card pays of `whole`, None if it is nothing: all of it, or so much that the rest can be charged."""
    if not card.usable or card.currency != whole.currency:
        return None
    amount = min(card.balance_cents, whole.amount)
    if amount < whole.amount:
        # A rest of a few cents would be declined; the cents stay on the gift card.
        amount = min(amount, whole.amount - _least(whole.currency).amount)
    if amount <= 0:
        return None
    return GiftCardPart(card_id=card.card_id, last4=card.last4, amount=Money(amount, card.currency))


def _least(currency: str) -> Money:
    return Money(settings.LEAST_CARD_CHARGES.get(currency, 0), currency)


def with_rates(quote: Quote, *, offers: Mapping[str, Offer], country: str, day: date) -> Quote:
    """Note in the quote's lines and for its shipping which tax rate they contain, for the invoice."""
    lines = [
        msgspec.structs.replace(
            line,
            tax_percent=tax.tax_percent(country=country, tax_class=offers[line.sku].tax_class, day=day),
        )
        for line in quote.lines
    ]
    standard = tax.tax_percent(country=country, tax_class=tax.STANDARD, day=day)
    return msgspec.structs.replace(quote, lines=lines, shipping_tax_percent=standard)


def _add_share(shares: dict[Decimal, TaxShare], price: Money, percent: Decimal, *, added: bool) -> None:
    nothing = Money.zero(price.currency)
    before = shares.get(percent, TaxShare(percent, nothing, nothing))
    share = tax.tax_of(price, percent, added=added)
    gross = price + share if added else price
    shares[percent] = TaxShare(percent, before.gross + gross, before.tax + share)


def seen(order_id: UUID, shown: Quote) -> Seen:
    """Return what to sign into the form of a page that shows this quote."""
    return Seen(
        order_id=order_id,
        lines={line.sku: (line.quantity, line.unit_price.amount) for line in shown.lines},
        shipping=shown.shipping.amount,
        total=shown.total.amount,
        discount=shown.discount.amount if shown.discount else 0,
        gift=shown.gift.amount,
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
    discount = now.discount or Money.zero(currency)
    if before.discount != discount.amount:
        changes.append(Change(kind="discount", before=Money(before.discount, currency), now=discount))
    if before.shipping != now.shipping.amount:
        changes.append(Change(kind="shipping", before=Money(before.shipping, currency), now=now.shipping))
    if before.gift != now.gift.amount:
        changes.append(Change(kind="gift", before=Money(before.gift, currency), now=now.gift))
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
