"""Silence: while a read model is made anew, nothing is announced, planned, woken or sent; it all happened long ago."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

from django.conf import settings

_replaying: ContextVar[bool] = ContextVar("tradepost_replaying", default=False)


def replaying() -> bool:
    """Whether this is a replay; `publish`, timers and wake-ups then do nothing."""
    return _replaying.get()


@contextmanager
def silence() -> Iterator[None]:
    """Mark what happens inside as a replay. E-mail that a handler sends by itself goes nowhere."""
    token, backend = _replaying.set(True), settings.EMAIL_BACKEND
    settings.EMAIL_BACKEND = "django.core.mail.backends.dummy.EmailBackend"
    try:
        yield
    finally:
        settings.EMAIL_BACKEND = backend
        _replaying.reset(token)
