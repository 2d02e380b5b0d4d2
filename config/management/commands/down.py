"""Stop the shop that runs on this data folder."""

from __future__ import annotations

import os
import signal
import time
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand

from config.embedded import process, servers
from config.problems import Problem

PATIENCE_S = 60.0


class Command(BaseCommand):
    help = "Stop the shop that `make up` runs on this DATA_DIR, and embedded servers that were left running."
    requires_system_checks = []

    def handle(self, *args: Any, **options: Any) -> None:
        pid = running_shop()
        if pid is not None:
            os.kill(pid, signal.SIGTERM)
            deadline = time.monotonic() + PATIENCE_S
            while process.alive(pid, program="python"):
                if time.monotonic() > deadline:
                    raise Problem(f"The shop (process {pid}) does not stop. See its terminal.")
                time.sleep(0.1)
        stopped = servers.stop(servers.needed())
        self.stdout.write("Stopped." if pid or stopped else "No shop was running on this data folder.")


def running_shop() -> int | None:
    """Return the process that runs the shop on this data folder, if one does."""
    try:
        pid = int((settings.DATA_DIR / "up.lock").read_text())
    except (FileNotFoundError, ValueError):
        return None
    return pid if process.alive(pid, program="python") else None
