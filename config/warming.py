"""Lets a web process read what its first pages would read, beside answering: each context's `warming.warm`, if it has one."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from importlib import import_module

import structlog
from django.conf import settings
from django.db import connections

from config.roster import has_module
from contexts.kernel.outages import one_line

logger = structlog.get_logger(__name__)


def start() -> threading.Thread:
    """Warm this process in a thread of its own. Requests need not wait: what they need first, they read."""
    thread = threading.Thread(target=warm, args=(_all(),), name="warming", daemon=True)
    thread.start()
    return thread


def _all() -> list[Callable[[], None]]:
    return [import_module(f"contexts.{name}.warming").warm for name in settings.CONTEXTS if has_module(name, "warming")]


def warm(each: Sequence[Callable[[], None]]) -> None:
    """Call each; one that fails (the database is not there yet) is left to the first page that needs it."""
    for one in each:
        try:
            one()
        except Exception as problem:
            logger.info("not warmed", what=one.__module__, problem=one_line(problem))
    # The connections are this thread's own.
    connections.close_all()
