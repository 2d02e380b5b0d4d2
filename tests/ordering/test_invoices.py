"""Invoices: one per order that left, numbered without a gap, the same bytes for ever, and a credit note for what went back."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from decimal import Decimal
from io import BytesIO

import pytest
import time_machine
from django.db import connections, transaction
from django.test import Client
from msgspec.structs import replace
from pypdf import PdfReader
from uuid_utils.compat import uuid7

from contexts.inventory.events import StockReserved
from contexts.kernel import tokens
from contexts.kernel.checkout import OrderKey
from contexts.kernel.identity import COOKIE, Identity
from contexts.kernel.money import eur
from contexts.messaging import load
from contexts.ordering.events import InvoiceIssued
from contexts.ordering.invoicing.document import article, refund_rows
from contexts.ordering.invoicing.issuing import issue
from contexts.ordering.invoicing.pdf import draw
from contexts.ordering.models import Invoice, Offer
from contexts.ordering.order import Order
from contexts.ordering.services.orders import erase_guest
from contexts.payments.events import PaymentAuthorised, PaymentCaptured, PaymentRefunded, RefundFailed
from contexts.shipping.events import ParcelDispatched
from tests.ordering.shop import line, offer, placed, summary

pytestmark = pytest.mark.django_db(databases=["ordering"])


def dispatched(deliver, *wanted, customer_id=None):
    """Return an order whose parcel has left."""
    order_id = placed(*wanted, customer_id=customer_id)
    deliver(StockReserved(order_id=order_id))
    deliver(PaymentAuthorised(order_id=order_id, amount=summary(order_id).total, method_label="Visa ending 4242"))
    deliver(parcel(order_id), times=2)
    return order_id


def parcel(order_id):
    return ParcelDispatched(order_id=order_id, parcel_id=uuid7(), carrier="Blue Van", tracking_number="BV1")


def invoice_of(order_id):
    return Invoice.objects.get(order_id=order_id, kind="invoice")


def text_of(pdf):
    return " ".join(" ".join(page.extract_text() for page in PdfReader(BytesIO(pdf)).pages).split())


def test_an_order_is_invoiced_once_when_its_parcel_leaves(deliver, published_events):
    offer("BOOK", cents=10_00, tax_class="reduced")

    order_id = dispatched(deliver, ("RED-MUG", 2), ("BOOK", 1))

    invoice = invoice_of(order_id)
    year = invoice.issued_at.year
    assert invoice.number == f"{year}-000001"
    assert [(row.kind, row.gross, row.tax_percent, row.tax) for row in invoice.content.rows] == [
        ("article", eur(25_00), Decimal(19), eur(3_99)),
        ("article", eur(10_00), Decimal(7), eur(65)),
        ("shipping", eur(4_90), Decimal(19), eur(78)),
    ]
    assert [(rate.percent, rate.net, rate.tax, rate.gross) for rate in invoice.content.rates] == [
        (Decimal(19), eur(25_13), eur(4_77), eur(29_90)),
        (Decimal(7), eur(9_35), eur(65), eur(10_00)),
    ]
    assert invoice.content.total == summary(order_id).total
    assert [event for event in published_events if isinstance(event, InvoiceIssued)] == [
        InvoiceIssued(order_id=order_id, number=f"{year}-000001", kind="invoice", total=eur(39_90))
    ]


def test_an_order_from_before_rates_were_noted_is_invoiced_by_what_is_known_of_its_articles():
    offer("BOOK", cents=10_00, tax_class="reduced")
    order_id = placed(("RED-MUG", 1), ("BOOK", 1))
    order = load(Order, order_id)
    old = [replace(one, tax_percent=None) for one in order.placed.lines]
    order.placed = replace(order.placed, lines=old, shipping_tax_percent=None)
    Offer.objects.filter(sku="RED-MUG").delete()

    with transaction.atomic(using="ordering"):
        invoice = issue(order, supplied_at=summary(order_id).placed_at)

    assert [row.tax_percent for row in invoice.content.rows] == [Decimal(19), Decimal(7), Decimal(19)]


def test_the_paper_can_be_read_and_is_the_same_bytes_every_time(deliver, settings):
    order_id = dispatched(deliver)
    first = draw(invoice_of(order_id))
    settings.SELLER_NAME = "Somebody else"

    second = draw(invoice_of(order_id))

    assert second == first
    words = text_of(first)
    for fact in (
        f"Invoice {invoice_of(order_id).number}", summary(order_id).number, "Ada Byron", "Kanalstr. 4", "Germany",
        "Red mug", "€12.50", "€25.00", "19 %", "Net at 19 %", "Tax at 19 %", "Total €29.90", "Visa ending 4242",
        "Tradepost", "Speicherstr. 1",
    ):  # fmt: skip
        assert fact in words.replace("\N{NO-BREAK SPACE}", " ")
    assert PdfReader(BytesIO(first)).trailer["/Root"]["/Lang"] == "en"


def test_a_screen_reader_finds_title_headings_and_the_table_in_the_order_of_reading(deliver):
    invoice = invoice_of(dispatched(deliver, ("RED-MUG", 2), ("BLUE-MUG", 1)))

    paper = PdfReader(BytesIO(draw(invoice)))

    root = paper.trailer["/Root"]
    assert root["/MarkInfo"]["/Marked"].value is True
    assert root["/ViewerPreferences"]["/DisplayDocTitle"].value is True
    assert paper.metadata.title == f"Invoice {invoice.number}"
    assert b"<pdfuaid:part>1</pdfuaid:part>" in root["/Metadata"].get_data()
    tags, parts = read_aloud(root["/StructTreeRoot"])
    assert [tag for tag in tags if tag in ("H1", "Table", "TR", "TH", "TD")] == [
        "H1", "Table", "TR", *["TH"] * 6, *["TR", *["TD"] * 6] * 3,
    ]  # fmt: skip
    # What is read is all that is on the page but the line at its foot, in the order in which it is drawn there.
    assert parts == list(range(len(parts)))
    words = paper.pages[0].extract_text()
    order = ["Ada Byron", "Speicherstr. 1", f"Invoice {invoice.number}", "Ordered on", "Item", "Red mug", "Total"]
    assert sorted(order, key=words.index) == order


def read_aloud(node):
    """Return the tags below a node of a paper's structure as they are read, and the numbers of the marked parts."""
    if isinstance(node, int):
        return [], [int(node)]
    node = node.get_object()
    if "/MCID" in node:
        return [], [int(node["/MCID"])]
    tags, parts = [node["/S"].lstrip("/")] if "/S" in node else [], []
    below = node.get("/K", [])
    for child in below if isinstance(below, list) else [below]:
        more_tags, more_parts = read_aloud(child)
        tags, parts = tags + more_tags, parts + more_parts
    return tags, parts


def test_amounts_and_days_are_written_as_the_shopper_writes_them(deliver):
    invoice = invoice_of(dispatched(deliver))
    invoice.language = "de"
    invoice.recipient["name"] = "Łucja Żółć"

    pdf = draw(invoice)

    words = text_of(pdf).replace("\N{NO-BREAK SPACE}", " ")
    assert "29,90 €" in words
    assert "Łucja Żółć" in words
    assert PdfReader(BytesIO(pdf)).trailer["/Root"]["/Lang"] == "de"


def test_many_lines_go_over_several_pages(deliver):
    invoice = invoice_of(dispatched(deliver))
    invoice.document["rows"] *= 60

    assert len(PdfReader(BytesIO(draw(invoice))).pages) == 4


def test_a_part_that_was_refunded_is_credited_and_the_rest_later(deliver, published_events):
    order_id = dispatched(deliver)
    deliver(PaymentCaptured(order_id=order_id, amount=eur(29_90)))

    deliver(PaymentRefunded(order_id=order_id, amount=eur(10_00), refunded=eur(10_00)), times=2)
    deliver(PaymentRefunded(order_id=order_id, amount=eur(19_90), refunded=eur(29_90)))

    original, *notes = Invoice.objects.filter(order_id=order_id).order_by("serial")
    assert [(note.kind, note.content.total, note.content.refers_to) for note in notes] == [
        ("credit_note", eur(10_00), original.number), ("credit_note", eur(19_90), original.number),
    ]  # fmt: skip
    assert [note.serial for note in notes] == [original.serial + 1, original.serial + 2]
    assert f"Corrects invoice {original.number}" in text_of(draw(notes[0]))


def test_money_that_came_back_and_is_refunded_anew_is_credited_once(deliver):
    order_id, refund_id = dispatched(deliver), uuid7()
    refunded = PaymentRefunded(order_id=order_id, amount=eur(10_00), refunded=eur(10_00))
    deliver(refunded)
    deliver(RefundFailed(order_id=order_id, refund_id=refund_id, amount=eur(10_00), refunded=eur(0), came_back=True))

    deliver(refunded)

    assert summary(order_id).refunded == eur(10_00)
    assert [note.content.total for note in Invoice.objects.filter(kind="credit_note")] == [eur(10_00)]


def test_what_is_refunded_before_anything_was_invoiced_needs_no_credit_note(deliver):
    order_id = placed()
    deliver(StockReserved(order_id=order_id))
    deliver(PaymentAuthorised(order_id=order_id, amount=eur(29_90), method_label="Visa ending 4242"))

    deliver(PaymentRefunded(order_id=order_id, amount=eur(29_90), refunded=eur(29_90)))

    assert not Invoice.objects.exists()


def test_a_discount_is_shown_and_its_share_goes_with_the_pieces():
    discounted = replace(line(cents=10_00, quantity=3), discount=eur(10_00))

    whole, part = article(discounted, 3, Decimal(19)), article(discounted, 1, Decimal(19))

    assert (whole.discount, whole.gross) == (eur(10_00), eur(20_00))
    assert (part.discount, part.gross) == (eur(3_33), eur(6_67))


def test_a_refund_without_lines_is_spread_over_the_rates_to_the_cent(deliver):
    offer("BOOK", cents=10_00, tax_class="reduced")
    rates = invoice_of(dispatched(deliver, ("RED-MUG", 2), ("BOOK", 1))).content.rates

    rows = refund_rows(eur(1_01), rates)

    assert sum(row.gross.amount for row in rows) == 1_01
    assert [row.gross for row in rows] == [eur(76), eur(25)]


# --- who may have it


def test_a_guest_gets_it_by_the_link_in_the_letter_and_a_stranger_does_not(client, deliver):
    order_id = dispatched(deliver)
    key = tokens.sign(OrderKey(order_id=order_id), audience="order")

    pdf = client.get(client.get(f"/orders/{order_id}/invoice/", {"key": key})["Location"])

    assert (pdf.status_code, pdf["Content-Type"]) == (200, "application/pdf")
    assert pdf.content.startswith(b"%PDF")
    assert Client().get(f"/orders/{order_id}/invoice/").status_code == 403
    assert f"Invoice {invoice_of(order_id).number} (PDF)" in client.get(f"/orders/{order_id}/").text
    assert f"Invoice {invoice_of(order_id).number} (PDF)" in client.get(f"/orders/{order_id}/live/").text, (
        "A page that is open when the parcel leaves shows it by itself."
    )


def test_a_customer_gets_it_and_another_customer_does_not(client, deliver):
    ada, eve = uuid7(), uuid7()
    invoice = invoice_of(dispatched(deliver, customer_id=ada))
    address = f"/orders/{invoice.order_id}/invoice/{invoice.number}/"

    answers = []
    for who in (ada, eve):
        identity = Identity(customer_id=who, email="ada@example.org", name="Ada Byron")
        client.cookies[COOKIE] = tokens.sign(identity, audience="identity")
        answers.append(client.get(address).status_code)

    assert answers == [200, 403]


def test_before_the_parcel_left_there_is_none_and_the_page_says_so(client):
    order_id = placed()
    key = tokens.sign(OrderKey(order_id=order_id), audience="order")

    answer = client.get(client.get(f"/orders/{order_id}/invoice/", {"key": key})["Location"])

    assert answer.status_code == 404
    assert "It is written when the parcel leaves." in answer.text


def test_whoever_is_erased_leaves_the_sums_and_no_name(deliver):
    order_id = dispatched(deliver)

    erase_guest(order_id=order_id)

    invoice = invoice_of(order_id)
    assert invoice.recipient is None
    assert "Ada" not in str(invoice.document) + text_of(draw(invoice))
    assert invoice.content.total == eur(29_90)


# --- numbers


@pytest.mark.django_db(databases=["ordering"], transaction=True)
def test_numbers_leave_no_gap_though_many_are_issued_at_once_and_some_are_rolled_back():
    orders = [load(Order, order_id) for order_id in [placed() for _ in range(24)]]

    def work(numbered):
        number, order = numbered
        try:
            with transaction.atomic(using="ordering"):
                issue(order, supplied_at=summary(order.id).placed_at)
                if number % 3 == 0:
                    raise InterruptedError
        except InterruptedError:
            pass
        finally:
            connections["ordering"].close()

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(work, enumerate(orders)))

    assert sorted(Invoice.objects.values_list("serial", flat=True)) == list(range(1, 17))


def test_a_new_year_begins_with_number_one(deliver):
    with time_machine.travel("2026-12-31T12:00:00Z", tick=False) as clock:
        dispatched(deliver)
        clock.shift(timedelta(days=2))

        dispatched(deliver)

    assert sorted(invoice.number for invoice in Invoice.objects.all()) == ["2026-000001", "2027-000001"]
