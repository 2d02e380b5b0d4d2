"""Run the whole shop in this terminal."""

from __future__ import annotations

import sys
from typing import Any

from django.core.management.base import BaseCommand

from config.up import up


class Command(BaseCommand):
    help = "Start everything - servers, databases, demo shop, web, workers, beat - in this terminal; Ctrl-C stops it."
    requires_system_checks = []

    def handle(self, *args: Any, **options: Any) -> None:
        sys.exit(up())
