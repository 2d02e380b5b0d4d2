"""Connections that are kept: those on which the server said nothing since its last answer are not asked whether they work."""

from __future__ import annotations

import select
from collections.abc import Callable
from typing import Any

from django.db import connections
from django.http import HttpRequest, HttpResponse


class KeptConnections:
    """Middleware: a request trusts quiet connections. It begins after Django has let go of those that are too old."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        trust_quiet_connections()
        return self.get_response(request)


def trust_quiet_connections() -> None:
    """Spare every kept connection the question with which Django begins; call it after Django's own look at their age.

    A server that hangs up says so, which shows at the socket at once. To ask costs each page and each task of a few
    milliseconds a round trip on every connection that it uses.
    """
    for connection in connections.all(initialized_only=True):
        if _is_quiet(connection):
            connection.health_check_done = True  # type: ignore[attr-defined]  # the stubs lack it


def _is_quiet(connection: Any) -> bool:
    driver = connection.connection
    if driver is None or driver.closed:
        return False
    looking = select.poll()
    looking.register(driver.fileno(), select.POLLIN)
    return not looking.poll(0)
