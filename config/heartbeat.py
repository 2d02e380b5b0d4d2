"""Workers' sign of life: what /readyz looks at to know that somebody serves each queue."""

from __future__ import annotations

import time
from typing import Any

import redis
import structlog
from celery import bootsteps
from django.conf import settings

KEY = "runtime:workers"
EVERY_S = 2.0
FRESH_S = 10.0

logger = structlog.get_logger(__name__)


class Heartbeat(bootsteps.StartStopStep):
    """Writes `queue|worker -> time` into Redis every two seconds, for each queue of the worker."""

    requires = ("celery.worker.consumer.tasks:Tasks",)

    def __init__(self, consumer: Any, **kwargs: Any) -> None:
        super().__init__(consumer, **kwargs)
        self.timer: Any = None

    def start(self, consumer: Any) -> None:
        self._client = redis.Redis.from_url(settings.REDIS_URL, socket_timeout=2)
        self._fields = [f"{queue}|{consumer.hostname}" for queue in consumer.app.amqp.queues.consume_from]
        self._beat()
        self.timer = consumer.timer.call_repeatedly(EVERY_S, self._beat)

    def stop(self, consumer: Any) -> None:
        if self.timer is not None:
            self.timer.cancel()
            self.timer = None
            try:
                self._client.hdel(KEY, *self._fields)
            except redis.exceptions.RedisError:
                logger.debug("no goodbye: Redis is gone")

    shutdown = stop

    def _beat(self) -> None:
        try:
            self._client.hset(KEY, mapping=dict.fromkeys(self._fields, time.time()))
        except redis.exceptions.RedisError as problem:
            logger.warning("heartbeat not written", problem=str(problem))


def unattended(queues: list[str], client: redis.Redis) -> list[str]:
    """Return the queues that no worker with a fresh heartbeat serves."""
    latest: dict[str, float] = {}
    for field, moment in client.hgetall(KEY).items():
        queue = str(field, "utf-8").partition("|")[0]  # type: ignore[arg-type]  # bytes, as asked for
        latest[queue] = max(latest.get(queue, 0.0), float(moment))
    now = time.time()
    return [queue for queue in queues if now - latest.get(queue, 0.0) > FRESH_S]
