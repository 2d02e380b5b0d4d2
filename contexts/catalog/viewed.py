"""What a visitor looked at last: kept in a cookie of theirs and nowhere else."""

from __future__ import annotations

from base64 import urlsafe_b64decode, urlsafe_b64encode
from uuid import UUID

from django.conf import settings
from django.http import HttpRequest, HttpResponse

COOKIE = "viewed"
MOST = 5
LASTS_S = 30 * 24 * 3600
_LENGTH = 22


def viewed(request: HttpRequest) -> tuple[UUID, ...]:
    """Return the products looked at, the last first; a cookie that makes no sense is an empty one."""
    found = []
    for part in request.COOKIES.get(COOKIE, "").split(".")[:MOST]:
        try:
            found.append(UUID(bytes=urlsafe_b64decode(f"{part}==")))
        except ValueError:
            return ()
    return tuple(dict.fromkeys(found))


def remember(request: HttpRequest, response: HttpResponse, product: UUID) -> None:
    """Put a product first among those looked at."""
    before = viewed(request)
    after = tuple(dict.fromkeys((product, *before)))[:MOST]
    if after != before:
        value = ".".join(urlsafe_b64encode(id.bytes).decode()[:_LENGTH] for id in after)
        response.set_cookie(
            COOKIE, value, max_age=LASTS_S, httponly=True, samesite="Lax", secure=settings.SESSION_COOKIE_SECURE
        )
