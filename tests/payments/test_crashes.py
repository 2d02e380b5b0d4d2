"""A worker dies around its call to the gateway, at every point and with either gateway: money moves once, or not yet.

The death is a `BaseException` from the gateway itself, before it passes the request on or after the bank has done it:
nothing behind it in the worker runs, and its lease stays.
"""

from __future__ import annotations

from typing import Any
from uuid import UUID

import pytest
from django.db import transaction
from uuid_utils.compat import uuid7

from contexts.kernel.money import eur
from contexts.payments import services
from contexts.payments.events import PaymentAuthorised, PaymentCaptured, PaymentRefunded, PaymentVoided
from contexts.payments.gateway import GATEWAYS, Gateway, gateway_named
from contexts.payments.models import GatewayCall, Payment, Refund, State
from tests.payments.factories import make_due_now, payment_of
from tests.payments.harness import APPROVED, CONFIRM, DECLINED, Harness, Stripe, keep_card
from tests.payments.stripe_stand_in import StripeStandIn

pytestmark = pytest.mark.django_db(databases=["payments"])
PRICE = eur(19_98)


class Killed(BaseException):
    """The process is gone."""


class Mortal:
    """A gateway whose caller dies once: "before" or "after" the call of one operation."""

    name = "mortal"

    def __init__(self) -> None:
        self.inner: Gateway | None = None
        self.plan: tuple[str, str] | None = None

    def __getattr__(self, operation: str) -> Any:
        call = getattr(self.inner, operation)
        if self.plan is None or self.plan[1] != operation:
            return call
        when, self.plan = self.plan[0], None

        def dying(**asked: Any) -> Any:
            if when == "after":
                call(**asked)
            raise Killed

        return dying


MORTAL = Mortal()


def mortal() -> Mortal:
    return MORTAL


@pytest.fixture
def die(harness: Harness, monkeypatch: pytest.MonkeyPatch) -> Any:
    """Return a function that plans a death: `die("after", "capture")`."""
    monkeypatch.setitem(GATEWAYS, "mortal", "tests.payments.test_crashes:mortal")
    MORTAL.inner, MORTAL.plan = harness.gateway, None

    def plan(when: str, operation: str) -> None:
        MORTAL.plan = (when, operation)

    yield plan
    gateway_named.cache_clear()


def due(harness: Harness, number: str = APPROVED, *, token: str = "", mortal: bool = True) -> Payment:
    """Return a payment that a worker is to authorise."""
    order, card = keep_card(harness, number) if not token else (uuid7(), token)
    services.note_amount_due(order_id=order, number="TP-1001", amount=PRICE, card=card, language="en")
    services.note_stock_reserved(order_id=order)
    if mortal:
        Payment.objects.filter(order_id=order).update(gateway="mortal")
    return payment_of(order)


def authorised(harness: Harness, **wanted: Any) -> Payment:
    payment = due(harness, **wanted)
    services.authorise_due()
    return payment_of(payment.order_id)


def captured(harness: Harness) -> Payment:
    payment = authorised(harness)
    services.charge_card(order_id=payment.order_id)
    services.capture_due()
    return payment_of(payment.order_id)


POINTS = ["before", "after"]


@pytest.mark.parametrize("when", POINTS)
def test_an_authorisation_survives_its_worker(harness: Harness, die: Any, published_events: Any, when: str) -> None:
    payment = due(harness)
    die(when, "authorise")

    with pytest.raises(Killed):
        services.authorise_due()
    assert services.authorise_due() == 0, "the dead worker's lease still runs"
    make_due_now(payment)
    services.authorise_due()

    assert published_events == [
        PaymentAuthorised(order_id=payment.order_id, amount=PRICE, method_label="Visa ending 4242")
    ]
    assert harness.books(payment.order_id) == [("authorised", 0)]
    assert list(GatewayCall.objects.order_by("id").values_list("outcome", flat=True)) == ["", "authorised"]


@pytest.mark.parametrize("number", [DECLINED, CONFIRM])
def test_a_decline_or_a_question_whose_answer_died_is_asked_for_once(harness: Harness, die: Any, number: str) -> None:
    payment = due(harness, number)
    die("after", "authorise")

    with pytest.raises(Killed):
        services.authorise_due()
    make_due_now(payment)
    services.authorise_due()

    expected = "declined" if number == DECLINED else "action_required"
    assert payment_of(payment.order_id).state == expected
    assert harness.books(payment.order_id) == [(expected, 0)]


@pytest.mark.parametrize("when", POINTS)
def test_a_charge_survives_its_worker(harness: Harness, die: Any, published_events: Any, when: str) -> None:
    payment = authorised(harness)
    published_events.clear()
    services.charge_card(order_id=payment.order_id)
    die(when, "capture")

    with pytest.raises(Killed):
        services.capture_due()
    make_due_now(payment)
    services.capture_due()

    assert published_events == [PaymentCaptured(order_id=payment.order_id, amount=PRICE)]
    assert harness.books(payment.order_id) == [("captured", 19_98)]


@pytest.mark.parametrize("when", POINTS)
def test_a_release_survives_its_worker(harness: Harness, die: Any, published_events: Any, when: str) -> None:
    payment = authorised(harness)
    published_events.clear()
    services.release_money(order_id=payment.order_id)
    die(when, "void")

    with pytest.raises(Killed):
        services.void_due()
    make_due_now(payment)
    services.void_due()

    assert published_events == [PaymentVoided(order_id=payment.order_id, amount=PRICE)]
    assert harness.books(payment.order_id) == [("voided", 0)]


@pytest.mark.parametrize("when", POINTS)
@pytest.mark.parametrize("a_day_goes_by", [False, True])
def test_a_refund_survives_its_worker(
    harness: Harness, die: Any, published_events: Any, when: str, a_day_goes_by: bool
) -> None:
    payment = captured(harness)
    published_events.clear()
    services.refund(order_id=payment.order_id, amount=eur(5_00), reason="chipped")
    die(when, "refund")

    with pytest.raises(Killed):
        services.pay_refunds()
    if a_day_goes_by and isinstance(harness, Stripe):
        harness.stand_in.forget_keys()
    Refund.objects.update(work_at=payment.created_at)
    services.pay_refunds()

    refunded = [event for event in published_events if isinstance(event, PaymentRefunded)]
    assert [(event.amount, event.refunded) for event in refunded] == [(eur(5_00), eur(5_00))]
    assert harness.books(payment.order_id) == [("captured", 14_98)]


@pytest.mark.parametrize("a_day_goes_by", [False, True])
def test_an_authorisation_whose_answer_was_lost_is_found_even_a_day_later(
    harness: Harness, published_events: Any, a_day_goes_by: bool
) -> None:
    order = uuid7()
    token = harness.token_whose_answer_is_lost(order=order)
    payment = due(harness, token=token.token, mortal=False)
    services.authorise_due()
    assert payment_of(payment.order_id).state == State.DUE

    if a_day_goes_by and isinstance(harness, Stripe):
        harness.stand_in.forget_keys()
    make_due_now(payment)
    services.authorise_due()

    assert [type(event) for event in published_events] == [PaymentAuthorised]
    assert harness.books(payment.order_id) == [("authorised", 0)]


def test_an_order_cancelled_while_its_answer_is_lost_keeps_no_money(harness: Harness, die: Any) -> None:
    payment = due(harness)
    die("after", "authorise")
    with pytest.raises(Killed):
        services.authorise_due()

    services.release_money(order_id=payment.order_id)
    make_due_now(payment)
    services.authorise_due()
    services.void_due()

    assert payment_of(payment.order_id).state == State.VOIDED
    assert harness.books(payment.order_id) == [("voided", 0)]


def test_an_order_cancelled_before_its_call_was_made_is_never_charged(harness: Harness, die: Any) -> None:
    payment = due(harness)
    die("before", "authorise")
    with pytest.raises(Killed):
        services.authorise_due()

    services.release_money(order_id=payment.order_id)
    make_due_now(payment)
    services.authorise_due()

    assert payment_of(payment.order_id).state == State.CANCELLED
    assert harness.books(payment.order_id) == []


def test_an_authorisation_that_ran_out_is_renewed_and_charged_once(harness: Harness, published_events: Any) -> None:
    payment = authorised(harness, mortal=False)
    published_events.clear()
    harness.run_out(payment.charge)
    services.charge_card(order_id=payment.order_id)

    services.capture_due()
    services.authorise_due()
    services.capture_due()

    assert published_events == [PaymentCaptured(order_id=payment.order_id, amount=PRICE)]
    assert sorted(harness.books(payment.order_id)) == [("captured", 19_98), ("voided", 0)]


def test_an_authorisation_that_ran_out_and_would_have_to_be_confirmed_is_left_to_a_person(
    harness: Harness, published_events: Any
) -> None:
    payment = due(harness, CONFIRM, mortal=False)
    services.authorise_due()
    harness.confirm(payment_of(payment.order_id).charge, approve=True)
    services.gateway_says(order_id=payment.order_id)
    published_events.clear()
    harness.run_out(payment_of(payment.order_id).charge)
    services.charge_card(order_id=payment.order_id)

    services.capture_due()
    services.authorise_due()

    unpaid = payment_of(payment.order_id)
    assert (unpaid.state, unpaid.decline_reason) == (State.DECLINED, "not_confirmed")
    assert unpaid.problem.startswith("The parcel has left")
    assert published_events == []


def test_no_gateway_can_be_asked_inside_a_transaction_of_the_shop(harness: Harness) -> None:
    order: UUID = uuid7()

    with transaction.atomic(using="payments"), pytest.raises(RuntimeError, match="durable"):
        harness.token(APPROVED, order=order)


def test_the_whole_way_with_either_gateway(harness: Harness, published_events: Any) -> None:
    payment = due(harness, CONFIRM, mortal=False)
    services.authorise_due()
    harness.confirm(payment_of(payment.order_id).charge, approve=True)
    for _ in range(3):
        services.gateway_says(order_id=payment.order_id)
    services.charge_card(order_id=payment.order_id)
    services.capture_due()
    services.refund(order_id=payment.order_id, amount=PRICE, reason="sent back")
    services.pay_refunds()

    names = [type(event).__name__ for event in published_events]
    assert names == [
        "PaymentActionRequired",
        "PaymentAuthorised",
        "PaymentCaptured",
        "RefundRequested",
        "PaymentRefunded",
    ]
    assert harness.books(payment.order_id)[0][1] == 0


# --- what only Stripe can do


def stripe_payment(stand_in: StripeStandIn, settings: Any) -> Payment:
    settings.PAYMENTS_GATEWAY = "stripe"
    return due(Stripe(stand_in), mortal=False)


def test_stripe_answers_by_the_pinned_version(stand_in: StripeStandIn, settings: Any) -> None:
    stripe_payment(stand_in, settings)
    services.authorise_due()

    assert stand_in.versions == {"2026-10-28.endive"}


@pytest.mark.parametrize("fault", ["down", "broken", "lose"])
def test_a_stripe_that_fails_is_asked_again_and_charges_once(
    stand_in: StripeStandIn, settings: Any, fault: str
) -> None:
    payment = stripe_payment(stand_in, settings)
    stand_in.fault(fault, "/v1/payment_intents")

    services.authorise_due()
    assert payment_of(payment.order_id).state == State.DUE
    make_due_now(payment)
    services.authorise_due()

    assert payment_of(payment.order_id).state == State.AUTHORISED
    assert stand_in.charges(str(payment.order_id)) == [("requires_capture", 1998)]


def test_a_wrong_key_declines_nobodys_card(stand_in: StripeStandIn, settings: Any) -> None:
    payment = stripe_payment(stand_in, settings)
    settings.STRIPE_SECRET_KEY = "sk_test_wrong"
    services.authorise_due()
    assert payment_of(payment.order_id).state == State.DUE
    assert "STRIPE_SECRET_KEY" in GatewayCall.objects.get().detail

    settings.STRIPE_SECRET_KEY = stand_in.key
    make_due_now(payment)
    services.authorise_due()

    assert payment_of(payment.order_id).state == State.AUTHORISED
