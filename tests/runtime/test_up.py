"""`manage.py up`: what stands in its way is told in a sentence, and a running shop survives what happens to it."""

from __future__ import annotations

import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest

from config.embedded import places, postgres, redis
from config.embedded.places import Places
from config.problems import Problem

REPOSITORY = Path(__file__).resolve().parents[2]
PATIENCE_S = 120.0


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def environment(data: Path, **settings: str) -> dict[str, str]:
    bare = {name: os.environ[name] for name in ("PATH", "HOME", "LANG") if name in os.environ}
    return (
        bare | {"ENV_FILE": os.devnull, "DATA_DIR": str(data), "DEMO": "false", "STATIC_COLLECTED": "false"} | settings
    )


def refused(data: Path, **settings: str) -> str:
    """Try to start a shop that cannot start, and return what the person is told."""
    done = subprocess.run(
        [sys.executable, "manage.py", "up"],
        cwd=REPOSITORY,
        env=environment(data, **{"PORT": str(free_port())} | settings),
        capture_output=True,
        text=True,
        check=False,
        timeout=PATIENCE_S,
    )
    assert done.returncode == 1
    assert "Traceback" not in done.stdout + done.stderr
    return done.stderr.strip()


def test_a_taken_port(tmp_path):
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]

        told = refused(tmp_path, PORT=str(port))

    assert told == f"Port {port} on 127.0.0.1 is taken by another program. Choose another one: PORT={port + 1} make up"


def test_a_database_that_is_not_there(tmp_path):
    told = refused(tmp_path, DATABASE_URL="postgres://owner:password@127.0.0.1:9/tradepost")

    assert told.startswith("PostgreSQL at 127.0.0.1:9 does not let us in: ")
    assert told.endswith("Check DATABASE_URL, and that the server is running.")


def test_a_redis_that_is_not_there(tmp_path):
    told = refused(tmp_path, REDIS_URL="redis://user:password@127.0.0.1:9/0")

    assert told.startswith("Redis at 127.0.0.1:9/0 does not answer: ")
    assert "password" not in told


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can give a folder away")
def test_a_data_folder_of_somebody_else(tmp_path):
    data = tmp_path / "data"
    data.mkdir()
    os.chown(data, 65534, 65534)

    told = refused(data)

    assert f"The data folder {data} belongs to nobody, and you are root. Start the shop as nobody" in told


def test_a_data_folder_that_is_a_file(tmp_path):
    (tmp_path / "data").write_text("")

    assert "cannot be created" in refused(tmp_path / "data")


def test_no_redis_program_on_the_machine(monkeypatch):
    monkeypatch.setenv("PATH", "")
    monkeypatch.setattr(redis, "find_spec", lambda name: None)

    with pytest.raises(Problem, match=r"no Redis here.*apt-get install redis-server\), or set REDIS_URL"):
        redis._program()


def test_an_installed_redis_is_preferred_to_the_wheels(monkeypatch, tmp_path):
    (tmp_path / "valkey-server").touch(mode=0o755)
    monkeypatch.setenv("PATH", str(tmp_path))

    assert redis._program() == tmp_path / "valkey-server"


def test_no_postgresql_in_the_environment(monkeypatch):
    monkeypatch.setattr(postgres, "find_spec", lambda name: None)

    with pytest.raises(Problem, match=r"no embedded PostgreSQL here.*set DATABASE_URL"):
        postgres._programs()


def test_sockets_get_a_short_plain_folder_where_the_datas_own_is_too_long_or_awkward(tmp_path):
    plain, spaced, long = Path("/srv/shop"), Path("/srv/my shop"), Path("/srv") / ("long" * 25)

    folders = {path: Places(path).run for path in (plain, spaced, long)}

    assert folders[plain] == plain / "servers" / "run"
    assert all(len(str(folder)) < 60 and " " not in str(folder) for folder in folders.values())
    assert len(set(folders.values())) == 3


@pytest.mark.skipif(os.geteuid() != 0, reason="as an ordinary user the servers are ours")
def test_root_keeps_the_servers_where_their_own_user_reaches_them_and_opens_no_folder(tmp_path):
    closed = tmp_path / "closed"
    closed.mkdir(mode=0o700)
    data = closed / "data"

    where = Places(data)
    owner = where.prepare()

    try:
        assert owner.uid != 0
        assert closed.stat().st_mode & 0o777 == 0o700
        assert where.servers.is_relative_to(places.ROOT_STORE)
        assert (data / "servers").resolve() == where.servers
        assert (where.servers.stat().st_uid, where.servers.stat().st_mode & 0o777) == (owner.uid, 0o700)
    finally:
        shutil.rmtree(where.servers)
        shutil.rmtree(where.run, ignore_errors=True)


class Shop:
    """A real shop in a folder of its own, started as `make up` does."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.data, self.port = folder, folder / "its data", free_port()
        self.log = folder / "up.log"
        self.process: subprocess.Popen[bytes] | None = None

    def manage(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, "manage.py", *arguments], cwd=self.folder, env=self._environment(), capture_output=True,
            text=True, check=False, timeout=PATIENCE_S,
        )  # fmt: skip

    def start(self) -> None:
        with self.log.open("wb") as log:
            self.process = subprocess.Popen(
                [sys.executable, "manage.py", "up"], cwd=self.folder, env=self._environment(), stdout=log, stderr=log,
                start_new_session=True,
            )  # fmt: skip

    def wait_until_ready(self) -> None:
        deadline = time.monotonic() + PATIENCE_S
        answer = "nothing"
        while time.monotonic() < deadline:
            try:
                with urllib.request.urlopen(f"http://localhost:{self.port}/readyz", timeout=5) as response:
                    if json.load(response)["ready"]:
                        return
            except urllib.error.HTTPError as error:
                answer = error.read().decode()
            except OSError:
                pass
            assert self.process is not None
            assert self.process.poll() is None, self.log.read_text()
            time.sleep(0.2)
        raise AssertionError(f"not ready: {answer}\n{self.log.read_text()}")

    def wait_for_line(self, text: str) -> None:
        deadline = time.monotonic() + PATIENCE_S
        while text not in self.log.read_text():
            assert time.monotonic() < deadline, self.log.read_text()
            time.sleep(0.1)

    def processes(self) -> dict[int, str]:
        """The living processes of this shop, by their environment or their command."""
        found = {}
        for place in Path("/proc").glob("[0-9]*"):
            try:
                command = (place / "cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace")
                words = command + (place / "environ").read_bytes().decode(errors="replace")
                state = (place / "stat").read_text().rpartition(")")[2].split()[0]
            except OSError:
                continue
            if str(self.data) in words and state != "Z":
                found[int(place.name)] = command
        return found

    def worker(self) -> int:
        """The worker itself: of the processes with its command, the one whose parent is the supervisor."""
        assert self.process is not None
        return next(
            pid
            for pid, command in self.processes().items()
            if "contexts@%h" in command and f"PPid:\t{self.process.pid}\n" in Path(f"/proc/{pid}/status").read_text()
        )

    def kill(self, number: int = signal.SIGKILL) -> None:
        assert self.process is not None
        self.process.send_signal(number)
        self.process.wait(timeout=PATIENCE_S)

    def _environment(self) -> dict[str, str]:
        return environment(self.data, PORT=str(self.port))


@pytest.fixture
def shop(tmp_path: Path) -> Iterator[Shop]:
    """A copy of the code in a folder whose name has a space and a quote in it."""
    folder = tmp_path / "bob's shop"
    for part in ("config", "contexts", "templates"):
        shutil.copytree(REPOSITORY / part, folder / part, ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(REPOSITORY / "manage.py", folder)
    shop = Shop(folder)
    yield shop
    if shop.process is not None and shop.process.poll() is None:
        shop.kill(signal.SIGTERM)
    if (shop.data / "servers").is_symlink():
        shutil.rmtree((shop.data / "servers").resolve(), ignore_errors=True)


@pytest.mark.faults
@pytest.mark.slow
@pytest.mark.timeout(600)
def test_a_shop_survives_what_happens_to_it_and_leaves_nothing_behind(shop: Shop):
    shop.start()
    shop.wait_until_ready()
    key = (shop.data / "secret_key").read_text()

    # A second one on the same data is refused.
    second = shop.manage("up")
    assert second.returncode == 1
    assert f"is running already (process {shop.process.pid})" in second.stderr

    # A killed worker comes back, and so does the store under it.
    os.kill(shop.worker(), signal.SIGKILL)
    shop.wait_for_line("worker was killed by SIGKILL; starting it again in 0.5 s.")
    shop.wait_until_ready()

    # A killed supervisor takes everything with it.
    shop.kill(signal.SIGKILL)
    deadline = time.monotonic() + 30
    while shop.processes() and time.monotonic() < deadline:
        time.sleep(0.1)
    assert shop.processes() == {}

    # The next start keeps what there was, and stops well when asked.
    shop.start()
    shop.wait_until_ready()
    assert (shop.data / "secret_key").read_text() == key
    assert "Databases made ready" not in shop.log.read_text()
    down = shop.manage("down")
    assert (down.returncode, down.stdout.strip()) == (0, "Stopped.")
    assert shop.process.wait(timeout=PATIENCE_S) == 0
    assert shop.log.read_text().rstrip().endswith("Stopped; nothing is left running. The data is kept.")
    assert shop.processes() == {}
