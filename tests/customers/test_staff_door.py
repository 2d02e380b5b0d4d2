"""The admin's door: the password alone opens it only where there is no second factor, and none is required."""

from __future__ import annotations

import pytest
from django.contrib.sessions.models import Session
from django.test import Client

from contexts.customers import services
from contexts.customers.models import Account, Device
from tests.customers.signing_in import PASSWORD, prove, set_up_an_app, signed_in

# Setting up an app announces itself after its commit.
pytestmark = pytest.mark.django_db(transaction=True, databases=["customers"])
EMAIL = "sam@example.org"


@pytest.fixture(autouse=True)
def sam() -> Account:
    return services.open_staff_account(email=EMAIL, name="Sam", password=PASSWORD, superuser=True)


@pytest.fixture(autouse=True)
def _forget_tries() -> None:
    from django.core.cache import cache

    cache.clear()


def gives_password(browser: Client, *, onwards: str = "/admin/login/?next=/admin/customers/account/") -> str:
    """Send the admin's own form; return where it leads."""
    answer = browser.post(onwards, {"username": EMAIL, "password": PASSWORD})
    return str(answer.url)


def is_in(browser: Client) -> bool:
    return browser.get("/admin/customers/account/").status_code == 200


def with_an_app() -> None:
    set_up_an_app(signed_in(EMAIL))


def test_without_a_second_factor_the_password_opens_it():
    browser = Client()

    assert gives_password(browser) == "/admin/customers/account/"
    assert is_in(browser)


def test_a_wrong_password_is_told_on_the_admins_own_page():
    browser = Client()

    answer = browser.post("/admin/login/", {"username": EMAIL, "password": "wrong"})

    assert answer.status_code == 200
    assert "Please enter the correct e-mail and password" in answer.text
    assert not is_in(browser)


def test_whoever_guesses_passwords_is_locked_out_also_with_the_right_one(settings):
    settings.AXES_ENABLED = True
    browser = Client()
    for _ in range(settings.AXES_FAILURE_LIMIT):
        browser.post("/admin/login/", {"username": EMAIL, "password": "wrong"})

    answer = browser.post("/admin/login/", {"username": EMAIL, "password": PASSWORD})

    assert answer.status_code == 429
    assert not is_in(browser)


def test_staff_with_an_app_are_asked_for_its_code_before_there_is_a_session():
    with_an_app()
    browser = Client()

    assert gives_password(browser) == "/account/sign-in/code/"
    assert not is_in(browser)
    assert browser.get("/account/profile/").status_code == 302
    browser.post("/account/sign-in/code/", {"code": "000000"})
    assert not is_in(browser)
    opened = browser.post("/account/sign-in/code/", {"code": recovery_code()})

    assert opened.url == "/admin/customers/account/"
    assert is_in(browser)


def test_a_next_page_elsewhere_is_not_gone_to():
    with_an_app()
    browser = Client()
    gives_password(browser, onwards="/admin/login/?next=https://evil.example/")

    assert browser.post("/account/sign-in/code/", {"code": recovery_code()}).url == "/admin/"


def test_the_session_that_set_the_app_up_goes_on_and_those_of_the_password_alone_end():
    elsewhere, here = signed_in(EMAIL), signed_in(EMAIL)
    assert is_in(elsewhere)

    set_up_an_app(here)

    assert is_in(here)
    assert not is_in(elsewhere)
    assert Session.objects.count() == Device.objects.count() == 1


def test_a_session_that_never_showed_the_factor_is_asked_for_it():
    """As one from before the app was there, whatever let it live on."""
    with_an_app()
    browser = Client()
    browser.force_login(Account.objects.get(email=EMAIL), backend="django.contrib.auth.backends.ModelBackend")

    asked = browser.get("/admin/customers/account/", follow=True)
    assert asked.redirect_chain[-1][0] == "/account/confirm-identity/code/?next=%2Fadmin%2Fcustomers%2Faccount%2F"
    assert not is_in(browser)
    prove(browser)
    assert not is_in(browser), "the password once more is no second factor"

    opened = browser.post(asked.redirect_chain[-1][0], {"code": recovery_code()})

    assert opened.url == "/admin/customers/account/"
    assert is_in(browser)


def test_a_further_factor_does_not_stand_for_the_first():
    from allauth.mfa.models import Authenticator

    with_an_app()
    browser = Client()
    sam = Account.objects.get(email=EMAIL)
    browser.force_login(sam, backend="django.contrib.auth.backends.ModelBackend")
    Authenticator.objects.filter(type="totp").update(type="webauthn")

    set_up_an_app(browser)

    assert Authenticator.objects.filter(user=sam, type="totp").exists()
    assert not is_in(browser)


@pytest.mark.parametrize("door", ["/admin/login/", "/account/sign-in/"])
def test_where_it_is_required_staff_without_one_get_one_first(settings, door: str):
    settings.REQUIRE_STAFF_SECOND_FACTOR = True
    browser = Client()
    browser.post(door, {"username": EMAIL, "login": EMAIL, "password": PASSWORD})

    told = browser.get("/admin/customers/account/", follow=True)
    assert told.redirect_chain[-1][0] == "/account/security/"
    assert "The admin asks for more than a password. Add a passkey or an app here." in told.text
    assert browser.post("/admin/customers/account/").status_code == 302

    set_up_an_app(browser)
    assert is_in(browser)


def test_customers_are_refused_whatever_they_show(settings):
    settings.REQUIRE_STAFF_SECOND_FACTOR = True
    services.register(email="ada@example.org", name="Ada", password=PASSWORD, confirmed=True)
    browser = signed_in("ada@example.org")
    set_up_an_app(browser)

    assert not is_in(browser)
    assert "/admin/login/" in browser.get("/admin/").url


def recovery_code() -> str:
    """Return a code of Sam's; an app's own code is good once, and setting it up used it."""
    from allauth.mfa.models import Authenticator

    codes: list[str] = Authenticator.objects.get(user__email=EMAIL, type="recovery_codes").wrap().get_unused_codes()
    return codes[0]
