"""Everything that reads the log reads its archive too: subscribers, replay, where, trace and the lag."""

from __future__ import annotations

import shutil

import pytest
from django.db import transaction
from uuid_utils.compat import uuid7

from contexts.catalog.events import PriceChanged
from contexts.messaging import (
    publish,
    reading,
    status,
    tracing,
)
from contexts.messaging.archive import files
from contexts.messaging.drain import drain
from contexts.messaging.replay.feed import Feed
from tests.messaging.archive.conftest import archive, in_table, verify
from tests.messaging.conftest import do, price_changed, sql

pytestmark = pytest.mark.django_db(transaction=True, databases="__all__")


def test_a_subscriber_whose_database_was_lost_is_served_from_the_files(told):
    before = sql("inventory", "select * from probe_count order by sku")
    archive()
    for table in ("messaging_inbox", "messaging_delivery", "probe_count"):
        do("inventory", f"truncate {table}")

    with transaction.atomic(using="catalog"):
        publish(*(price_changed("NEW", 1) for _ in range(100)))  # So many that each partition has some.
    drain()

    assert sql("inventory", "select * from probe_count where sku <> 'NEW' order by sku") == before
    assert verify()[0] == 0


def test_a_new_subscriber_begins_with_the_first_event_in_the_files(told, listen, ledger):
    archive()
    listen(PriceChanged, lambda event, envelope: ledger.add(event.sku, event.price.amount), to="inventory:late")

    drain()

    assert sorted(value for _, value in ledger.rows) == list(range(180))


def test_a_replay_reads_the_files(told):
    archive()
    do("inventory", "update probe_count set told = 0")
    rebuild = Feed(told)
    rebuild.begin()
    list(rebuild.run())

    (changed,) = rebuild.swap()

    assert (rebuild.events, changed.changed) == (180, 20)
    assert {told for _, told in sql("inventory", "select sku, told from probe_count")} == {9}


def test_where_and_trace_find_archived_events(told):
    ((event_id, correlation, subject),) = sql(
        "catalog", "select event_id, correlation_id, subject from messaging_event where id = 60"
    )
    archive()

    event = tracing.event_with_id(event_id)
    (place,) = tracing.whereabouts([event])[event.id]

    assert (event.position, event.subject, place.state) == (60, subject, "delivered")
    assert event in tracing.find(str(correlation)).events
    assert event in tracing.find(subject).events
    assert tracing.event_with_id(uuid7()) is None


def test_only_the_blocks_that_are_wanted_are_read(told, monkeypatch):
    archive()
    files.lines_of.cache_clear()
    read = []
    content = files._content
    monkeypatch.setattr(
        files, "_content", lambda path, block: read.append(block.first_position) or content(path, block)
    )

    rows, end = reading.read(
        "catalog", 59, 200, types={"catalog.price_changed"}, partitions={0, 1, 2, 3}, limit=5
    )  # fmt: skip

    assert ([row[0] for row in rows], end) == ([60, 61, 62, 63, 64], 64)
    assert read == [57, 64]


def lag() -> tuple[int, float]:
    rows = [row for row in status.subscriptions_of("catalog") if row.subscriber == "inventory:probe"]
    return sum(row.lag_events for row in rows), max(row.lag_s for row in rows)


def send_back(position: int) -> None:
    do(
        "catalog",
        f"update messaging_subscription set sent = {position}, acknowledged = {position}, scanned = {position} "
        "where subscriber = 'inventory:probe'",
    )


def test_the_lag_of_a_subscriber_that_was_sent_back_counts_archived_events_too(told):
    assert lag() == (0, 0.0)
    archive()
    assert len(in_table()) == 31

    send_back(0)
    assert lag()[0] == 180
    assert lag()[1] > 0
    send_back(11)
    assert lag()[0] == 169
    drain()
    assert lag() == (0, 0.0)


def test_archived_events_that_a_subscriber_never_wanted_do_not_count(told):
    archive()
    send_back(0)

    do("catalog", "update messaging_subscription set since = array[20] where subscriber = 'inventory:probe'")
    assert lag()[0] == 160
    do(
        "catalog",
        "update messaging_subscription set types = array['catalog.other'] where subscriber = 'inventory:probe'",
    )
    assert lag() == (0, 0.0)


def test_the_state_is_shown_although_an_archive_is_missing(told, folder):
    archive()
    send_back(0)
    shutil.rmtree(folder)

    assert lag()[0] == 31
