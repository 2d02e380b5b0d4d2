"""What `manage.py check --deploy` refuses: a shop that would open with a key anybody can guess."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.apps.config import AppConfig
from django.conf import settings
from django.core.checks import CheckMessage, Error, Tags, register

SHORTEST_KEY = 50
FEWEST_LETTERS = 12


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
