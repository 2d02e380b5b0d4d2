"""An invoice drawn as PDF: text that can be selected, in the shopper's language, the same bytes every time."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from functools import cache
from io import BytesIO
from pathlib import Path
from typing import Any
from xml.sax.saxutils import escape

from django.utils import timezone
from django.utils.formats import date_format, number_format
from django.utils.translation import gettext as _, override
from reportlab.lib.colors import HexColor
from reportlab.lib.enums import TA_RIGHT
from reportlab.lib.pagesizes import A4
from reportlab.lib.styles import ParagraphStyle
from reportlab.lib.units import mm
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.ttfonts import TTFont
from reportlab.pdfgen.canvas import Canvas
from reportlab.platypus import Flowable, Paragraph, SimpleDocTemplate, Spacer, Table, TableStyle

from contexts.kernel.templatetags.tradepost import money
from contexts.ordering.forms import COUNTRIES
from contexts.ordering.invoicing.document import Document, Payment, Row
from contexts.ordering.models import Invoice

FONTS = Path(__file__).parent / "fonts"
REGULAR, BOLD = "DejaVuSans", "DejaVuSans-Bold"
INK, QUIET, RULE = HexColor(0x16201C), HexColor(0x54605A), HexColor(0xDDE2DC)
MARGIN = 20 * mm

BODY = ParagraphStyle("body", fontName=REGULAR, fontSize=9, leading=13, textColor=INK)
SMALL = ParagraphStyle("small", parent=BODY, fontSize=7.5, leading=11, textColor=QUIET)
STRONG = ParagraphStyle("strong", parent=BODY, fontName=BOLD)
TITLE = ParagraphStyle(
    "title", parent=BODY, fontName=BOLD, fontSize=17, leading=22, spaceBefore=9 * mm, spaceAfter=4 * mm
)
RIGHT = ParagraphStyle("right", parent=BODY, alignment=TA_RIGHT)
RIGHT_SMALL = ParagraphStyle("right small", parent=SMALL, alignment=TA_RIGHT)
RIGHT_STRONG = ParagraphStyle("right strong", parent=STRONG, alignment=TA_RIGHT)


def draw(invoice: Invoice) -> bytes:
    """Return the document as PDF. What is drawn was kept when it was issued, so the bytes are always the same."""
    _register_fonts()
    into = BytesIO()
    with override(invoice.language):
        title = f"{_title(invoice)} {invoice.number}"
        template = SimpleDocTemplate(
            into, pagesize=A4, leftMargin=MARGIN, rightMargin=MARGIN, topMargin=MARGIN, bottomMargin=25 * mm,
            title=title, author=invoice.content.seller.name, subject=invoice.content.order_number,
            lang=invoice.language, invariant=1,
        )  # fmt: skip
        foot = _Foot(invoice)
        template.build(list(_flow(invoice, title)), onFirstPage=foot, onLaterPages=foot)
    return into.getvalue()


def _flow(invoice: Invoice, title: str) -> list[Flowable]:
    document = invoice.content
    return [
        _head(invoice, document),
        Paragraph(escape(title), TITLE),
        _facts(invoice, document),
        Spacer(0, 6 * mm),
        _rows(document),
        Spacer(0, 3 * mm),
        _sums(document),
        *_closing(invoice, document),
    ]


def _head(invoice: Invoice, document: Document) -> Table:
    seller = document.seller
    sold_by = [Paragraph(escape(seller.name), STRONG), *[Paragraph(escape(_(part)), SMALL) for part in seller.address]]
    return _table([[_recipient(invoice), sold_by]], [105 * mm, 65 * mm])


def _recipient(invoice: Invoice) -> list[Paragraph]:
    if invoice.recipient is None:
        return [Paragraph(escape(_("Name and address were erased as the customer asked.")), SMALL)]
    to = invoice.recipient
    country = str(COUNTRIES.get(to["country"], to["country"]))
    return [
        Paragraph(escape(part), BODY) for part in (to["name"], to["street"], f"{to['postcode']} {to['city']}", country)
    ]


def _facts(invoice: Invoice, document: Document) -> Table:
    facts = [
        (_("Date"), _day(timezone.localdate(invoice.issued_at))),
        (_("Order"), document.order_number),
        (_("Ordered on"), _day(document.ordered_on)),
        (_("Delivery dispatched on"), _day(document.supplied_on)),
    ]
    if document.code:
        facts.append((_("Promotion code"), document.code))
    if document.refers_to:
        facts.append((_("Corrects invoice"), document.refers_to))
    return _table(
        [[Paragraph(escape(name), SMALL), Paragraph(escape(said), BODY)] for name, said in facts], [45 * mm, 125 * mm]
    )


def _rows(document: Document) -> Table:
    discounted = any(row.discount for row in document.rows)
    heads = [_("Item"), _("Quantity"), _("Price each"), _("Discount"), _("Tax rate"), _("Tax"), _("Amount")]
    cells: list[list[object]] = [
        [Paragraph(escape(heads[0]), SMALL), *[Paragraph(escape(head), RIGHT_SMALL) for head in heads[1:]]]
    ]
    cells += [_cells(row) for row in document.rows]
    widths = [46.0, 18, 24, 22, 16, 20, 24]
    if not discounted:
        widths[0] += widths.pop(3)
        cells = [[*line[:3], *line[4:]] for line in cells]
    rules = ("LINEBELOW", (0, 0), (-1, -1), 0.5, RULE)
    return _table(cells, [width * mm for width in widths], rules, repeat=1, pad=2 * mm)


def _cells(row: Row) -> list[object]:
    figures = [
        str(row.quantity) if row.kind == "article" else "",
        money(row.unit_price),
        money(-row.discount) if row.discount else "",
        _percent(row.tax_percent),
        money(row.tax),
        money(row.gross),
    ]
    return [_name(row), *[Paragraph(figure, RIGHT) for figure in figures]]


def _name(row: Row) -> list[Paragraph]:
    if row.kind == "shipping":
        return [Paragraph(escape(_("Shipping")), BODY)]
    if row.kind == "refund":
        return [Paragraph(escape(_("Part of the price, refunded")), BODY)]
    return [Paragraph(escape(row.name), BODY), *([Paragraph(escape(row.label), SMALL)] if row.label else [])]


def _sums(document: Document) -> Table:
    lines = []
    for rate in document.rates:
        percent = _percent(rate.percent)
        lines.append((_("Net at %(percent)s") % {"percent": percent}, money(rate.net), False))
        lines.append((_("Tax at %(percent)s") % {"percent": percent}, money(rate.tax), False))
    lines.append((_("Credited in all") if document.refers_to else _("Total"), money(document.total), True))
    if document.tax_in_own is not None:
        lines.append(
            (_("Tax in %(currency)s") % {"currency": document.tax_in_own.currency}, money(document.tax_in_own), False)
        )
    said = _sent_to if document.refers_to else _paid_by
    lines += [(said(paid), money(paid.amount), False) for paid in document.payments]
    cells = [
        [
            "",
            Paragraph(escape(words), RIGHT_STRONG if strong else RIGHT),
            Paragraph(amount, RIGHT_STRONG if strong else RIGHT),
        ]
        for words, amount, strong in lines
    ]
    return _table(cells, [50 * mm, 90 * mm, 30 * mm])


def _paid_by(paid: Payment) -> str:
    if paid.gift_card_last4:
        return _("Paid by gift card ending %(last4)s") % {"last4": paid.gift_card_last4}
    return _("Paid by %(means)s") % {"means": paid.label} if paid.label else _("Paid")


def _sent_to(paid: Payment) -> str:
    if paid.gift_card_last4:
        return _("Back to gift card ending %(last4)s") % {"last4": paid.gift_card_last4}
    return _("Back to %(means)s") % {"means": paid.label} if paid.label else _("Back to the card that paid")


def _closing(invoice: Invoice, document: Document) -> list[Flowable]:
    if invoice.kind == Invoice.Kind.CREDIT_NOTE:
        words = _("The amount goes back to where it was paid from.")
    elif document.tax_added:
        words = _("The amount is paid. Prices are without tax, which was added as it is shown.")
    else:
        words = _("The amount is paid. Prices contain the tax that is shown.")
    return [Spacer(0, 8 * mm), Paragraph(escape(words), SMALL)]


class _Foot:
    """The line at the bottom of each page."""

    def __init__(self, invoice: Invoice) -> None:
        seller = invoice.content.seller
        parts = [seller.name, *map(_, seller.address)]
        if seller.tax_id:
            parts.append(_("Tax number %(number)s") % {"number": seller.tax_id})
        self.words, self.number = " · ".join(parts), invoice.number

    def __call__(self, canvas: Canvas, template: SimpleDocTemplate) -> None:
        canvas.saveState()
        canvas.setFont(REGULAR, 7)
        canvas.setFillColor(QUIET)
        canvas.drawString(MARGIN, 14 * mm, self.words)
        page = _("%(number)s, page %(page)d") % {"number": self.number, "page": template.page}
        canvas.drawRightString(A4[0] - MARGIN, 14 * mm, page)
        canvas.restoreState()


def _title(invoice: Invoice) -> str:
    return _("Credit note") if invoice.kind == Invoice.Kind.CREDIT_NOTE else _("Invoice")


def _day(day: date) -> str:
    return date_format(day, "DATE_FORMAT")


def _percent(percent: Decimal) -> str:
    plain = percent.normalize()
    digits = max(0, -int(plain.as_tuple().exponent))
    return f"{number_format(plain, decimal_pos=digits, use_l10n=True)}\N{NO-BREAK SPACE}%"


def _table(cells: list[list[object]], widths: list[float], *commands: Any, repeat: int = 0, pad: float = 0) -> Table:
    style: list[Any] = [  # each command of reportlab has arguments of its own
        ("VALIGN", (0, 0), (-1, -1), "TOP"),
        ("LEFTPADDING", (0, 0), (-1, -1), 0),
        ("RIGHTPADDING", (0, 0), (-1, -1), 2),
        ("TOPPADDING", (0, 0), (-1, -1), pad),
        ("BOTTOMPADDING", (0, 0), (-1, -1), pad),
        *commands,
    ]
    return Table(cells, colWidths=widths, style=TableStyle(style), repeatRows=repeat, hAlign="LEFT")


@cache
def _register_fonts() -> None:
    for name in (REGULAR, BOLD):
        pdfmetrics.registerFont(TTFont(name, FONTS / f"{name}.ttf"))
