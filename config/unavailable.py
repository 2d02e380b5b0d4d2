"""What a shopper sees when something broke: a page that helps, and 503 rather than 500 when a store is away.

Django calls `server_error` for every exception that nobody caught, also for one in a middleware.
"""

from __future__ import annotations

import base64
import hashlib
import re
import sys
from functools import cache

import redis
import structlog
from django.db import InterfaceError, OperationalError
from django.http import HttpRequest, HttpResponse
from django.template.loader import render_to_string
from django.views import defaults
from kombu.exceptions import OperationalError as BrokerError

from config.problems import one_line

logger = structlog.get_logger(__name__)

#: PostgreSQL restarts, and another one takes over, in about so many seconds.
RETRY_AFTER_S = 5
#: Stores that are away, full or too busy: trying again helps, and nothing of ours is broken.
AWAY = (OperationalError, InterfaceError, redis.ConnectionError, redis.TimeoutError, BrokerError)


def server_error(request: HttpRequest) -> HttpResponse:
    """Answer a request that failed."""
    error = sys.exc_info()[1]
    if not is_away(error):
        return defaults.server_error(request)
    logger.warning("store does not answer", path=request.path, problem=one_line(error) if error else "")
    return unavailable(request)


def is_away(error: BaseException | None) -> bool:
    """Whether an error, or what caused it, means that a store does not answer."""
    while error is not None:
        if isinstance(error, AWAY):
            return True
        error = error.__cause__
    return False


def unavailable(request: HttpRequest) -> HttpResponse:
    """Return a page that needs no store and no file but itself."""
    page = render_to_string("503.html", {"retry_after_s": RETRY_AFTER_S, "again": request.method in ("GET", "HEAD")})
    response = HttpResponse(page, status=503)
    response["Retry-After"] = str(RETRY_AFTER_S)
    response["Cache-Control"] = "no-store"
    # Its one style is in the page; the policy of the shop allows none, so it is named by its digest.
    response._csp_update = {"style-src": [_digest_of_style(page)]}  # type: ignore[attr-defined]  # django-csp reads it
    response._has_been_logged = True  # type: ignore[attr-defined]  # one line was; a traceback says nothing more
    return response


@cache
def _digest(style: str) -> str:
    return base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()


def _digest_of_style(page: str) -> str:
    found = re.search(r"<style>(.*?)</style>", page, re.DOTALL)
    return f"'sha256-{_digest(found[1] if found else '')}'"
