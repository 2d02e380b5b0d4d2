"""`manage.py bench history` on a handful of orders: both stores show the same, and nothing is left behind."""

from __future__ import annotations

import json
from io import StringIO

import pytest
import redis
from django.conf import settings
from django.core.management import call_command
from django.db import connections

from contexts.history import bench
from contexts.history.bench.joins import Joins, tables
from contexts.history.bench.orders import changes_of, customer, made_up
from contexts.history.purchases import PurchaseQuery
from contexts.messaging.management.commands.bench import benchmarks
from tests.history.memory_store import MemoryPurchaseStore

pytestmark = [pytest.mark.django_db(transaction=True, databases="__all__"), pytest.mark.xdist_group("bench history")]


def command(*arguments: str) -> tuple[int | str | None, str]:
    out = StringIO()
    with pytest.raises(SystemExit) as ended:
        call_command("bench", "history", *arguments, stdout=out)
    return ended.value.code, out.getvalue()


def test_a_context_brings_its_benchmark_by_its_name() -> None:
    assert dict(benchmarks())["history"].__name__ == "contexts.history.bench"


def test_figures_for_a_script(client_of_redis: redis.Redis, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bench, "MANY", 300)
    monkeypatch.setattr(bench, "FLAT", 1000.0)  # How fast it is says nothing on a machine that tests share.
    before = schemas()

    code, printed = command("--orders", "1300", "--looks", "12", "--json")

    found = json.loads(printed)
    assert code == 0
    assert [(page["orders"], page["per_customer"]) for page in found["pages"]] == [(1300, 300), (1300, 100)]
    assert all(page["ratio"] > 0 for page in found["pages"])
    assert client_of_redis.keys("history-bench-*") == []
    assert schemas() == before


def schemas() -> list[str]:
    with connections["history"].cursor() as cursor:
        cursor.execute("select nspname from pg_namespace order by 1")
        return [name for (name,) in cursor.fetchall()]


def test_pages_that_differ_are_not_compared(client_of_redis: redis.Redis, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Joins, "fill", lambda joins, orders: None)

    with pytest.raises(bench.Differs):
        call_command("bench", "history", "--orders", "100", "--looks", "10")

    assert client_of_redis.keys("history-bench-*") == []


def test_the_rival_is_honest(django_db_setup: None) -> None:
    """Its pages are those of the plain store, whatever is asked."""
    orders = list(made_up(customer(1), 60))
    plain = MemoryPurchaseStore()
    plain.apply([change for order in orders for change in changes_of(order)], as_of=bench.made.NEWEST)

    with tables() as joins:
        joins.fill(orders)
        joins.settle()
        for query in bench._queries([customer(1)], 60):
            assert joins.page(query).purchases == plain.page(query).purchases
            assert joins.page(query).years == plain.page(query).years
            assert joins.page(query).by_status == plain.page(query).by_status
        assert joins.page(PurchaseQuery(customer_id=customer(2))).count == 0


@pytest.mark.parametrize("arguments", [["--orders", "5"], ["--looks", "1"]])
def test_too_little_to_measure_is_refused(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert command(*arguments)[0] == 2
    assert "--orders takes 100 or more" in capsys.readouterr().err


def test_redis_away_is_a_sentence(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(settings, "REDIS_URL", "redis://127.0.0.1:1/0")

    assert command("--orders", "100")[0] == 3
    assert "Redis does not answer" in capsys.readouterr().err
    assert "bench_history" not in schemas()


def test_two_runs_do_not_meet(django_db_setup: None, capsys: pytest.CaptureFixture[str]) -> None:
    with tables(), pytest.raises(SystemExit):
        call_command("bench", "history", "--orders", "100")
    assert "Another run" in capsys.readouterr().err
