"""The log of requests says who asked: from where, as far as that can be known."""

from __future__ import annotations

import pytest
import structlog
from django.test import RequestFactory

from config.logs import logging_configuration
from config.middleware import RequestLog


@pytest.mark.parametrize(
    ("behind_proxy", "headers", "address"),
    [
        (False, {}, "192.0.2.1"),
        (False, {"x-forwarded-for": "203.0.113.5"}, "192.0.2.1"),
        (True, {"x-forwarded-for": "10.9.8.7, 203.0.113.5"}, "203.0.113.5"),
        (True, {}, "192.0.2.1"),
    ],
)
def test_only_our_own_proxy_is_believed(settings, behind_proxy, headers, address):
    settings.BEHIND_PROXY = behind_proxy
    request = RequestFactory(headers=headers).get("/", REMOTE_ADDR="192.0.2.1")

    with structlog.contextvars.bound_contextvars(ip=None):
        RequestLog.bind_ip(request)

        assert structlog.contextvars.get_contextvars()["ip"] == address


@pytest.mark.parametrize(("level", "floor"), [("DEBUG", "INFO"), ("INFO", "INFO"), ("ERROR", "ERROR")])
def test_whoever_wants_errors_only_is_spared_the_requests(level, floor):
    loggers = logging_configuration(form="console", level=level)["loggers"]

    assert loggers["django_structlog.middlewares.request"]["level"] == floor
