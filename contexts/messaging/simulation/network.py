"""A network between simulated processes: it loses, doubles, delays, reorders and forgets, as the seed says."""

from __future__ import annotations

import msgspec

from contexts.messaging.celery_transport import HINT_LASTS_MS
from contexts.messaging.simulation.scheduler import Scheduler
from contexts.messaging.transport import Message


class Faults(msgspec.Struct, kw_only=True):
    """How bad things are: chances between 0 and 1, per message or per step of the scheduler; delays in seconds.

    `served` is no fault: how often a process happens to serve a queue, so that it may do at once what it would send.
    """

    loss: float = 0.0
    duplication: float = 0.0
    delay_s: float = 0.0
    long_delay: float = 0.0
    kill: float = 0.0
    stall: float = 0.0
    server_crash: float = 0.0
    flush: float = 0.0
    broker_away: float = 0.0
    handler_fails: float = 0.0
    served: float = 0.0

    @classmethod
    def drawn(cls, scheduler: Scheduler) -> Faults:
        """Return the weather of one seed: some faults absent, some frequent, so that seeds differ in kind."""
        chance = scheduler.chance

        def some(most: float) -> float:
            return chance.choice((0.0, most / 4, most))

        return cls(
            loss=some(0.3), duplication=some(0.3), delay_s=some(0.5), long_delay=some(0.1), kill=some(0.01),
            stall=some(0.01), server_crash=some(0.002), flush=some(0.004), broker_away=some(0.004),
            handler_fails=some(0.1), served=chance.choice((0.0, 0.5, 1.0)),
        )  # fmt: skip


def short(message: Message) -> str:
    """Return a message in a few words for the trace."""
    task = message.task.partition(".")[2]
    if task not in ("deliver", "acknowledge"):
        return f"{task} {message.args[0]}"
    body = msgspec.json.decode(message.args[1])
    route = f"{body['publisher']}->{body['subscriber']}/{body['partition']}"
    if task == "deliver":
        return f"page {route} {body['after']}..{body['upto']} ({len(body['events'])})"
    return f"ack {route} at {body['position']}{' missing' if body.get('missing') else ''}"


class Network:
    """The transport port over simulated time."""

    def __init__(self, scheduler: Scheduler, faults: Faults) -> None:
        self._scheduler, self.faults = scheduler, faults
        self._flying: list[tuple[float, Message]] = []
        self._hints: dict[Message, float] = {}
        self.away_until = 0.0

    # --- the port

    def send(self, message: Message) -> None:
        self._scheduler.pause()
        scheduler, chance = self._scheduler, self._scheduler.chance
        if scheduler.now < self.away_until:
            scheduler.note(f"broker away: {short(message)}")
            raise ConnectionError("the broker is away")
        if chance.random() < self.faults.loss:
            scheduler.note(f"lost: {short(message)}")
            return
        copies = 2 if chance.random() < self.faults.duplication else 1
        scheduler.note(f"{'sends' if copies == 1 else 'sends twice:'} {short(message)}")
        for _ in range(copies):
            self.put(message)

    def hint(self, message: Message) -> None:
        if self._hints.get(message, -1.0) >= self._scheduler.now:
            return
        self._hints[message] = self._scheduler.now + HINT_LASTS_MS / 1000
        try:
            self.send(message)
        except ConnectionError:
            self._hints.pop(message, None)

    def taken(self, message: Message) -> None:
        self._hints.pop(message, None)

    def serves(self, queue: str) -> bool:
        return self._scheduler.chance.random() < self.faults.served

    def backlog(self, queue: str) -> int:
        return sum(message.queue == queue for _, message in self._flying)

    # --- the world

    def put(self, message: Message) -> None:
        """Let a message arrive after a while: later than the ones behind it, if the weather is like that."""
        chance = self._scheduler.chance
        delay = chance.random() * self.faults.delay_s
        if chance.random() < self.faults.long_delay:
            delay = chance.random() * 20
        self._flying.append((self._scheduler.now + delay, message))

    def due(self) -> int:
        """How many messages could arrive now."""
        return sum(at <= self._scheduler.now for at, _ in self._flying)

    def next_due_at(self) -> float | None:
        return min((at for at, _ in self._flying), default=None)

    def take(self, index: int) -> Message:
        """Take the message that has waited longest but for `index` others."""
        due = sorted((at, number) for number, (at, _) in enumerate(self._flying) if at <= self._scheduler.now)
        return self._flying.pop(due[index][1])[1]

    def flush(self) -> int:
        """Forget everything, as an emptied Redis does; return how many messages that were."""
        gone = len(self._flying)
        self._flying.clear()
        self._hints.clear()
        return gone
