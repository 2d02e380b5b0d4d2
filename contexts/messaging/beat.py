"""Beat's scheduler: a sweep that nobody has taken yet is not sent again, so workers that are away cost the broker nothing."""

from __future__ import annotations

from typing import Any

from celery.beat import Scheduler

from contexts.messaging import transport
from contexts.messaging.transport import Message


class CoalescingScheduler(Scheduler):
    """Sends an entry as a hint to each context that its arguments name; keeps nothing between starts.

    One entry for all of them: what Celery makes of an entry's times costs more than sending it.
    """

    def apply_async(
        # Celery's types do not say what an entry of ours always has.
        self,
        entry: Any,
        producer: Any = None,
        advance: bool = True,
        **kwargs: Any,
    ) -> None:
        entry = self.reserve(entry) if advance else entry
        for context in entry.args:
            transport.current().hint(Message(entry.task, context, (context,)))
