"""The payment page, the bank's page and the bank's webhook."""

from __future__ import annotations

import logging
from datetime import timedelta
from typing import Any
from urllib.parse import parse_qs, urlsplit
from uuid import UUID

import pytest
from django.test import Client
from django.utils import timezone
from uuid_utils.compat import uuid7

from contexts.kernel import tokens
from contexts.kernel.checkout import OrderKey, PaymentMethod, PaymentStatement
from contexts.kernel.money import eur
from contexts.payments import services
from contexts.payments.events import PaymentAuthorised, PaymentDeclined, PaymentRetried
from contexts.payments.models import Card, RefusedNotice, State
from contexts.payments.sandbox import bank, notices
from contexts.payments.sandbox.ledger import BankCard, BankNotice
from tests.payments.factories import (
    APPROVED,
    CONFIRM,
    DECLINED,
    TOLD_LATE,
    TOLD_THREE_TIMES,
    payment_due,
    payment_of,
)

pytestmark = pytest.mark.django_db(databases=["payments"])


def pay_address(order_id: UUID, *, of: UUID | None = None) -> str:
    statement = PaymentStatement(
        order_id=of or order_id, amount=eur(19_98), return_path=f"/checkout/{order_id}/review/"
    )
    return f"/pay/{order_id}/?statement={tokens.sign(statement, audience='payments')}"


def test_the_page_says_what_is_to_be_paid_without_asking_the_database(
    client: Client, django_assert_num_queries: Any
) -> None:
    with django_assert_num_queries(0, using="payments"):
        page = client.get(pay_address(uuid7()))

    assert page.status_code == 200
    assert "19.98" in page.text
    assert 'autocomplete="cc-number"' in page.text
    assert 'inputmode="numeric"' in page.text
    assert "no-store" in page["Cache-Control"]
    assert "Test cards" not in page.text


def test_a_demo_lists_its_test_cards(client: Client, settings: Any) -> None:
    settings.DEMO = True

    page = client.get(pay_address(uuid7()))

    assert "4000 0025 0000 3155" in page.text


def test_a_card_leads_back_with_its_token(client: Client, django_assert_max_num_queries: Any) -> None:
    order_id = uuid7()

    with django_assert_max_num_queries(6, using="payments"):
        answer = client.post(pay_address(order_id), {"number": APPROVED})

    assert answer.status_code == 303
    back = urlsplit(answer["Location"])
    assert back.path == f"/checkout/{order_id}/review/"
    method = tokens.read(parse_qs(back.query)["payment"][0], PaymentMethod, audience="ordering", max_age_s=60)
    assert method == PaymentMethod(
        order_id=order_id, payment_method=Card.objects.get().token, method_label="Visa ending 4242"
    )


@pytest.mark.parametrize(
    ("typed", "words"),
    [
        ("", "Enter the number on the front of your card."),
        ("4242 4242 4242 4241", "A digit seems to be wrong or swapped"),
        ("4242", "this one has 4"),
        ("card number", "digits only"),
        ("４２４２424242424242", "digits only"),
        ("4012 8888 8888 1881", "test cards only"),
        ("4" * 41, "12 to 19 digits"),
    ],
)
def test_a_wrong_number_is_explained_beside_the_field_and_kept(
    client: Client, caplog: pytest.LogCaptureFixture, typed: str, words: str
) -> None:
    with caplog.at_level(logging.DEBUG):
        page = client.post(pay_address(uuid7()), {"number": typed})

    assert page.status_code == 422
    assert words in page.text
    assert f'value="{typed}"' in page.text or not typed
    assert 'aria-invalid="true"' in page.text
    assert not Card.objects.exists()
    assert not typed or typed not in caplog.text


def test_the_number_is_kept_nowhere(client: Client) -> None:
    client.post(pay_address(uuid7()), {"number": APPROVED})

    kept = [str(row) for table in (Card, BankCard) for row in table.objects.values()]
    assert len(kept) == 2
    assert not any("42424242" in row for row in kept)


@pytest.mark.parametrize("kind", ["none", "forged", "another order", "expired", "another audience"])
def test_a_statement_that_does_not_hold_is_said_plainly(client: Client, kind: str) -> None:
    order_id = uuid7()
    good = pay_address(order_id)
    with pytest.MonkeyPatch.context() as patch:
        if kind == "expired":
            patch.setattr("django.core.signing.time.time", lambda: 1_000_000_000.0)
        expired = pay_address(order_id)
    address = {
        "none": f"/pay/{order_id}/",
        "forged": good[:-3] + "abc",
        "another order": pay_address(order_id, of=uuid7()),
        "expired": expired,
        "another audience": f"/pay/{order_id}/?statement={tokens.sign(OrderKey(order_id=order_id), audience='order')}",
    }[kind]

    page = client.post(address, {"number": APPROVED})

    assert page.status_code == 403
    assert "no longer valid" in page.text
    assert f"/checkout/{order_id}/" in page.text
    assert not Card.objects.exists()


def test_a_statement_cannot_lead_to_another_site(client: Client) -> None:
    order_id = uuid7()
    statement = PaymentStatement(order_id=order_id, amount=eur(1), return_path="https://evil.example/")

    page = client.post(
        f"/pay/{order_id}/?statement={tokens.sign(statement, audience='payments')}", {"number": APPROVED}
    )

    assert page.status_code == 403


@pytest.fixture
def declined() -> Any:
    payment = payment_due(number=DECLINED)
    services.authorise_due()
    return payment_of(payment.order_id)


def other_card_address(order_id: UUID, *, minutes: float = 5) -> str:
    statement = PaymentStatement(
        order_id=order_id, amount=eur(19_98), return_path=f"/orders/{order_id}/",
        pay_before=timezone.now() + timedelta(minutes=minutes),
    )  # fmt: skip
    return f"/pay/{order_id}/?statement={tokens.sign(statement, audience='payments')}"


def test_why_the_last_card_was_declined_stands_beside_the_field_for_another(
    client: Client, declined: Any, django_assert_num_queries: Any
) -> None:
    with django_assert_num_queries(1, using="payments"):
        page = client.get(other_card_address(declined.order_id))

    assert page.status_code == 200
    assert "Visa ending 0002: Your bank declined the card" in page.text
    assert 'aria-invalid="true"' in page.text
    assert "Order TP-1001" in page.text


def test_another_card_leads_back_to_the_order_however_often_it_is_sent(
    client: Client, declined: Any, published_events: Any, django_assert_max_num_queries: Any
) -> None:
    with django_assert_max_num_queries(14, using="payments"):
        first = client.post(other_card_address(declined.order_id), {"number": APPROVED})
    again = client.post(other_card_address(declined.order_id), {"number": APPROVED})
    services.authorise_due()

    assert [first["Location"], again["Location"]] == [f"/orders/{declined.order_id}/?card=given"] * 2
    assert published_events.of(PaymentRetried) == [
        PaymentRetried(order_id=declined.order_id, method_label="Visa ending 4242")
    ]
    assert payment_of(declined.order_id).state == State.AUTHORISED


def test_a_wrong_number_for_another_card_is_explained_and_asks_no_bank(client: Client, declined: Any) -> None:
    page = client.post(other_card_address(declined.order_id), {"number": "4242 4242 4242 4241"})

    assert page.status_code == 422
    assert "A digit seems to be wrong" in page.text
    assert 'value="4242 4242 4242 4241"' in page.text
    assert payment_of(declined.order_id).state == State.DECLINED


def test_when_time_is_over_the_page_leads_to_the_order_and_takes_no_card(client: Client, declined: Any) -> None:
    answer = client.post(other_card_address(declined.order_id, minutes=-1), {"number": APPROVED})

    assert answer["Location"] == f"/orders/{declined.order_id}/"
    assert payment_of(declined.order_id).state == State.DECLINED


def confirm_address(order_id: UUID) -> str:
    return f"/pay/{order_id}/confirm/?key={tokens.sign(OrderKey(order_id=order_id), audience='order')}"


@pytest.fixture
def asked() -> Any:
    payment = payment_due(number=CONFIRM)
    services.authorise_due()
    return payment_of(payment.order_id)


def test_the_bank_asks_on_a_page_of_its_own(client: Client, asked: Any, django_assert_num_queries: Any) -> None:
    with django_assert_num_queries(1, using="payments"):
        page = client.get(confirm_address(asked.order_id))

    assert page.status_code == 200
    assert "Sandbox Bank" in page.text
    assert "19.98" in page.text
    assert "3155" in page.text


@pytest.mark.parametrize(("answer", "outcome"), [("approve", PaymentAuthorised), ("refuse", PaymentDeclined)])
def test_the_answer_leads_back_to_the_order(
    client: Client, asked: Any, published_events: Any, answer: str, outcome: type
) -> None:
    published_events.clear()

    result = client.post(confirm_address(asked.order_id), {"answer": answer})
    again = client.post(confirm_address(asked.order_id), {"answer": "refuse"})

    assert result.status_code == again.status_code == 303
    assert result["Location"].startswith(f"/orders/{asked.order_id}/?key=")
    assert [type(event) for event in published_events] == [outcome]


def test_the_banks_page_opens_with_the_orders_key_only(client: Client, asked: Any) -> None:
    other = tokens.sign(OrderKey(order_id=uuid7()), audience="order")

    pages = [
        client.post(f"/pay/{asked.order_id}/confirm/{query}", {"answer": "approve"}) for query in ("", f"?key={other}")
    ]

    assert [page.status_code for page in pages] == [403, 403]
    assert payment_of(asked.order_id).state == State.ACTION_REQUIRED


def test_an_answer_of_another_kind_changes_nothing(client: Client, asked: Any) -> None:
    page = client.post(confirm_address(asked.order_id), {"answer": "perhaps"})

    assert page.status_code == 400
    assert payment_of(asked.order_id).state == State.ACTION_REQUIRED


def test_a_payment_that_waits_for_nobody_says_so(client: Client) -> None:
    payment = payment_due()
    services.authorise_due()

    page = client.get(confirm_address(payment.order_id))

    assert page.status_code == 200
    assert "nothing more to do" in page.text


def post_notice(client: Client, headers: dict[str, str], body: bytes) -> Any:
    return client.post("/webhooks/payments/sandbox/", body, content_type="application/json", headers=headers)


def test_a_notice_of_the_bank_settles_the_payment_once(client: Client, asked: Any, published_events: Any) -> None:
    published_events.clear()
    bank.answer_confirmation(charge=asked.charge, approve=True)
    notice = notices.signed(notice_id="n1", charge=asked.charge, order=str(asked.order_id), kind="charge.confirmed")

    answers = [post_notice(client, *notice).status_code for _ in range(2)]
    client.post(confirm_address(asked.order_id), {"answer": "refuse"})

    assert answers == [204, 204]
    assert [type(event) for event in published_events] == [PaymentAuthorised]


@pytest.mark.parametrize("fault", ["signature", "body", "old", "no headers", "shape"])
def test_a_forged_notice_is_refused_and_changes_nothing(
    client: Client, asked: Any, published_events: Any, fault: str
) -> None:
    published_events.clear()
    bank.answer_confirmation(charge=asked.charge, approve=True)
    headers, body = notices.signed(
        notice_id="n1",
        charge=asked.charge,
        order="nonsense" if fault == "shape" else str(asked.order_id),
        kind="charge.confirmed",
        timestamp=1_000_000_000 if fault == "old" else None,
    )
    if fault == "signature":
        headers["webhook-signature"] = "v1,AAAA v1,é"
    if fault == "body":
        body = body.replace(b"confirmed", b"cancelled")
    if fault == "no headers":
        headers = {}

    answer = post_notice(client, headers, body)

    assert answer.status_code == 400
    assert RefusedNotice.objects.get().count == 1
    assert payment_of(asked.order_id).state == State.ACTION_REQUIRED
    assert published_events == []


def test_a_true_notice_cannot_claim_what_the_bank_did_not_do(client: Client, asked: Any) -> None:
    headers, body = notices.signed(
        notice_id="n1", charge=asked.charge, order=str(asked.order_id), kind="charge.confirmed"
    )

    assert post_notice(client, headers, body).status_code == 204

    assert payment_of(asked.order_id).state == State.ACTION_REQUIRED


@pytest.mark.django_db(transaction=True, databases="__all__")
def test_the_bank_sends_its_notice_to_the_shop(live_server: Any, settings: Any) -> None:
    settings.SITE_URL = live_server.url
    payment = payment_due(number=CONFIRM)
    services.authorise_due()
    bank.answer_confirmation(charge=payment_of(payment.order_id).charge, approve=True)

    sent = notices.send_bank_notices()

    assert sent == 1
    assert payment_of(payment.order_id).state == State.AUTHORISED
    assert notices.send_bank_notices() == 0


@pytest.mark.parametrize(("number", "notices_owed", "due"), [(TOLD_THREE_TIMES, 3, 3), (TOLD_LATE, 1, 0)])
@pytest.mark.django_db(transaction=True, databases="__all__")
def test_notices_that_come_three_times_or_late_end_as_one(
    live_server: Any, settings: Any, published_events: Any, number: str, notices_owed: int, due: int
) -> None:
    settings.SITE_URL = live_server.url
    payment = payment_due(number=number)
    services.authorise_due()
    published_events.clear()

    services.answer_confirmation(order_id=payment.order_id, approve=True)
    assert notices.send_bank_notices() == due
    BankNotice.objects.update(send_at=timezone.now())
    late = notices.send_bank_notices()

    assert late == notices_owed
    assert [type(event) for event in published_events] == [PaymentAuthorised]
