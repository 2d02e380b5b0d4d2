"""`manage.py bench events` with tiny sizes: every part runs, its counts are right, and nothing of it is left."""

from __future__ import annotations

import fcntl
import json
import subprocess
import sys
from collections.abc import Iterator
from typing import Any

import pytest
import redis
from django.conf import settings
from django.db import connections

FIGURES = {
    "flow": {
        "one task per event (naive)", "handler with one insert", "batch handler", "batch handler, publisher at work beside",
        "handler with one insert / naive", "batch handler / naive",
    },
    "latency": {
        "bare Celery hop, p50", "bare Celery hop, p99", "commit to effect, p50", "commit to effect, p99",
        "commit to effect / bare hop, p50",
    },
    "price": {
        "transaction with two rows", "transaction with a row and an event", "event / second row",
        "wake-up after the commit",
    },
    "flat": {
        "rate at 1000 events in the log, before", "rate at 3000 events in the log",
        "rate at 1000 events in the log, afterwards", "slower with the long log",
        "subscriber 2000 events behind catches up", "catching up / rate of the flow", "broker's memory when idle",
        "broker's memory while it catches up, at most", "effects committed / events",
    },
    "poison": {
        "healthy subjects that finished", "events parked, with those behind them",
        "healthy subjects without poison, p99", "healthy subjects beside poison, p99", "p99 beside poison / without",
    },
}  # fmt: skip


# One at a time: each takes a Redis database of its own, and all the machine that it can get.
pytestmark = [pytest.mark.campaign, pytest.mark.xdist_group("bench")]


@pytest.fixture(autouse=True)
def _alone() -> Iterator[None]:
    with (settings.DATA_DIR / "bench.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def bench(environment: dict[str, str], *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "manage.py", "bench", "events", *arguments], env=environment, cwd=settings.BASE_DIR,
        capture_output=True, text=True, check=False,
    )  # fmt: skip


def measured(environment: dict[str, str], part: str) -> dict[str, float]:
    done = bench(environment, part, "--quick", "--events", "2000", "--json")
    assert done.returncode in (0, 1), done.stderr + done.stdout
    document: dict[str, Any] = json.loads(done.stdout)
    assert document["met"] is (done.returncode == 0)
    assert {figure["part"] for figure in document["figures"]} == {part}
    return {figure["name"]: figure["value"] for figure in document["figures"]}


def ratio(found: dict[str, float], name: str, one: str, other: str) -> None:
    assert found[name] == pytest.approx(found[one] / found[other])


@pytest.mark.parametrize("part", sorted(FIGURES))
def test_each_part_prints_its_figures_and_leaves_nothing_behind(part: str, process_environment: dict[str, str]):
    found = measured(process_environment, part)

    assert set(found) == FIGURES[part]
    assert all(value > 0 for value in found.values())
    if part == "flow":
        ratio(found, "batch handler / naive", "batch handler", "one task per event (naive)")
        ratio(found, "handler with one insert / naive", "handler with one insert", "one task per event (naive)")
    elif part == "latency":
        ratio(found, "commit to effect / bare hop, p50", "commit to effect, p50", "bare Celery hop, p50")
        assert found["commit to effect, p50"] <= found["commit to effect, p99"]
    elif part == "flat":
        assert found["effects committed / events"] == 1
        assert found["broker's memory when idle"] <= found["broker's memory while it catches up, at most"] + 1
    elif part == "poison":
        # Of 400 subjects with two events each, every hundredth has a bad one, and the other behind it.
        assert found["healthy subjects that finished"] == 396
        assert found["events parked, with those behind them"] == 8
    with connections[settings.CONTEXTS[0]].cursor() as cursor:
        cursor.execute("select nspname from pg_namespace where nspname like 'bench%%'")
        assert cursor.fetchall() == []
    with redis.Redis.from_url(settings.REDIS_URL) as client:
        databases: Any = client.info("keyspace")
        assert not {f"db{number}" for number in range(40, 64)} & databases.keys()


def test_a_part_that_does_not_exist_is_one_sentence(process_environment: dict[str, str]):
    done = bench(process_environment, "latncy")

    assert done.returncode == 2
    assert " ".join(done.stderr.split()) == 'There is no part "latncy". Did you mean "latency"?'


def test_a_broker_that_refuses_is_one_sentence(process_environment: dict[str, str]):
    done = bench(process_environment | {"TEST_REDIS_DB": "9999"}, "price", "--quick")

    assert done.returncode == 2
    assert " ".join(done.stderr.split()) == "Redis refuses the benchmark: DB index is out of range."
