"""The web loses its database's connections, then one of its processes: it goes on serving."""

from __future__ import annotations

import os
import signal
import subprocess
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator

import psycopg
import pytest
from django.conf import settings
from django.db import connections
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


def test_the_web_goes_on_when_the_database_hangs_up_and_when_one_of_its_processes_is_killed(
    web: tuple[subprocess.Popen[bytes], int],
):
    running, port = web
    _until(lambda: _answers(port), "the web answers")
    _until(lambda: len(_serving(running.pid)) == 2, "both processes serve")
    before = _serving(running.pid)
    _the_database_hangs_up(port)

    os.kill(before[-1], signal.SIGKILL)

    _until(lambda: len(set(_serving(running.pid)) - {before[-1]}) == 2, "the one that was killed is replaced")
    assert running.poll() is None
    assert before[0] in _serving(running.pid)
    _until(lambda: _answers(port), "the web answers")


def _the_database_hangs_up(port: int) -> None:
    """End the web's connections to PostgreSQL, as its restart does; once it is there again, no shopper notices."""
    assert [_ask(port) for _ in range(8)] == [200] * 8
    connections.close_all()
    with psycopg.connect(**connections["catalog"].get_connection_params()) as catalog:
        (ended,) = catalog.execute(
            "select count(pg_terminate_backend(pid, 10000)) from pg_stat_activity "  # Returns when they are gone.
            "where usename = current_user and datname = current_database() and pid <> pg_backend_pid()"
        ).fetchone() or (0,)
    assert ended, "the web had connections"

    # Each thread notices that its connection is dead, and opens another.
    assert [_ask(port) for _ in range(8)] == [200] * 8


def _ask(port: int) -> int:
    try:
        request = urllib.request.Request(f"http://localhost:{port}/", headers={"Host": "testserver"})
        with urllib.request.urlopen(request, timeout=30) as answer:
            return int(answer.status)
    except urllib.error.HTTPError as refusal:
        return refusal.code


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
