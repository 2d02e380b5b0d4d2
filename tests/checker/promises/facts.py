"""The history and the tables of a run, and what a check is."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

#: Subscribers that keep their position outside of PostgreSQL, unless the history says otherwise.
ELSEWHERE = ("history",)

Row = dict[str, Any]


class Violation(NamedTuple):
    """One broken promise."""

    promise: str
    what: str


class Unusable(Exception):
    """The history or the tables cannot be read."""


class Facts:
    """The history and the tables of one run."""

    def __init__(self, history: list[Row], tables: dict[str, dict[str, list[Row]]]) -> None:
        self.history, self.tables = history, tables
        self.run = next((line for line in history if line.get("kind") == "run"), {})
        end = next((line for line in history if line.get("kind") == "end"), None)
        #: Whether everything had the time to finish. While it had not, what is late is no violation.
        self.quiet = bool(end and end.get("quiet", True)) if end else bool(self.run.get("quiet", True))
        self.gave_up = end is not None and not end.get("quiet", True)
        self.elsewhere = set(self.run.get("elsewhere", ELSEWHERE))
        self.partitions = int(self.run.get("partitions", 4))
        self.logs = {schema: Log(schema, rows) for schema, rows in tables.items() if "messaging_event" in rows}

    def rows(self, schema: str, table: str) -> list[Row]:
        return self.tables.get(schema, {}).get(table, [])

    def has(self, schema: str, table: str) -> bool:
        return table in self.tables.get(schema, {})

    def lines(self, kind: str) -> list[Row]:
        return [line for line in self.history if line.get("kind") == kind]

    def events(self, kind: str) -> list[Row]:
        """Return the events of one type, in the order of their identities."""
        log = self.logs.get(kind.partition(".")[0])
        return log.by_type.get(kind, []) if log else []


class Log:
    """A publisher's log with its positions."""

    def __init__(self, schema: str, rows: dict[str, list[Row]]) -> None:
        self.schema = schema
        self.events = sorted(rows["messaging_event"], key=lambda row: row["id"])
        self.positions = sorted(rows.get("messaging_position", []), key=lambda row: row["position"])
        self.by_id = {row["id"]: row for row in self.events}
        self.position_of = {row["event"]: row["position"] for row in self.positions}
        self.by_type: dict[str, list[Row]] = defaultdict(list)
        for row in self.events:
            self.by_type[row["type"]].append(row)
        self.by_event_id = {str(row["event_id"]): row for row in self.events}

    def wanted(self, subscription: Row, partitions: int) -> list[tuple[int, Row]]:
        """Return the (position, event) pairs that a subscription wants, in order."""
        since = dict(zip(subscription["types"], subscription.get("since") or [0] * 999, strict=False))
        return [
            (place["position"], self.by_id[place["event"]])
            for place in self.positions
            if place["event"] in self.by_id
            and place["slot"] % partitions == subscription["partition"]
            and self.by_id[place["event"]]["type"] in since
            and place["position"] > since[self.by_id[place["event"]]["type"]]
        ]


def data_of(event: Row) -> Row:
    data = event["data"]
    return json.loads(data) if isinstance(data, str) else data


Check = Callable[[Facts], Iterator[Violation]]
CHECKS: list[Check] = []


def check(function: Check) -> Check:
    CHECKS.append(function)
    return function
