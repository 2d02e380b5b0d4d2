"""One of the web's processes is killed: the others go on serving, and it is replaced."""

from __future__ import annotations

import os
import signal
import subprocess
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator

import pytest
from django.conf import settings
from django.test import override_settings

from config import processes
from config.chaos.house import free_port
from config.embedded.process import children_of

pytestmark = [pytest.mark.faults, pytest.mark.slow, pytest.mark.xdist_group("faults")]

PATIENCE_S = 120.0


@pytest.fixture
def web(process_environment: dict[str, str]) -> Iterator[tuple[subprocess.Popen[bytes], int]]:
    port = free_port()
    with override_settings(PORT=port, HOST="127.0.0.1", WEB_WORKERS=2):
        command = processes.web()
    running = subprocess.Popen(command, env=process_environment, cwd=settings.BASE_DIR, start_new_session=True)
    try:
        yield running, port
    finally:
        os.killpg(running.pid, signal.SIGKILL)
        running.wait()


def test_the_web_goes_on_when_one_of_its_processes_is_killed(web: tuple[subprocess.Popen[bytes], int]):
    running, port = web
    _until(lambda: _answers(port), "the web answers")
    _until(lambda: len(_serving(running.pid)) == 2, "both processes serve")
    before = _serving(running.pid)

    os.kill(before[-1], signal.SIGKILL)

    _until(lambda: len(set(_serving(running.pid)) - {before[-1]}) == 2, "the one that was killed is replaced")
    assert running.poll() is None
    assert before[0] in _serving(running.pid)
    _until(lambda: _answers(port), "the web answers")


def _serving(main: int) -> list[int]:
    """Return granian's processes, without Python's own helper."""
    found = []
    for pid in children_of(main):
        with open(f"/proc/{pid}/cmdline", "rb") as command:
            words = command.read()
            if words and b"resource_tracker" not in words:
                found.append(pid)
    return found


def _answers(port: int) -> bool:
    try:
        request = urllib.request.Request(f"http://localhost:{port}/livez", headers={"Host": "testserver"})
        with urllib.request.urlopen(request, timeout=10) as answer:
            return bool(answer.status == 200)
    except (urllib.error.URLError, ConnectionError, TimeoutError):
        return False


def _until(holds: Callable[[], bool], what: str) -> None:
    deadline = time.monotonic() + PATIENCE_S
    while not holds():
        assert time.monotonic() < deadline, f"It did not happen within {PATIENCE_S:.0f} s that {what}."
        time.sleep(0.05)
