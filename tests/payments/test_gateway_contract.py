"""What payments relies on in every gateway. A new one gets a harness and must pass as it is."""

from __future__ import annotations

from collections.abc import Callable
from uuid import UUID

import pytest
from uuid_utils.compat import uuid7

from contexts.kernel.money import Money, eur
from contexts.payments.gateway import (
    GATEWAYS,
    REASONS,
    Answer,
    Gateway,
    GatewayRefused,
    GatewayUnreachable,
    Status,
    current_gateway,
)
from tests.payments.harness import APPROVED, CONFIRM, DECLINED, INSUFFICIENT, MASTERCARD, Harness, Sandbox, Stripe

PRICE = eur(19_98)
BACK = "http://shop.example/pay/1/back/"

pytestmark = pytest.mark.django_db(databases=["payments"])
Authorise = Callable[..., Answer]


@pytest.fixture
def order() -> UUID:
    return uuid7()


@pytest.fixture
def gateway(harness: Harness) -> Gateway:
    return harness.gateway


@pytest.fixture
def authorise(harness: Harness, gateway: Gateway, order: UUID) -> Authorise:
    """Ask for an amount on a card, by number or by token."""

    def ask(
        number: str = APPROVED, *, token: str = "", amount: Money = PRICE, key: str = "", back: str = BACK
    ) -> Answer:
        return gateway.authorise(
            key=key or a_key("authorise"),
            card=token or harness.token(number, order=order).token,
            amount=amount,
            reference=str(order),
            back=back,
        )

    return ask


def a_key(operation: str) -> str:
    return f"{operation}:{uuid7()}"


def test_every_known_gateway_is_under_this_contract() -> None:
    assert {Sandbox.name, Stripe.name} == set(GATEWAYS)


def test_the_chosen_gateway_is_the_one_that_new_cards_are_given_to(harness: Harness) -> None:
    assert current_gateway().name == harness.name


def test_a_token_tells_brand_and_last_four_digits_and_nothing_more(harness: Harness, order: UUID) -> None:
    tokens = [harness.token(number, order=order) for number in (APPROVED, MASTERCARD)]

    assert [(token.brand, token.last4) for token in tokens] == [("Visa", "4242"), ("Mastercard", "4444")]
    assert all(APPROVED not in token.token and MASTERCARD not in token.token for token in tokens)


def test_a_good_card_is_authorised_and_nothing_is_taken(
    authorise: Authorise, gateway: Gateway, harness: Harness, order: UUID
) -> None:
    answer = authorise()

    assert answer.status is Status.AUTHORISED
    assert gateway.status_of(answer.charge) == answer
    assert harness.books(order) == [("authorised", 0)]


def test_a_declined_card_says_why(authorise: Authorise) -> None:
    declined, insufficient = authorise(DECLINED), authorise(INSUFFICIENT)

    assert (declined.status, declined.reason) == (Status.DECLINED, "declined")
    assert (insufficient.status, insufficient.reason) == (Status.DECLINED, "insufficient_funds")
    assert {declined.reason, insufficient.reason} <= set(REASONS)


@pytest.mark.parametrize("number", [APPROVED, DECLINED])
def test_the_same_key_authorises_once(authorise: Authorise, harness: Harness, order: UUID, number: str) -> None:
    token, key = harness.token(number, order=order).token, a_key("authorise")

    answers = [authorise(token=token, key=key) for _ in range(3)]

    assert answers == [answers[0]] * 3
    assert len(harness.books(order)) == 1


def test_the_same_key_for_another_amount_is_refused(authorise: Authorise, harness: Harness, order: UUID) -> None:
    token, key = harness.token(APPROVED, order=order).token, a_key("authorise")
    authorise(token=token, key=key, amount=eur(5_00))

    with pytest.raises(GatewayRefused):
        authorise(token=token, key=key, amount=eur(6_00))


@pytest.mark.parametrize("token", ["card_nobody", "cus_nobody/pm_nobody"])
def test_an_unknown_card_is_refused(authorise: Authorise, token: str) -> None:
    with pytest.raises(GatewayRefused):
        authorise(token=token)


def test_nothing_is_not_an_amount(authorise: Authorise) -> None:
    with pytest.raises(GatewayRefused):
        authorise(amount=eur(0))


def test_a_lost_answer_is_found_by_its_key(
    authorise: Authorise, gateway: Gateway, harness: Harness, order: UUID
) -> None:
    token, key = harness.token_whose_answer_is_lost(order=order).token, a_key("authorise")
    with pytest.raises(GatewayUnreachable):
        authorise(token=token, key=key)

    found = gateway.find(key=key, card=token)

    assert found is not None
    assert found.status is Status.AUTHORISED
    assert gateway.find(key=a_key("authorise"), card=token) is None


def test_a_declined_charge_is_found_by_its_key_too(
    authorise: Authorise, gateway: Gateway, harness: Harness, order: UUID
) -> None:
    token, key = harness.token(INSUFFICIENT, order=order).token, a_key("authorise")
    answer = authorise(token=token, key=key)

    assert gateway.find(key=key, card=token) == answer


def test_a_key_that_never_arrived_is_not_found(gateway: Gateway, harness: Harness, order: UUID) -> None:
    card = harness.token(APPROVED, order=order).token

    assert gateway.find(key=a_key("authorise"), card=card) is None


@pytest.mark.parametrize(("approve", "status"), [(True, Status.AUTHORISED), (False, Status.DECLINED)])
def test_a_confirmation_moves_the_charge(
    authorise: Authorise, gateway: Gateway, harness: Harness, approve: bool, status: Status
) -> None:
    asked = authorise(CONFIRM)
    assert asked.status is Status.ACTION_REQUIRED

    harness.confirm(asked.charge, approve=approve)

    found = gateway.status_of(asked.charge)
    assert (found.status, found.reason) == (status, "" if approve else "not_confirmed")
    assert gateway.confirmation_page(asked.charge) == ""


def test_without_the_card_holder_nobody_is_asked_to_confirm(gateway: Gateway, harness: Harness, order: UUID) -> None:
    def ask(number: str) -> Answer:
        card = harness.token(number, order=order).token
        key = a_key("authorise")
        return gateway.authorise(key=key, card=card, amount=PRICE, reference=str(order), back=BACK, present=False)

    asked, good = ask(CONFIRM), ask(APPROVED)

    assert (asked.status, asked.reason) == (Status.DECLINED, "not_confirmed")
    assert good.status is Status.AUTHORISED


def test_only_the_first_answer_to_a_confirmation_counts(
    authorise: Authorise, gateway: Gateway, harness: Harness
) -> None:
    asked = authorise(CONFIRM)

    harness.confirm(asked.charge, approve=False)
    harness.confirm(asked.charge, approve=True)

    assert gateway.status_of(asked.charge).status is Status.DECLINED


def test_a_charge_that_awaits_confirmation_can_be_given_up(authorise: Authorise, gateway: Gateway) -> None:
    asked = authorise(CONFIRM)

    assert gateway.void(key=a_key("void"), charge=asked.charge).status is Status.VOIDED


def test_capturing_twice_takes_the_money_once(
    authorise: Authorise, gateway: Gateway, harness: Harness, order: UUID
) -> None:
    charge, key = authorise().charge, a_key("capture")

    first = gateway.capture(key=key, charge=charge, amount=PRICE)
    again = gateway.capture(key=key, charge=charge, amount=PRICE)

    assert first == again == gateway.status_of(charge)
    assert first.status is Status.CAPTURED
    assert harness.books(order) == [("captured", 19_98)]


def test_more_than_was_set_aside_cannot_be_captured(authorise: Authorise, gateway: Gateway) -> None:
    charge = authorise().charge

    with pytest.raises(GatewayRefused):
        gateway.capture(key=a_key("capture"), charge=charge, amount=eur(19_99))


def test_a_voided_charge_cannot_be_captured(
    authorise: Authorise, gateway: Gateway, harness: Harness, order: UUID
) -> None:
    charge, key = authorise().charge, a_key("void")

    voided = [gateway.void(key=key, charge=charge), gateway.void(key=a_key("void"), charge=charge)]

    assert [answer.status for answer in voided] == [Status.VOIDED, Status.VOIDED]
    with pytest.raises(GatewayRefused):
        gateway.capture(key=a_key("capture"), charge=charge, amount=PRICE)
    assert harness.books(order) == [("voided", 0)]


def test_what_ran_out_is_voided(authorise: Authorise, gateway: Gateway, harness: Harness) -> None:
    charge = authorise().charge

    harness.run_out(charge)

    with pytest.raises(GatewayRefused):
        gateway.capture(key=a_key("capture"), charge=charge, amount=PRICE)
    assert gateway.status_of(charge).status is Status.VOIDED


def test_a_captured_charge_cannot_be_voided(authorise: Authorise, gateway: Gateway) -> None:
    charge = authorise().charge
    gateway.capture(key=a_key("capture"), charge=charge, amount=PRICE)

    with pytest.raises(GatewayRefused):
        gateway.void(key=a_key("void"), charge=charge)


def test_what_was_not_captured_cannot_be_refunded(authorise: Authorise, gateway: Gateway) -> None:
    charge = authorise().charge

    with pytest.raises(GatewayRefused):
        gateway.refund(key=a_key("refund"), charge=charge, amount=eur(1_00))


def test_refunds_go_up_to_the_charge_and_each_key_counts_once(
    authorise: Authorise, gateway: Gateway, harness: Harness, order: UUID
) -> None:
    charge = authorise().charge
    gateway.capture(key=a_key("capture"), charge=charge, amount=PRICE)
    key = a_key("refund")

    for _ in range(2):
        assert gateway.refund(key=key, charge=charge, amount=eur(10_00)).status is Status.CAPTURED
    with pytest.raises(GatewayRefused):
        gateway.refund(key=a_key("refund"), charge=charge, amount=eur(9_99))
    assert harness.books(order)[0][1] == 9_98
    assert gateway.refund_stands(key=key, charge=charge)
    assert not gateway.refund_stands(key=a_key("refund"), charge=charge)

    rest = gateway.refund(key=a_key("refund"), charge=charge, amount=eur(9_98))
    assert rest.status is Status.REFUNDED
    assert harness.books(order)[0][1] == 0
