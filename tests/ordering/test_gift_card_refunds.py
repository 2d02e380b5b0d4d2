"""An order that a gift card and a code made cheaper: its invoice, and what goes back to which card, to the cent."""

from decimal import Decimal

import pytest
from hypothesis import given as hypothesis_given, settings as hypothesis_settings, strategies as st
from uuid_utils.compat import uuid7

from contexts.inventory.events import StockReserved
from contexts.kernel.money import Money, eur, total
from contexts.messaging import load
from contexts.ordering import quotes, services
from contexts.ordering.discounts import spread
from contexts.ordering.events import (
    GiftCardPart,
    OrderCancelled,
    OrderCompleted,
    OrderConfirmed,
    OrderLine,
    OrderPlaced,
    OrderReserved,
    OrderShipped,
    ReceivedPieces,
    ReturnedPieces,
    ReturnReceived,
)
from contexts.ordering.invoicing.document import Payment, rates_of, rows_of
from contexts.ordering.invoicing.pdf import draw
from contexts.ordering.models import GiftCard, Invoice
from contexts.ordering.order import Order
from contexts.ordering.returns import came_back, credited_rows
from contexts.ordering.tax import tax_contained
from contexts.payments.events import PaymentAuthorised, PaymentCaptured, PaymentRefunded
from contexts.promotions.events import GiftCardRefunded, PromotionRedeemed
from contexts.shipping.events import ParcelDelivered
from tests.ordering.shop import ADA, HOME, NOON, checkout, offer, shipping_method, summary
from tests.ordering.test_invoices import parcel, text_of
from tests.ordering.test_returns import ask, open_order, receive
from tests.ordering.test_vouchers import code, gift_card, give

# --- any order, any returns


@st.composite
def orders(draw_from):
    """Some order: lines at two tax rates, a discount spread over them or off the shipping, a gift card's part."""
    cents = draw_from(st.lists(st.tuples(st.integers(1, 90_00), st.integers(1, 4)), min_size=1, max_size=4))
    weights = [price * quantity for price, quantity in cents]
    off = spread(draw_from(st.integers(0, sum(weights))), weights)
    shipping, shipping_off = draw_from(st.sampled_from([(4_90, 0), (4_90, 4_90), (0, 0)]))
    lines = [
        OrderLine(
            sku=f"SKU-{place}", name="Mug", label="", quantity=quantity, unit_price=eur(price), image="",
            product_slug="mug", discount=eur(off[place]) if off[place] else None,
            tax_percent=Decimal(19 if place % 2 else 7),
        )
        for place, (price, quantity) in enumerate(cents)
    ]  # fmt: skip
    # Tax added to each line and to the shipping, rounded half up, or contained in them.
    added = draw_from(st.booleans())
    nets = [
        (weight - cut, 19 if place % 2 else 7) for place, (weight, cut) in enumerate(zip(weights, off, strict=True))
    ]
    nets.append((shipping - shipping_off, 19))
    tax = sum((net * percent + 50) // 100 for net, percent in nets) if added else 0
    whole = sum(weights) - sum(off) + shipping - shipping_off + tax
    gift = draw_from(st.integers(0, whole))
    return OrderPlaced(
        order_id=uuid7(), number="TP-7F3K-92QX", customer_id=None, contact=ADA, shipping_address=HOME,
        shipping_method="standard", lines=lines, subtotal=eur(sum(weights)), shipping=eur(shipping), tax=eur(tax),
        total=eur(whole), payment_method="pm_1", discount=eur(sum(off) + shipping_off) or None,
        gift_card=GiftCardPart(card_id=uuid7(), last4="92QX", amount=eur(gift)) if gift else None,
        shipping_tax_percent=Decimal(19), tax_added=added,
    )  # fmt: skip


def after(placed, *events):
    order = Order(id=placed.order_id)
    for event in (placed, *events):
        order.apply(event)
    return order


def confirmed(placed):
    return OrderConfirmed(
        order_id=placed.order_id, number=placed.number, customer_id=None, contact=ADA, shipping_address=HOME,
        shipping_method="standard", lines=placed.lines, total=placed.total,
    )  # fmt: skip


def delivered_order(placed):
    one = placed.order_id
    order = after(
        placed, OrderReserved(order_id=one), confirmed(placed),
        OrderShipped(order_id=one, carrier="Blue Van", tracking_number="BV1"), OrderCompleted(order_id=one),
    )  # fmt: skip
    if placed.payable:
        order.note_captured(placed.payable)
    return order


class Cards:
    """What payments and promotions give back when they are told: each part once, and the news of it."""

    def __init__(self):
        self.card = self.gift = eur(0)
        self.news = []

    def hear(self, order, event):
        if event.to_card:
            self.card += event.to_card
            told = (event.to_card, self.card)
            self.news.append(lambda: order.note_refunded(*told, return_id=event.return_id))
        if event.gift_card:
            self.gift += event.gift_card.amount
            gift = (event.gift_card.amount, self.gift)
            self.news.append(lambda: order.note_refunded_to_gift_card(*gift, return_id=event.return_id))


@hypothesis_given(orders(), st.data())
@hypothesis_settings(max_examples=150, deadline=None)
def test_whatever_is_returned_in_whatever_parts_every_cent_goes_back_where_it_came_from(placed, data):
    order, cards = delivered_order(placed), Cards()
    left = {line.sku: line.quantity for line in placed.lines}

    for last in (False, False, True):
        back = left if last else {sku: data.draw(st.integers(0, quantity)) for sku, quantity in left.items()}
        back = {sku: quantity for sku, quantity in back.items() if quantity}
        if not back:
            continue
        left = {sku: quantity - back.get(sku, 0) for sku, quantity in left.items()}
        percents = {line.sku: line.tax_percent for line in placed.lines}
        lines_back = credited_rows(
            placed, back, before=came_back(order), percents=percents, shipping_percent=Decimal(19)
        )
        return_id = uuid7()
        order.request_return(
            return_id=return_id, pieces=[ReturnedPieces(sku=s, name="", quantity=q) for s, q in back.items()],
            reason="other", remark="", photos=0, delivered_at=NOON, now=NOON,
        )  # fmt: skip
        order.approve_return(return_id, "", send_to=[])
        order.receive_return(return_id, [ReceivedPieces(sku=s, quantity=q, resaleable=0) for s, q in back.items()])
        received = [event for event in order.pending if isinstance(event, ReturnReceived)][-1]
        on_card = placed.payable - cards.card
        assert received.refund == total([row.gross for row in lines_back], "EUR")
        assert received.to_card == min(received.refund, on_card)
        cards.hear(order, received)
        while cards.news and data.draw(st.booleans()):
            news = cards.news.pop(0)
            news()
            news()
    for news in cards.news:
        news()

    assert (cards.card, cards.gift) == (placed.payable, placed.from_gift_card)
    assert (order.refunded or eur(0)) == placed.total
    assert [one.state for one in order.returns] == ["refunded"] * len(order.returns)
    assert (order.refund_pending, order.left_of_gift_card) == (eur(0), eur(0))


@hypothesis_given(orders(), st.data())
@hypothesis_settings(max_examples=150, deadline=None)
def test_an_invoice_and_its_credit_notes_come_to_the_orders_total_with_the_tax_of_what_was_paid(placed, data):
    percents = {line.sku: line.tax_percent for line in placed.lines}

    rows = rows_of(placed, percents=percents, shipping_percent=Decimal(19))
    before, credited = {}, []
    for line in placed.lines:
        first = data.draw(st.integers(0, line.quantity))
        for quantity in (first, line.quantity - first):
            credited += credited_rows(
                placed, {line.sku: quantity}, before=before, percents=percents, shipping_percent=Decimal(19)
            )
            before[line.sku] = before.get(line.sku, 0) + quantity

    assert [row.gross - row.tax * placed.tax_added for row in rows[: len(placed.lines)]] == [
        line.total - (line.discount or eur(0)) for line in placed.lines
    ]
    assert total([row.gross for row in rows], "EUR") == placed.total
    assert total([row.gross for row in credited], "EUR") == placed.total
    assert [row.discount for row in rows[: len(placed.lines)]] == [line.discount or eur(0) for line in placed.lines]
    if placed.tax_added:
        assert total([row.tax for row in rows], "EUR") == total([row.tax for row in credited], "EUR") == placed.tax
    for row in [] if placed.tax_added else [*rows, *credited]:
        assert row.tax == tax_contained(row.gross, row.tax_percent)
    for rate in rates_of(rows):
        assert rate.net + rate.tax == rate.gross


@hypothesis_given(orders())
@hypothesis_settings(max_examples=40, deadline=None)
def test_a_cancellation_says_what_goes_back_to_the_gift_card(placed):
    order = after(placed)

    order.cancel(reason="by_customer", explanation="Not wanted.")

    [said] = order.pending
    assert isinstance(said, OrderCancelled)
    assert said.gift_card == placed.gift_card


def test_an_order_whose_gift_card_was_refused_has_nothing_to_give_back_to_it():
    part = GiftCardPart(card_id=uuid7(), last4="92QX", amount=eur(5_00))
    order = after(
        OrderPlaced(
            order_id=uuid7(), number="TP-7F3K-92QX", customer_id=None, contact=ADA, shipping_address=HOME,
            shipping_method="standard", lines=[], subtotal=eur(9_00), shipping=eur(0), tax=eur(0), total=eur(9_00),
            payment_method="pm_1", gift_card=part,
        )
    )  # fmt: skip

    order.note_refused(reason="not_redeemed", explanation="The gift card is empty.")

    [said] = order.pending
    assert said.gift_card is None


# --- papers and pages

with_database = pytest.mark.django_db(databases=["ordering"])


def delivered(deliver, *, cents, typed_code=""):
    """Return an order of two mugs (12.50 each, 4.90 shipping), paid from a gift card as far as it goes, that arrived."""
    order_id = checkout()
    if typed_code:
        code(typed_code)
    give(order_id, code=typed_code, card=gift_card(cents))
    services.place_order(order_id=order_id)
    deliver(StockReserved(order_id=order_id))
    deliver(PromotionRedeemed(order_id=order_id))
    rest = summary(order_id).payable
    if rest:
        deliver(PaymentAuthorised(order_id=order_id, amount=rest, method_label="Visa ending 4242"))
    deliver(parcel(order_id))
    if rest:
        deliver(PaymentCaptured(order_id=order_id, amount=rest))
    deliver(ParcelDelivered(order_id=order_id, parcel_id=uuid7(), delivered_at=NOON))
    return order_id


def send_back(order_id, quantity):
    return_id = ask(order_id, quantity)
    services.approve_return(order_id=order_id, return_id=return_id)
    receive(order_id, return_id, quantity)
    return return_id


def gift_back(order_id, return_id, cents, *, of):
    return GiftCardRefunded(order_id=order_id, amount=eur(cents), refunded=eur(of), return_id=return_id)


@with_database
def test_the_invoice_shows_what_each_card_paid_and_the_code(deliver):
    order_id = delivered(deliver, cents=10_00, typed_code="WELCOME10")

    invoice = Invoice.objects.get(order_id=order_id)

    # 25.00 - 2.50 + 4.90 = 27.40
    assert invoice.content.total == eur(27_40)
    assert invoice.content.payments == [
        Payment(gift_card_last4="0001", amount=eur(10_00)),
        Payment(label="Visa ending 4242", amount=eur(17_40)),
    ]
    words = text_of(draw(invoice))
    for fact in (
        "Paid by gift card ending 0001 €10.00", "Paid by Visa ending 4242 €17.40", "Promotion code WELCOME10", "€2.50",
        "€22.50",
    ):  # fmt: skip
        assert fact in words


@with_database
def test_an_order_that_a_gift_card_paid_for_is_invoiced_and_its_return_goes_to_that_card_alone(client, deliver):
    order_id = delivered(deliver, cents=50_00)
    open_order(client, order_id)
    return_id = send_back(order_id, 2)
    before = client.get(f"/orders/{order_id}/").text

    deliver(gift_back(order_id, return_id, 29_90, of=29_90), times=2)

    invoice, note = Invoice.objects.filter(order_id=order_id).order_by("serial")
    assert invoice.content.payments == [Payment(gift_card_last4="0001", amount=eur(29_90))]
    assert (note.kind, note.content.total) == ("credit_note", eur(29_90))
    assert "€29.90 for it goes back to your gift card ending 0001." in before
    assert "€29.90 to your gift card ending 0001" in client.get(f"/orders/{order_id}/").text
    assert summary(order_id).return_state == load(Order, order_id).return_of(return_id).state == "refunded"


@with_database
@pytest.mark.parametrize("gift_first", [True, False])
def test_a_return_to_both_cards_is_over_when_both_have_their_part_and_gets_one_credit_note(
    client, deliver, published_events, gift_first
):
    order_id = delivered(deliver, cents=10_00, typed_code="WELCOME10")
    open_order(client, order_id)
    published_events.clear()
    return_id = send_back(order_id, 2)
    [received] = [event for event in published_events if isinstance(event, ReturnReceived)]
    assert (received.refund, received.to_card, received.gift_card.amount) == (eur(27_40), eur(17_40), eur(10_00))
    news = [
        PaymentRefunded(order_id=order_id, amount=eur(17_40), refunded=eur(17_40), return_id=return_id),
        gift_back(order_id, return_id, 10_00, of=10_00),
    ]

    states = []
    for one in reversed(news) if gift_first else news:
        deliver(one, times=2)
        states.append((summary(order_id).return_state, Invoice.objects.filter(kind="credit_note").count()))

    assert states == [("received", 0), ("refunded", 1)]
    note = Invoice.objects.get(kind="credit_note")
    assert [(row.kind, row.discount, row.gross) for row in note.content.rows] == [
        ("article", eur(2_50), eur(22_50)),
        ("shipping", eur(0), eur(4_90)),
    ]
    sent = [(paid.gift_card_last4, paid.label, paid.amount) for paid in note.content.payments]
    assert sent == [("0001", "", eur(10_00)), ("", "Visa ending 4242", eur(17_40))]
    paper = text_of(draw(note))
    assert "Back to gift card ending 0001 €10.00 Back to Visa ending 4242 €17.40" in paper
    page = client.get(f"/orders/{order_id}/").text
    assert "€27.40 for it goes back: €17.40 to your card and €10.00 to your gift card ending 0001." in page
    assert "€17.40 to your card and €10.00 to your gift card ending 0001" in page
    row = summary(order_id)
    assert (row.refunded, row.refunded_to_card, row.refunded_to_gift_card) == (eur(27_40), eur(17_40), eur(10_00))


@with_database
def test_after_a_refund_out_of_kindness_a_gift_card_is_promised_what_it_paid_and_no_more(deliver, published_events):
    order_id = delivered(deliver, cents=10_00)
    deliver(PaymentRefunded(order_id=order_id, amount=eur(19_90), refunded=eur(19_90)))

    send_back(order_id, 1)
    send_back(order_id, 1)

    received = [event for event in published_events if isinstance(event, ReturnReceived)]
    assert [(one.refund, one.to_card) for one in received] == [(eur(10_00), eur(0)), (eur(0), eur(0))]


# --- what a bank would not charge


@with_database
@pytest.mark.parametrize(
    ("balance", "from_gift_card", "rest"),
    [
        (29_90, 29_90, 0),  # all of it
        (40_00, 29_90, 0),
        (29_89, 29_40, 50),  # a cent would be declined
        (29_41, 29_40, 50),
        (29_40, 29_40, 50),
        (29_39, 29_39, 51),
    ],
)
def test_a_gift_card_leaves_nothing_or_so_much_that_a_bank_takes_it(balance, from_gift_card, rest):
    quote = priced(balance)

    assert (quote.gift, quote.payable) == (eur(from_gift_card), eur(rest))


@with_database
def test_of_an_order_below_what_a_bank_takes_a_gift_card_pays_all_or_nothing():
    assert priced(10, cents=20, shipping=0).gift_card is None
    assert priced(40, cents=20, shipping=0).gift == Money(40, "EUR")


def priced(balance, *, cents=12_50, shipping=4_90):
    """Return what two mugs cost with so much on the gift card."""
    GiftCard.objects.all().delete()
    mug = offer(f"MUG-{balance}", cents=cents)
    wanted = [quotes.line_from_offer(mug, 2)]
    return quotes.quote(
        wanted=wanted, offers={mug.sku: mug}, method=shipping_method(f"m{balance}", cents=shipping), country="DE",
        day=NOON.date(), gift_card=gift_card(balance),
    )  # fmt: skip
