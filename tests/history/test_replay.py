"""`events replay history`: another generation of keys is made beside the live one, shown, and swapped in."""

from __future__ import annotations

import io
import json
import threading
from collections.abc import Callable
from typing import Any

import pytest
import redis
from django.core.management import call_command
from django.db import connections, transaction

from contexts.customers.events import CustomerErased
from contexts.history.purchases import PurchaseQuery
from contexts.history.rebuild import live_beside
from contexts.history.redis_store import live_store
from contexts.messaging import Event, Moved, announcing, publish
from contexts.messaging.crashpoints import REPLAY_POINTS
from contexts.messaging.drain import drain
from contexts.messaging.readmodels import read_models
from contexts.messaging.replay import feed
from contexts.messaging.replay.feed import Feed
from tests.history.factories import ADA, EVE, cancelled, placed

pytestmark = pytest.mark.django_db(transaction=True, databases="__all__")


@pytest.fixture(autouse=True)
def small_pages(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(feed, "PAGE_EVENTS", 5)


@pytest.fixture
def history(client_of_redis: redis.Redis) -> redis.Redis:
    """Ada has bought fourteen times and cancelled once; Eve was erased."""
    say("ordering", placed(99, customer=EVE), *(placed(number) for number in range(1, 15)), cancelled(3))
    say("customers", CustomerErased(customer_id=EVE))
    drain()
    return client_of_redis


def say(context: str, *events: Event) -> None:
    with transaction.atomic(using=context):
        publish(*events)


def replay(*arguments: str) -> tuple[int, str]:
    out = io.StringIO()
    with pytest.raises(SystemExit) as ended:
        call_command("events", "replay", "history", *arguments, stdout=out)
    return ended.value.code, out.getvalue()


def numbers_of_ada() -> list[str]:
    page = live_store().page(PurchaseQuery(customer_id=ADA, size=100))
    return sorted(purchase.receipt.number for purchase in page.purchases)


def content(client: redis.Redis) -> dict[str, Any]:
    """Return the purchases of the live generation and how they are found, by the names in it."""
    root = f"history:{client.get('history:generation') or 'g1'}:"
    found: dict[str, Any] = {}
    for key in client.scan_iter(f"{root}*"):
        if key.startswith(f"{root}pages:"):
            continue  # When which page came: a replay reads other pages.
        kind = client.type(key)
        read = {"hash": client.hgetall, "set": client.smembers}.get(kind)
        found[key.removeprefix(root)] = read(key) if read else client.zrange(key, 0, -1, withscores=True)
    return found


def names(client: redis.Redis) -> set[str]:
    return {key.split(":")[1] for key in client.scan_iter("history:*")}


def verified() -> None:
    out = io.StringIO()
    with pytest.raises(SystemExit) as ended:
        call_command("events", "verify", "ordering", "customers", stdout=out)
    assert ended.value.code == 0, out.getvalue()


def test_another_generation_takes_over_with_the_same_content(history: redis.Redis) -> None:
    before = content(history)

    status, said = replay("--yes", "--json")

    (report,) = json.loads(said)["replayed"]
    assert (status, report["swapped"], report["events"]) == (0, True, 17)
    assert all(part["added"] == part["changed"] == part["removed"] == 0 for part in report["comparison"])
    assert history.get("history:generation") == "g2"
    assert content(history) == before
    assert names(history) == {"generation", "g2"}
    verified()


def test_what_went_wrong_is_shown_and_put_right(history: redis.Redis) -> None:
    before = content(history)
    first, second, *_ = sorted(history.scan_iter("history:g1:order:*"))
    history.hset(first, "status", "shipped")
    history.delete(second)
    history.hset("history:g1:order:ghost", mapping={"status": "placed"})
    history.zadd(f"history:g1:index:{ADA}::", {"ghost": 1})

    status, said = replay("--yes")

    assert status == 0
    assert "purchases: 14 rows; 1 to add, 1 to change, 1 to remove" in said
    assert "index: " in said
    assert 'status "shipped" -> "' in said
    assert content(history) == before
    verified()


def test_a_dry_run_leaves_no_trace(history: redis.Redis) -> None:
    before = {key: history.dump(key) for key in history.scan_iter("history:*")}

    status, said = replay("--dry-run")

    assert (status, "Nothing was swapped" in said) == (0, True)
    assert {key: history.dump(key) for key in history.scan_iter("history:*")} == before


@pytest.mark.parametrize("point", [point for point in REPLAY_POINTS if point != "replay: page applied, not committed"])
def test_a_replay_that_dies_goes_on(history: redis.Redis, crash_point: Any, point: str) -> None:
    before = content(history)
    history.hset(next(iter(sorted(history.scan_iter("history:g1:order:*")))), "status", "shipped")
    with crash_point(point):
        replay("--yes")

    status, _ = replay("--yes")

    assert status == 0
    assert content(history) == before
    assert len(names(history)) == 2
    verified()


def test_orders_during_a_replay_are_in_the_new_history(history: redis.Redis) -> None:
    rebuild = Feed(read_models()["history:purchases"])
    rebuild.begin()
    for step, _ in enumerate(rebuild.run()):
        say("ordering", placed(200 + step))
        drain()

    rebuild.compare()
    say("ordering", placed(300))
    drain()
    rebuild.swap()
    say("ordering", placed(301), cancelled(4))
    drain()

    assert len(numbers_of_ada()) == 14 + step + 1 + 2
    assert live_store().page(PurchaseQuery(customer_id=ADA)).by_status["cancelled"] == 2
    verified()


def test_a_swap_is_refused_while_the_two_have_received_different_events(history: redis.Redis) -> None:
    beside = live_beside()
    beside.begin()

    with pytest.raises(Moved):
        beside.swap()

    assert history.get("history:generation") == "g1"


def test_a_swap_under_load_loses_nothing(history: redis.Redis) -> None:
    problems: list[BaseException] = []

    def keep_buying() -> None:
        try:
            for number in range(400, 430):
                say("ordering", placed(number))
                drain()
        except BaseException as problem:
            problems.append(problem)
        finally:
            connections.close_all()

    buyer = threading.Thread(target=keep_buying)
    buyer.start()
    swaps = 0
    while buyer.is_alive():
        rebuild = Feed(read_models()["history:purchases"])
        rebuild.begin()
        rebuild.swap()
        swaps += 1
    buyer.join()
    drain()

    assert (problems, swaps > 1) == ([], True)
    assert len(numbers_of_ada()) == 14 + 30
    verified()


def test_a_quiet_shop_gets_its_history_back_by_itself(history: redis.Redis, deliver_all: Callable[[], int]) -> None:
    """Nothing is published after Redis was lost: the sweep's announcement alone brings everything back."""
    before = content(history)
    history.flushdb()

    from contexts.messaging import transport
    from contexts.messaging.memory import MemoryTransport

    network = MemoryTransport()
    with transport.use(network):
        announcing.announce("history")
    drain(network)

    assert content(history) == before


def test_redis_that_is_away_is_said(history: redis.Redis, monkeypatch: pytest.MonkeyPatch, capfd: Any) -> None:
    def away(*_: object, **__: object) -> None:
        raise redis.ConnectionError("Error 111 connecting to localhost:1. Connection refused.")

    monkeypatch.setattr("contexts.history.rebuild.RedisBeside.begin", away)

    with pytest.raises(SystemExit) as ended:
        call_command("events", "replay", "history")

    assert ended.value.code == 3
    assert "Redis does not answer" in capfd.readouterr().err
