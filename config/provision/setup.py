"""Everything the databases need before the shop can start: `manage.py setup` and the tests both call this."""

from __future__ import annotations

from dataclasses import dataclass, field

from django.conf import settings
from django.db import connections

from config.provision import migrations, permissions, roles, tailing
from contexts.messaging.tailing.slots import tailed_contexts


@dataclass
class Report:
    """What a setup did, per context; empty where everything was in place."""

    created: list[str] = field(default_factory=list)
    migrated: dict[str, list[str]] = field(default_factory=dict)

    def __bool__(self) -> bool:
        return bool(self.created or self.migrated)


def set_up(contexts: list[str] | None = None) -> Report:
    """Create what is missing and migrate what is behind, in every enabled context.

    Raises:
        Problem: a server cannot be reached, is too old, or does not let us.
    """
    report = Report()
    wanted = contexts or settings.CONTEXTS
    for context in wanted:
        alias = connections[context].settings_dict
        report.created += roles.prepare(context, alias, settings.DATABASE_ADMIN)
        applied = migrations.migrate(context)
        if applied:
            report.migrated[context] = applied
        if context in tailed_contexts():
            report.created += tailing.prepare(context, alias, settings.DATABASE_ADMIN)
    if permissions.ACCOUNTS in wanted:
        permissions.make_known()
    return report
