"""The in-memory transport: runs messages in this process, and can lose, double and reorder them from a seed."""

from __future__ import annotations

import random
from collections import deque

from contexts.messaging.transport import Message


class MemoryTransport:
    """A network in a list. `loss`, `duplication` and `reorder` are chances between 0 and 1, drawn from `seed`.

    `queues` are those whose messages may be performed at once.
    """

    def __init__(
        self,
        *,
        seed: int = 0,
        loss: float = 0.0,
        duplication: float = 0.0,
        reorder: float = 0.0,
        queues: frozenset[str] = frozenset(),
    ) -> None:
        self._queues = queues
        self._random = random.Random(seed)  # noqa: S311 - faults to order, not secrets
        self._loss, self._duplication, self._reorder = loss, duplication, reorder
        self._waiting: deque[Message] = deque()
        self._hinted: set[Message] = set()
        self.sent = self.lost = self.doubled = self.reordered = 0

    def send(self, message: Message) -> None:
        self.sent += 1
        if self._random.random() < self._loss:
            self.lost += 1
            return
        copies = 1
        if self._random.random() < self._duplication:
            self.doubled += 1
            copies = 2
        for _ in range(copies):
            if self._waiting and self._random.random() < self._reorder:
                self.reordered += 1
                self._waiting.insert(self._random.randrange(len(self._waiting)), message)
            else:
                self._waiting.append(message)

    def hint(self, message: Message) -> None:
        if message not in self._hinted:
            self._hinted.add(message)
            self.send(message)

    def taken(self, message: Message) -> None:
        self._hinted.discard(message)

    def serves(self, queue: str) -> bool:
        return queue in self._queues

    def backlog(self, queue: str) -> int:
        return sum(message.queue == queue for message in self._waiting)

    def forget_hints(self) -> None:
        """Let hints that were lost run out, as time does elsewhere."""
        self._hinted.clear()

    def __len__(self) -> int:
        return len(self._waiting)

    def next(self) -> Message | None:
        """Take the next message off the network, None when it is empty."""
        return self._waiting.popleft() if self._waiting else None
