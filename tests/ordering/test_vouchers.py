"""Codes and gift cards at the checkout: found, objected to, taken off to the cent, and waited for by the order."""

from __future__ import annotations

import itertools
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from django.utils import timezone
from hypothesis import given as hypothesis_given, strategies as st
from uuid_utils.compat import uuid7

from contexts.inventory.events import StockReserved
from contexts.kernel.money import eur
from contexts.kernel.vouchers import card_digest
from contexts.messaging import load
from contexts.ordering import queries, quotes, services
from contexts.ordering.discounts import objection, spread
from contexts.ordering.errors import DetailsMissing, QuoteChanged
from contexts.ordering.events import (
    GiftCardPart,
    OrderAuthorised,
    OrderCancelled,
    OrderConfirmed,
    OrderPlaced,
    OrderRedeemed,
    OrderReserved,
)
from contexts.ordering.models import Checkout, Code, GiftCard
from contexts.ordering.order import Order
from contexts.payments.events import PaymentAuthorised
from contexts.promotions.events import CodeChanged, GiftCardChanged, PromotionRedeemed, PromotionRefused
from tests.ordering.shop import ADA, HOME, NOON, cart, checkout, fill_in, line, placed, status, summary

ID, CARD_ID = uuid7(), uuid7()
PART = GiftCardPart(card_id=CARD_ID, last4="92QX", amount=eur(10_00))
STARTED_LINES = [line()]


def order_placed(**more: Any) -> OrderPlaced:
    fields = {
        "order_id": ID, "number": "TP-7F3K-92QX", "customer_id": None, "contact": ADA, "shipping_address": HOME,
        "shipping_method": "standard", "lines": [line()], "subtotal": eur(25_00), "shipping": eur(4_90),
        "tax": eur(4_77), "total": eur(29_90), "payment_method": "pm_1",
    }  # fmt: skip
    return OrderPlaced(**(fields | more))


def confirmed(placed: OrderPlaced) -> OrderConfirmed:
    fields = (
        "order_id", "number", "customer_id", "contact", "shipping_address", "shipping_method", "lines", "total", "code",
        "discount", "gift_card",
    )  # fmt: skip
    return OrderConfirmed(**{field: getattr(placed, field) for field in fields})


WITH_BOTH = order_placed(code="WELCOME10", discount=eur(2_50), total=eur(27_40), gift_card=PART)
COVERED = order_placed(gift_card=GiftCardPart(card_id=CARD_ID, last4="92QX", amount=eur(29_90)), payment_method="")
RESERVED, REDEEMED = OrderReserved(order_id=ID), OrderRedeemed(order_id=ID)
AUTHORISED = OrderAuthorised(order_id=ID, method_label="Visa ending 4242")


def percent(hundredths: int = 10_00, **more: Any) -> Code:
    return Code(code="WELCOME10", kind="percent", percent_hundredths=hundredths, usable=True, **more)


def code(name: str = "WELCOME10", kind: str = "percent", **more: Any) -> Code:
    fields = {"percent_hundredths": 10_00 if kind == "percent" else 0, "usable": True}
    return Code.objects.create(code=name, kind=kind, **(fields | more))


def gift_card(cents: int = 50_00, typed: str = "7F3K-92QX-0000-0001", **more: Any) -> GiftCard:
    fields = {"card_id": uuid7(), "digest": card_digest(typed), "last4": typed[-4:], "currency": "EUR", "usable": True}
    return GiftCard.objects.create(balance_cents=cents, **(fields | more))


def give(order_id: UUID, *, code: str = "", card: GiftCard | None = None) -> None:
    services.save_vouchers(order_id=order_id, code=code, gift_card_id=card.card_id if card else None)


def review(order_id: UUID) -> Any:
    return services.review(lines=load(Order, order_id).lines, checkout=Checkout.objects.get(order_id=order_id))


# --- spreading


@hypothesis_given(
    weights=st.lists(st.integers(0, 10_000_00), min_size=1, max_size=30), share=st.floats(0, 1), data=st.data()
)
def test_a_discount_spread_over_lines_keeps_every_cent_and_takes_no_line_below_nothing(weights, share, data):
    amount = int(sum(weights) * share)

    parts = spread(amount, weights)

    assert sum(parts) == amount
    assert all(0 <= part <= weight for part, weight in zip(parts, weights, strict=True))
    exact = [amount * weight / (sum(weights) or 1) for weight in weights]
    assert all(abs(part - wanted) < 1.001 for part, wanted in zip(parts, exact, strict=True))


@pytest.mark.parametrize(
    ("amount", "weights", "parts"),
    [
        (1, [10, 10, 10], [1, 0, 0]),
        (100, [333, 333, 334], [33, 33, 34]),
        (10, [0, 50, 0], [0, 10, 0]),
        (5, [0, 0], [0, 0]),
        (0, [1, 2], [0, 0]),
    ],
)
def test_the_cents_left_over_go_where_most_was_cut_off(amount, weights, parts):
    assert spread(amount, weights) == parts


# --- objections


def lines_worth(*cents: int):
    return [line(f"SKU-{place}", cents=one, quantity=1) for place, one in enumerate(cents)]


@pytest.mark.parametrize(
    ("terms", "words"),
    [
        ({"usable": False}, "can no longer be used"),
        ({"valid_from": NOON + timedelta(days=1)}, "valid from 3 March 2026"),
        ({"valid_until": NOON}, "was valid until 2 March 2026"),
        ({"minimums": {"EUR": 30_00}}, "needs goods for €30.00; €5.00 is missing"),
        ({"product_slugs": ["desk-lamp"]}, "not for anything in your cart"),
        ({"per_customer": 1}, "already used with this e-mail address"),
        ({"kind": "amount", "amounts": {"USD": 5_00}}, "not for prices in EUR"),
    ],
)
def test_a_code_says_why_it_cannot_be_used(terms, words):
    fields = {"code": "WELCOME10", "kind": "percent", "percent_hundredths": 10_00, "usable": True} | terms

    assert words in objection(Code(**fields), lines_worth(25_00), now=NOON, used_before=1)


def test_a_code_whose_terms_are_met_has_none():
    terms = {"minimums": {"EUR": 25_00}, "valid_from": NOON, "valid_until": NOON + timedelta(seconds=1)}

    assert objection(percent(per_customer=2, **terms), lines_worth(25_00), now=NOON, used_before=1) == ""


# --- the order waits


@pytest.mark.parametrize("news", list(itertools.permutations(["note_reserved", "note_redeemed", "note_authorised"])))
def test_an_order_with_a_code_is_confirmed_when_all_three_have_answered_in_any_order(given, news):
    def hear(order):
        for said in news * 2:
            order.note_authorised("Visa ending 4242") if said == "note_authorised" else getattr(order, said)()

    events = {"note_reserved": RESERVED, "note_redeemed": REDEEMED, "note_authorised": AUTHORISED}

    given(Order, WITH_BOTH, id=ID).when(hear).then(*[events[said] for said in news], confirmed(WITH_BOTH))


@pytest.mark.parametrize("news", [("note_reserved", "note_redeemed"), ("note_redeemed", "note_reserved")])
def test_an_order_that_a_gift_card_covers_waits_for_no_bank(given, news):
    def hear(order):
        for said in news:
            getattr(order, said)()

    events = {"note_reserved": RESERVED, "note_redeemed": REDEEMED}

    given(Order, COVERED, id=ID).when(hear).then(*[events[said] for said in news], confirmed(COVERED))


def test_an_order_is_not_confirmed_before_its_code_is_redeemed(given):
    given(Order, WITH_BOTH, RESERVED, id=ID).when(lambda order: order.note_authorised("Visa ending 4242")).then(
        AUTHORISED
    )


def test_an_order_without_either_waits_for_nobody_else(given):
    plain = order_placed()

    given(Order, plain, RESERVED, id=ID).when(lambda order: order.note_authorised("Visa ending 4242")).then(
        AUTHORISED, confirmed(plain)
    )


def test_a_refused_code_ends_the_order_and_late_news_changes_nothing(given):
    def hear(order):
        order.note_refused(reason="not_redeemed", explanation="Somebody was faster.")
        order.note_redeemed()
        order.note_reserved()

    given(Order, WITH_BOTH, id=ID).when(hear).then(
        OrderCancelled(order_id=ID, number="TP-7F3K-92QX", reason="not_redeemed", explanation="Somebody was faster.")
    )


def test_a_confirmed_order_is_not_ended_by_a_refusal(given):
    events = (WITH_BOTH, RESERVED, REDEEMED, AUTHORISED, confirmed(WITH_BOTH))

    given(Order, *events, id=ID).when(
        lambda order: order.note_refused(reason="not_redeemed", explanation="Late.")
    ).then()


# --- with the database


pytestmark = pytest.mark.django_db(databases=["ordering"])


def test_ordering_keeps_what_promotions_told_last(deliver):
    def changed(percent, usable):
        return CodeChanged(
            code="WELCOME10", kind="percent", percent_hundredths=percent, amounts=[], minimums=[eur(20_00)],
            product_slugs=[], valid_from=None, valid_until=None, per_customer=1, usable=usable,
        )  # fmt: skip

    deliver(changed(10_00, True), times=2)
    deliver(changed(15_00, False))
    for cents in (50_00, 20_00):
        deliver(GiftCardChanged(card_id=CARD_ID, digest="d", last4="92QX", balance=eur(cents), usable=True))

    kept = Code.objects.get()
    assert (kept.percent_hundredths, kept.minimums, kept.per_customer, kept.usable) == (15_00, {"EUR": 20_00}, 1, False)
    assert GiftCard.objects.get().balance == eur(20_00)


def test_a_code_makes_the_goods_cheaper_and_so_less_tax_is_due():
    code()
    order_id = checkout(("RED-MUG", 2))

    give(order_id, code="WELCOME10")
    quote = review(order_id).quote

    # 25.00 - 2.50 + 4.90; 19 % contained in 22.50 and in 4.90, each rounded once
    assert (quote.discount, quote.total, quote.payable) == (eur(2_50), eur(27_40), eur(27_40))
    assert quote.tax == eur(3_59 + 78)
    assert [one.discount for one in quote.lines] == [eur(2_50)]


def test_free_shipping_takes_off_the_shipping_with_its_tax():
    code("FREESHIP", "free_shipping")
    order_id = checkout(("RED-MUG", 2))

    give(order_id, code="FREESHIP")
    quote = review(order_id).quote

    assert (quote.discount, quote.shipping, quote.total) == (eur(4_90), eur(4_90), eur(25_00))
    assert quote.tax == eur(3_99)
    assert [one.discount for one in quote.lines] == [None]


def test_an_amount_is_never_more_than_the_goods():
    code("BIG", "amount", amounts={"EUR": 100_00})
    order_id = checkout(("RED-MUG", 1))

    give(order_id, code="BIG")

    assert review(order_id).quote.total == eur(4_90)


def test_a_code_for_some_products_is_spread_over_those_alone():
    code(product_slugs=["red-mug"], percent_hundredths=33_33)
    order_id = checkout(("RED-MUG", 1), ("BLUE-MUG", 3))

    give(order_id, code="WELCOME10")

    assert [one.discount for one in review(order_id).quote.lines] == [eur(4_17), None]


def test_a_gift_card_pays_and_changes_neither_total_nor_tax():
    card = gift_card(10_00)
    order_id = checkout(("RED-MUG", 2))
    before = review(order_id).quote

    give(order_id, card=card)
    quote = review(order_id).quote

    assert (quote.total, quote.tax) == (before.total, before.tax)
    assert (quote.gift, quote.payable) == (eur(10_00), before.total - eur(10_00))


def test_placing_says_what_is_redeemed(published_events):
    code()
    card = gift_card(10_00)
    order_id = checkout(("RED-MUG", 2))
    give(order_id, code="WELCOME10", card=card)

    services.place_order(order_id=order_id)

    [event] = published_events.of(OrderPlaced)
    assert (event.code, event.discount, event.total) == ("WELCOME10", eur(2_50), eur(27_40))
    assert event.gift_card == GiftCardPart(card_id=card.card_id, last4="0001", amount=eur(10_00))
    assert event.payable == eur(17_40)
    row = summary(order_id)
    assert (row.code, row.discount, row.gift, row.gift_last4, row.payable) == (
        "WELCOME10", eur(2_50), eur(10_00), "0001", eur(17_40),
    )  # fmt: skip


def test_a_gift_card_that_covers_all_needs_no_card(published_events):
    card = gift_card(100_00)
    order_id = checkout(("RED-MUG", 2))
    Checkout.objects.update(payment_method="")
    give(order_id, card=card)

    services.place_order(order_id=order_id)

    [event] = published_events.of(OrderPlaced)
    assert (event.payable, event.payment_method, event.from_gift_card) == (eur(0), "", eur(29_90))


def test_without_a_card_what_is_left_cannot_be_paid():
    card = gift_card(29_89)
    order_id = checkout(("RED-MUG", 2))
    Checkout.objects.update(payment_method="")
    give(order_id, card=card)

    with pytest.raises(DetailsMissing):
        services.place_order(order_id=order_id)

    assert status(order_id) == "checkout"


@pytest.mark.parametrize(
    ("change", "kind"),
    [
        (lambda: Code.objects.update(percent_hundredths=5_00), "discount"),
        (lambda: Code.objects.update(usable=False), "discount"),
        (lambda: GiftCard.objects.update(balance_cents=9_99), "gift"),
        (lambda: GiftCard.objects.update(usable=False), "gift"),
    ],
)
def test_a_discount_that_moved_since_the_page_is_shown_before_anything_is_ordered(change, kind):
    code()
    order_id = checkout(("RED-MUG", 2))
    give(order_id, code="WELCOME10", card=gift_card(10_00))
    seen = quotes.seen(order_id, review(order_id).quote)

    change()
    with pytest.raises(QuoteChanged) as refusal:
        services.place_order(order_id=order_id, seen=seen)

    assert kind in [one.kind for one in refusal.value.changes]
    assert status(order_id) == "checkout"


def test_the_same_address_is_told_early_that_it_used_a_code_before():
    code(per_customer=1)
    first = checkout(("RED-MUG", 2))
    give(first, code="WELCOME10")
    services.place_order(order_id=first)

    second = services.start_checkout(cart_id=cart(("RED-MUG", 1)))
    fill_in(second)
    give(second, code="WELCOME10")

    assert review(second).objections == ["The code WELCOME10 was already used with this e-mail address."]
    assert review(second).quote.discount is None
    services.cancel_order(order_id=first)
    assert review(second).objections == []


def test_the_discount_is_a_step_of_an_order_that_needs_no_card(deliver):
    card = gift_card(100_00)
    order_id = checkout(("RED-MUG", 2))
    give(order_id, card=card)
    services.place_order(order_id=order_id)

    deliver(PromotionRedeemed(order_id=order_id), times=2)
    deliver(StockReserved(order_id=order_id))

    assert status(order_id) == "confirmed"
    titles = [(step.title, step.note) for step in queries.steps(summary(order_id))]
    assert ("Paid in full", "Gift card ending 0001") in titles


@pytest.mark.parametrize(
    ("reason", "words"),
    [
        ("code_used_up", "Somebody else was a moment faster and used the code WELCOME10 for the last time."),
        ("code_used_before", "The code WELCOME10 was already used with this e-mail address."),
        ("code_over", "The code WELCOME10 is no longer valid."),
        ("gift_card_balance", "The gift card ending 0001 no longer has the amount"),
        ("gift_card_stopped", "The gift card ending 0001 cannot be used"),
    ],
)
def test_a_refused_redemption_ends_the_order_in_plain_words(deliver, reason, words):
    code()
    order_id = checkout(("RED-MUG", 2))
    give(order_id, code="WELCOME10", card=gift_card(10_00))
    services.place_order(order_id=order_id)

    deliver(PromotionRefused(order_id=order_id, reason=reason), times=2)
    deliver(StockReserved(order_id=order_id))
    deliver(PaymentAuthorised(order_id=order_id, amount=eur(17_40), method_label="Visa"))

    row = summary(order_id)
    assert (row.status, row.reason) == ("cancelled", "not_redeemed")
    assert row.explanation.startswith(words)
    assert row.explanation.endswith("we ended the order.")


def test_an_order_placed_before_there_were_codes_still_reads():
    order_id = placed(("RED-MUG", 2))

    row = summary(order_id)

    assert (row.code, row.discount, row.gift, row.payable) == ("", eur(0), eur(0), eur(29_90))
    assert timezone.now() > row.placed_at
