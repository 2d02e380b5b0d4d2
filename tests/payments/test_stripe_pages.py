"""With Stripe no card number is typed on our pages: the ways to Stripe's own, and back, and its webhooks."""

from __future__ import annotations

import json
import re
import time
from html import unescape
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit
from urllib.request import Request, urlopen
from uuid import UUID

import pytest
from django.core.management import call_command
from django.core.management.base import SystemCheckError
from django.test import Client
from uuid_utils.compat import uuid7

from contexts.kernel import tokens
from contexts.kernel.checkout import PaymentMethod
from contexts.kernel.money import eur
from contexts.payments import services
from contexts.payments.events import PaymentAuthorised, PaymentDeclined
from contexts.payments.models import Card, Payment, Refund, RefundState, RefusedNotice, State
from tests.payments.factories import payment_of
from tests.payments.harness import APPROVED, CONFIRM, DECLINED, Stripe, keep_card
from tests.payments.stripe_stand_in import StripeStandIn
from tests.payments.test_crashes import PRICE
from tests.payments.test_pages import confirm_address, other_card_address, pay_address

pytestmark = pytest.mark.django_db(databases=["payments"])


@pytest.fixture(autouse=True)
def stripe(stand_in: StripeStandIn, settings: Any) -> StripeStandIn:
    settings.PAYMENTS_GATEWAY = "stripe"
    settings.DEMO = True
    return stand_in


def due(stripe: StripeStandIn, number: str = APPROVED) -> Payment:
    order, card = keep_card(Stripe(stripe), number)
    services.note_amount_due(order_id=order, number="TP-1001", amount=PRICE, card=card, language="en")
    services.note_stock_reserved(order_id=order)
    return payment_of(order)


def authorised(stripe: StripeStandIn, number: str = APPROVED) -> Payment:
    payment = due(stripe, number)
    services.authorise_due()
    return payment_of(payment.order_id)


def type_at_stripe(address: str, number: str) -> str:
    """Fill in Stripe's page for cards and return where it sends the shopper."""

    class Stay(Exception):
        pass

    import urllib.request

    class NoRedirects(urllib.request.HTTPRedirectHandler):
        def redirect_request(self, *args: Any) -> None:
            raise Stay(args[-1])

    with pytest.raises(Stay) as sent:
        urllib.request.build_opener(NoRedirects).open(Request(address, urlencode({"number": number}).encode()))
    return str(sent.value)


def test_our_page_has_no_field_for_a_card_and_lets_its_form_lead_to_stripe(
    client: Client, stripe: StripeStandIn
) -> None:
    page = client.get(pay_address(uuid7()))

    assert page.status_code == 200
    assert "19.98" in page.text
    assert 'name="number"' not in page.text
    assert "Test cards" not in page.text
    policy = dict(part.strip().split(" ", 1) for part in page["Content-Security-Policy"].split(";"))
    assert policy["form-action"] == f"'self' {stripe.url}"
    assert policy["default-src"] == "'self'"
    assert stripe.url not in client.get("/pay/x/")["Content-Security-Policy"]


def test_the_live_stripe_asks_for_cards_at_its_own_address(settings: Any, client: Client) -> None:
    settings.STRIPE_API_BASE = "https://api.stripe.com"

    page = client.get(pay_address(uuid7()))

    assert "form-action 'self' https://checkout.stripe.com" in page["Content-Security-Policy"]


def test_a_card_given_at_stripe_leads_back_to_the_review_with_its_token(client: Client, stripe: StripeStandIn) -> None:
    order_id = uuid7()

    away = client.post(pay_address(order_id))
    assert away.status_code == 303
    assert away["Location"].startswith(f"{stripe.url}/pages/card/")
    way_back = type_at_stripe(away["Location"], APPROVED)
    answers = [client.get(way_back.removeprefix("http://testserver")) for _ in range(2)]

    assert [answer.status_code for answer in answers] == [303, 303]
    back = urlsplit(answers[0]["Location"])
    assert back.path == f"/checkout/{order_id}/review/"
    method = tokens.read(parse_qs(back.query)["payment"][0], PaymentMethod, audience="ordering", max_age_s=60)
    assert method == PaymentMethod(
        order_id=order_id, payment_method=Card.objects.get().token, method_label="Visa ending 4242"
    )


def test_whoever_comes_back_without_a_card_is_told_and_can_try_again(client: Client, stripe: StripeStandIn) -> None:
    order_id = uuid7()
    client.post(pay_address(order_id))
    [page] = stripe.pages.values()
    way_back = page["success_url"].replace("{CHECKOUT_SESSION_ID}", page["id"]).removeprefix("http://testserver")

    answer = client.get(way_back)

    assert answer.status_code == 503
    assert "No card was given." in answer.text
    form = unescape(re.search(r'<form method="post" action="([^"]*)"', answer.text)[1])  # type: ignore[index]
    assert client.post(form).status_code == 303
    assert not Card.objects.exists()


def test_a_card_page_of_another_order_gives_no_card(client: Client, stripe: StripeStandIn) -> None:
    other, order_id = uuid7(), uuid7()
    client.post(pay_address(other))
    [page] = stripe.pages.values()
    stripe.give_card(page["id"], APPROVED)

    address = pay_address(order_id).replace("/?", "/card/?") + f"&page={page['id']}"
    answer = client.get(address)

    assert "No card was given." in answer.text
    assert not Card.objects.exists()


def test_a_stripe_that_does_not_answer_is_said_and_what_was_entered_is_kept(
    client: Client, stripe: StripeStandIn
) -> None:
    stripe.fault("down", "/v1/checkout/sessions")

    answer = client.post(pay_address(uuid7()))

    assert answer.status_code == 503
    assert "does not answer at the moment" in answer.text


def test_another_card_after_a_decline_goes_by_stripe_too(client: Client, stripe: StripeStandIn) -> None:
    payment = authorised(stripe, DECLINED)
    assert payment.state == State.DECLINED
    address = other_card_address(payment.order_id)
    assert "Visa ending 0002: Your bank declined the card" in client.get(address).text

    way_back = type_at_stripe(client.post(address)["Location"], APPROVED)
    answer = client.get(way_back.removeprefix("http://testserver"))
    services.authorise_due()

    assert answer["Location"] == f"/orders/{payment.order_id}/?card=given"
    assert payment_of(payment.order_id).state == State.AUTHORISED
    assert stripe.charges(str(payment.order_id)) == [("requires_payment_method", 1998), ("requires_capture", 1998)]


# --- the confirmation


@pytest.mark.parametrize(("approve", "outcome"), [(True, PaymentAuthorised), (False, PaymentDeclined)])
@pytest.mark.parametrize("first", ["browser", "webhook"])
def test_browser_and_webhook_come_in_any_order_to_the_same_end(
    client: Client, stripe: StripeStandIn, published_events: Any, approve: bool, outcome: type, first: str
) -> None:
    payment = authorised(stripe, CONFIRM)
    published_events.clear()
    away = client.get(confirm_address(payment.order_id))
    assert (away.status_code, away["Location"]) == (302, f"{stripe.url}/pages/confirm/{payment.charge}")
    stripe.confirm(payment.charge, approve=approve)
    steps = [lambda: come_back(client, payment), lambda: tell(client, stripe, payment, times=2)]

    for step in steps if first == "browser" else reversed(steps):
        step()

    assert [type(event) for event in published_events] == [outcome]
    tell(client, stripe, payment, kind="payment_intent.requires_action")  # a late one, of what was before
    assert [type(event) for event in published_events] == [outcome]


def come_back(client: Client, payment: Payment) -> Any:
    answer = client.get(f"/pay/{payment.order_id}/back/?payment_intent={payment.charge}&redirect_status=succeeded")
    assert answer.status_code == 303
    assert answer["Location"].startswith(f"/orders/{payment.order_id}/?key=")
    return answer


def tell(
    client: Client, stripe: StripeStandIn, payment: Payment, *, times: int = 1,
    kind: str = "payment_intent.amount_capturable_updated",
) -> None:  # fmt: skip
    charge = payment.charge or next(iter(stripe.intents))
    headers, body = stripe.notice(kind, charge)
    for _ in range(times):
        assert post(client, headers, body).status_code == 204


def post(client: Client, headers: dict[str, str], body: bytes) -> Any:
    return client.post("/webhooks/payments/stripe/", body, content_type="application/json", headers=headers)


def test_whoever_was_not_sent_to_the_bank_makes_nobody_ask_it(client: Client, stripe: StripeStandIn) -> None:
    payment = authorised(stripe, CONFIRM)
    stripe.confirm(payment.charge, approve=True)
    asked = len(stripe.requests)

    answer = client.get(f"/pay/{payment.order_id}/back/?payment_intent={payment.charge}")

    assert answer["Location"] == f"/orders/{payment.order_id}/"
    assert len(stripe.requests) == asked
    assert payment_of(payment.order_id).state == State.ACTION_REQUIRED


def test_a_confirmation_that_is_over_leads_to_the_order(client: Client, stripe: StripeStandIn) -> None:
    payment = authorised(stripe, CONFIRM)
    stripe.confirm(payment.charge, approve=True)

    answer = client.get(confirm_address(payment.order_id))

    assert answer["Location"].startswith(f"/orders/{payment.order_id}/?key=")
    assert payment_of(payment.order_id).state == State.AUTHORISED


def test_our_own_confirmation_page_answers_for_no_card_of_stripes(client: Client, stripe: StripeStandIn) -> None:
    payment = authorised(stripe, CONFIRM)

    client.post(confirm_address(payment.order_id), {"answer": "approve"})

    assert payment_of(payment.order_id).state == State.ACTION_REQUIRED
    assert stripe.intents[payment.charge]["status"] == "requires_action"


# --- webhooks


def test_a_webhook_finds_the_payment_whose_answer_was_lost(
    client: Client, stripe: StripeStandIn, published_events: Any
) -> None:
    payment = due(stripe)
    stripe.fault("lose", "/v1/payment_intents")
    services.authorise_due()
    assert payment_of(payment.order_id).state == State.DUE

    tell(client, stripe, payment_of(payment.order_id), times=2)

    assert payment_of(payment.order_id).state == State.AUTHORISED
    Payment.objects.update(work_at=payment.created_at)
    assert services.authorise_due() == 0

    assert [type(event) for event in published_events] == [PaymentAuthorised]
    assert stripe.charges(str(payment.order_id)) == [("requires_capture", 1998)]


def test_a_webhook_before_anything_was_asked_changes_nothing(client: Client, stripe: StripeStandIn) -> None:
    other = authorised(stripe)
    payment = due(stripe)
    stripe.intents[other.charge]["metadata"]["order"] = str(payment.order_id)

    tell(client, stripe, other)

    assert payment_of(payment.order_id).state == State.DUE


def test_a_webhook_of_an_earlier_card_does_not_pay_for_the_next(client: Client, stripe: StripeStandIn) -> None:
    payment = authorised(stripe, DECLINED)
    first = payment.charge
    order, card = keep_card(Stripe(stripe), CONFIRM, order=payment.order_id)
    services.pay_with_another_card(order_id=order, card=card, before=payment.created_at.replace(year=2100))
    services.authorise_due()
    stripe.intents[first]["status"] = "requires_capture"

    headers, body = stripe.notice("payment_intent.amount_capturable_updated", first)
    assert post(client, headers, body).status_code == 204

    assert payment_of(order).state == State.ACTION_REQUIRED


@pytest.mark.parametrize("fault", ["signature", "secret", "body", "old", "no headers", "shape", "not json", "huge"])
def test_a_forged_webhook_is_refused_counted_and_changes_nothing(
    client: Client, stripe: StripeStandIn, published_events: Any, settings: Any, fault: str
) -> None:
    payment = authorised(stripe, CONFIRM)
    published_events.clear()
    stripe.confirm(payment.charge, approve=True)
    if fault == "shape":
        stripe.intents[payment.charge]["metadata"]["order"] = "nonsense"
    headers, body = stripe.notice(
        "payment_intent.amount_capturable_updated", payment.charge,
        sent_at=time.time() - 3600 if fault == "old" else None,
    )  # fmt: skip
    match fault:
        case "signature":
            headers["Stripe-Signature"] = "t=é,v1=é,v1"
        case "secret":
            settings.STRIPE_WEBHOOK_SECRET = ""
        case "body":
            body = body.replace(b"1998", b"1999")
        case "no headers":
            headers = {}
        case "not json":
            body = b"\xff\xfe"
        case "huge":
            body += b" " * 300_000

    answers = [post(client, headers, body) for _ in range(2)]

    assert [answer.status_code for answer in answers] == [400, 400]
    assert payment_of(payment.order_id).state == State.ACTION_REQUIRED
    assert published_events == []
    refused = RefusedNotice.objects.get()
    assert (refused.gateway, refused.count) == ("stripe", 2)


def test_a_refund_that_the_bank_sends_back_days_later_can_be_made_again(client: Client, stripe: StripeStandIn) -> None:
    payment = authorised(stripe)
    services.charge_card(order_id=payment.order_id)
    services.capture_due()
    services.refund(order_id=payment.order_id, amount=eur(5_00), reason="chipped")
    services.pay_refunds()
    [made] = stripe.refunds
    assert post(client, *stripe.notice("refund.updated", made)).status_code == 204
    assert Refund.objects.get().state == RefundState.DONE

    stripe.send_refund_back(made)
    for _ in range(2):
        assert post(client, *stripe.notice("refund.failed", made)).status_code == 204

    failed = Refund.objects.get()
    assert (failed.state, failed.problem[:26]) == (RefundState.FAILED, "The shopper's bank sent th")
    after = payment_of(payment.order_id)
    assert (after.refunded_cents, after.refundable) == (0, PRICE)
    services.refund(order_id=payment.order_id, amount=PRICE, reason="once more")
    services.pay_refunds()
    assert payment_of(payment.order_id).refunded == PRICE


def test_a_true_webhook_about_something_else_is_taken_and_changes_nothing(
    client: Client, stripe: StripeStandIn
) -> None:
    payment = authorised(stripe)
    stripe.intents[payment.charge]["metadata"].pop("order")

    tell(client, stripe, payment, kind="customer.created")
    tell(client, stripe, payment)

    assert not RefusedNotice.objects.exists()


# --- the settings


@pytest.mark.parametrize(
    ("name", "value", "words"),
    [
        ("PAYMENTS_GATEWAY", "strip", 'No payment gateway is called "strip"'),
        ("STRIPE_SECRET_KEY", "", "STRIPE_SECRET_KEY is not set"),
        ("STRIPE_WEBHOOK_SECRET", "", "STRIPE_WEBHOOK_SECRET is not set"),
    ],
)
def test_a_gateway_that_could_take_no_money_is_refused_by_the_checks(
    settings: Any, name: str, value: str, words: str
) -> None:
    call_command("check")
    setattr(settings, name, value)

    with pytest.raises(SystemCheckError, match=words):
        call_command("check")


def test_the_stand_in_refuses_a_parameter_that_stripe_would_not_know(stripe: StripeStandIn) -> None:
    asked = Request(
        f"{stripe.url}/v1/customers", urlencode({"metadata[order]": "1", "ordr": "1"}).encode(),
        headers={"Authorization": f"Bearer {stripe.key}"},
    )  # fmt: skip

    with pytest.raises(OSError, match="400") as refused:
        urlopen(asked)

    assert json.loads(refused.value.read())["error"]["code"] == "parameter_unknown"  # type: ignore[attr-defined]


def test_orders_of_stripe_are_named_by_their_id_and_no_person(stripe: StripeStandIn) -> None:
    payment = authorised(stripe)

    [customer] = stripe.customers.values()
    assert customer == {
        "id": customer["id"], "object": "customer", "metadata": {"order": str(payment.order_id)},
    }  # fmt: skip
    assert UUID(stripe.intents[payment.charge]["metadata"]["order"]) == payment.order_id
