"""Issuing invoices and credit notes: in the transaction of what they are about, under the next number of the year."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Literal
from uuid import UUID

import msgspec
from django.conf import settings
from django.db import connections
from django.db.models import Q
from django.utils import timezone

from contexts.kernel.currencies import exchanged_back
from contexts.kernel.money import Money, total
from contexts.messaging import publish
from contexts.ordering import tax
from contexts.ordering.events import InvoiceIssued, OrderPlaced
from contexts.ordering.invoicing.document import Document, Payment, Row, Seller, rates_of, refund_rows, rows_of
from contexts.ordering.models import Invoice, Offer, OrderSummary
from contexts.ordering.order import Order
from contexts.ordering.returns import came_back, credited_rows


def issue(order: Order, *, supplied_at: datetime) -> Invoice:
    """Issue the invoice of an order whose parcel leaves now. Part of a decision: call it within `change_order`."""
    placed = _placed(order)
    summary = OrderSummary.objects.get(order_id=order.id)
    assert summary.placed_at is not None  # The order was placed, or it could not leave.
    ordered_on = timezone.localdate(summary.placed_at)
    rows = rows_of(
        placed,
        percents=tax_percents(placed, day=ordered_on),
        shipping_percent=_shipping_percent(placed, ordered_on),
    )
    document = Document(
        seller=seller(),
        order_number=placed.number,
        ordered_on=ordered_on,
        supplied_on=timezone.localdate(supplied_at),
        rows=rows,
        rates=rates_of(rows),
        total=placed.total,
        payments=_payments(placed, summary.method_label),
        code=placed.code,
        tax_added=placed.tax_added,
        tax_in_own=_in_own(placed, rows),
    )
    return _keep("invoice", order, document)


def credit(order: Order, *, refunded: Money, return_id: UUID | None = None) -> Invoice | None:
    """Issue a credit note for what was refunded beyond the credit notes before; None without an invoice or a rest.

    `refunded` is what was refunded in all. For a return the note lists what came back, else the tax rates.
    """
    issued = list(Invoice.objects.filter(order_id=order.id).order_by("issued_at", "serial"))
    original = next((one for one in issued if one.kind == Invoice.Kind.INVOICE), None)
    if original is None:
        return None
    before = total([one.content.total for one in issued if one.kind == Invoice.Kind.CREDIT_NOTE], refunded.currency)
    amount = refunded - before
    if amount.amount <= 0:
        return None
    invoice = original.content
    rows = _rows_back(order, return_id, invoice.ordered_on) if return_id else []
    listed = total([row.gross for row in rows], amount.currency)
    if return_id and listed == order.return_of(return_id).refund and listed < amount:
        # The rest belongs to another return, which gets its own note when all of its money went back.
        amount = listed
    if listed != amount:
        rows = refund_rows(amount, invoice.rates)
    document = msgspec.structs.replace(
        invoice, rows=rows, rates=rates_of(rows), total=amount,
        payments=_sent_to(order, amount, issued, return_id), refers_to=original.number,
        tax_in_own=_in_own(_placed(order), rows),
    )  # fmt: skip
    return _keep("credit_note", order, document)


def _sent_to(order: Order, amount: Money, issued: Sequence[Invoice], return_id: UUID | None) -> list[Payment]:
    """Return where a refund went: first what went to the gift card, then what went to the card that was charged."""
    placed = _placed(order)
    one = order.return_of(return_id) if return_id else None
    if one and one.refund == amount:
        to_gift_card = one.to_gift_card or Money.zero(amount.currency)
    else:
        notes = [
            paid
            for document in issued
            if document.kind == Invoice.Kind.CREDIT_NOTE
            for paid in document.content.payments
        ]
        told = total([paid.amount for paid in notes if paid.gift_card_last4], amount.currency)
        to_gift_card = min((order.refunded_to_gift_card or Money.zero(amount.currency)) - told, amount)
    parts = []
    if placed.gift_card and to_gift_card.amount > 0:
        parts.append(Payment(gift_card_last4=placed.gift_card.last4, amount=to_gift_card))
    if to_gift_card < amount:
        card = next((paid.label for document in issued for paid in document.content.payments if paid.label), "")
        parts.append(Payment(label=card, amount=amount - to_gift_card))
    return parts


def _in_own(placed: OrderPlaced, rows: Sequence[Row]) -> Money | None:
    """Return the tax of rows in the shop's own currency at the order's rate, None where it is in that one anyway."""
    if placed.exchange_rate is None:
        return None
    return exchanged_back(total([row.tax for row in rows], placed.total.currency), placed.exchange_rate)


def _rows_back(order: Order, return_id: UUID, day: date) -> list[Row]:
    placed = _placed(order)
    back = {pieces.sku: pieces.quantity for pieces in order.return_of(return_id).received}
    return credited_rows(
        placed,
        back,
        before=came_back(order, but=return_id),
        percents=tax_percents(placed, day=day),
        shipping_percent=_shipping_percent(placed, day),
    )


def _shipping_percent(placed: OrderPlaced, day: date) -> Decimal:
    known = placed.shipping_tax_percent
    return _percent(placed, tax.STANDARD, day) if known is None else known


def forget_recipients(whose: Q) -> int:
    """Take names and addresses off invoices; number, sums and tax stay, as the books need them."""
    return Invoice.objects.filter(whose).exclude(recipient=None).update(recipient=None)


def seller() -> Seller:
    address = [part.strip() for part in settings.SELLER_ADDRESS.split(",") if part.strip()]
    return Seller(name=settings.SELLER_NAME, address=address, tax_id=settings.SELLER_TAX_ID)


def _keep(kind: Literal["invoice", "credit_note"], order: Order, document: Document) -> Invoice:
    placed = _placed(order)
    now = timezone.now()
    year = timezone.localtime(now).year
    address = placed.shipping_address
    invoice = Invoice(
        year=year,
        serial=_next_serial(year),
        kind=kind,
        order_id=order.id,
        customer_id=order.customer_id,
        issued_at=now,
        language=placed.contact.language,
        document=msgspec.to_builtins(document),
        recipient=msgspec.to_builtins(address) if address.country else None,
    )
    invoice.save(force_insert=True)
    publish(InvoiceIssued(order_id=order.id, number=invoice.number, kind=kind, total=document.total))
    return invoice


def _next_serial(year: int) -> int:
    """Return the year's next number. Whoever asks after us waits until our transaction ends, so there is no gap."""
    with connections["ordering"].cursor() as cursor:
        cursor.execute(
            """
            insert into ordering_invoiceserial (year, last) values (%s, 1)
            on conflict (year) do update set last = ordering_invoiceserial.last + 1 returning last
            """,
            [year],
        )
        [serial] = cursor.fetchone()
    return int(serial)


def tax_percents(placed: OrderPlaced, *, day: date) -> dict[str, Decimal]:
    """Return the tax rate of each article of an order in percent, by SKU, as it was noted when it was ordered.

    Orders from before it was noted, on `day`: the rate of the article's tax class, the standard one where the article
    is not known any more.
    """
    unknown = [line.sku for line in placed.lines if line.tax_percent is None]
    classes = dict(Offer.objects.filter(sku__in=unknown).values_list("sku", "tax_class")) if unknown else {}
    return {
        line.sku: _percent(placed, classes.get(line.sku, tax.STANDARD), day)
        if line.tax_percent is None
        else line.tax_percent
        for line in placed.lines
    }


def _percent(placed: OrderPlaced, tax_class: str, day: date) -> Decimal:
    try:
        return tax.tax_percent(country=placed.shipping_address.country, tax_class=tax_class, day=day)
    except tax.NoTaxRate:
        # The address was erased: what the order's own sums say.
        net = placed.total - placed.tax
        return (Decimal(placed.tax.amount * 100) / net.amount).quantize(Decimal("0.1")) if net else Decimal(0)


def _payments(placed: OrderPlaced, card: str) -> list[Payment]:
    paid = []
    if placed.gift_card:
        paid.append(Payment(gift_card_last4=placed.gift_card.last4, amount=placed.gift_card.amount))
    if placed.payable:
        paid.append(Payment(label=card, amount=placed.payable))
    return paid


def _placed(order: Order) -> OrderPlaced:
    assert order.placed is not None  # Nothing leaves, and no money comes back, before it was placed.
    return order.placed
