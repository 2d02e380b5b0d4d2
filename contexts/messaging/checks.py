"""Start-up checks: mistakes in events and handlers that show only once everything is imported."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.core.checks import CheckMessage, Error

from contexts.messaging.errors import MisdeclaredEvent
from contexts.messaging.events import all_events, missing_upcasters
from contexts.messaging.log import SLOTS
from contexts.messaging.personal import personal_fields
from contexts.messaging.subscriptions import beginnings_of_nobody


def check_backbone(**_: Any) -> list[CheckMessage]:
    """Report what would go wrong later."""
    found: list[CheckMessage] = [Error(sentence, id="messaging.E001") for sentence in missing_upcasters()]
    found += [Error(sentence, id="messaging.E003") for sentence in persons_unclear()]
    if not 1 <= settings.MESSAGING_PARTITIONS <= SLOTS:
        found.append(
            Error(
                f"MESSAGING_PARTITIONS is {settings.MESSAGING_PARTITIONS}; it must lie between 1 and {SLOTS}.",
                id="messaging.E002",
            )
        )
    found += [Error(sentence, id="messaging.E003") for sentence in beginnings_of_nobody()]
    return found


def persons_unclear() -> list[str]:
    """Return a sentence for each event whose personal data could not be erased."""
    sentences = []
    for event in all_events().values():
        try:
            fields = personal_fields(event)
        except MisdeclaredEvent as problem:
            sentences.append(str(problem))
            continue
        except NameError:  # An event of a test, whose types only the test can see.
            continue
        shown = f"{event.__module__}.{event.__name__}"
        if fields and not event.event_persons:
            sentences.append(
                f"{shown} has personal fields ({', '.join(fields)}) but does not say whose they are. "
                'Add person="customer/{customer_id}" to the class.'
            )
        if event.event_persons and not fields:
            sentences.append(f"{shown} names a person but no field is Personal[...]. Mark those that are about them.")
    return sentences
