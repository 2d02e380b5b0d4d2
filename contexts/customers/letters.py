"""The letters about an account, with invented data, for staff to look at; allauth has them written and sent."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.conf import settings
from django.template.loader import render_to_string
from django.utils.translation import gettext_noop as _, override

from contexts.kernel.letters import Rendered, Sample, show_sample

FOLDER = "account/email"
CHANGE = {"ip": "192.0.2.7", "user_agent": "Firefox on Linux", "timestamp": "1 March 2026, 14:30"}

#: Each letter's templates, when it is written, and what it needs to know.
SAMPLES: list[tuple[str, str, dict[str, Any]]] = [
    ("email_confirmation", _("An address has to be confirmed"), {"code": "K7QX-2M4P"}),
    (
        "account_already_exists",
        _("Somebody wants to open a second account with an address"),
        {"email": "ada@example.org", "password_reset_url": f"{settings.SITE_URL}/account/password/reset/"},
    ),
    (
        "password_reset_key",
        _("Somebody forgot the password"),
        {"password_reset_url": f"{settings.SITE_URL}/account/password/reset/1-abc/"},
    ),
    (
        "unknown_account",
        _("A new password is asked for where there is no account"),
        {"email": "ada@example.org", "signup_url": f"{settings.SITE_URL}/account/sign-up/"},
    ),
    ("password_reset", _("The password was reset"), CHANGE),
    ("password_changed", _("The password was changed"), CHANGE),
    ("password_set", _("A first password was set"), CHANGE),
    (
        "email_changed",
        _("The address was changed"),
        {**CHANGE, "from_email": "ada@example.org", "to_email": "ada@example.com"},
    ),
]


def frame(language: str) -> dict[str, str]:
    """Return what the frame around every letter needs."""
    return {"shop_url": f"{settings.SITE_URL}/", "language": language}


def show_samples() -> None:
    for name, when, context in SAMPLES:
        show_sample(Sample(kind=name, when=when, context="customers", write=_writer(name, context)))


def _writer(name: str, context: dict[str, Any]) -> Callable[[str], Rendered]:
    def write(language: str) -> Rendered:
        with override(language):
            known = {**frame(language), "current_site": {"domain": settings.SITE_URL}, **context}
            return Rendered(
                subject=" ".join(render_to_string(f"{FOLDER}/{name}_subject.txt", known).split()),
                text=render_to_string(f"{FOLDER}/{name}_message.txt", known).strip() + "\n",
                html=render_to_string(f"{FOLDER}/{name}_message.html", known),
            )

    return write
