"""What staff sees of payments, and the one thing they can do: give money back."""

from __future__ import annotations

from typing import Any

import pytest
from django.contrib.auth import get_user_model
from django.test import Client

from contexts.payments import services
from contexts.payments.models import GatewayCall, Payment, Refund, RefusedNotice
from contexts.payments.sandbox.ledger import BankCharge
from tests.payments.factories import payment_authorised, payment_captured, payment_of

pytestmark = pytest.mark.django_db(databases=["payments", "customers"])


@pytest.fixture
def staff(client: Client) -> Client:
    person = get_user_model()(email="staff@example.com", is_staff=True, is_superuser=True)
    person.save()
    client.force_login(person, backend="django.contrib.auth.backends.ModelBackend")
    return client


def test_every_list_and_page_opens(staff: Client, django_assert_max_num_queries: Any) -> None:
    payment = payment_captured()
    services.refund(order_id=payment.order_id, amount=payment.refundable, reason="chipped")
    services.pay_refunds()
    services.count_refused(gateway="stripe", problem="The signature does not hold.")
    rows = (
        payment, BankCharge.objects.get(), GatewayCall.objects.latest("pk"), Refund.objects.get(),
        RefusedNotice.objects.get(),
    )  # fmt: skip
    for row in rows:
        name = row._meta.model_name
        with django_assert_max_num_queries(6, using="payments"):
            listed = staff.get(f"/admin/payments/{name}/")
        shown = staff.get(f"/admin/payments/{name}/{row.pk}/change/")
        assert (listed.status_code, shown.status_code) == (200, 200)


def test_a_payments_page_leads_to_its_order_and_says_in_words_why_a_card_was_declined(staff: Client) -> None:
    payment = payment_captured()
    Payment.objects.update(decline_reason="insufficient_funds")

    html = staff.get(f"/admin/payments/payment/{payment.pk}/change/").content.decode()

    assert f'href="/admin/ordering/ordersummary/{payment.order_id}/change/"' in html
    assert "not enough money available" in html
    assert "insufficient_funds" not in html
    assert "€19.98" in html


def test_staff_gives_part_of_a_charge_back(staff: Client) -> None:
    payment = payment_captured()
    address = f"/admin/payments/payment/{payment.pk}/refund"
    assert "At most 19.98 EUR" in staff.get(address, follow=True).text

    answer = staff.post(f"{address}/", {"amount": "5.00", "reason": "One mug was chipped."})
    services.pay_refunds()

    assert answer.status_code == 302
    assert payment_of(payment.order_id).refunded_cents == 500


@pytest.mark.parametrize(
    ("amount", "words"), [("20.00", "19.98 EUR left"), ("1.005", "digits after the point"), ("x", "Enter a number")]
)
def test_a_refund_that_cannot_be_is_explained(staff: Client, amount: str, words: str) -> None:
    payment = payment_captured()

    answer = staff.post(f"/admin/payments/payment/{payment.pk}/refund/", {"amount": amount, "reason": "why"})

    assert answer.status_code == 200
    assert words in answer.text
    assert not Refund.objects.exists()


def test_nothing_can_be_refunded_before_the_charge(staff: Client) -> None:
    payment = payment_authorised()

    page = staff.get(f"/admin/payments/payment/{payment.pk}/refund/", follow=True)

    assert "only what was charged can go back" in page.text


def test_asking_again_says_when_there_is_nothing_to_ask(staff: Client) -> None:
    payment = payment_authorised()

    page = staff.post(
        "/admin/payments/payment/", {"action": "try_again", "_selected_action": [payment.pk]}, follow=True
    )

    assert "nothing to ask" in page.text


def test_no_card_number_reaches_the_admin(staff: Client) -> None:
    payment = payment_captured()

    page = staff.get(f"/admin/payments/payment/{payment.pk}/change/")

    assert "4242424242424242" not in page.text
    assert payment.card not in page.text
