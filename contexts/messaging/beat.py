"""Beat's scheduler: a sweep that nobody has taken yet is not sent again, so workers that are away cost the broker nothing."""

from __future__ import annotations

from typing import Any

from celery.beat import Scheduler

from contexts.messaging import transport
from contexts.messaging.transport import Message


class CoalescingScheduler(Scheduler):
    """Sends each entry as a hint; keeps nothing between starts."""

    def apply_async(
        # Celery's types do not say what an entry of ours always has.
        self,
        entry: Any,
        producer: Any = None,
        advance: bool = True,
        **kwargs: Any,
    ) -> None:
        entry = self.reserve(entry) if advance else entry
        transport.current().hint(Message(entry.task, entry.options["queue"], tuple(entry.args)))
