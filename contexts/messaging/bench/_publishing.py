"""The publishers of `bench events`: processes of their own that commit events, or send naive tasks, as a shop would."""

from __future__ import annotations

import multiprocessing
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from django.db import connections, transaction
from uuid_utils.compat import uuid7

from contexts.messaging import transport
from contexts.messaging.bench import _play
from contexts.messaging.bench._play import PUBLISHER
from contexts.messaging.bench._stage import NAIVE_QUEUE
from contexts.messaging.celery_transport import CeleryTransport
from contexts.messaging.events import Event
from contexts.messaging.publishing import publish

#: Subjects that the events of a flow are about, and events to a transaction.
THINGS = 5_000
PER_TRANSACTION = 50


def publish_flow(event: type[Event], count: int) -> None:
    """Commit so many events as fast as they can be committed."""
    for first in range(0, count, PER_TRANSACTION):
        with transaction.atomic(using=PUBLISHER):
            publish(*(made(event, nr) for nr in range(first, min(first + PER_TRANSACTION, count))))


def send_flow(count: int) -> None:
    """Commit so many changes and send a task for each when they have committed."""
    for first in range(0, count, PER_TRANSACTION):
        with transaction.atomic(using=PUBLISHER), connections[PUBLISHER].cursor() as cursor:
            cursor.execute(
                "select pg_current_xact_id()"
            )  # Stands for the change, whose cost is the same on both sides.
            for nr in range(first, min(first + PER_TRANSACTION, count)):
                transaction.on_commit(_sending(nr), using=PUBLISHER)


def _sending(nr: int) -> Callable[[], Any]:
    return lambda: _play.naive.apply_async((str(uuid7()), nr % THINGS, nr, _play.WORD), queue=NAIVE_QUEUE)


def made(event: Any, nr: int, **more: Any) -> Event:
    """Return the event of a number, about one of the things."""
    one: Event = event(thing=nr % THINGS, nr=nr, **more)
    return one


def pace(count: int, per_second: float) -> Iterator[int]:
    """Yield the numbers below `count`, so many a second."""
    began = time.time()
    for nr in range(count):
        time.sleep(max(0.0, began + nr / per_second - time.time()))
        yield nr


@contextmanager
def elsewhere(work: Callable[..., None], *arguments: Any) -> Iterator[None]:
    """Have work done by a process of its own meanwhile; it ends with the block."""
    connections.close_all()
    process = multiprocessing.get_context("fork").Process(target=_finish, args=(work, *arguments), daemon=True)
    process.start()
    try:
        yield
    finally:
        process.kill()
        process.join()


def _finish(work: Callable[..., None], *arguments: Any) -> None:
    work(*arguments)
    carrier = transport.current()
    if isinstance(carrier, CeleryTransport):  # A forked process ends without what Python does at exit.
        carrier.finish()
