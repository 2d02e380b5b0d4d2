"""Start-up checks: mistakes in events and handlers that show only once everything is imported."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.core.checks import CheckMessage, Error

from contexts.messaging.events import missing_upcasters
from contexts.messaging.log import SLOTS
from contexts.messaging.subscriptions import beginnings_of_nobody


def check_backbone(**_: Any) -> list[CheckMessage]:
    """Report what would go wrong later."""
    found: list[CheckMessage] = [Error(sentence, id="messaging.E001") for sentence in missing_upcasters()]
    if not 1 <= settings.MESSAGING_PARTITIONS <= SLOTS:
        found.append(
            Error(
                f"MESSAGING_PARTITIONS is {settings.MESSAGING_PARTITIONS}; it must lie between 1 and {SLOTS}.",
                id="messaging.E002",
            )
        )
    found += [Error(sentence, id="messaging.E003") for sentence in beginnings_of_nobody()]
    return found
