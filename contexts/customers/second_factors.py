"""Passkeys, codes from an app and recovery codes: allauth keeps them, in customers' tables and in the shop's words."""

from __future__ import annotations

import base64
import hashlib
from functools import partial
from types import SimpleNamespace
from typing import Any

from allauth.account.internal.flows.login import get_authentication_records, record_authentication
from allauth.mfa.adapter import DefaultMFAAdapter, get_adapter
from allauth.mfa.models import Authenticator
from cryptography.fernet import Fernet, MultiFernet
from django.conf import settings
from django.db import transaction
from django.http import HttpRequest
from django.utils.translation import gettext, gettext_lazy as _

from contexts.customers import devices
from contexts.customers.models import Account

#: What can be asked for after a password; recovery codes stand in for them.
FACTORS = [Authenticator.Type.TOTP, Authenticator.Type.WEBAUTHN]


class SecondFactorAdapter(DefaultMFAAdapter):  # type: ignore[misc]
    """Plain words, the shop's name, and secrets that a copy of the database does not give away."""

    error_messages = {
        **DefaultMFAAdapter.error_messages,
        "incorrect_code": _("That code or key does not fit. Try again with the one that is shown now."),
        "unverified_email": _("Confirm your e-mail address first; then you can protect the account."),
        "cannot_generate_recovery_codes": _("Recovery codes belong to a passkey or an authenticator app. Add one."),
    }

    def get_totp_issuer(self) -> str:
        return "Tradepost"

    def _get_site_name(self) -> str:
        return "Tradepost"

    def generate_authenticator_name(self, user: Account, type: Any) -> str:
        return gettext("My passkey")

    def encrypt(self, text: str) -> str:
        return _vault().encrypt(text.encode()).decode()

    def decrypt(self, encrypted_text: str) -> str:
        return _vault().decrypt(encrypted_text.encode()).decode()


def _vault() -> MultiFernet:
    """Return what seals the secrets: the newest key first, older ones still open what they closed."""
    return MultiFernet([_key(secret) for secret in (settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS)])


def _key(secret: str) -> Fernet:
    digest = hashlib.sha256(b"second factors of customers " + secret.encode()).digest()
    return Fernet(base64.urlsafe_b64encode(digest))


def shown(request: HttpRequest) -> bool:
    """Whether this session has shown a second factor: a passkey, a code from an app, a recovery code."""
    return any(record.get("method") == "mfa" for record in get_authentication_records(request, request.user))


def enrolled(account: Account) -> bool:
    """Whether a second factor is asked for after this account's password."""
    has_one: bool = get_adapter().is_mfa_enabled(account, FACTORS)
    return has_one


def note_first_factor(
    sender: type, request: HttpRequest, user: Account, authenticator: Authenticator, **_: Any
) -> None:
    """The first factor ends what the password alone had opened elsewhere; this session has just shown that it has it.

    A further one shows nothing: a session that was never asked for the first could add its own and pass with it.
    """
    others = Authenticator.objects.filter(user_id=user.pk, type__in=FACTORS).exclude(pk=authenticator.pk)
    if authenticator.type in FACTORS and not others.exists():
        record_authentication(request, user, "mfa", id=authenticator.pk, type=authenticator.type)
        devices.end_others(customer_id=user.pk, keep=request.session.session_key)


def keep_with_customers() -> None:
    """Let allauth's own transactions run where its tables are.

    It opens them on the alias `default`, which is empty here so that nothing goes unrouted; a router is not asked.
    """
    from allauth.mfa.recovery_codes.internal import auth as codes, flows as code_flows
    from allauth.mfa.totp.internal import flows as app_flows

    atomic = transaction.atomic(using="customers")
    here = SimpleNamespace(atomic=atomic, on_commit=partial(transaction.on_commit, using="customers"))
    for module in (app_flows, code_flows, codes):
        module.transaction = here
    app_flows.activate_totp = atomic(app_flows.activate_totp.__wrapped__)
    code_flows.generate_recovery_codes = atomic(code_flows.generate_recovery_codes.__wrapped__)
    codes.RecoveryCodes.validate_code = atomic(codes.RecoveryCodes.validate_code.__wrapped__)
