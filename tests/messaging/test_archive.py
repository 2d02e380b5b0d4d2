"""Old events leave the log for files; everything that reads the log still reads them, and a crash loses nothing."""

from __future__ import annotations

import gzip
import io
import json
import shutil
from pathlib import Path
from typing import Any

import msgspec
import pytest
from django.core.management import call_command
from django.db import transaction
from uuid_utils.compat import uuid7

from contexts.catalog.events import PriceChanged
from contexts.messaging import (
    Aggregate,
    Event,
    load,
    partitions,
    proofs,
    publish,
    reading,
    relay,
    save,
    status,
    subscriptions,
    tracing,
)
from contexts.messaging.archive import files, moving, shelf
from contexts.messaging.crashpoints import ARCHIVE_POINTS
from contexts.messaging.drain import drain
from contexts.messaging.replay.feed import Feed
from contexts.ordering.events import OrderReserved
from tests.messaging.conftest import cut, price_changed, sql
from tests.messaging.test_replay import counting, do, probe_count  # noqa: F401
from tests.messaging.test_sequencer import connect

pytestmark = pytest.mark.django_db(transaction=True, databases="__all__")

SIZE = 50


class Happened(Aggregate, context="ordering", category="order"):
    """Counts what happened to it."""

    happened: int = 0

    def apply(self, event: Event) -> None:
        self.happened += 1


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, settings: Any) -> Path:
    settings.MESSAGING_ARCHIVE_DIR = tmp_path / "archive"
    return settings.MESSAGING_ARCHIVE_DIR


@pytest.fixture(autouse=True)
def small_partitions(monkeypatch: pytest.MonkeyPatch) -> Any:
    """Cut catalog's and ordering's empty logs into partitions of fifty, and make them whole again afterwards."""
    monkeypatch.setattr(partitions, "SIZE", SIZE)
    monkeypatch.setattr(files, "BLOCK_EVENTS", 7)
    with_small = ("catalog", "ordering")
    for context in with_small:
        cut(context, [(first, first + SIZE) for first in range(0, 6 * SIZE, SIZE)])
    yield
    for context in with_small:
        do(context, "truncate messaging_event, messaging_position, messaging_archive")
        cut(context, [(0, 1_000_000), (1_000_000, 2_000_000)])


@pytest.fixture
def told(listen, ledger):
    """Catalog has published 180 prices in 20 subjects, and inventory has counted them."""
    model = counting(listen)
    subjects = [uuid7() for _ in range(20)]
    for start in range(0, 180, 30):
        with transaction.atomic(using="catalog"):
            publish(*(price_changed(f"S-{n % 20}", n, subjects[n % 20]) for n in range(start, start + 30)))
    drain()
    return model


def archive(*arguments: str, before: str = "1000000") -> tuple[int, str]:
    out = io.StringIO()
    with pytest.raises(SystemExit) as ended:
        call_command("events", "archive", "catalog", "--before", before, *arguments, stdout=out)
    return ended.value.code, out.getvalue()


def verify() -> tuple[int, str]:
    out = io.StringIO()
    with pytest.raises(SystemExit) as ended:
        call_command("events", "verify", "catalog", stdout=out)
    return ended.value.code, " ".join(out.getvalue().split())


def in_table() -> list[int]:
    return [row[0] for row in sql("catalog", "select id from messaging_event order by id")]


def everything() -> list[tuple[Any, ...]]:
    return reading.read_all("catalog", 0, 10_000, limit=10_000)[0]


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


# --- who waits


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


# --- who still reads


def test_a_subscriber_whose_database_was_lost_is_served_from_the_files(told):
    before = sql("inventory", "select * from probe_count order by sku")
    archive()
    for table in ("messaging_inbox", "messaging_delivery", "probe_count"):
        do("inventory", f"truncate {table}")

    with transaction.atomic(using="catalog"):
        publish(*(price_changed("NEW", 1) for _ in range(20)))
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


# --- tampering


def _change_a_byte(path: Path) -> None:
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.write_bytes(content)


def _rewrite(path: Path) -> None:
    """Forge an event, and make file and index agree with each other."""
    index, _ = files.read_index(path)
    lines = list(files.lines_between(path, index, 0, 10_000))
    forged = msgspec.Raw(bytes(lines[3].data).replace(b'"amount": ', b'"amount": 9'))
    lines[3] = msgspec.structs.replace(lines[3], data=forged)
    files.write(path, lines, context="catalog", first_event=index.first_event, end_event=index.end_event)


@pytest.mark.parametrize(
    ("tamper", "words"),
    [
        (_change_a_byte, "was altered"),
        (_rewrite, "events-50-99.index.json was altered"),
        (lambda path: path.unlink(), "cannot be read: No such file or directory"),
        (lambda path: files.index_path(path).unlink(), "index.json cannot be read"),
        (lambda path: files.index_path(path).write_text("{}"), "was altered"),
        (lambda path: path.write_bytes(b""), "was altered: it has 0 bytes"),
    ],
)
def test_a_tampered_archive_is_found(told, folder, tamper, words):
    archive()
    files.lines_of.cache_clear()
    tamper(folder / "catalog/events-50-99.jsonl.gz")

    status, said = verify()

    assert status == 1
    assert words in said


def test_an_event_that_vanished_from_an_archived_range_is_found(told):
    archive()
    sql("catalog", "update messaging_archive set events = events - 1 where first_event = 50 returning 1")

    status, said = verify()

    assert status == 1
    assert "50 events from identity 50 on are gone from the log" in said


def test_a_missing_file_holds_up_only_those_who_need_it(told, folder, listen, ledger):
    archive()
    files.lines_of.cache_clear()
    shutil.move(folder, folder.with_name("elsewhere"))
    listen(PriceChanged, lambda event, envelope: ledger.add(event.sku, event.price.amount), to="inventory:late")

    with transaction.atomic(using="catalog"):
        publish(price_changed("NEW", 1))
    drain()

    assert dict(sql("inventory", "select sku, told from probe_count"))["NEW"] == 1
    assert ledger.rows == []
    shutil.move(folder.with_name("elsewhere"), folder)
    drain()
    assert len(ledger.rows) == 181


def test_files_that_were_moved_are_found_where_the_settings_say(told, folder, settings):
    before = everything()
    archive("--to", str(folder.with_name("old")))
    files.lines_of.cache_clear()
    shutil.move(folder.with_name("old"), folder)

    assert everything() == before
    assert verify()[0] == 0


# --- bad input


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


# --- streams


def reserve(*order_ids: Any, in_stream: bool) -> None:
    for order_id in order_ids:
        with transaction.atomic(using="ordering"):
            if in_stream:
                stream = load(Happened, order_id)
                stream.record(OrderReserved(order_id=order_id))
                save(stream)
            else:
                publish(OrderReserved(order_id=order_id))


def archive_ordering() -> str:
    out = io.StringIO()
    with pytest.raises(SystemExit) as ended:
        call_command("events", "archive", "ordering", "--before", "1000000", stdout=out)
    assert ended.value.code == 0
    return out.getvalue()


def test_the_events_of_streams_stay_and_can_be_loaded():
    orders = [uuid7() for _ in range(30)]
    for _ in range(2):
        reserve(*orders, in_stream=True)
        reserve(*(uuid7() for _ in range(30)), in_stream=False)
    drain()
    before = reading.read_all("ordering", 0, 1000, limit=1000)
    head = sql("ordering", "select head from messaging_sequencer")

    said = archive_ordering()
    drain()

    assert "30 events of streams stay in the log" in said
    assert [load(Happened, order_id).happened for order_id in orders] == [2] * 30
    assert [one for one in proofs.verify("ordering").differences if one.kind == "stream"] == []
    assert reading.read_all("ordering", 0, 1000, limit=1000) == before
    assert sql("ordering", "select head from messaging_sequencer") == head, "what stayed was given new positions"
    assert sql("ordering", "select count(*) from messaging_event where stream_version is null and id < 100") == [(0,)]
    reserve(orders[0], in_stream=True)
    assert load(Happened, orders[0]).happened == 3


def test_a_partition_of_streams_only_stays_whole():
    reserve(*(uuid7() for _ in range(60)), in_stream=True)
    drain()

    said = archive_ordering()

    assert "all its 49 events are of streams, which must stay loadable" in said
    assert "Nothing to archive" in said
    assert sql("ordering", "select count(*) from messaging_event") == [(60,)]


# --- who was sent back


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
