"""Start, stop or show the embedded PostgreSQL and Redis without the rest of the shop."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from config.embedded import servers


class Command(BaseCommand):
    help = "Start, stop or show the embedded PostgreSQL and Redis, which `make up` otherwise does."
    requires_system_checks = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("action", choices=["start", "stop", "status"])

    def handle(self, *args: Any, **options: Any) -> None:
        needed = servers.needed()
        if not needed:
            self.stdout.write("DATABASE_URL and REDIS_URL name servers of your own; none is embedded.")
        elif options["action"] == "start":
            started = servers.start(needed)
            self._say(needed, dict.fromkeys(started, "started"), otherwise="already running")
        elif options["action"] == "stop":
            stopped = servers.stop(needed)
            self._say(needed, dict.fromkeys(stopped, "stopped"), otherwise="was not running")
        else:
            running = {server: f"running, process {server.pid}" for server in needed if server.running()}
            self._say(needed, running, otherwise="not running")

    def _say(self, needed: list[servers.Server], words: dict[servers.Server, str], *, otherwise: str) -> None:
        for server in needed:
            self.stdout.write(f"{type(server).__name__}: {words.get(server, otherwise)} ({server.folder})")
