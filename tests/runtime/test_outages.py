"""A command whose database or Redis does not answer says so in a sentence with the next step, and ends with status 3."""

from __future__ import annotations

from typing import NoReturn

import pytest
import redis
from django.core.management import call_command
from django.db import OperationalError
from django.db.backends.base.base import BaseDatabaseWrapper

from contexts.kernel.outages import outage

ASKED = [
    ("events", "status"),
    ("events", "parked"),
    ("events", "verify"),
    ("events", "retry", "x"),
    ("events", "trace", "TP-1"),
    ("events", "tail", "--no-follow"),
    ("events", "archive", "--before", "2026-01-01"),
    ("events", "replay", "catalog"),
    ("streams", "verify"),
    ("tail", "status"),
    ("order", "show", "TP-1"),
    ("order", "history", "TP-1"),
    ("customers", "erase", "ada@example.org", "--yes"),
    ("bench", "events", "price", "--quick"),
]


@pytest.fixture
def silent_database(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object, **__: object) -> NoReturn:
        raise OperationalError("connection refused\nIs the server running?")

    monkeypatch.setattr(BaseDatabaseWrapper, "ensure_connection", refuse)
    monkeypatch.setattr(BaseDatabaseWrapper, "_cursor", refuse)


@pytest.mark.parametrize("arguments", ASKED, ids=" ".join)
@pytest.mark.usefixtures("silent_database")
def test_a_database_that_does_not_answer_is_said_in_a_sentence(arguments, capfd):
    with pytest.raises(SystemExit) as ended:
        call_command(*arguments)

    said = capfd.readouterr().err
    assert ended.value.code == 3
    assert "The database does not answer: connection refused Is the server running?" in said
    assert "Start the shop with `make up`" in said
    assert "Traceback" not in said


def test_only_an_outage_is_called_one():
    assert outage(redis.ConnectionError("refused")).startswith("Redis does not answer: refused\n")
    assert outage(redis.ResponseError("WRONGTYPE")) is None
    assert outage(ValueError("ours")) is None
