"""What `manage.py check` refuses: currencies that are none, and for production a key that anybody can guess."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.apps.config import AppConfig
from django.conf import settings
from django.core.checks import CheckMessage, Error, Tags, register

SHORTEST_KEY = 50
FEWEST_LETTERS = 12


#: What Stripe counts in another smallest unit than ISO 4217 does; see docs/paying.md.
UNLIKE_ISO_AT_STRIPE = {"ISK", "UGX"}


@register()
def currencies_can_be_sold_in(app_configs: Sequence[AppConfig] | None, **kwargs: Any) -> list[CheckMessage]:
    """Refuse currencies that are none, are named twice, or that the gateway would charge a hundredfold."""
    codes: list[str] = settings.CURRENCIES
    strange = [code for code in codes if not (len(code) == 3 and code.isascii() and code.isalpha() and code.isupper())]
    if not codes or strange or len(set(codes)) < len(codes):
        found = f"CURRENCIES is {','.join(codes) or 'empty'}: each is a code of three capital letters, named once."
        return [Error(found, hint="CURRENCIES=EUR,GBP,JPY; prices are kept in the first.", id="tradepost.E004")]
    if settings.PAYMENTS_GATEWAY == "stripe" and (unlike := UNLIKE_ISO_AT_STRIPE & set(codes)):
        found = f"Stripe counts {', '.join(sorted(unlike))} in another unit than the shop does."
        return [Error(found, hint="Take it out of CURRENCIES, or use another gateway.", id="tradepost.E005")]
    return []


@register(Tags.security, deploy=True)
def secret_key_is_secret(app_configs: Sequence[AppConfig] | None, **kwargs: Any) -> list[CheckMessage]:
    """Refuse a missing, short or guessable SECRET_KEY."""
    hint = 'Make one: python -c "import secrets; print(secrets.token_urlsafe(50))"'
    if settings.SECRET_KEY_IS_LOCAL:
        found = "SECRET_KEY is not set, so this machine made one for itself; other machines would not share it."
        return [Error(found, hint=hint, id="tradepost.E001")]
    keys = [settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS]
    if any(guessable(key) for key in keys):
        found = "SECRET_KEY can be guessed: it is short, repeats itself, or comes from an example."
        return [Error(found, hint=hint, id="tradepost.E002")]
    return []


@register(Tags.security, deploy=True)
def demo_is_off(app_configs: Sequence[AppConfig] | None, **kwargs: Any) -> list[CheckMessage]:
    """Refuse a demo in production: parcels would move by themselves and test cards would pay."""
    if settings.DEMO:
        return [Error("DEMO is on.", hint="Set DEMO=false in production.", id="tradepost.E003")]
    return []


def guessable(key: str) -> bool:
    example = key.startswith("django-insecure-") or "change-me" in key or "example" in key
    return len(key) < SHORTEST_KEY or len(set(key)) < FEWEST_LETTERS or example
