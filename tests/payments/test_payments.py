"""One order's payment from both its causes to its end."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest
from django.utils import timezone
from hypothesis import HealthCheck, given, settings as hypothesis_settings, strategies as st
from uuid_utils.compat import uuid7

from contexts.kernel.money import eur
from contexts.payments import services
from contexts.payments.events import (
    PaymentActionDue,
    PaymentActionRequired,
    PaymentAuthorised,
    PaymentCaptured,
    PaymentDeclined,
    PaymentRefunded,
    PaymentRetried,
    PaymentVoided,
    RefundRequested,
)
from contexts.payments.gateway import Status
from contexts.payments.models import GatewayCall, Payment, StaleState, State
from contexts.payments.sandbox import bank
from contexts.payments.sandbox.ledger import BankCard, BankCharge, BankEntry
from tests.payments.factories import (
    CONFIRM,
    DECLINED,
    INSUFFICIENT,
    LOST,
    REFUSED_AT_DISPATCH,
    RUNS_OUT,
    SLOW,
    a_card,
    dispatched,
    make_due_now,
    order_cancelled,
    order_placed,
    payment_authorised,
    payment_captured,
    payment_due,
    payment_of,
    stock_reserved,
)

pytestmark = pytest.mark.django_db(databases=["payments"])


def charges(payment: Payment) -> list[tuple[str, int]]:
    """Return what the bank's books say of an order: status and amount of each charge."""
    return list(BankCharge.objects.filter(order=payment.order_id).values_list("status", "amount_cents"))


def claim() -> Payment:
    """Take the due payment as a worker does."""
    claimed: Payment | None = Payment.claim(State.DUE)
    assert claimed is not None
    return claimed


@pytest.mark.parametrize("stock_first", [True, False])
def test_an_order_with_its_goods_is_authorised_whatever_came_first(
    deliver: Any, published_events: Any, stock_first: bool
) -> None:
    placed = order_placed()
    events = [placed, stock_reserved(placed.order_id)]

    for event in reversed(events) if stock_first else events:
        deliver(event, times=2)
    services.authorise_due()

    assert published_events == [
        PaymentAuthorised(order_id=placed.order_id, amount=eur(19_98), method_label="Visa ending 4242")
    ]
    assert charges(payment_of(placed.order_id)) == [("authorised", 1998)]


def test_nothing_is_authorised_before_the_goods_are_reserved(deliver: Any, published_events: Any) -> None:
    placed = order_placed()

    deliver(placed)

    assert services.authorise_due() == 0
    assert payment_of(placed.order_id).state == State.WAITING
    assert published_events == []


@hypothesis_settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(order=st.permutations(["placed", "stock", "cancelled"]), worker_after=st.integers(0, 3), retried=st.booleans())
def test_in_every_order_of_news_a_cancelled_order_keeps_no_money(
    db: None, order: list[str], worker_after: int, retried: bool
) -> None:
    placed = order_placed()
    if order.index("cancelled") < order.index("placed"):
        order[order.index("cancelled")], order[order.index("placed")] = "placed", "cancelled"  # one stream, in order
    news = {
        "placed": lambda: services.note_amount_due(
            order_id=placed.order_id,
            number=placed.number,
            amount=placed.total,
            card=placed.payment_method,
            language="en",
        ),
        "stock": lambda: services.note_stock_reserved(order_id=placed.order_id),
        "cancelled": lambda: services.release_money(order_id=placed.order_id),
    }

    for place, what in enumerate(order):
        for _ in range(2 if retried else 1):
            news[what]()
        if place >= worker_after:
            services.authorise_due()
            services.void_due()

    services.authorise_due()
    services.void_due()
    payment = payment_of(placed.order_id)
    assert payment.state in (State.CANCELLED, State.VOIDED)
    assert [status for status, _ in charges(payment)] in ([], ["voided"])


def test_a_declined_card_is_said_in_plain_words(published_events: Any) -> None:
    payment = payment_due(number=DECLINED)

    services.authorise_due()

    assert published_events == [
        PaymentDeclined(
            order_id=payment.order_id, reason="declined",
            explanation="Your bank declined the card and gave no reason. Nothing was charged.",
        )
    ]  # fmt: skip
    assert payment_of(payment.order_id).state == State.DECLINED


def in_a_while() -> datetime:
    return timezone.now() + timedelta(minutes=5)


def test_another_card_is_asked_about_under_a_key_of_its_own(published_events: Any) -> None:
    payment = payment_due(number=DECLINED)
    services.authorise_due()
    published_events.clear()
    card = a_card(payment.order_id)

    services.pay_with_another_card(order_id=payment.order_id, card=card, before=in_a_while())
    services.authorise_due()

    assert published_events == [
        PaymentRetried(order_id=payment.order_id, method_label="Visa ending 4242"),
        PaymentAuthorised(order_id=payment.order_id, amount=eur(19_98), method_label="Visa ending 4242"),
    ]
    assert set(BankCharge.objects.values_list("key", "status")) == {
        (f"authorise:{payment.order_id}:1", "declined"), (f"authorise:{payment.order_id}:2", "authorised"),
    }  # fmt: skip


@pytest.mark.parametrize("why_not", ["authorised", "cancelled", "late", "another order's card", "unknown", "twice"])
def test_no_other_card_is_taken_where_none_is_wanted(published_events: Any, why_not: str) -> None:
    payment = payment_authorised() if why_not == "authorised" else payment_due(number=DECLINED)
    services.authorise_due()
    card = a_card() if why_not == "another order's card" else a_card(payment.order_id)
    if why_not == "cancelled":
        services.release_money(order_id=payment.order_id)
    if why_not == "twice":
        services.pay_with_another_card(order_id=payment.order_id, card=card, before=in_a_while())
    before = payment_of(payment.order_id)
    published_events.clear()

    with pytest.raises(services.NothingToPay):
        services.pay_with_another_card(
            order_id=uuid7() if why_not == "unknown" else payment.order_id,
            card=card,
            before=timezone.now() if why_not == "late" else in_a_while(),
        )

    assert published_events == []
    after = payment_of(payment.order_id)
    assert (after.state, after.attempt, after.card) == (before.state, before.attempt, before.card)


def test_an_order_cancelled_while_another_card_is_asked_about_keeps_no_money(published_events: Any) -> None:
    payment = payment_due(number=DECLINED)
    services.authorise_due()
    services.pay_with_another_card(order_id=payment.order_id, card=a_card(payment.order_id, LOST), before=in_a_while())
    services.authorise_due()

    services.release_money(order_id=payment.order_id)
    make_due_now(payment)
    services.authorise_due()
    services.void_due()

    assert payment_of(payment.order_id).state == State.VOIDED
    assert sorted(status for status, _ in charges(payment)) == ["declined", "voided"]


def test_insufficient_funds_are_told_apart(published_events: Any) -> None:
    payment_due(number=INSUFFICIENT)

    services.authorise_due()

    assert [event.reason for event in published_events.of(PaymentDeclined)] == ["insufficient_funds"]


def test_a_card_nobody_knows_is_a_declined_payment(deliver: Any, published_events: Any) -> None:
    placed = order_placed(card="card_made_up")
    deliver(placed)
    deliver(stock_reserved(placed.order_id))

    services.authorise_due()

    assert [event.reason for event in published_events.of(PaymentDeclined)] == ["unknown_card"]


def test_a_slow_bank_is_waited_for(settings: Any, published_events: Any) -> None:
    settings.SANDBOX_SLOW_S = 0.2
    payment = payment_due(number=SLOW)

    services.authorise_due()

    assert payment_of(payment.order_id).state == State.AUTHORISED


def test_a_lost_answer_is_found_and_charged_once(published_events: Any) -> None:
    payment = payment_due(number=LOST)

    services.authorise_due()
    waiting = payment_of(payment.order_id)
    assert (waiting.state, len(published_events)) == (State.DUE, 0)
    make_due_now(waiting)
    services.authorise_due()

    assert [type(event) for event in published_events] == [PaymentAuthorised]
    assert charges(payment) == [("authorised", 1998)]
    calls = GatewayCall.objects.filter(payment=payment).order_by("id").values_list("outcome", flat=True)
    assert list(calls) == ["unanswered", "authorised"]


def test_a_worker_whose_lease_ran_out_records_nothing(published_events: Any) -> None:
    payment = payment_due()
    slow_worker = claim()
    make_due_now(payment)
    services.authorise_due()

    with pytest.raises(StaleState):
        slow_worker.move(State.DECLINED)

    assert payment_of(payment.order_id).state == State.AUTHORISED


def test_a_cancellation_that_overtakes_the_authorisation_releases_the_money(published_events: Any) -> None:
    payment = payment_due(number=LOST)
    services.authorise_due()

    services.release_money(order_id=payment.order_id)
    make_due_now(payment)
    services.authorise_due()
    services.void_due()

    assert published_events == [PaymentVoided(order_id=payment.order_id, amount=eur(19_98))]
    assert charges(payment) == [("voided", 1998)]


def test_a_cancelled_order_gives_up_what_was_set_aside(deliver: Any, published_events: Any) -> None:
    payment = payment_authorised()
    published_events.clear()

    deliver(order_cancelled(payment.order_id), times=2)
    services.void_due()

    assert published_events == [PaymentVoided(order_id=payment.order_id, amount=eur(19_98))]
    assert payment_of(payment.order_id).state == State.VOIDED


def test_goods_reserved_for_a_cancelled_order_authorise_nothing(deliver: Any, published_events: Any) -> None:
    placed = order_placed()
    deliver(placed)
    deliver(order_cancelled(placed.order_id))

    deliver(stock_reserved(placed.order_id))

    assert services.authorise_due() == 0
    assert payment_of(placed.order_id).state == State.CANCELLED


def test_the_card_is_charged_when_the_parcel_leaves(deliver: Any, published_events: Any) -> None:
    payment = payment_authorised()
    published_events.clear()

    deliver(dispatched(payment.order_id), times=2)
    services.capture_due()

    assert published_events == [PaymentCaptured(order_id=payment.order_id, amount=eur(19_98))]
    assert list(BankEntry.objects.filter(charge__order=payment.order_id).values_list("kind", "amount_cents")) == [
        ("authorise", 1998), ("capture", 1998),
    ]  # fmt: skip


def test_a_cancellation_after_the_charge_gives_the_money_back(deliver: Any, published_events: Any) -> None:
    payment = payment_captured()
    published_events.clear()

    deliver(order_cancelled(payment.order_id), times=2)
    services.pay_refunds()

    requested, refunded = published_events
    assert isinstance(requested, RefundRequested)
    assert isinstance(refunded, PaymentRefunded)
    assert (refunded.amount, refunded.refunded) == (eur(19_98), eur(19_98))
    assert refunded.refund_id == requested.refund_id


def test_a_gateway_that_refuses_a_capture_leaves_it_to_a_person() -> None:
    payment = payment_authorised(number=REFUSED_AT_DISPATCH)
    services.charge_card(order_id=payment.order_id)

    services.capture_due()

    stuck = payment_of(payment.order_id)
    assert stuck.state == State.CAPTURE_DUE
    assert "will not pay" in stuck.problem
    assert services.capture_due() == 0
    assert services.try_again(order_id=payment.order_id)
    assert services.capture_due() == 1


def test_an_authorisation_that_ran_out_before_the_parcel_left_is_asked_for_once_more(published_events: Any) -> None:
    payment = payment_authorised(number=RUNS_OUT)
    published_events.clear()
    services.charge_card(order_id=payment.order_id)

    services.capture_due()
    services.authorise_due()
    services.capture_due()

    assert published_events == [PaymentCaptured(order_id=payment.order_id, amount=eur(19_98))]
    assert sorted(charges(payment)) == [("captured", 1998), ("voided", 1998)]
    assert payment_of(payment.order_id).captured_cents == 1998


def test_a_parcel_that_left_and_whose_card_is_declined_then_is_left_to_a_person(published_events: Any) -> None:
    payment = payment_authorised(number=RUNS_OUT)
    BankCard.objects.update(behaviour="decline")
    bank.SandboxGateway().void(key="elsewhere", charge=payment.charge)
    published_events.clear()
    services.charge_card(order_id=payment.order_id)

    services.capture_due()
    services.authorise_due()

    unpaid = payment_of(payment.order_id)
    assert published_events == []
    assert unpaid.state == State.DECLINED
    assert unpaid.problem.startswith("The parcel has left")

    BankCard.objects.update(behaviour="approve")
    services.try_again(order_id=payment.order_id)
    services.authorise_due()
    services.capture_due()
    assert published_events == [PaymentCaptured(order_id=payment.order_id, amount=eur(19_98))]


def test_an_order_cancelled_after_its_authorisation_ran_out_is_not_asked_about_again(published_events: Any) -> None:
    payment = payment_authorised(number=RUNS_OUT)
    services.charge_card(order_id=payment.order_id)
    published_events.clear()
    Payment.objects.filter(pk=payment.pk).update(cancel_requested=True)

    services.capture_due()
    services.void_due()

    assert services.authorise_due() == 0
    assert published_events == [PaymentVoided(order_id=payment.order_id, amount=eur(19_98))]
    assert charges(payment) == [("voided", 1998)]


def test_a_bank_that_wants_a_confirmation_is_announced_with_the_way_to_it(published_events: Any) -> None:
    payment = payment_due(number=CONFIRM)

    services.authorise_due()

    [asked] = published_events
    assert isinstance(asked, PaymentActionRequired)
    assert asked.path == f"/pay/{payment.order_id}/confirm/"


@pytest.mark.parametrize(("approve", "outcome"), [(True, PaymentAuthorised), (False, PaymentDeclined)])
def test_the_answer_to_the_bank_decides(published_events: Any, approve: bool, outcome: type) -> None:
    payment = payment_due(number=CONFIRM)
    services.authorise_due()
    published_events.clear()

    for _ in range(2):
        services.answer_confirmation(order_id=payment.order_id, approve=approve)

    assert [type(event) for event in published_events] == [outcome]


def test_a_confirmation_that_never_comes_ends_the_payment(deliver: Any, published_events: Any) -> None:
    payment = payment_due(number=CONFIRM)
    services.authorise_due()
    published_events.clear()

    deliver(PaymentActionDue(order_id=payment.order_id, attempt=1), times=2)
    services.settle_overdue_actions()

    assert [event.reason for event in published_events] == ["confirmation_expired"]
    assert charges(payment) == [("voided", 1998)]


def test_a_confirmation_in_the_last_second_counts(deliver: Any, published_events: Any) -> None:
    payment = payment_due(number=CONFIRM)
    services.authorise_due()
    published_events.clear()
    bank.answer_confirmation(charge=payment_of(payment.order_id).charge, approve=True)

    deliver(PaymentActionDue(order_id=payment.order_id, attempt=1))
    services.settle_overdue_actions()

    assert [type(event) for event in published_events] == [PaymentAuthorised]


def test_a_late_timer_of_a_confirmed_payment_changes_nothing(deliver: Any) -> None:
    payment = payment_authorised()

    deliver(PaymentActionDue(order_id=payment.order_id, attempt=1))

    assert payment_of(payment.order_id).state == State.AUTHORISED


def test_an_order_cancelled_while_the_bank_asks_is_not_charged(published_events: Any) -> None:
    payment = payment_due(number=CONFIRM)
    services.authorise_due()
    published_events.clear()

    services.release_money(order_id=payment.order_id)
    services.void_due()

    assert published_events == []
    assert payment_of(payment.order_id).state == State.CANCELLED
    assert bank.SandboxGateway().find(key=payment.key("authorise"), card=payment.card).status is Status.VOIDED  # type: ignore[union-attr]


def test_a_payment_takes_no_forbidden_step() -> None:
    payment = payment_due()

    with pytest.raises(StaleState, match="cannot go from due to captured"):
        payment.move(State.CAPTURED)


def test_the_bank_refuses_to_be_called_inside_a_transaction_of_the_shop() -> None:
    from django.db import transaction

    with transaction.atomic(using="payments"), pytest.raises(RuntimeError, match="durable"):
        bank.SandboxGateway().tokenise("4242424242424242")


def test_dispatch_of_an_order_nobody_paid_is_skipped_on_purpose() -> None:
    from contexts.messaging import Discard

    with pytest.raises(Discard):
        services.charge_card(order_id=uuid7())
