"""The Celery transport: messages are tasks on the queue of the context that runs them."""

from __future__ import annotations

import atexit
import os
import threading
import time
from collections import deque
from collections.abc import Callable
from functools import cache
from typing import Any

import redis
import structlog
from celery import current_app
from django.conf import settings
from kombu.exceptions import OperationalError

from contexts.messaging.transport import Message

logger = structlog.get_logger(__name__)

#: How long a hint that was sent and never taken holds back the next one, in milliseconds.
HINT_LASTS_MS = 3000

#: After the hint store failed it is left alone this long, in seconds.
PAUSE_S = 1.0

TIMEOUT_S = 0.5

#: A process that ends waits at most so long for its last hints to go out, in seconds.
LAST_HINTS_S = 2.0


@cache
def hints() -> redis.Redis:
    """Return this process's connection to the store of hints."""
    return redis.Redis.from_url(settings.REDIS_URL, socket_timeout=TIMEOUT_S, socket_connect_timeout=TIMEOUT_S)


class CeleryTransport:
    """Sends through the configured Celery app; hints are coalesced in Redis and sent by a thread of their own."""

    def __init__(self) -> None:
        self._silent_until = 0.0
        self._hints = _Outgoing(self._hint_now)

    def send(self, message: Message) -> None:
        try:
            current_app.send_task(
                message.task, args=list(message.args), queue=message.queue, ignore_result=True, retry=False
            )
        except (OperationalError, redis.RedisError, OSError) as problem:
            raise ConnectionError(str(problem)) from problem

    def hint(self, message: Message) -> None:
        self._hints.put(message)

    def finish(self) -> None:
        """Wait a little for the hints that still have to go out; happens by itself where Python ends as usual."""
        self._hints.finish()

    def _hint_now(self, message: Message) -> None:
        if time.monotonic() < self._silent_until:
            return
        try:
            if hints().set(_key(message), 1, nx=True, px=HINT_LASTS_MS):
                self.send(message)
        except (redis.RedisError, OSError) as problem:
            self._silent_until = time.monotonic() + PAUSE_S
            logger.warning("hint not sent, the sweep will find the work", task=message.task, problem=str(problem))

    def taken(self, message: Message) -> None:
        try:
            hints().delete(_key(message))
        except redis.RedisError as problem:
            logger.warning("hint not cleared, it runs out by itself", task=message.task, problem=str(problem))

    def serves(self, queue: str) -> bool:
        return queue in current_app.amqp.queues.consume_from

    def backlog(self, queue: str) -> int:
        try:
            with current_app.connection_for_read() as connection:
                channel: Any = connection.default_channel
                declared = channel.queue_declare(queue, passive=True)
                return int(declared.message_count)
        except Exception:
            return 0


class _Outgoing:
    """Hints on their way out of this process: whoever commits, a request above all, waits for no broker."""

    def __init__(self, send: Callable[[Message], None]) -> None:
        self._send = send
        self.forget()
        os.register_at_fork(after_in_child=self.forget)
        atexit.register(self.finish)

    def forget(self) -> None:
        """Begin anew in a child process: what waits is its parent's to send, and the thread is not here."""
        self._waiting: deque[Message] = deque()
        self._changed = threading.Condition()
        self._thread: threading.Thread | None = None
        self._sending = False

    def put(self, message: Message) -> None:
        """Let a hint go out soon; one that waits already speaks for both."""
        with self._changed:
            if message in self._waiting:
                return
            self._waiting.append(message)
            if self._thread is None:
                self._thread = threading.Thread(target=self._run, name="hints", daemon=True)
                self._thread.start()
            self._changed.notify_all()

    def finish(self) -> None:
        """Wait a little for what still has to go out."""
        with self._changed:
            self._changed.wait_for(lambda: not self._waiting and not self._sending, timeout=LAST_HINTS_S)

    def _run(self) -> None:
        while True:
            with self._changed:
                self._changed.wait_for(lambda: self._waiting)
                # Taken off before it is sent: what is committed from here on needs a hint of its own.
                message, self._sending = self._waiting.popleft(), True
            try:
                self._send(message)
            except Exception as problem:  # The thread must live on; the sweep finds the work.
                logger.warning("hint not sent, the sweep will find the work", task=message.task, problem=str(problem))
            with self._changed:
                self._sending = False
                self._changed.notify_all()


def _key(message: Message) -> str:
    return f"tradepost:hint:{message.task}:{':'.join(message.args)}"
