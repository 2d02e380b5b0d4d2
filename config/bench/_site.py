"""The shop's web over one of the benchmark's catalogues: granian as it really runs, on a port of its own."""

from __future__ import annotations

import os
import socket
import subprocess
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager

from django.conf import settings

from config import processes
from config.problems import Problem

PATIENCE_S = 60.0


@contextmanager
def site(database: str, *, workers: int) -> Iterator[int]:
    """Serve the shop with catalog in that database until the block ends; yields the port."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = int(free.getsockname()[1])
    command = processes.web()
    for name, value in (("--workers", str(workers)), ("--port", str(port)), ("--host", "127.0.0.1")):
        command[command.index(name) + 1] = value
    environment = os.environ | {
        "DJANGO_SETTINGS_MODULE": "config.bench._settings", "BENCH_DATABASE": database,
        "PORT": str(port), "HOST": "127.0.0.1", "DEBUG": "false",
    }  # fmt: skip
    # Requests are logged as they always are; only where to, differs.
    with tempfile.TemporaryFile() as log:
        server = subprocess.Popen(
            command, cwd=settings.BASE_DIR, env=environment, stdout=subprocess.DEVNULL, stderr=log
        )
        try:
            _wait(port, server)
            yield port
        finally:
            server.terminate()
            try:
                server.wait(15)
            except subprocess.TimeoutExpired:
                server.kill()
                server.wait()


def _wait(port: int, server: subprocess.Popen[bytes]) -> None:
    """Wait until it answers.

    Raises:
        Problem: it ended, or is not there in time.
    """
    until = time.monotonic() + PATIENCE_S
    while time.monotonic() < until and server.poll() is None:
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{port}/", timeout=10):
                return
        except (urllib.error.URLError, ConnectionError, TimeoutError):
            time.sleep(0.2)
    raise Problem("The web server of the benchmark did not start; `manage.py up` shows whether the shop's own does.")
