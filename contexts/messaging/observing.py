"""Watches a handler's call: how long it took and how it ended, and its span."""

from __future__ import annotations

import time
from collections.abc import Sequence
from types import TracebackType

from contexts.messaging import measuring, telemetry
from contexts.messaging.envelope import Envelope
from contexts.messaging.errors import Discard


class observed:
    """A context manager by hand: a generator's would cost a handler of one insert more than the measuring itself."""

    __slots__ = ("_began", "_handler", "_span", "_subscriber")

    def __init__(self, subscriber: str, handler: str, envelopes: Sequence[Envelope]) -> None:
        self._subscriber, self._handler = subscriber, handler
        self._span = telemetry.handling(subscriber, handler, envelopes)

    def __enter__(self) -> None:
        self._span.__enter__()
        self._began = time.perf_counter()

    def __exit__(
        self, kind: type[BaseException] | None, problem: BaseException | None, trace: TracebackType | None
    ) -> None:
        took_s = time.perf_counter() - self._began
        outcome = "ok" if kind is None else "discarded" if issubclass(kind, Discard) else "failed"
        measuring.count(measuring.HANDLER_SECONDS, self._subscriber, self._handler, outcome, amount=took_s)
        self._span.__exit__(kind, problem, trace)
