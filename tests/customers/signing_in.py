"""A browser's stand-in that opens an account, signs in, and shows that it is still the same person."""

from __future__ import annotations

import time
from typing import Any

from allauth.mfa.totp.internal import auth as totp
from django.test import Client

from contexts.customers import services
from contexts.customers.models import Account

PASSWORD = "quite a long phrase"
FIREFOX = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"
PHONE = "Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) AppleWebKit/605.1 (KHTML, like Gecko) Version/18.0 Mobile Safari/604.1"  # noqa: E501


def customer(email: str = "ada@example.org") -> Account:
    return services.register(email=email, name="Ada Byron", password=PASSWORD, confirmed=True)


def signed_in(email: str = "ada@example.org", *, agent: str = FIREFOX) -> Client:
    """Return a browser of its own that went through the sign-in page."""
    browser = Client(headers={"user-agent": agent})
    browser.post("/account/sign-in/", {"login": email, "password": PASSWORD})
    return browser


def prove(browser: Client) -> None:
    """Type the password once more, as the pages ask before something that matters."""
    browser.post("/account/confirm-identity/", {"password": PASSWORD})


def code_of(secret: str, *, at: float | None = None) -> str:
    """Return what an authenticator app with this key shows."""
    counter = int((time.time() if at is None else at) // 30)
    return str(totp.format_hotp_value(totp.hotp_value(secret, counter)))


def set_up_an_app(browser: Client) -> str:
    """Switch an authenticator app on and return its key."""
    prove(browser)
    page: Any = browser.get("/account/security/app/")
    secret: str = page.context["form"].secret
    browser.post("/account/security/app/", {"code": code_of(secret)})
    return secret
