"""The order as a stream: given what happened, when something is asked or told, then this happens."""

from datetime import timedelta

import pytest
from hypothesis import given as hypothesis_given, settings as hypothesis_settings, strategies as st
from uuid_utils.compat import uuid7

from contexts.kernel.money import eur
from contexts.ordering.errors import CheckoutOver, NoSuchOrder, TooLateToCancel
from contexts.ordering.events import (
    CancelledOrderShipped,
    CheckoutExpired,
    CheckoutHeld,
    CheckoutRenewed,
    CheckoutStarted,
    OrderActionRequired,
    OrderAuthorised,
    OrderCancelled,
    OrderCharged,
    OrderCompleted,
    OrderConfirmed,
    OrderPaymentDeclined,
    OrderPaymentRetried,
    OrderPlaced,
    OrderRefunded,
    OrderReserved,
    OrderRetryDue,
    OrderShipped,
)
from contexts.ordering.order import Order
from contexts.ordering.states import TRANSITIONS
from tests.ordering.shop import ADA, HOLD_ENDS, HOME, NOON, line, quote

ID = uuid7()
STARTED = CheckoutStarted(order_id=ID, customer_id=None, lines=[line()])
HELD = CheckoutHeld(order_id=ID, held_until=HOLD_ENDS)
EXPIRED = CheckoutExpired(order_id=ID, explanation="Time is up.")
PLACED = OrderPlaced(
    order_id=ID, number="TP-7F3K-92QX", customer_id=None, contact=ADA, shipping_address=HOME,
    shipping_method="standard", lines=[line()], subtotal=eur(25_00), shipping=eur(4_90), tax=eur(4_77),
    total=eur(29_90), payment_method="pm_1",
)  # fmt: skip
RESERVED = OrderReserved(order_id=ID)
ACTION = OrderActionRequired(order_id=ID, path="/pay/x/confirm/", expires_at=HOLD_ENDS)
DECLINED = OrderPaymentDeclined(order_id=ID, explanation="Sorry.", retry_until=NOON + timedelta(minutes=10))
AUTHORISED = OrderAuthorised(order_id=ID, method_label="Visa ending 4242")
CONFIRMED = OrderConfirmed(
    order_id=ID, number="TP-7F3K-92QX", customer_id=None, contact=ADA, shipping_address=HOME,
    shipping_method="standard", lines=[line()], total=eur(29_90),
)  # fmt: skip
SHIPPED = OrderShipped(order_id=ID, carrier="Post", tracking_number="T1")
CANCELLED = OrderCancelled(order_id=ID, number="TP-7F3K-92QX", reason="by_customer", explanation="Changed my mind.")


def given(*events):
    order = Order(id=ID)
    for event in events:
        order.apply(event)
        order.version += 1
    return order


def cancel(order):
    order.cancel(reason="by_customer", explanation="Changed my mind.")


def place(order):
    order.place(
        order_id=ID, number="TP-7F3K-92QX", contact=ADA, shipping_address=HOME, shipping_method="standard",
        quote=quote(line()), payment_method="pm_1",
    )  # fmt: skip


def start(order, *lines):
    order.start_checkout(order_id=ID, customer_id=None, lines=list(lines) or [line()], now=NOON)


# --- the checkout


def test_a_checkout_starts_once_however_often_the_button_is_pressed():
    order = given()

    start(order)
    start(order)

    assert order.pending == [STARTED]


def test_a_checkout_starts_again_with_other_lines():
    order = given(STARTED, HELD)

    start(order, line(quantity=1))

    assert order.pending == [CheckoutStarted(order_id=ID, customer_id=None, lines=[line(quantity=1)])]
    assert order.held_until is None


def test_a_checkout_whose_hold_has_run_out_starts_again():
    order = given(STARTED, CheckoutHeld(order_id=ID, held_until=NOON - timedelta(seconds=1)))

    start(order)

    assert order.pending == [STARTED]


def test_an_expired_checkout_cannot_be_placed_but_started_again():
    order = given(STARTED, HELD, EXPIRED)

    with pytest.raises(CheckoutOver):
        place(order)
    assert order.pending == []
    start(order)

    assert order.pending == [STARTED]


def test_a_hold_is_renewed_once():
    order = given(STARTED, HELD)

    order.renew_hold()
    order.renew_hold()

    assert order.pending == [CheckoutRenewed(order_id=ID, lines=order.lines)]
    assert order.held_until is None, "until inventory has said so"


def test_a_checkout_begun_anew_may_be_renewed_again():
    order = given(STARTED, HELD, CheckoutRenewed(order_id=ID, lines=[line()]), HELD, EXPIRED, STARTED, HELD)

    order.renew_hold()

    assert order.pending == [CheckoutRenewed(order_id=ID, lines=order.lines)]


@pytest.mark.parametrize("before", [[], [STARTED, HELD, EXPIRED], [STARTED, HELD, PLACED]])
def test_what_is_not_held_for_a_checkout_is_not_renewed(before):
    order = given(*before)

    with pytest.raises(CheckoutOver):
        order.renew_hold()

    assert order.pending == []


def test_inventorys_last_word_on_a_hold_wins():
    order = given(STARTED, HELD)

    order.note_hold_over("Time is up.")
    order.note_held(HOLD_ENDS)

    assert order.pending == [EXPIRED, HELD]
    assert order.status == "checkout"


def test_nothing_can_be_placed_that_was_never_begun():
    order = given()

    with pytest.raises(NoSuchOrder):
        place(order)


def test_placing_takes_the_quotes_prices_and_forgets_the_checkouts():
    order = given(CheckoutStarted(order_id=ID, customer_id=None, lines=[line(cents=9_99)]))

    place(order)

    assert order.pending == [PLACED]


def test_a_hold_that_runs_out_after_placing_changes_nothing():
    order = given(STARTED, HELD, PLACED)

    order.note_hold_over("Time is up.")
    order.note_held(HOLD_ENDS)

    assert order.pending == []


# --- the way to a confirmed order


def test_goods_and_money_confirm_the_order_whichever_comes_first():
    goods_first, money_first = given(STARTED, PLACED), given(STARTED, PLACED)

    goods_first.note_reserved()
    goods_first.note_authorised("Visa ending 4242")
    money_first.note_authorised("Visa ending 4242")
    money_first.note_reserved()

    assert goods_first.pending == [RESERVED, AUTHORISED, CONFIRMED]
    assert money_first.pending == [AUTHORISED, RESERVED, CONFIRMED]


def test_a_bank_that_asks_is_answered_before_the_order_is_confirmed():
    order = given(STARTED, PLACED)

    order.note_action_required("/pay/x/confirm/", HOLD_ENDS)
    order.note_action_required("/pay/x/confirm/", HOLD_ENDS)
    order.note_reserved()

    assert order.pending == [ACTION, RESERVED]
    assert order.status == "action_required"

    order.note_authorised("Visa ending 4242")

    assert order.pending == [ACTION, RESERVED, AUTHORISED, CONFIRMED]


def test_news_that_comes_twice_is_taken_once():
    order = given(STARTED, PLACED)

    for _ in range(2):
        order.note_reserved()
        order.note_authorised("Visa ending 4242")
        order.note_dispatched("Post", "T1")
        order.note_captured(eur(29_90))
        order.note_delivered()
        order.note_refunded(eur(5_00), eur(5_00))

    assert order.pending == [
        RESERVED, AUTHORISED, CONFIRMED, SHIPPED, OrderCharged(order_id=ID, amount=eur(29_90)),
        OrderCompleted(order_id=ID), OrderRefunded(order_id=ID, amount=eur(5_00), refunded=eur(5_00)),
    ]  # fmt: skip


@pytest.mark.parametrize("before", [(), (ACTION,), (DECLINED,)])
def test_missing_goods_cancel_an_order_that_is_not_confirmed(before):
    order = given(STARTED, PLACED, *before)

    order.note_refused(reason="out_of_stock", explanation="Sorry.")
    order.note_authorised("Visa ending 4242")
    order.note_reserved()

    assert order.pending == [
        OrderCancelled(order_id=ID, number="TP-7F3K-92QX", reason="out_of_stock", explanation="Sorry.")
    ]


def test_a_refusal_does_not_touch_a_confirmed_order():
    order = given(STARTED, PLACED, RESERVED, AUTHORISED, CONFIRMED)

    order.note_refused(reason="out_of_stock", explanation="Sorry.")
    order.note_declined("Sorry.", at=NOON)

    assert order.pending == []


# --- a declined card


@pytest.mark.parametrize(
    ("held_until", "until"),
    [(NOON + timedelta(minutes=14), NOON + timedelta(minutes=14)), (NOON, NOON + timedelta(minutes=10))],
)
def test_a_declined_card_leaves_time_for_another_as_long_as_the_hold_and_never_next_to_none(held_until, until):
    order = given(STARTED, CheckoutHeld(order_id=ID, held_until=held_until), PLACED)

    assert order.note_declined("Sorry.", at=NOON)
    assert not order.note_declined("Sorry.", at=NOON)

    assert order.pending == [OrderPaymentDeclined(order_id=ID, explanation="Sorry.", retry_until=until)]


def test_a_second_declined_card_gets_no_more_time():
    order = given(STARTED, HELD, PLACED, DECLINED)

    order.note_retried("Visa ending 9995")
    begins = order.note_declined("Not that one either.", at=NOON + timedelta(minutes=3))

    assert not begins
    assert order.pending == [
        OrderPaymentRetried(order_id=ID, method_label="Visa ending 9995"),
        OrderPaymentDeclined(order_id=ID, explanation="Not that one either.", retry_until=NOON + timedelta(minutes=10)),
    ]


def test_another_card_confirms_the_order():
    order = given(STARTED, PLACED, RESERVED, DECLINED)

    order.note_retried("Visa ending 4242")
    order.note_authorised("Visa ending 4242")

    assert [type(event) for event in order.pending] == [OrderPaymentRetried, OrderAuthorised, OrderConfirmed]


def test_without_another_card_in_time_the_order_ends():
    order = given(STARTED, PLACED, RESERVED, DECLINED)

    order.note_retry_over("No other card.")
    order.note_retried("Visa ending 4242")

    assert order.pending == [
        OrderCancelled(order_id=ID, number="TP-7F3K-92QX", reason="payment_declined", explanation="No other card.")
    ]


def test_a_card_being_asked_about_when_time_is_over_decides_by_itself():
    order = given(STARTED, PLACED, DECLINED, OrderPaymentRetried(order_id=ID, method_label="Visa ending 9995"))

    order.note_retry_over("No other card.")
    order.note_declined("Not that one either.", at=NOON + timedelta(minutes=11))

    assert [(type(event), event.explanation) for event in order.pending] == [(OrderCancelled, "Not that one either.")]


# --- cancelling


@pytest.mark.parametrize(
    "so_far",
    [(PLACED,), (PLACED, ACTION), (PLACED, RESERVED), (PLACED, RESERVED, AUTHORISED, CONFIRMED)],
    ids=["placed", "action required", "reserved", "confirmed"],
)
def test_an_order_can_be_cancelled_until_it_leaves(so_far):
    order = given(STARTED, *so_far)

    cancel(order)
    cancel(order)

    assert order.pending == [CANCELLED]


@pytest.mark.parametrize("later", [(), (OrderCompleted(order_id=ID),)], ids=["shipped", "completed"])
def test_an_order_that_has_left_cannot_be_cancelled(later):
    order = given(STARTED, PLACED, RESERVED, AUTHORISED, CONFIRMED, SHIPPED, *later)

    with pytest.raises(TooLateToCancel):
        cancel(order)
    assert order.pending == []


def test_a_checkout_is_no_order_to_cancel():
    with pytest.raises(NoSuchOrder):
        cancel(given(STARTED, HELD))


def test_a_parcel_that_left_before_its_cancellation_arrived_is_noted_once_and_the_order_stays_cancelled():
    order = given(STARTED, PLACED, RESERVED, AUTHORISED, CONFIRMED, CANCELLED)

    order.note_dispatched("Post", "T1")
    order.note_dispatched("Post", "T1")
    order.note_delivered()

    assert order.pending == [CancelledOrderShipped(order_id=ID, carrier="Post", tracking_number="T1")]
    assert order.status == "cancelled"


def test_money_still_goes_back_after_a_cancellation():
    order = given(STARTED, PLACED, RESERVED, AUTHORISED, CONFIRMED, CANCELLED)

    order.note_captured(eur(29_90))
    order.note_refunded(eur(29_90), eur(29_90))

    assert [type(event) for event in order.pending] == [OrderCharged, OrderRefunded]


# --- any order


def test_every_event_of_the_stream_has_its_transitions():
    from contexts.messaging.events import all_events
    from contexts.ordering.events import SUBJECT

    ours = {
        event
        for event in all_events().values()
        if event.subject_template == SUBJECT and event.event_context == "ordering"
    }

    assert ours - {OrderRetryDue} == set(TRANSITIONS)  # a timer is no part of the stream


def told(order, news):
    match news:
        case "held":
            order.note_held(HOLD_ENDS)
        case "reserved":
            order.note_reserved()
        case "rejected":
            order.note_refused(reason="out_of_stock", explanation="Sorry.")
        case "action":
            order.note_action_required("/pay/x/confirm/", HOLD_ENDS)
        case "authorised":
            order.note_authorised("Visa ending 4242")
        case "declined":
            order.note_declined("Sorry.", at=NOON)
        case "retried":
            order.note_retried("Visa ending 4242")
        case "over":
            order.note_retry_over("No other card.")
        case "cancel":
            cancel(order)
        case "dispatched":
            order.note_dispatched("Post", "T1")
        case "delivered":
            order.note_delivered()
        case "captured":
            order.note_captured(eur(29_90))
        case "refunded":
            order.note_refunded(eur(29_90), eur(29_90))


@st.composite
def interleaved(draw, *publishers):
    """Return the news of several publishers: each in its own order, between them in any, some of it twice."""
    waiting, story = [list(news) for news in publishers], []
    while any(waiting):
        queue = draw(st.sampled_from([queue for queue in waiting if queue]))
        story += [queue[0]] * draw(st.integers(1, 2))
        queue.pop(0)
    return story


def outcome(order, story):
    for news in story:
        told(order, news)
    return (order.status, order.reserved, order.authorised, order.charged, order.refunded, order.parcel_left)


@hypothesis_given(interleaved(["held", "reserved"], ["action", "authorised"]))
@hypothesis_settings(max_examples=60, deadline=None)
def test_in_any_order_goods_and_money_end_in_one_confirmation(story):
    order = given(STARTED, PLACED)

    assert outcome(order, story) == ("confirmed", True, True, None, None, False)
    assert [order.pending.count(once) for once in (RESERVED, AUTHORISED, CONFIRMED)] == [1, 1, 1]


@hypothesis_given(interleaved(["dispatched", "delivered"], ["captured"]))
@hypothesis_settings(max_examples=40, deadline=None)
def test_in_any_order_a_parcel_and_its_charge_end_in_one_completed_order(story):
    order = given(STARTED, PLACED, RESERVED, AUTHORISED, CONFIRMED)

    assert outcome(order, story) == ("completed", True, True, eur(29_90), None, True)


@hypothesis_given(interleaved(["held", "reserved"], ["declined", "retried", "action", "authorised"]))
@hypothesis_settings(max_examples=60, deadline=None)
def test_in_any_order_goods_and_a_second_card_end_in_one_confirmation(story):
    order = given(STARTED, PLACED)

    assert outcome(order, story) == ("confirmed", True, True, None, None, False)
    assert [type(event) for event in order.pending].count(OrderConfirmed) == 1


@hypothesis_given(interleaved(["over"], ["reserved"], ["declined", "retried", "authorised"]))
@hypothesis_settings(max_examples=60, deadline=None)
def test_the_end_of_the_time_and_a_second_card_have_one_winner(story):
    order = given(STARTED, PLACED)

    assert outcome(order, story)[0] in ("confirmed", "cancelled")
    assert [type(event) in (OrderConfirmed, OrderCancelled) for event in order.pending].count(True) == 1


@hypothesis_given(interleaved(["held", "rejected"], ["cancel"], ["action", "declined"]))
@hypothesis_settings(max_examples=60, deadline=None)
def test_whoever_refuses_first_an_order_is_cancelled_once(story):
    order = given(STARTED, PLACED)

    assert outcome(order, story)[0] == "cancelled"
    assert [type(event) for event in order.pending].count(OrderCancelled) == 1


@hypothesis_given(interleaved(["cancel"], ["dispatched", "delivered"], ["captured", "refunded"]))
@hypothesis_settings(max_examples=60, deadline=None)
def test_a_cancellation_that_races_with_the_dispatch_has_one_winner(story):
    order = given(STARTED, PLACED, RESERVED, AUTHORISED, CONFIRMED)
    if story.index("dispatched") < story.index("cancel"):
        story = [news for news in story if news != "cancel"]

        assert outcome(order, story)[0] == "completed"
    else:
        assert outcome(order, story) == ("cancelled", True, True, eur(29_90), eur(29_90), True)


@hypothesis_given(interleaved(["cancel"], ["held", "reserved"], ["authorised"]))
@hypothesis_settings(max_examples=60, deadline=None)
def test_money_set_aside_after_a_cancellation_does_not_wake_the_order(story):
    order = given(STARTED, PLACED)

    assert outcome(order, story)[0] == "cancelled"
