"""The Celery transport: messages are tasks on the queue of the context that runs them."""

from __future__ import annotations

import time
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

#: After the hint store failed it is left alone this long, so that a request does not wait for it, in seconds.
PAUSE_S = 1.0

TIMEOUT_S = 0.5


@cache
def hints() -> redis.Redis:
    """Return this process's connection to the store of hints."""
    return redis.Redis.from_url(settings.REDIS_URL, socket_timeout=TIMEOUT_S, socket_connect_timeout=TIMEOUT_S)


class CeleryTransport:
    """Sends through the configured Celery app; hints are coalesced in Redis."""

    def __init__(self) -> None:
        self._silent_until = 0.0

    def send(self, message: Message) -> None:
        try:
            current_app.send_task(
                message.task, args=list(message.args), queue=message.queue, ignore_result=True, retry=False
            )
        except (OperationalError, redis.RedisError, OSError) as problem:
            raise ConnectionError(str(problem)) from problem

    def hint(self, message: Message) -> None:
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

    def backlog(self, queue: str) -> int:
        try:
            with current_app.connection_for_read() as connection:
                channel: Any = connection.default_channel
                declared = channel.queue_declare(queue, passive=True)
                return int(declared.message_count)
        except Exception:
            return 0


def _key(message: Message) -> str:
    return f"tradepost:hint:{message.task}:{':'.join(message.args)}"
