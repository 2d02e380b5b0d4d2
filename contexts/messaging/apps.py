"""Wires the backbone: the outbox receiver, and the events and handlers of every context in this process."""

from __future__ import annotations

import importlib
from importlib.util import find_spec

from django.apps import AppConfig
from django.conf import settings
from django.core import checks

PARTS = ("events", "handlers", "services", "captures")


class MessagingConfig(AppConfig):
    name = "contexts.messaging"
    label = "messaging"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from contexts.messaging import telemetry
        from contexts.messaging.checks import check_backbone
        from contexts.messaging.publishing import event_published, write_outbox
        from contexts.messaging.tailing.checks import check_log_can_be_tailed, check_tailing

        telemetry.start()
        event_published.connect(write_outbox, dispatch_uid="tradepost outbox")
        for context in settings.CONTEXTS:
            for part in PARTS:
                if find_spec(f"contexts.{context}.{part}"):
                    importlib.import_module(f"contexts.{context}.{part}")
        checks.register(check_backbone, "messaging")
        checks.register(check_tailing, "messaging")
        checks.register(check_log_can_be_tailed, checks.Tags.database)
