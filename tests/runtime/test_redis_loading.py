"""A Redis with much to load is waited for as long as it says that it loads, and not for ever."""

from __future__ import annotations

import re
import socket
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from config.embedded import redis
from config.embedded.places import Places
from config.embedded.redis import Redis
from config.problems import Problem

LOADING = b"-LOADING Redis is loading the dataset in memory\r\n"
INFO = b"loading:1\r\nloading_loaded_perc:43.10\r\nloading_eta_seconds:5\r\n"


@pytest.fixture
def loading(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[..., Redis]]:
    """A server that answers as Redis does while it loads: so many times, then as one that is ready."""
    monkeypatch.setattr(redis, "SAY_EVERY_S", 0.0)
    server = Redis(Places(tmp_path))
    server.places.run.mkdir(parents=True, exist_ok=True)
    listening = socket.socket(socket.AF_UNIX)
    listening.bind(str(server.places.run / "redis.sock"))
    listening.listen()

    def serve(times: int) -> None:
        left = times
        while True:
            try:
                connection, _ = listening.accept()
            except OSError:
                return
            with connection, connection.makefile("rb") as commands:
                while words := _command(commands):
                    match words[0]:
                        case b"PING":
                            left -= 1
                            said = LOADING if left >= 0 else b"+PONG\r\n"
                        case b"INFO":
                            said = b"$%d\r\n%b\r\n" % (len(INFO), INFO)
                        case b"HELLO":
                            said = b"%1\r\n$5\r\nproto\r\n:3\r\n"
                        case _:
                            said = b"+OK\r\n"
                    connection.sendall(said)

    def open_server(times: int) -> Redis:
        threading.Thread(target=serve, args=[times], daemon=True).start()
        return server

    yield open_server
    listening.shutdown(socket.SHUT_RDWR)
    listening.close()


def _command(commands: object) -> list[bytes]:
    """Read one command: a list of words, each with its length before it."""
    head = re.match(rb"\*(\d+)", commands.readline())  # type: ignore[attr-defined]
    words = []
    for _ in range(int(head[1]) if head else 0):
        commands.readline()  # type: ignore[attr-defined]
        words.append(commands.readline().strip())  # type: ignore[attr-defined]
    return words


def test_it_is_waited_for_longer_than_for_one_that_says_nothing(loading, capsys):
    loading(5).wait(lambda: True, patience_s=0)

    assert "Redis is loading its data: 43.1 %, about 5 s left.\n" in capsys.readouterr().err


def test_it_is_not_waited_for_without_end(loading):
    with pytest.raises(Problem, match="does not answer: it has been loading its data for 0 s"):
        loading(10**6).wait(lambda: True, loading_patience_s=0)
