"""A real process that makes a read model anew is killed with SIGKILL in the middle of a page, and another goes on."""

from __future__ import annotations

import subprocess
import sys
import time

import psycopg
import pytest
from django.db import connections

from contexts.messaging.replay import feed
from contexts.messaging.replay.alone import CannotReplay
from contexts.messaging.replay.feed import Feed
from tests.messaging.conftest import do, sql
from tests.messaging.replay.conftest import read_model_named, rows, verified

pytestmark = [pytest.mark.django_db(transaction=True, databases="__all__"), pytest.mark.faults]

BLOCKED = "select count(*) from pg_locks where not granted and relation = 'ordering.replay_ordering_offer'::regclass"


def test_a_killed_replay_is_gone_on_with(offers, process_environment, monkeypatch):
    right = rows()
    do("ordering", "update ordering_offer set price_cents = 1")
    monkeypatch.setattr(feed, "PAGE_EVENTS", 7)
    begun = Feed(read_model_named("ordering:offers"))
    begun.begin()
    next(iter(begun.run()))
    with psycopg.connect(**connections["ordering"].get_connection_params()) as holder:
        holder.execute("lock table replay_ordering_offer in access exclusive mode")
        process = subprocess.Popen(
            [sys.executable, "manage.py", "events", "replay", "ordering:offers", "--yes"],
            env=process_environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
        )  # fmt: skip
        try:
            while holder.execute(BLOCKED).fetchone() == (0,):
                assert process.poll() is None, process.stdout.read().decode()
                time.sleep(0.05)
        finally:
            process.kill()
            process.wait()

    rebuild = Feed(read_model_named("ordering:offers"))
    _wait_until_free(rebuild)
    assert rebuild.begin()
    list(rebuild.run())
    (changed,) = rebuild.swap()

    assert (rebuild.events, changed.changed) == (80 - 7, 20)
    assert rows() == right
    assert sql("ordering", "select count(*) from messaging_replay") == [(0,)]
    verified("catalog", "inventory")


def _wait_until_free(rebuild: Feed) -> None:
    """The server lets go of a dead process's lock when it next looks at the connection."""
    while True:
        try:
            with rebuild.alone():
                return
        except CannotReplay:
            time.sleep(0.05)
