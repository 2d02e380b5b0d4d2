"""How each fault is done to a running house."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Callable
from contextlib import suppress
from typing import Any, TypeVar

import redis
from django.conf import settings
from django.db import DatabaseError, connections

from config.chaos.house import House
from config.problems import Problem
from contexts.messaging.log import lock_key

T = TypeVar("T")

#: How long a process may be away because it was killed before; the supervisor's delays grow to 30 s.
BACK_WITHIN_S = 90.0
#: How long we lie in wait for a relay.
LIE_IN_WAIT_S = 10.0


class Stopped(Exception):
    """The campaign is over."""


class Striker:
    """Strikes a house. Every strike returns what it did in words."""

    def __init__(self, house: House, *, stopped: Callable[[], bool]) -> None:
        self._house, self._stopped = house, stopped

    def strike(self, kind: str) -> str:
        """Do it.

        Raises:
            Problem: what was to be struck does not come back.
        """
        blows: dict[str, Callable[[], str]] = {
            "web": lambda: self._kill("web"),
            "web worker": lambda: self._kill_child("web"),
            "worker": lambda: self._kill("worker"),
            "worker child": lambda: self._kill_child("worker"),
            "effects": lambda: self._kill("effects"),
            "beat": lambda: self._kill("beat"),
            "tail": lambda: self._kill("tail"),
            "relay at work": self._kill_relay,
            "redis flush": self._flush,
            "redis restart": lambda: self._kill("redis"),
            # What `pg_ctl stop -m immediate` sends; the supervisor then starts it again.
            "postgres restart": lambda: self._kill("postgres", signal.SIGQUIT),
        }
        return blows[kind]()

    def _kill(self, name: str, number: int = signal.SIGKILL) -> str:
        pid = self._wait_for(lambda: self._house.pid(name), name)
        os.kill(pid, number)
        return f"process {pid}"

    def _kill_child(self, name: str) -> str:
        # The youngest: the oldest may be one that only passes messages on.
        pid = self._wait_for(lambda: max(self._house.children(name), default=None), f"a process of {name}")
        with suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)
        return f"process {pid}"

    def _kill_relay(self) -> str:
        """Stop the worker's pool at a moment at which one of it holds a relay's lock, then kill the pool."""
        self._wait_for(lambda: self._house.children("worker") or None, "the worker's pool")
        deadline = time.monotonic() + LIE_IN_WAIT_S
        while time.monotonic() < deadline and not self._stopped():
            holder = self._lock_holder()
            if holder is None:
                time.sleep(0.001)
                continue
            pool = self._house.children("worker")
            _signal_all(pool, signal.SIGSTOP)
            if pool and self._lock_holder() == holder:
                _signal_all(pool, signal.SIGKILL)
                return f"{len(pool)} processes, one in the middle of a relay"
            _signal_all(pool, signal.SIGCONT)
        pool = self._house.children("worker")
        _signal_all(pool, signal.SIGKILL)
        return f"{len(pool)} processes, but no relay was caught at work"

    def _lock_holder(self) -> int | None:
        """Return the database session that holds a relay's lock now."""
        keys = [lock_key(context, "sequencer") for context in settings.CONTEXTS]
        try:
            with connections["ordering"].cursor() as cursor:
                cursor.execute(
                    "select min(pid) from pg_locks where locktype = 'advisory' and granted "
                    "and (classid::bigint << 32 | objid::bigint) = any(%s)",
                    [keys],
                )
                found: int | None = cursor.fetchone()[0]
                return found
        except DatabaseError:
            connections["ordering"].close()
            return None

    def _flush(self) -> str:
        def flushed() -> str | None:
            try:
                with redis.Redis.from_url(settings.REDIS_URL, socket_timeout=5) as client:
                    keys: Any = client.dbsize()
                    client.flushall()
                    return f"{keys} keys"
            except redis.RedisError:
                return None

        return self._wait_for(flushed, "Redis")

    def _wait_for(self, find: Callable[[], T | None], what: str) -> T:
        """Return what was found as soon as it is there."""
        deadline = time.monotonic() + BACK_WITHIN_S
        while True:
            found = find()
            if found is not None:
                return found
            if self._stopped() or not self._house.alive:
                raise Stopped
            if time.monotonic() > deadline:
                raise Problem(f"Gone for {BACK_WITHIN_S:.0f} s and not started again: {what}. See {self._house.log}.")
            time.sleep(0.02)


def _signal_all(pids: list[int], number: int) -> None:
    for pid in pids:
        with suppress(ProcessLookupError):
            os.kill(pid, number)
