"""The stage of `bench events`: two scratch contexts, a Redis database of its own, and real Celery workers on both."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from typing import Any
from urllib.parse import urlsplit, urlunsplit

import msgspec
import redis
from celery import current_app
from django.conf import settings
from django.db import connections

from contexts.messaging import celery_transport, transport
from contexts.messaging.bench import _play, _scratch
from contexts.messaging.bench._play import PUBLISHER, READER
from contexts.messaging.errors import MessagingError
from contexts.messaging.transport import Message

#: Names the stage to the workers that play on it.
VARIABLE = "TRADEPOST_BENCH_STAGE"
NAIVE_QUEUE = "bench_naive"
READY_WITHIN_S = 60.0
DONE_WITHIN_S = 1800.0


class NotDone(MessagingError):
    """The workers did not start, or did not finish."""


class Stage(msgspec.Struct, frozen=True):
    """What a worker must know: where the stores are and what to listen to."""

    redis_url: str
    kinds: list[str]


@contextmanager
def stage(*kinds: str, naive: bool = False) -> Iterator[None]:
    """Set up everything for a part of the benchmark; nothing of it is left at the end.

    Workers as `make up` starts them, with two processes, serve both contexts; with `naive`, another one with two
    processes and what suits small tasks best serves the naive queue.
    """
    with ExitStack() as stack:
        url = stack.enter_context(_own_redis(settings.REDIS_URL))
        stack.enter_context(_settings(url))
        stack.enter_context(_scratch.scratch(PUBLISHER, READER))
        with connections[READER].cursor() as cursor:
            cursor.execute(_play.TABLES)
        _play.listen(list(kinds))
        stack.callback(_play.listen_to_nothing)
        place = Stage(redis_url=url, kinds=list(kinds))
        stack.enter_context(_worker(place, [PUBLISHER, READER], "1"))
        queues = [PUBLISHER, READER]
        if naive:
            stack.enter_context(_worker(place, [NAIVE_QUEUE], "32"))
            queues.append(NAIVE_QUEUE)
        _await_workers(queues)
        yield


def step_on() -> None:
    """Take the place of a worker on the stage that the environment names; called in the worker's process."""
    place = msgspec.json.decode(os.environ[VARIABLE], type=Stage)
    for name in (PUBLISHER, READER):
        _scratch.declare(name)
    _put(place.redis_url)
    _play.listen(place.kinds)


def empty() -> None:
    """Empty log, books and effects, as if nothing had been published yet; the workers must be quiet."""
    with connections[READER].cursor() as cursor:
        cursor.execute("truncate bench_note, messaging_inbox, messaging_delivery, messaging_parked")
    with connections[PUBLISHER].cursor() as cursor:
        cursor.execute("truncate messaging_event, messaging_position, messaging_subscription")
        cursor.execute("update messaging_sequencer set head = 0, relayed = 0")


def tidy() -> None:
    """Do now what PostgreSQL would do sometime, so that it falls into nobody's round."""
    for context in (PUBLISHER, READER):
        with connections[context].cursor() as cursor:
            cursor.execute(
                "select string_agg(format('%I', relname), ', ') from pg_class "
                "where relnamespace = current_schema::regnamespace and relkind = 'r'"
            )
            cursor.execute(f"vacuum (analyze) {cursor.fetchone()[0]}")
    with connections[PUBLISHER].cursor() as cursor:
        cursor.execute("checkpoint")


def effects() -> int:
    """Return how many effects are committed."""
    return _number("select count(*) from bench_note")


def await_effects(wanted: int, *, look_every_s: float = 0.05) -> None:
    """Wait until so many effects are committed, sweeping once a second as beat does.

    Raises:
        NotDone: they do not come.
    """
    began = time.monotonic()
    while effects() < wanted:
        require_patience(began)
        sweep_now_and_then()
        time.sleep(look_every_s)


def await_moments(wanted: int) -> dict[int, float]:
    """Wait until so many moments are noted, and return them by number.

    Raises:
        NotDone: they do not come.
    """
    began = time.monotonic()
    while True:
        found: Any = _play.store().hgetall(_play.MOMENTS)
        if len(found) >= wanted:
            return {int(nr): float(moment) for nr, moment in found.items()}
        require_patience(began)
        sweep_now_and_then()
        time.sleep(0.05)


def require_patience(began: float) -> None:
    """Raise when what began then takes too long.

    Raises:
        NotDone: it does.
    """
    if time.monotonic() - began > DONE_WITHIN_S:
        raise NotDone(f"After {DONE_WITHIN_S:.0f} s {effects()} effects are committed, and not all that should be.")


def quiet(head: int) -> bool:
    """Whether all up to this position has been sent and acknowledged."""
    return bool(
        _number(
            f"""
            select count(*) > 0 and bool_and(
                q.head >= {head:d} and q.relayed = q.head and s.sent = s.acknowledged
                and coalesce(s.scanned, q.relayed) >= q.head
            ) from messaging_subscription s, messaging_sequencer q
            """,
            PUBLISHER,
        )
    )


def await_quiet(head: int) -> None:
    """Wait until all up to this position has been sent and acknowledged, sweeping once a second as beat does.

    Raises:
        NotDone: it is not.
    """
    began = time.monotonic()
    while not quiet(head):
        require_patience(began)
        sweep_now_and_then()
        time.sleep(0.02)


def parked() -> int:
    """Return how many events are parked now."""
    return _number("select count(*) from messaging_parked")


def settle() -> None:
    """Wait until the last acknowledgements are in."""
    deadline = time.monotonic() + 10
    while _number("select count(*) from messaging_subscription where sent > acknowledged", PUBLISHER):
        if time.monotonic() > deadline:
            raise NotDone("The last acknowledgements did not come within 10 s.")
        time.sleep(0.02)


_swept_at = 0.0


def sweep_now_and_then() -> None:
    """Once a second, hint at a sweep of both contexts, as beat does."""
    global _swept_at
    if time.monotonic() - _swept_at < 1:
        return
    _swept_at = time.monotonic()
    for context in (PUBLISHER, READER):
        transport.current().hint(Message("messaging.sweep", context, (context,)))


def memory_mb() -> float:
    """Return what the broker holds in memory."""
    information: Any = _play.store().info("memory")
    return float(information["used_memory"]) / 1024 / 1024


def _number(query: str, context: str = READER) -> int:
    with connections[context].cursor() as cursor:
        cursor.execute(query)
        number: int = cursor.fetchone()[0]
        return number


# --- stores


@contextmanager
def _own_redis(url: str) -> Iterator[str]:
    """Take an empty database of the shop's Redis server; it is emptied again."""
    try:
        client = _take_empty(url)
    except redis.ResponseError as problem:
        raise NotDone(f"Redis refuses the benchmark: {problem}.") from problem
    if client is None:
        raise NotDone("Every database of the Redis server holds something; the benchmark needs an empty one.")
    with client:
        try:
            yield _with_database(url, client.get_connection_kwargs()["db"])
        finally:
            client.flushdb()


def _take_empty(url: str) -> redis.Redis | None:
    with redis.Redis.from_url(url) as client:
        found: Any = client.config_get("databases")
    for number in range(int(found.get("databases", 16)) - 1, 0, -1):
        candidate = redis.Redis.from_url(_with_database(url, number))
        if candidate.set("bench:taken", os.getpid(), nx=True):
            if candidate.dbsize() == 1:
                return candidate
            candidate.delete("bench:taken")
        candidate.close()
    return None


def _with_database(url: str, number: int) -> str:
    """Return the URL of another database of the same Redis server."""
    parts = urlsplit(url)
    if parts.scheme == "unix":
        return f"unix://{parts.path}?db={number}"
    return urlunsplit(parts._replace(path=f"/{number}"))


def _broker(url: str) -> str:
    """Return Celery's way of writing the URL."""
    return url.replace("unix://", "redis+socket://", 1).replace("?db=", "?virtual_host=", 1)


@contextmanager
def _settings(url: str) -> Iterator[None]:
    before = settings.REDIS_URL, settings.CONTEXTS, current_app.conf.broker_url
    _put(url)
    try:
        yield
    finally:
        settings.REDIS_URL, settings.CONTEXTS, broker = before
        _put_broker(broker)


def _put(url: str) -> None:
    settings.REDIS_URL, settings.CONTEXTS = url, [PUBLISHER, READER]
    _put_broker(_broker(url))


def _put_broker(url: str) -> None:
    current_app.conf.update(broker_url=url)
    celery_transport.hints.cache_clear()
    _play.store.cache_clear()


# --- workers


@contextmanager
def _worker(place: Stage, queues: list[str], prefetch: str) -> Iterator[None]:
    command = [
        sys.executable, "-m", "celery", "--quiet", "-A", "config", "-b", _broker(place.redis_url), "worker",
        "-I", "contexts.messaging.bench._worker", "-Q", ",".join(queues), "-c", "2", "--prefetch-multiplier", prefetch,
        "-n", f"{queues[0]}@%h", "--without-gossip", "--without-mingle", "--without-heartbeat", "--loglevel", "WARNING",
    ]  # fmt: skip
    environment = os.environ | {VARIABLE: msgspec.json.encode(place).decode()}
    with tempfile.TemporaryFile() as words:
        process = subprocess.Popen(
            command, env=environment, cwd=settings.BASE_DIR, stdout=words, stderr=words, start_new_session=True
        )
        try:
            yield
            if process.poll() is not None:
                words.seek(0)
                raise NotDone(f"A worker ended: {words.read().decode(errors='replace')[-2000:]}")
        finally:
            _end(process)


def _end(process: subprocess.Popen[bytes]) -> None:
    process.send_signal(signal.SIGTERM)
    try:
        process.wait(timeout=15)
    except subprocess.TimeoutExpired:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()


def _await_workers(queues: list[str]) -> None:
    """Wait until every queue has a worker: its sign of life lies in Redis."""
    deadline = time.monotonic() + READY_WITHIN_S
    while time.monotonic() < deadline:
        fields: Any = _play.store().hkeys("runtime:workers")
        if {field.decode().partition("|")[0] for field in fields} >= set(queues):
            return
        time.sleep(0.1)
    raise NotDone(f"The workers were not ready within {READY_WITHIN_S:.0f} s.")
