"""The admin's first page: what waits for somebody in each context, and whether the events flow."""

from __future__ import annotations

from importlib import import_module
from typing import Any

from django.conf import settings
from django.contrib import admin
from django.db import connections
from django.http import HttpRequest
from django.urls import reverse

from config import policy_reports
from config.roster import has_module
from contexts.kernel.board import Tile

#: So many kinds of what browsers refused are told apart.
SHOWN = 5


def dashboard(request: HttpRequest, context: dict[str, Any]) -> dict[str, Any]:
    """Add the tiles that this person may see, those that ask for action first, and what the parking holds."""
    tiles = [_shown(tile) for tile in _tiles() if _may_see(request, tile)]
    urgency = {"trouble": 0, "act": 1, "calm": 2}
    reports = policy_reports.counted()
    context |= {
        "tiles": sorted(tiles, key=lambda tile: urgency[tile["tone"]]), "parked": parked(),
        "policy_reports": reports[:SHOWN], "policy_reported": sum(count for _, count in reports),
    }  # fmt: skip
    return context


def parked() -> int:
    """Return how many events of all contexts wait in the parking."""
    waiting = 0
    for context in settings.CONTEXTS:
        with connections[context].cursor() as cursor:
            cursor.execute("select count(*) from messaging_parked where state <> 'discarded'")
            waiting += cursor.fetchone()[0]
    return waiting


def _tiles() -> list[Tile]:
    found: list[Tile] = []
    for context in settings.CONTEXTS:
        if has_module(context, "queries"):
            tiles = getattr(import_module(f"contexts.{context}.queries"), "tiles", None)
            found += tiles() if tiles else []
    return found


def _may_see(request: HttpRequest, tile: Tile) -> bool:
    for model, model_admin in admin.site._registry.items():
        if f"{model._meta.app_label}_{model._meta.model_name}" == tile.list:
            return model_admin.has_view_permission(request)
    return False


def _shown(tile: Tile) -> dict[str, str]:
    address = reverse(f"admin:{tile.list}_changelist")
    return {
        "title": tile.title, "figure": tile.figure, "text": tile.text, "tone": tile.tone,
        "address": f"{address}?{tile.query}" if tile.query else address,
    }  # fmt: skip
