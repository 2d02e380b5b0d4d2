"""The history of a run: what each client wanted, was told and saw, as lines of JSON for the independent checker.

`docs` for the format: tests/checker/FORMAT.md.
"""

from __future__ import annotations

import json
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import connections

from contexts.messaging.simulation.cluster import Cluster, Snapshot

Tables = dict[str, dict[str, list[dict[str, Any]]]]

#: What the checker reads; the columns are those of the real tables.
NAMES = (
    "messaging_event", "messaging_position", "messaging_sequencer", "messaging_subscription", "messaging_inbox",
    "messaging_delivery", "messaging_parked", "messaging_timer", "sim_order", "sim_stock", "sim_reservation",
    "sim_payment", "sim_effect",
)  # fmt: skip


class History:
    """Lines in the order in which they happened."""

    def __init__(self) -> None:
        self.lines: list[dict[str, Any]] = []

    def record(self, kind: str, **facts: Any) -> None:
        self.lines.append({"kind": kind, **facts})

    def as_text(self) -> str:
        return "".join(json.dumps(line) + "\n" for line in self.lines)


def plain(value: Any) -> Any:
    """Return a column's value as JSON has it."""
    if isinstance(value, (UUID, Snapshot)):
        return str(value)
    return value.isoformat() if isinstance(value, datetime) else value


def tables_of_model(cluster: Cluster) -> Tables:
    """Return all committed rows of the model."""
    found: Tables = {}
    for schema, name in cluster.tables:
        if name in NAMES:
            rows = [{column: plain(value) for column, value in row.items()} for row in cluster.committed(schema, name)]
            found.setdefault(schema, {})[name] = rows
    return found


def tables_of_postgres(contexts: list[str]) -> Tables:
    """Return all rows of the real tables."""
    found: Tables = {}
    for context in contexts:
        with connections[context].cursor() as cursor:
            for name in NAMES:
                cursor.execute("select to_regclass(%s)", [name])
                if cursor.fetchone()[0] is None:
                    continue
                text = ", data::text as data" if name == "messaging_event" else ""
                cursor.execute(f"select *{text} from {name}")
                columns = [column.name for column in cursor.description]
                found.setdefault(context, {})[name] = [
                    {column: plain(value) for column, value in zip(columns, row, strict=True)}
                    for row in cursor.fetchall()
                ]
    return found
