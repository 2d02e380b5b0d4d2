"""Make the databases ready: database, roles, schemas, rights, migrations. Safe to repeat."""

from __future__ import annotations

import time
from typing import Any

from django.core.management.base import BaseCommand

from config.embedded.servers import embedded_servers
from config.provision.setup import set_up


class Command(BaseCommand):
    help = "Create what the databases lack (roles, schemas, rights) and apply every context's migrations."
    requires_system_checks = []

    def handle(self, *args: Any, **options: Any) -> None:
        began = time.monotonic()
        with embedded_servers():
            report = set_up()
        for created in report.created:
            self.stdout.write(f"created {created}")
        for context, applied in report.migrated.items():
            self.stdout.write(f"migrated {context}: {len(applied)} migrations, up to {applied[-1]}")
        if not report:
            self.stdout.write("Everything is in place; nothing to do.")
        self.stdout.write(f"Ready in {time.monotonic() - began:.1f} s.")
