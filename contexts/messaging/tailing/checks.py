"""Start-up checks of tailing: settings that mean nothing, and servers that do not allow it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.conf import settings
from django.core.checks import CheckMessage, Error, Warning as CheckWarning
from django.db import DatabaseError

from contexts.messaging.naming import did_you_mean
from contexts.messaging.tailing import outbox, slots


def check_tailing(**_: Any) -> list[CheckMessage]:
    """Report settings that no context or no outbox answers to."""
    found: list[CheckMessage] = []
    for context, place in settings.MESSAGING_OUTBOX.items():
        if context not in settings.DATABASES and context not in settings.CONTEXTS:
            hint = did_you_mean(context, settings.CONTEXTS)
            found.append(Error(f'MESSAGING_OUTBOX names no context: "{context}". {hint}', id="messaging.E010"))
        if place not in {outbox.TABLE, outbox.WAL}:
            found.append(
                Error(f'MESSAGING_OUTBOX of {context} is "{place}"; it is "table" or "wal".', id="messaging.E011")
            )
    return found


def check_log_can_be_tailed(databases: Sequence[str] | None = None, **_: Any) -> list[CheckMessage]:
    """Report contexts that want to tail on a server that does not let them; `manage.py check --database <context>`."""
    found: list[CheckMessage] = []
    for context in slots.tailed_contexts():
        if context not in (databases or ()):
            continue
        try:
            problem = slots.obstacle(slots.facts(context))
        except DatabaseError as error:
            problem = f"The database of {context} does not say whether its log can be tailed: {error}"
        if problem:
            found.append(CheckWarning(problem, id="messaging.W010"))
    return found
