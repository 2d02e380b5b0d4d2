"""What shoppers wanted, were told and saw, kept as lines of JSON for the checker (tests/checker/FORMAT.md)."""

from __future__ import annotations

import json
import threading
from collections import Counter
from pathlib import Path
from uuid import UUID

from django.conf import settings

from config.chaos.shelves import Given


class Notebook:
    """Written by many threads; a line is on disk before the step that follows it is taken."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.counts: Counter[str] = Counter()
        #: Orders that the shop said are placed, or that may be.
        self.orders: set[UUID] = set()
        self._lock = threading.Lock()
        self._file = path.open("w", encoding="utf-8")
        self._write(kind="run", workload="shop", partitions=settings.MESSAGING_PARTITIONS)

    def given(self, shelves: list[Given]) -> None:
        for shelf in shelves:
            self._write(kind="given", **shelf._asdict())

    def intends(self, order_id: UUID, total_cents: int, *, door: str) -> str:
        """Note that somebody is about to click "Place order"; return the name of this try."""
        with self._lock:
            self.counts["tried"] += 1
            op = f"{door}-{self.counts['tried']}"
        self._write(kind="intend", op=op, change="place", order=str(order_id), total_cents=total_cents)
        return op

    def placed(self, op: str, order_id: UUID) -> None:
        event = {"type": "ordering.order_placed", "subject": f"order/{order_id}"}
        self._keep("placed", order_id)
        self._write(kind="committed", op=op, events=[event])

    def refused(self, op: str) -> None:
        self._keep("refused")
        self._write(kind="aborted", op=op)

    def unknown(self, op: str, order_id: UUID) -> None:
        self._keep("never answered", order_id)
        self._write(kind="unknown", op=op)

    def saw(self, order_id: UUID, status: str) -> None:
        self._write(kind="saw", order=str(order_id), status=status)

    def end(self, *, quiet: bool) -> None:
        self._write(kind="end", quiet=quiet)
        self._file.close()

    def _keep(self, outcome: str, order_id: UUID | None = None) -> None:
        with self._lock:
            self.counts[outcome] += 1
            if order_id is not None:
                self.orders.add(order_id)

    def _write(self, **line: object) -> None:
        with self._lock:
            self._file.write(json.dumps(line) + "\n")
            self._file.flush()
