"""A shop of its own for a campaign: `manage.py up` below a data folder that is thrown away afterwards."""

from __future__ import annotations

import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import NoReturn

from django.conf import settings

from config.embedded import servers
from config.embedded.places import Places, prepare_data_folder
from config.embedded.process import children_of, dying_with, last_words
from config.problems import Problem

#: Says that this process is inside a house, and which folder is its own.
VARIABLE = "CHAOS_HOUSE"
#: What of the caller's environment a house keeps: everything else about the shop is its own.
KEPT = {"LOG_LEVEL", "LOG_FORMAT", "WORKER_PROCESSES", "WEB_WORKERS", "MESSAGING_PARTITIONS"}
OPENS_WITHIN_S, CLOSES_WITHIN_S = 120.0, 60.0


def environment(folder: Path, *, port: int) -> dict[str, str]:
    """Return the environment of a house: no setting of the caller's reaches it that could lead to another shop."""
    example = (Path(settings.BASE_DIR) / ".env.example").read_text()
    listed = set(re.findall(r"^#?([A-Z_]+)=", example, re.MULTILINE)) - KEPT
    kept = {name: value for name, value in os.environ.items() if name not in listed}
    return kept | {
        VARIABLE: str(folder),
        "DATA_DIR": str(folder),
        "DJANGO_SETTINGS_MODULE": "config.settings",
        "ENV_FILE": os.devnull,
        "HOST": "127.0.0.1",
        "PORT": str(port),
        "SITE_URL": f"http://localhost:{port}",
        # Not the demo: nobody fills the shelves but us, and no parcel moves by itself.
        "SECRET_KEY": "chaos-" + folder.name.ljust(50, "-"),
        "DEMO": "false",
        # One with other digits among them: money is conserved in each, or not at all.
        "CURRENCIES": "EUR,GBP,JPY",
        "STATIC_COLLECTED": "false",
        "EMAIL_URL": "dummymail://",
        "SANDBOX_SLOW_S": "1",
        "LOG_LEVEL": os.environ.get("LOG_LEVEL", "WARNING"),
        "NO_COLOR": "1",
    }


def new_folder(seed: int) -> Path:
    """Return where a campaign keeps its shop, having removed what campaigns that were killed left behind."""
    above = settings.DATA_DIR / "chaos"
    prepare_data_folder(settings.DATA_DIR)
    for left in above.glob("run-*-*"):
        pid = int(left.name.rpartition("-")[2])
        if not Path(f"/proc/{pid}").exists() and not (left / "kept").exists():
            remove(left)
    folder: Path = above / f"run-{seed}-{os.getpid()}"
    return folder


def remove(folder: Path) -> None:
    """Remove a house's data, also where its servers keep it elsewhere."""
    places = Places(folder)
    for place in (places.run, places.servers, folder):
        shutil.rmtree(place, ignore_errors=True)


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def move_in(*, seed: int, arguments: Sequence[str] = ()) -> NoReturn:
    """Become the same command, with more arguments and with the settings of a shop of its own."""
    surroundings = environment(new_folder(seed), port=free_port())
    sys.stdout.flush()
    command = [sys.executable, str(Path(settings.BASE_DIR) / "manage.py"), *sys.argv[1:], *arguments]
    os.execve(sys.executable, command, surroundings)  # noqa: S606 - our own program, and there is no shell to want


class House:
    """The running shop and its processes."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.port = folder, settings.PORT
        self.log = folder / "shop.log"
        self._up: subprocess.Popen[bytes] | None = None

    def open(self) -> None:
        """Start everything and return when pages are served.

        Raises:
            Problem: it does not start.
        """
        prepare_data_folder(self.folder)
        with self.log.open("wb") as words:
            self._up = subprocess.Popen(
                [sys.executable, str(Path(settings.BASE_DIR) / "manage.py"), "up"], cwd=settings.BASE_DIR,
                stdin=subprocess.DEVNULL, stdout=words, stderr=words, start_new_session=True,
                preexec_fn=dying_with(os.getpid(), signal.SIGTERM),  # safe here: there is one thread yet
            )  # fmt: skip
        deadline = time.monotonic() + OPENS_WITHIN_S
        # The welcome is the last thing that `up` says before it only watches.
        while "Ctrl-C" not in self.log.read_text(errors="replace"):
            if self._up.poll() is not None or time.monotonic() > deadline:
                raise Problem(f"The shop to break does not start: {last_words(self.log)} (log: {self.log})")
            time.sleep(0.1)

    def close(self) -> None:
        """Stop everything; nothing of it is left running."""
        if self._up is None:
            return
        if self._up.poll() is None:
            self._up.terminate()
        try:
            self._up.wait(CLOSES_WITHIN_S)
        except subprocess.TimeoutExpired:
            # Its janitor ends what it started.
            self._up.kill()
            self._up.wait()
        servers.stop(servers.needed())

    @property
    def alive(self) -> bool:
        return self._up is not None and self._up.poll() is None

    def pid(self, name: str) -> int | None:
        """Return the process of a program, None while it is being started again."""
        assert self._up is not None
        words = PROGRAMS[name]
        return next((pid for pid in children_of(self._up.pid) if words(_command(pid))), None)

    def children(self, name: str) -> list[int]:
        """Return what a program started: a worker's pool, granian's workers."""
        pid = self.pid(name)
        return [] if pid is None else [child for child in children_of(pid) if _resident(child)]

    def restarts(self) -> int:
        """Return how often the supervisor has started something again."""
        return self.log.read_text(errors="replace").count("starting it again in")


#: How to tell the supervisor's programs by their command lines.
PROGRAMS: dict[str, Callable[[list[str]], bool]] = {
    "web": lambda command: "granian" in command,
    "worker": lambda command: "contexts@%h" in command,
    "effects": lambda command: "effects@%h" in command,
    "beat": lambda command: "beat" in command,
    "tail": lambda command: command[-2:] == ["tail", "run"],
    "postgres": lambda command: Path(command[0]).name == "postgres",
    "redis": lambda command: "server" in Path(command[0].partition(" ")[0]).name,
}


@contextmanager
def opened(folder: Path) -> Iterator[House]:
    """Have a house inside the block; afterwards nothing of it runs."""
    house = House(folder)
    try:
        house.open()
        yield house
    finally:
        house.close()


def _command(pid: int) -> list[str]:
    try:
        return Path(f"/proc/{pid}/cmdline").read_bytes().decode(errors="replace").rstrip("\0").split("\0")
    except (FileNotFoundError, ProcessLookupError):
        return [""]


def _resident(pid: int) -> bool:
    """Whether a process is there and not a zombie, nor a helper that Python's multiprocessing keeps."""
    command = " ".join(_command(pid))
    return bool(command.strip()) and "resource_tracker" not in command
