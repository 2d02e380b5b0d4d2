"""Who is asking: what customers vouches for, carried in a signed cookie that any context can read.

Customers issues the cookie at sign-in and renews it on its own pages; the others trust it until it expires and never
query customers' tables.
"""

from __future__ import annotations

from uuid import UUID

import msgspec
from django.http import HttpRequest, HttpResponse

from contexts.kernel import tokens

COOKIE = "identity"
MAX_AGE_S = 14 * 24 * 3600
#: A statement older than this is looked at again where customers is at hand, so that a sign-out elsewhere counts.
FRESH_S = 5 * 60


class Identity(msgspec.Struct, frozen=True, kw_only=True):
    """A signed-in customer, as customers stated it when the cookie was issued."""

    customer_id: UUID
    email: str
    name: str
    staff: bool = False


def issue(response: HttpResponse, identity: Identity) -> None:
    """Put the identity cookie on a response; only customers calls this."""
    response.set_cookie(
        COOKIE,
        tokens.sign(identity, audience="identity"),
        max_age=MAX_AGE_S,
        httponly=True,
        samesite="Lax",
    )


def forget(response: HttpResponse) -> None:
    response.delete_cookie(COOKIE, samesite="Lax")


def identity_of(request: HttpRequest) -> Identity | None:
    """Return who is asking, or None for a guest or a cookie that does not hold."""
    return _read(request, max_age_s=MAX_AGE_S)


def is_fresh(request: HttpRequest) -> bool:
    """Whether the identity was stated a moment ago."""
    return _read(request, max_age_s=FRESH_S) is not None


def _read(request: HttpRequest, *, max_age_s: int) -> Identity | None:
    token = request.COOKIES.get(COOKIE)
    if token is None:
        return None
    try:
        return tokens.read(token, Identity, audience="identity", max_age_s=max_age_s)
    except tokens.InvalidToken:
        return None
