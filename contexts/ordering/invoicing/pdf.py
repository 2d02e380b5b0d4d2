"""An invoice as PDF: tagged for screen readers (PDF/UA-1), in the shopper's language, the same bytes every time.

What stands in it is said here; how it looks is `invoice.typ`, which gets it as data: nothing a shopper typed is markup.
"""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import msgspec
import typst
from django.utils import timezone
from django.utils.formats import date_format, number_format
from django.utils.translation import gettext as _, override

from contexts.kernel.templatetags.tradepost import money
from contexts.ordering.forms import COUNTRIES
from contexts.ordering.invoicing.document import Document, Payment, Row
from contexts.ordering.models import Invoice

HERE = Path(__file__).parent
LOOK, FONTS = HERE / "invoice.typ", HERE / "fonts"


def draw(invoice: Invoice) -> bytes:
    """Return the document as PDF. What is drawn was kept when it was issued, so the bytes are always the same."""
    with override(invoice.language):
        paper = msgspec.json.encode(_paper(invoice)).decode()
    compiler = typst.Compiler(
        str(LOOK), root=str(HERE), font_paths=[str(FONTS)], ignore_system_fonts=True, sys_inputs={"paper": paper}
    )
    drawn = compiler.compile(format="pdf", pdf_standards="ua-1")
    assert isinstance(drawn, bytes)  # Pictures come one per page, a PDF comes whole.
    return drawn


def _paper(invoice: Invoice) -> dict[str, Any]:
    """Return all that the paper says, in the language that is active."""
    document = invoice.content
    issued = timezone.localdate(invoice.issued_at)
    discounted = any(row.discount for row in document.rows)
    return {
        "title": f"{_title(invoice)} {invoice.number}",
        "subject": document.order_number,
        "language": invoice.language,
        "day": (issued.year, issued.month, issued.day),
        "seller": {"name": document.seller.name, "address": [_(part) for part in document.seller.address]},
        "recipient": _recipient(invoice),
        "erased": _("Name and address were erased as the customer asked."),
        "facts": _facts(document, issued),
        "discounted": discounted,
        "heads": _without_discount(_heads(), discounted, at=3),
        "rows": [
            {
                "name": _name(row),
                "label": row.label if row.kind == "article" else "",
                "figures": _without_discount(_figures(row), discounted, at=2),
            }
            for row in document.rows
        ],
        "sums": _sums(document),
        "closing": _closing(invoice, document),
        "foot": _foot(document),
        "page": _("%(number)s, page %(page)s") % {"number": invoice.number, "page": "{page}"},
    }


def _recipient(invoice: Invoice) -> list[str] | None:
    """Return the lines of the address, None for somebody who was erased."""
    if invoice.recipient is None:
        return None
    to = invoice.recipient
    country = str(COUNTRIES.get(to["country"], to["country"]))
    return [to["name"], to["street"], f"{to['postcode']} {to['city']}", country]


def _facts(document: Document, issued: date) -> list[tuple[str, str]]:
    facts = [
        (_("Date"), _day(issued)),
        (_("Order"), document.order_number),
        (_("Ordered on"), _day(document.ordered_on)),
        (_("Delivery dispatched on"), _day(document.supplied_on)),
    ]
    if document.code:
        facts.append((_("Promotion code"), document.code))
    if document.refers_to:
        facts.append((_("Corrects invoice"), document.refers_to))
    return facts


def _heads() -> list[str]:
    return [_("Item"), _("Quantity"), _("Price each"), _("Discount"), _("Tax rate"), _("Tax"), _("Amount")]


def _figures(row: Row) -> list[str]:
    return [
        str(row.quantity) if row.kind == "article" else "",
        money(row.unit_price),
        money(-row.discount) if row.discount else "",
        _percent(row.tax_percent),
        money(row.tax),
        money(row.gross),
    ]


def _without_discount(cells: list[str], discounted: bool, *, at: int) -> list[str]:
    return cells if discounted else [*cells[:at], *cells[at + 1 :]]


def _name(row: Row) -> str:
    match row.kind:
        case "shipping":
            return _("Shipping")
        case "refund":
            return _("Part of the price, refunded")
    return row.name


def _sums(document: Document) -> list[dict[str, object]]:
    sums: list[dict[str, object]] = []
    for rate in document.rates:
        percent = _percent(rate.percent)
        sums.append(_sum(_("Net at %(percent)s") % {"percent": percent}, money(rate.net)))
        sums.append(_sum(_("Tax at %(percent)s") % {"percent": percent}, money(rate.tax)))
    sums.append(_sum(_("Credited in all") if document.refers_to else _("Total"), money(document.total), strong=True))
    if (own := document.tax_in_own) is not None:
        sums.append(_sum(_("Tax in %(currency)s") % {"currency": own.currency}, money(own)))
    said = _sent_to if document.refers_to else _paid_by
    return sums + [_sum(said(paid), money(paid.amount)) for paid in document.payments]


def _sum(said: str, amount: str, *, strong: bool = False) -> dict[str, object]:
    return {"said": said, "amount": amount, "strong": strong}


def _paid_by(paid: Payment) -> str:
    if paid.gift_card_last4:
        return _("Paid by gift card ending %(last4)s") % {"last4": paid.gift_card_last4}
    return _("Paid by %(means)s") % {"means": paid.label} if paid.label else _("Paid")


def _sent_to(paid: Payment) -> str:
    if paid.gift_card_last4:
        return _("Back to gift card ending %(last4)s") % {"last4": paid.gift_card_last4}
    return _("Back to %(means)s") % {"means": paid.label} if paid.label else _("Back to the card that paid")


def _closing(invoice: Invoice, document: Document) -> str:
    if invoice.kind == Invoice.Kind.CREDIT_NOTE:
        return _("The amount goes back to where it was paid from.")
    if document.tax_added:
        return _("The amount is paid. Prices are without tax, which was added as it is shown.")
    return _("The amount is paid. Prices contain the tax that is shown.")


def _foot(document: Document) -> str:
    seller = document.seller
    parts = [seller.name, *map(_, seller.address)]
    if seller.tax_id:
        parts.append(_("Tax number %(number)s") % {"number": seller.tax_id})
    return " · ".join(parts)


def _title(invoice: Invoice) -> str:
    return _("Credit note") if invoice.kind == Invoice.Kind.CREDIT_NOTE else _("Invoice")


def _day(day: date) -> str:
    return date_format(day, "DATE_FORMAT")


def _percent(percent: Decimal) -> str:
    plain = percent.normalize()
    digits = max(0, -int(plain.as_tuple().exponent))
    return f"{number_format(plain, decimal_pos=digits, use_l10n=True)}\N{NO-BREAK SPACE}%"
