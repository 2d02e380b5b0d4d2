"""Signing up, in and out in a browser's stead, and the identity that the other contexts trust."""

from __future__ import annotations

import re
from typing import Any

import pytest
from django.core import mail
from django.core.cache import cache
from django.http import HttpRequest
from django.test import Client
from uuid_utils.compat import uuid7

from contexts.customers import services
from contexts.customers.events import AccountOpenedFromOrder, CustomerChanged, CustomerRegistered, EmailConfirmed
from contexts.customers.models import Account
from contexts.kernel import awaited, tokens
from contexts.kernel.addresses import Address
from contexts.kernel.checkout import AccountOffer
from contexts.kernel.identity import COOKIE, Identity, identity_of
from contexts.messaging.testing import PublishedEvents

pytestmark = pytest.mark.django_db(databases=["customers"])

PASSWORD = "quite a long phrase"
ORDER = uuid7()


@pytest.fixture(autouse=True)
def _fresh_rate_limits() -> None:
    cache.clear()


@pytest.fixture
def post(client: Client, django_capture_on_commit_callbacks: Any) -> Any:
    """Post a form and let what waits for the commit (the e-mails) happen."""

    def post_form(path: str, **data: str) -> Any:
        with django_capture_on_commit_callbacks(using="customers", execute=True):
            return client.post(path, data)

    return post_form


def identity_in(client: Client) -> Identity | None:
    request = HttpRequest()
    if COOKIE in client.cookies and client.cookies[COOKIE].value:
        request.COOKIES[COOKIE] = client.cookies[COOKIE].value
    return identity_of(request)


def customer(email: str = "ada@example.org") -> Account:
    return services.register(email=email, name="Ada Byron", password=PASSWORD, confirmed=True)


def code_in(message: mail.EmailMessage) -> str:
    found = re.search(r"^([A-Z0-9]{3,}(?:-[A-Z0-9]+)*)$", str(message.body), re.MULTILINE)
    assert found, message.body
    return found[1]


def test_signing_up_announces_the_customer_once_and_the_code_opens_the_account(
    client: Client, post: Any, published_events: PublishedEvents
) -> None:
    answer = post("/account/sign-up/", name="Ada Byron", email="Ada@Example.org", password1=PASSWORD)

    assert (answer.status_code, answer["Location"]) == (302, "/account/email/confirm/")
    account = Account.objects.get()
    assert published_events == [
        CustomerRegistered(customer_id=account.id, email="ada@example.org", name="Ada Byron", language="en")
    ]
    assert identity_in(client) is None

    answer = post("/account/email/confirm/", code=code_in(mail.outbox[0]))

    assert (answer.status_code, answer["Location"]) == (302, "/account/")
    assert identity_in(client) == Identity(customer_id=account.id, email="ada@example.org", name="Ada Byron")
    assert list(published_events)[1:] == [EmailConfirmed(customer_id=account.id, email="ada@example.org")]


def test_a_wrong_code_opens_nothing(client: Client, post: Any) -> None:
    post("/account/sign-up/", name="Ada Byron", email="ada@example.org", password1=PASSWORD)

    answer = post("/account/email/confirm/", code="WRONG1")

    assert "That is not the code we sent." in answer.content.decode()
    assert identity_in(client) is None


def test_signing_up_with_a_known_address_looks_the_same_and_tells_its_owner(
    client: Client, post: Any, published_events: PublishedEvents
) -> None:
    customer()
    published_events.clear()

    answer = post("/account/sign-up/", name="Eve", email="ada@example.org", password1=PASSWORD)

    assert (answer.status_code, answer["Location"]) == (302, "/account/email/confirm/")
    assert client.get("/account/email/confirm/").status_code == 200
    assert [message.subject for message in mail.outbox] == ["You have an account at Tradepost already"]
    assert Account.objects.count() == 1
    assert published_events == []


def test_signing_in_issues_the_identity_and_goes_where_the_shopper_wanted(client: Client, post: Any) -> None:
    account = customer()

    answer = post("/account/sign-in/", login="ADA@example.org", password=PASSWORD, next="/account/addresses/")

    assert (answer.status_code, answer["Location"]) == (302, "/account/addresses/")
    assert identity_in(client) == Identity(customer_id=account.id, email="ada@example.org", name="Ada Byron")


def test_nobody_is_sent_to_another_site_after_signing_in(post: Any) -> None:
    customer()

    answer = post("/account/sign-in/", login="ada@example.org", password=PASSWORD, next="https://evil.example/")

    assert answer["Location"] == "/account/"


@pytest.mark.parametrize("email", ["ada@example.org", "nobody@example.org"])
def test_a_wrong_password_and_an_unknown_address_get_the_same_words(client: Client, post: Any, email: str) -> None:
    customer()

    answer = post("/account/sign-in/", login=email, password="not the right one")

    assert "E-mail address or password is wrong." in answer.content.decode()
    assert identity_in(client) is None


def test_too_many_wrong_passwords_are_stopped(post: Any) -> None:
    customer()

    answers = [post("/account/sign-in/", login="ada@example.org", password="wrong") for _ in range(6)]
    after = post("/account/sign-in/", login="ada@example.org", password=PASSWORD)

    assert "Too many wrong passwords." in answers[-1].content.decode()
    assert "Too many wrong passwords." in after.content.decode()


def test_signing_out_forgets_the_identity(client: Client, post: Any) -> None:
    customer()
    post("/account/sign-in/", login="ada@example.org", password=PASSWORD)

    answer = post("/account/sign-out/")

    assert (answer.status_code, answer["Location"]) == (302, "/")
    assert identity_in(client) is None
    assert client.get("/account/")["Location"] == "/account/sign-in/?next=/account/"


def test_signing_out_asks_first_when_it_is_only_a_link(client: Client, post: Any) -> None:
    customer()
    post("/account/sign-in/", login="ada@example.org", password=PASSWORD)

    answer = client.get("/account/sign-out/")

    assert answer.status_code == 200
    assert identity_in(client) is not None


def test_a_lost_identity_comes_back_at_the_sign_in_page_instead_of_a_loop(client: Client, post: Any) -> None:
    account = customer()
    post("/account/sign-in/", login="ada@example.org", password=PASSWORD)
    del client.cookies[COOKIE]

    answer = client.get("/account/sign-in/?next=/account/purchases/")

    assert (answer.status_code, answer["Location"]) == (302, "/account/purchases/")
    identity = identity_in(client)
    assert identity is not None
    assert identity.customer_id == account.id


def test_a_closed_account_cannot_sign_in(client: Client, post: Any) -> None:
    services.deactivate(customer_id=customer().id)

    post("/account/sign-in/", login="ada@example.org", password=PASSWORD)

    assert identity_in(client) is None


def test_a_forgotten_password_is_reset_by_a_link(client: Client, post: Any) -> None:
    customer()

    post("/account/password/reset/", email="ada@example.org")
    found = re.search(r"http://testserver(\S+)", str(mail.outbox[0].body))
    assert found
    form = client.get(found[1], follow=True)
    answer = post(form.request["PATH_INFO"], password1="a wholly new phrase", password2="a wholly new phrase")

    assert (answer.status_code, answer["Location"]) == (302, "/account/password/reset/done/")
    assert Account.objects.get().check_password("a wholly new phrase")
    assert "This link no longer works" in client.get(found[1], follow=True).content.decode()


def test_a_password_reset_does_not_tell_who_has_an_account(post: Any) -> None:
    customer()

    known = post("/account/password/reset/", email="ada@example.org")
    unknown = post("/account/password/reset/", email="nobody@example.org")

    assert (known.status_code, known["Location"]) == (unknown.status_code, unknown["Location"])


def test_a_new_email_address_counts_once_it_is_confirmed(
    client: Client, post: Any, published_events: PublishedEvents
) -> None:
    account = customer()
    post("/account/sign-in/", login="ada@example.org", password=PASSWORD)
    published_events.clear()

    answer = post("/account/email/", action_add="1", email="countess@example.org")
    assert answer["Location"] == "/account/confirm-identity/?next=%2Faccount%2Femail%2F"
    assert "Is it you?" in client.get(answer["Location"]).content.decode()
    post("/account/confirm-identity/", password=PASSWORD, next="/account/email/")
    assert Account.objects.get().email == "ada@example.org"
    assert published_events == []
    post("/account/email/confirm/", code=code_in(mail.outbox[-1]))

    assert Account.objects.get().email == "countess@example.org"
    assert published_events == [
        CustomerChanged(
            customer_id=account.id, email="countess@example.org", name="Ada Byron", language="en", default_address=None
        ),
        EmailConfirmed(customer_id=account.id, email="countess@example.org"),
    ]
    client.get("/account/")
    identity = identity_in(client)
    assert identity is not None
    assert identity.email == "countess@example.org"


def test_a_changed_password_keeps_this_device_signed_in(client: Client, post: Any) -> None:
    customer()
    post("/account/sign-in/", login="ada@example.org", password=PASSWORD)

    answer = post(
        "/account/password/", oldpassword=PASSWORD, password1="a wholly new phrase", password2="a wholly new phrase"
    )

    assert (answer.status_code, answer["Location"]) == (302, "/account/")
    assert client.get("/account/").status_code == 200
    assert Account.objects.get().check_password("a wholly new phrase")


def test_the_identity_follows_a_changed_name(client: Client, post: Any) -> None:
    customer()
    post("/account/sign-in/", login="ada@example.org", password=PASSWORD)

    post("/account/profile/", name="Ada Lovelace", language="de", currency="EUR")
    client.get("/account/")

    identity = identity_in(client)
    assert identity is not None
    assert identity.name == "Ada Lovelace"


def test_a_chosen_currency_follows_the_customer_to_another_device(client: Client, post: Any) -> None:
    account = customer()
    post("/account/sign-in/", login="ada@example.org", password=PASSWORD)
    assert "currency" not in client.cookies, "nothing is chosen yet"

    client.get("/account/?currency=JPY", follow=True)

    account.refresh_from_db()
    assert account.currency == "JPY"
    assert client.cookies["currency_chosen"].value == "", "the account knows"
    other = Client()
    other.cookies["currency"] = "GBP"  # chosen there by a guest, long ago
    other.post("/account/sign-in/", {"login": "ada@example.org", "password": PASSWORD})
    assert other.cookies["currency"].value == "JPY"
    page = other.get("/account/profile/")
    assert page.context["form"].initial["currency"] == "JPY"

    post("/account/profile/", name="Ada", language="en", currency="CHF")

    assert client.cookies["currency"].value == "CHF"
    other.cookies[COOKIE] = ""  # as if the statement were older than five minutes
    assert other.get("/account/").wsgi_request.account_currency == "CHF"
    assert other.cookies["currency"].value == "CHF"
    services.erase(customer_id=account.id)
    account.refresh_from_db()
    assert account.currency == ""


def test_what_a_guest_chose_in_this_visit_counts_and_the_account_keeps_it(client: Client, post: Any) -> None:
    account = customer()
    services.keep_currency(customer_id=account.id, currency="JPY")

    client.get("/account/sign-in/?currency=GBP")
    post("/account/sign-in/", login="ada@example.org", password=PASSWORD)

    account.refresh_from_db()
    assert (client.cookies["currency"].value, account.currency) == ("GBP", "GBP")


def offer_of_an_order(email: str = "ada@example.org") -> str:
    address = Address(name="Ada Byron", street="Kanalstr. 4", postcode="20095", city="Hamburg", country="DE")
    return tokens.sign(
        AccountOffer(order_id=ORDER, number="TP-7F3K-92QX", email=email, name="Ada Byron", address=address),
        audience="customers",
    )


def test_a_guest_opens_an_account_with_a_password_alone(
    client: Client, post: Any, published_events: PublishedEvents
) -> None:
    answer = post("/account/sign-up/from-order/", offer=offer_of_an_order(), password1=PASSWORD)

    assert (answer.status_code, answer["Location"]) == (302, "/account/email/confirm/")
    account = Account.objects.get()
    assert (account.email, account.name) == ("ada@example.org", "Ada Byron")
    saved = account.addresses.get()
    assert (saved.street, saved.is_default) == ("Kanalstr. 4", True)
    assert published_events.of(AccountOpenedFromOrder) == [
        AccountOpenedFromOrder(customer_id=account.id, order_id=ORDER)
    ]
    request = HttpRequest()
    request.COOKIES[awaited.COOKIE] = client.cookies[awaited.COOKIE].value
    assert [order.number for order in awaited.awaited_orders(request, account.id)] == ["TP-7F3K-92QX"]
    assert published_events.of(EmailConfirmed) == []
    assert identity_in(client) is None

    post("/account/email/confirm/", code=code_in(mail.outbox[0]))

    assert identity_in(client) == Identity(customer_id=account.id, email="ada@example.org", name="Ada Byron")


def test_a_password_too_short_is_said_beside_the_field_and_opens_nothing(post: Any) -> None:
    answer = post("/account/sign-up/from-order/", offer=offer_of_an_order(), password1="short")

    assert answer.status_code == 422
    assert "too short" in answer.content.decode()
    assert not Account.objects.exists()


def test_a_guest_who_has_an_account_gets_a_letter_and_the_account_stays_as_it_is(
    client: Client, post: Any, published_events: PublishedEvents
) -> None:
    account = customer()

    answer = post("/account/sign-up/from-order/", offer=offer_of_an_order(), password1=PASSWORD)

    assert (answer.status_code, answer["Location"]) == (302, "/account/email/confirm/")
    assert [message.subject for message in mail.outbox] == ["You have an account at Tradepost already"]
    assert not account.addresses.exists()
    assert published_events.of(AccountOpenedFromOrder) == []
    assert awaited.COOKIE not in client.cookies


@pytest.mark.parametrize("offer", ["", "forged"])
def test_an_offer_that_does_not_hold_leads_to_the_whole_form(client: Client, post: Any, offer: str) -> None:
    answer = post("/account/sign-up/from-order/", offer=offer, password1=PASSWORD)

    assert (answer.status_code, answer["Location"]) == (302, "/account/sign-up/")
    assert client.get("/account/sign-up/from-order/").status_code == 405
    assert not Account.objects.exists()


def test_letters_about_an_account_are_in_its_language_with_html_beside_the_text(client: Client, post: Any) -> None:
    account = services.register(email="ada@example.org", name="Ada", password=PASSWORD, language="de", confirmed=True)

    post("/account/password/reset/", email=account.email)

    [message] = mail.outbox
    [(html, kind)] = message.alternatives  # type: ignore[attr-defined]  # an EmailMultiAlternatives
    assert kind == "text/html"
    assert '<html lang="de">' in html
    assert "/account/password/reset/" in html
