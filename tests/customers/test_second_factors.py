"""Codes from an app, recovery codes, and that every page of the library wears the shop's clothes."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any

import allauth
import pytest
from allauth.mfa.models import Authenticator
from django.core import mail
from django.core.cache import cache
from django.template.loader import get_template
from django.test import Client

from contexts.customers import urls
from contexts.customers.models import Account
from contexts.kernel.identity import COOKIE
from tests.customers.signing_in import PASSWORD, code_of, customer, prove, set_up_an_app, signed_in

pytestmark = pytest.mark.django_db(databases=["customers"])

LIBRARY = Path(allauth.__file__).parent


@pytest.fixture(autouse=True)
def ada() -> Account:
    cache.clear()
    return customer()


def test_an_app_is_switched_on_and_asked_for_at_the_next_sign_in() -> None:
    secret = set_up_an_app(signed_in())

    browser = Client()
    first = browser.post("/account/sign-in/", {"login": "ada@example.org", "password": PASSWORD})

    assert first["Location"].startswith("/account/sign-in/code/")
    assert COOKIE not in browser.cookies
    wrong = browser.post("/account/sign-in/code/", {"code": "000000"})
    assert "does not fit" in wrong.content.decode()
    assert COOKIE not in browser.cookies

    # The code that switched it on is used up; the clock tolerates its neighbour.
    answer = browser.post("/account/sign-in/code/", {"code": code_of(secret, at=time.time() + 30)})

    assert answer["Location"] == "/account/"
    assert browser.cookies[COOKIE].value


def test_a_wrong_first_code_switches_nothing_on() -> None:
    browser = signed_in()
    prove(browser)
    browser.get("/account/security/app/")

    answer = browser.post("/account/security/app/", {"code": "123"})

    assert "does not fit" in answer.content.decode()
    assert not Authenticator.objects.exists()


def test_the_apps_key_is_sealed_in_the_database() -> None:
    secret = set_up_an_app(signed_in())

    kept = Authenticator.objects.get(type="totp").data["secret"]

    assert secret not in kept
    assert kept.startswith("gAAAA")


def test_a_recovery_code_opens_the_account_once() -> None:
    browser = signed_in()
    set_up_an_app(browser)
    codes = browser.get("/account/security/codes/").context["unused_codes"]
    assert len(codes) == 10

    def sign_in_with(code: str) -> Client:
        browser = Client()
        browser.post("/account/sign-in/", {"login": "ada@example.org", "password": PASSWORD})
        browser.post("/account/sign-in/code/", {"code": code})
        return browser

    assert sign_in_with(codes[3]).cookies[COOKIE].value
    assert COOKIE not in sign_in_with(codes[3]).cookies
    assert len(browser.get("/account/security/codes/").context["unused_codes"]) == 9


def test_new_recovery_codes_end_the_old_ones() -> None:
    browser = signed_in()
    set_up_an_app(browser)
    before = browser.get("/account/security/codes/").context["unused_codes"]

    browser.post("/account/security/codes/new/")

    after = browser.get("/account/security/codes/").context["unused_codes"]
    assert set(before) & set(after) == set()
    listed = browser.get("/account/security/codes/file/").content.decode()
    assert all(code in listed for code in after)


def test_switching_the_app_off_asks_who_it_is_and_says_so_by_mail() -> None:
    set_up_an_app(signed_in())
    browser = Client()
    browser.post("/account/sign-in/", {"login": "ada@example.org", "password": PASSWORD})
    codes = Authenticator.objects.get(type="recovery_codes").wrap().get_unused_codes()
    browser.post("/account/sign-in/code/", {"code": codes[0]})

    asked = browser.get("/account/security/app/remove/")
    assert asked["Location"].startswith("/account/confirm-identity/")
    prove(browser)
    browser.post("/account/security/app/remove/")

    assert not Authenticator.objects.filter(type="totp").exists()


@pytest.mark.django_db(databases=["customers"], transaction=True)
def test_the_customer_hears_of_it_by_mail() -> None:
    set_up_an_app(signed_in())

    assert "An authenticator app protects your account" in [message.subject for message in mail.outbox]
    assert "If that was not you" in str(mail.outbox[-1].body)


def test_a_strangers_passkey_is_not_found() -> None:
    theirs = Authenticator.objects.create(user=customer("eve@example.org"), type="webauthn", data={"name": "Eve"})
    browser = signed_in()
    prove(browser)

    assert browser.get(f"/account/security/passkeys/{theirs.pk}/remove/").status_code == 404
    assert browser.post(f"/account/security/passkeys/{theirs.pk}/remove/").status_code == 404
    assert Authenticator.objects.filter(pk=theirs.pk).exists()


@pytest.mark.parametrize(
    "credential", ["", "{}", "[]", '"x"', '{"id": "a", "response": 7}', "not json", '{"rawId": 3}']
)
@pytest.mark.parametrize("path", ["sign-in/passkey/", "security/passkeys/add/", "confirm-identity/passkey/"])
def test_nonsense_in_a_passkeys_place_is_refused(path: str, credential: str) -> None:
    browser = Client() if path == "sign-in/passkey/" else signed_in()
    if path == "security/passkeys/add/":
        prove(browser)
        browser.get(f"/account/{path}")
    if path == "sign-in/passkey/":
        browser.get(f"/account/{path}", headers={"accept": "application/json"})

    answer = browser.post(f"/account/{path}", {"credential": credential, "name": "x", "passwordless": "on"})

    assert answer.status_code in (200, 302)
    assert not Authenticator.objects.exists()


def test_no_page_of_the_library_is_reachable_in_its_own_looks() -> None:
    names = {_template_of(pattern) for pattern in (*urls.sign_in_and_up, *urls.second_factors)} - {None}
    letters = [str(file.relative_to(LIBRARY / "templates")) for file in _letters()]

    assert len(names) > 15
    raw = [name for name in (*names, *letters) if LIBRARY in Path(str(get_template(str(name)).origin)).parents]
    assert raw == []


def _template_of(pattern: Any) -> str | None:
    view = pattern.callback
    while not hasattr(view, "view_class") and hasattr(view, "__wrapped__"):
        view = view.__wrapped__
    name: str | None = getattr(getattr(view, "view_class", None), "template_name", None)
    return name


def _letters() -> list[Path]:
    """Return the e-mails and messages that the ways we opened can send."""
    folder = LIBRARY / "templates"
    ours = ["account/email/password_*", "account/email/email_confirmation_[ms]*", "mfa/email/*", "mfa/messages/*"]
    return [
        file for kind in ours for file in folder.glob(kind)
        if "signup" not in file.name and "password_reset_code" not in file.name and "message.html" not in file.name
    ]  # fmt: skip
