"""Signed, expiring statements that one context hands to another through the browser.

Django's signer (HMAC-SHA256 over SECRET_KEY, salted per audience) makes them; they are readable by whoever holds
them, so nothing secret goes in.
"""

from __future__ import annotations

from typing import TypeVar

import msgspec
from django.core import signing

T = TypeVar("T", bound=msgspec.Struct)


class InvalidToken(Exception):
    """The token is forged, damaged, for another audience, of another shape, or too old."""


def sign(statement: msgspec.Struct, *, audience: str) -> str:
    """Return a URL-safe token that says `statement` to `audience` (a context's name or a purpose)."""
    return signing.dumps(msgspec.to_builtins(statement), salt=f"tradepost.{audience}", compress=True)


def read(token: str, kind: type[T], *, audience: str, max_age_s: int) -> T:
    """Return the statement of a token.

    Raises:
        InvalidToken: forged, too old, or made for somebody else.
    """
    try:
        return msgspec.convert(signing.loads(token, salt=f"tradepost.{audience}", max_age=max_age_s), kind)
    except (signing.BadSignature, msgspec.ValidationError) as problem:
        raise InvalidToken(str(problem)) from problem
