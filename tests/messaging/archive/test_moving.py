"""Old events leave the log for files; a crash loses nothing, and what somebody waits for stays."""

from __future__ import annotations

import gzip
import json
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command
from django.db import transaction
from uuid_utils.compat import uuid7

from contexts.catalog.events import PriceChanged
from contexts.messaging import (
    partitions,
    publish,
    relay,
    subscriptions,
)
from contexts.messaging.archive import files, moving, shelf
from contexts.messaging.crashpoints import ARCHIVE_POINTS
from contexts.messaging.drain import drain
from tests.messaging.archive.conftest import SIZE, archive, everything, in_table, verify
from tests.messaging.conftest import price_changed, sql
from tests.messaging.test_sequencer import connect

pytestmark = pytest.mark.django_db(transaction=True, databases="__all__")


def test_old_events_move_into_files_and_are_read_as_before(told, folder):
    before, proven = everything(), verify()

    status, said = archive()

    assert status == 0
    assert in_table() == list(range(150, 181)), "the partition that is written to stays"
    assert sorted(path.name for path in (folder / "catalog").iterdir()) == [
        "events-0-49.index.json", "events-0-49.jsonl.gz", "events-100-149.index.json", "events-100-149.jsonl.gz",
        "events-50-99.index.json", "events-50-99.jsonl.gz",
    ]  # fmt: skip
    assert "49 events" in said
    assert everything() == before
    assert verify() == proven


def test_the_files_are_read_by_any_program(told, folder):
    archive()

    lines = gzip.decompress((folder / "catalog/events-50-99.jsonl.gz").read_bytes()).splitlines()

    assert len(lines) == 50
    first = json.loads(lines[0])
    assert (first["id"], first["position"], first["type"]) == (50, 50, "catalog.price_changed")
    assert first["data"]["price"] == {"amount": 49, "currency": "EUR"}


def test_only_what_lies_before_goes(told):
    status, said = archive(before="60")

    assert status == 0
    assert [one.first_event for one in shelf.archives("catalog")] == [0]
    assert "its last event is at position 99" in said


@pytest.mark.parametrize(
    ("before", "words"), [("2020-01-01", "Nothing to archive before 2020-01-01."), ("1", "Nothing to")]
)
def test_nothing_to_do_is_said(told, before, words):
    status, said = archive(before=before)

    assert (status, words in said) == (0, True)
    assert shelf.archives("catalog") == []


def test_a_dry_run_moves_nothing(told, folder):
    status, said = archive("--dry-run")

    assert status == 0
    assert "would go" in said
    assert (len(in_table()), folder.exists(), shelf.archives("catalog")) == (180, False, [])


def test_json_says_what_goes_and_what_stays(told):
    _, said = archive("--json", before="60")

    document = json.loads(said)
    assert [one["events"] for one in document["archived"]] == [49]
    assert [one["reason"] for one in document["staying"]] == [
        "its last event is at position 99", "its last event is at position 149",
    ]  # fmt: skip


@pytest.mark.parametrize("point", ARCHIVE_POINTS)
@pytest.mark.parametrize("time", [1, 2])
def test_a_crash_anywhere_loses_nothing_and_can_be_repeated(told, crash_point, point, time):
    before = everything()
    with crash_point(point, time=time):
        archive()
    assert everything() == before
    assert verify()[0] == 0

    status, _ = archive()

    assert status == 0
    assert [one.first_event for one in shelf.archives("catalog")] == [0, 50, 100]
    assert everything() == before
    assert verify()[0] == 0


def test_the_log_goes_on_after_its_old_end_is_gone(told):
    archive()
    partitions.ensure_ahead("catalog", room=4 * SIZE)
    with transaction.atomic(using="catalog"):
        publish(*(price_changed("NEW", cents) for cents in range(100)))
    drain()

    assert dict(sql("inventory", "select sku, told from probe_count"))["NEW"] == 100
    assert verify()[0] == 0
    assert archive()[0] == 0
    assert verify()[0] == 0


def test_what_somebody_has_not_acknowledged_stays(told, listen):
    listen(PriceChanged, lambda event, envelope: None, to="inventory:slow")
    relay.relay("catalog")

    status, said = archive()

    assert status == 0
    assert len(in_table()) == 180
    assert "inventory:slow has acknowledged its partition" in said
    assert "only up to position 0" in said


def test_who_subscribed_from_now_does_not_hold_up_the_past(told, listen, monkeypatch):
    monkeypatch.setattr(subscriptions, "_begins", {"inventory:new": "now"})
    listen(PriceChanged, lambda event, envelope: None, to="inventory:new")
    relay.relay("catalog")

    archive()

    assert len(shelf.archives("catalog")) == 3


def test_what_is_parked_stays(told):
    sql(
        "inventory", "insert into messaging_parked (publisher, subscriber, partition, position, event_id, type, subject, event, "
        "state, fingerprint, place, attempts, problem, traceback, parked_at) values ('catalog', 'inventory:probe', 0, 60, "
        "gen_random_uuid(), 't', 's', '{}', 'stuck', '', '', 5, '', '', now()) returning 1",
    )  # fmt: skip

    _, said = archive()

    assert [one.first_event for one in shelf.archives("catalog")] == [0, 100]
    assert "1 of its events are parked for inventory:probe" in said


def test_an_event_that_an_open_transaction_has_not_committed_is_not_lost(told, monkeypatch):
    """It drew its identity long ago. The archive waits for it, and then finds that its file is not the whole."""
    monkeypatch.setattr(moving, "LOCK_TIMEOUT", "50ms")
    monkeypatch.setattr(moving, "LOCK_TRIES", 1)
    with connect() as slow:
        slow.execute(
            "insert into messaging_event (id, event_id, type, version, subject, slot, time, correlation_id, actor, traceparent, "
            "data) select 0, gen_random_uuid(), type, version, subject, slot, time, correlation_id, actor, traceparent, data "
            "from messaging_event where id = 1"
        )
        with pytest.raises(SystemExit) as ended:
            call_command("events", "archive", "catalog", "--before", "1000000")
        assert ended.value.code == 2
        slow.commit()

    (partition, *_) = moving.survey("catalog", before=1_000_000)
    assert partition.reason == "1 of its events have no position yet"
    drain()
    assert archive()[0] == 0
    assert [one.events for one in shelf.archives("catalog")] == [50, 50, 50]
    assert dict(sql("inventory", "select 1, sum(told) from probe_count")) == {1: 181}
    assert verify()[0] == 0


def test_an_event_that_commits_while_the_file_is_written_stops_the_move(told, monkeypatch):
    (partition, *_) = moving.survey("catalog", before=1_000_000)
    write = files.write

    def late(*arguments: Any, **more: Any) -> Any:
        index = write(*arguments, **more)
        with connect() as other:
            other.execute(
                "insert into messaging_event (id, event_id, type, version, subject, slot, time, correlation_id, actor, "
                "traceparent, data) select 0, gen_random_uuid(), type, version, subject, slot, time, correlation_id, actor, "
                "traceparent, data from messaging_event where id = 1"
            )
        return index

    monkeypatch.setattr(files, "write", late)

    with pytest.raises(moving.CannotArchive, match="has 50 events and the file 49"):
        moving.move(partition, Path("/tmp") / str(uuid7()))

    assert len(in_table()) == 181
    assert shelf.archives("catalog") == []


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["catalgo", "--before", "1"], 'no context "catalgo". Did you mean "catalog"?'),
        (["--before", "yesterday-ish"], '"yesterday-ish" is no time'),
        (["--before", ""], '"" is no time'),
        (["catalog", "--before", "1000000", "--to", "/proc/nowhere"], "Nothing was taken out of the log"),
    ],
)
def test_nonsense_gets_a_sentence(told, arguments, words, capfd):
    with pytest.raises(SystemExit) as ended:
        call_command("events", "archive", *arguments)

    assert ended.value.code == 2
    assert words in " ".join(capfd.readouterr().err.split())
    assert len(in_table()) == 180
