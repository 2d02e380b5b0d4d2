"""What payments relies on in every gateway. A new one is added to `GATEWAYS` here and must pass as it is."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from uuid_utils.compat import uuid7

from contexts.kernel.money import Money, eur
from contexts.payments.gateway import (
    GATEWAYS as KNOWN,
    REASONS,
    Answer,
    Gateway,
    GatewayRefused,
    GatewayUnreachable,
    Status,
    gateway_named,
)
from contexts.payments.sandbox import bank

PRICE = eur(19_98)

pytestmark = pytest.mark.django_db(databases=["payments"])


class Sandbox:
    """The cards that bring a gateway to each answer, and how its card holder confirms."""

    name = "sandbox"
    approved, declined, insufficient = "4242424242424242", "4000000000000002", "4000000000009995"
    confirm, lost = "4000002500003155", "4000000000000341"

    @staticmethod
    def answer(charge: str, *, approve: bool) -> Answer:
        return bank.answer_confirmation(charge=charge, approve=approve)


GATEWAYS = [Sandbox]


@pytest.fixture(params=GATEWAYS, ids=lambda cards: cards.name)
def cards(request: pytest.FixtureRequest) -> type[Sandbox]:
    return request.param  # type: ignore[no-any-return]


@pytest.fixture
def gateway(cards: type[Sandbox]) -> Gateway:
    return gateway_named(cards.name)


@pytest.fixture
def authorise(gateway: Gateway) -> Callable[..., Answer]:
    def ask(number: str, *, amount: Money = PRICE, key: str | None = None) -> Answer:
        token = gateway.tokenise(number).token
        return gateway.authorise(key=key or f"authorise:{uuid7()}", card=token, amount=amount, reference="order")

    return ask


def test_every_known_gateway_is_under_this_contract() -> None:
    assert {cards.name for cards in GATEWAYS} == set(KNOWN)


def test_a_token_tells_brand_and_last_four_digits_and_nothing_more(gateway: Gateway, cards: type[Sandbox]) -> None:
    token = gateway.tokenise(cards.approved)

    assert (token.brand, token.last4) == ("Visa", "4242")
    assert cards.approved not in token.token


def test_a_good_card_is_authorised(authorise: Callable[..., Answer], cards: type[Sandbox]) -> None:
    answer = authorise(cards.approved)

    assert answer.status is Status.AUTHORISED
    assert answer.charge


def test_a_declined_card_says_why(authorise: Callable[..., Answer], cards: type[Sandbox]) -> None:
    declined, insufficient = authorise(cards.declined), authorise(cards.insufficient)

    assert (declined.status, declined.reason) == (Status.DECLINED, "declined")
    assert (insufficient.status, insufficient.reason) == (Status.DECLINED, "insufficient_funds")
    assert {declined.reason, insufficient.reason} <= set(REASONS)


def test_the_same_key_authorises_once(gateway: Gateway, cards: type[Sandbox]) -> None:
    token, key = gateway.tokenise(cards.approved).token, f"authorise:{uuid7()}"

    first = gateway.authorise(key=key, card=token, amount=eur(5_00), reference="order")
    again = gateway.authorise(key=key, card=token, amount=eur(5_00), reference="order")

    assert first == again


def test_the_same_key_for_another_amount_is_refused(gateway: Gateway, cards: type[Sandbox]) -> None:
    token, key = gateway.tokenise(cards.approved).token, f"authorise:{uuid7()}"
    gateway.authorise(key=key, card=token, amount=eur(5_00), reference="order")

    with pytest.raises(GatewayRefused):
        gateway.authorise(key=key, card=token, amount=eur(6_00), reference="order")


def test_an_unknown_card_is_refused(gateway: Gateway) -> None:
    with pytest.raises(GatewayRefused):
        gateway.authorise(key=f"authorise:{uuid7()}", card="card_nobody", amount=eur(5_00), reference="order")


def test_a_lost_answer_is_found_by_its_key(gateway: Gateway, cards: type[Sandbox]) -> None:
    token, key = gateway.tokenise(cards.lost).token, f"authorise:{uuid7()}"
    with pytest.raises(GatewayUnreachable):
        gateway.authorise(key=key, card=token, amount=eur(5_00), reference="order")

    found = gateway.find(key)

    assert found is not None
    assert found.status is Status.AUTHORISED


def test_a_key_that_never_arrived_is_not_found(gateway: Gateway) -> None:
    assert gateway.find(f"authorise:{uuid7()}") is None


@pytest.mark.parametrize(("approve", "status"), [(True, Status.AUTHORISED), (False, Status.DECLINED)])
def test_a_confirmation_moves_the_charge(
    authorise: Callable[..., Answer], gateway: Gateway, cards: type[Sandbox], approve: bool, status: Status
) -> None:
    key = f"authorise:{uuid7()}"
    asked = authorise(cards.confirm, key=key)
    assert asked.status is Status.ACTION_REQUIRED

    cards.answer(asked.charge, approve=approve)

    found = gateway.find(key)
    assert found is not None
    assert (found.status, found.reason) == (status, "" if approve else "not_confirmed")


def test_only_the_first_answer_to_a_confirmation_counts(
    authorise: Callable[..., Answer], gateway: Gateway, cards: type[Sandbox]
) -> None:
    asked = authorise(cards.confirm)

    cards.answer(asked.charge, approve=False)
    late = cards.answer(asked.charge, approve=True)

    assert late.status is Status.DECLINED


def test_capturing_twice_with_one_key_takes_the_money_once(
    authorise: Callable[..., Answer], gateway: Gateway, cards: type[Sandbox]
) -> None:
    charge, key = authorise(cards.approved).charge, f"capture:{uuid7()}"

    first = gateway.capture(key=key, charge=charge, amount=eur(19_98))
    again = gateway.capture(key=key, charge=charge, amount=eur(19_98))

    assert first == again
    assert first.status is Status.CAPTURED
    found = gateway.find(key)
    assert found is not None
    assert found.status is Status.CAPTURED


def test_more_than_was_set_aside_cannot_be_captured(
    authorise: Callable[..., Answer], gateway: Gateway, cards: type[Sandbox]
) -> None:
    charge = authorise(cards.approved).charge

    with pytest.raises(GatewayRefused):
        gateway.capture(key=f"capture:{uuid7()}", charge=charge, amount=eur(19_99))


def test_a_voided_charge_cannot_be_captured(
    authorise: Callable[..., Answer], gateway: Gateway, cards: type[Sandbox]
) -> None:
    charge, key = authorise(cards.approved).charge, f"void:{uuid7()}"

    voided = [gateway.void(key=key, charge=charge) for _ in range(2)]

    assert [answer.status for answer in voided] == [Status.VOIDED, Status.VOIDED]
    with pytest.raises(GatewayRefused):
        gateway.capture(key=f"capture:{uuid7()}", charge=charge, amount=eur(19_98))


def test_a_captured_charge_cannot_be_voided(
    authorise: Callable[..., Answer], gateway: Gateway, cards: type[Sandbox]
) -> None:
    charge = authorise(cards.approved).charge
    gateway.capture(key=f"capture:{uuid7()}", charge=charge, amount=eur(19_98))

    with pytest.raises(GatewayRefused):
        gateway.void(key=f"void:{uuid7()}", charge=charge)


def test_refunds_go_up_to_what_was_captured_and_repeat_harmlessly(
    authorise: Callable[..., Answer], gateway: Gateway, cards: type[Sandbox]
) -> None:
    charge = authorise(cards.approved).charge
    gateway.capture(key=f"capture:{uuid7()}", charge=charge, amount=eur(19_98))
    key = f"refund:{uuid7()}"

    gateway.refund(key=key, charge=charge, amount=eur(10_00))
    gateway.refund(key=key, charge=charge, amount=eur(10_00))

    with pytest.raises(GatewayRefused):
        gateway.refund(key=f"refund:{uuid7()}", charge=charge, amount=eur(9_99))
    rest = gateway.refund(key=f"refund:{uuid7()}", charge=charge, amount=eur(9_98))
    assert rest.status is Status.REFUNDED
