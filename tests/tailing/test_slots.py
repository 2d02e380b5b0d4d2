"""What an operator is told of a slot, before the disk is full and before anything is lost unseen."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Iterator
from io import StringIO
from typing import Any

import msgspec
import psycopg
import pytest
from django.conf import settings
from django.core.management import call_command
from structlog.testing import capture_logs

from config.provision.roles import connect
from contexts.messaging.metrics import Databases
from contexts.messaging.tailing import checks, slots, status, watching
from contexts.messaging.tailing.slots import NotTailing
from contexts.messaging.tailing.tailer import Tailer
from tests.tailing.conftest import catch_up, drop_slot, sql

pytestmark = [pytest.mark.django_db(transaction=True, databases="__all__"), pytest.mark.xdist_group("slots")]


def verdict(context: str = "catalog") -> status.Verdict:
    return status.verdict_on(slots.facts(context))


@pytest.fixture
def administrator(transactional_db: None) -> Iterator[psycopg.Connection[Any]]:
    with connect(settings.DATABASE_ADMIN) as connection:
        yield connection


def test_a_tailer_at_work_is_following(catalog_tailer: Tailer):
    catch_up(catalog_tailer)

    assert verdict().state == "following"
    assert not verdict().wrong


def test_a_slot_that_nobody_reads_is_abandoned(catalog_tailer: Tailer):
    catalog_tailer.close()

    assert verdict().state == "abandoned"
    assert "manage.py tail run catalog" in verdict().sentence
    assert "manage.py tail drop catalog" in verdict().sentence


def test_a_slot_that_somebody_dropped_is_missing_and_is_not_replaced_silently(catalog_tailer: Tailer):
    catalog_tailer.close()
    drop_slot("catalog")

    with pytest.raises(NotTailing, match="is gone: somebody dropped it"):
        one = Tailer("catalog")
        one.open()
        one.pass_once()
    one.close()

    assert verdict().state == "missing"
    slots.recreate_slot("catalog")
    assert verdict().state == "abandoned"


def test_a_slot_that_somebody_made_anew_is_recognised(catalog_tailer: Tailer):
    catch_up(catalog_tailer)
    catalog_tailer.close()
    drop_slot("catalog")
    sql("catalog", "select tail_create()")

    assert verdict().state == "recreated"
    with pytest.raises(NotTailing, match="somebody made it anew"):
        catalog_tailer.open()
        catalog_tailer.pass_once()


def test_a_slot_is_made_while_others_change_the_catalogue(catalog_tailer: Tailer):
    """A migration of another context, or a temporary table, at the moment in which a shop begins to tail."""
    catalog_tailer.close()
    done = threading.Event()

    def change(number: int) -> None:
        with connect(settings.DATABASE_ADMIN) as connection:
            while not done.is_set():
                with connection.transaction():
                    connection.execute(f"create temporary table changing_{number} (id int)")
                    connection.execute("select pg_sleep(0.003)")
                    connection.execute(f"drop table changing_{number}")

    changing = [threading.Thread(target=change, args=[number]) for number in range(3)]
    for thread in changing:
        thread.start()
    try:
        for _ in range(10):
            drop_slot("catalog")
            sql("catalog", "select tail_create()")
    finally:
        done.set()
        for thread in changing:
            thread.join()

    assert verdict().state == "recreated"


def test_a_database_from_another_server_is_recognised(catalog_tailer: Tailer):
    sql("catalog", "update messaging_tail set server = 1")

    assert verdict().state == "another server"


def test_a_slot_over_the_cap_is_nearly_lost_and_then_lost(
    catalog_tailer: Tailer, administrator: psycopg.Connection[Any]
):
    catch_up(catalog_tailer)
    catalog_tailer.close()
    # The cap is the server's: whoever else has a slot on it must not run meanwhile, hence the group of these tests.
    administrator.execute("alter system set max_slot_wal_keep_size = '1MB'")
    administrator.execute("select pg_reload_conf()")
    try:
        for _ in range(3):
            administrator.execute("select pg_logical_emit_message(false, 'fill', repeat('x', 100000))")
            administrator.execute("select pg_switch_wal()")
        nearly = verdict().state
        administrator.execute("checkpoint")
        lost = verdict()
    finally:
        administrator.execute("alter system reset max_slot_wal_keep_size")
        administrator.execute("select pg_reload_conf()")
        while sql("catalog", "show max_slot_wal_keep_size") == [("1MB",)]:  # It is told, and hears it a moment later.
            time.sleep(0.01)

    assert nearly == "nearly lost"
    assert lost.state == "lost"
    assert "manage.py tail recreate catalog" in lost.sentence
    slots.recreate_slot("catalog")
    assert verdict().state == "abandoned"


def test_a_slot_within_the_cap_is_not_called_nearly_lost(catalog_tailer: Tailer):
    found = msgspec.structs.replace(slots.facts("catalog"), wal_status="unreserved", cap=1_000_000)

    states = [status.verdict_on(msgspec.structs.replace(found, retained=kept)).state for kept in (999_999, 1_000_001)]

    assert states == ["following", "nearly lost"]


def test_a_server_that_does_not_log_enough_is_named(transactional_db: None, monkeypatch: pytest.MonkeyPatch):
    as_they_are = slots.facts("catalog")
    small = msgspec.structs.replace(as_they_are, wal_level="replica")
    monkeypatch.setattr(slots, "facts", lambda context: small)

    [warning] = checks.check_log_can_be_tailed(databases=["catalog"])

    assert warning.id == "messaging.W010"
    assert "wal_level = replica" in warning.msg
    assert "set wal_level = logical and restart" in warning.msg
    with pytest.raises(NotTailing, match="wal_level"):
        slots.open_slot("catalog")


def test_settings_that_mean_nothing_are_named(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(settings, "MESSAGING_OUTBOX", {"catalogue": "wal", "catalog": "wall"})

    assert [found.id for found in checks.check_tailing()] == ["messaging.E010", "messaging.E011"]
    assert 'Did you mean "catalog"?' in checks.check_tailing()[0].msg


def tail(*arguments: str) -> tuple[int, str]:
    out = StringIO()
    with pytest.raises(SystemExit) as ended:
        call_command("tail", *arguments, stdout=out)
    return ended.value.code, out.getvalue()


def test_status_for_people_and_for_scripts(catalog_tailer: Tailer):
    catch_up(catalog_tailer)

    code, words = tail("status", "--check")
    assert code == 0, words
    document = json.loads(tail("status", "--json")[1])
    assert [(slot["context"], slot["state"]) for slot in document["slots"]] == [("catalog", "following")]

    catalog_tailer.close()
    code, words = tail("status", "--check")
    assert code == 1
    assert "Nobody tails catalog" in words


def test_an_abandoned_slot_is_said_in_the_log_once_it_lasts(catalog_tailer: Tailer):
    catalog_tailer.close()

    with capture_logs() as said:
        watching.look("catalog")
        first = list(said)
        watching.look("catalog")
        watching.look("catalog")
    Tailer("catalog").open()
    with capture_logs() as said_then:
        watching.look("catalog")

    assert first == []
    [warning] = said
    assert (warning["event"], warning["state"]) == ("tailing needs somebody", "abandoned"), warning["problem"]
    assert "manage.py tail drop catalog" in warning["problem"]
    assert [entry["event"] for entry in said_then] == ["tailing is well again"]


def test_metrics_say_what_a_slot_keeps(catalog_tailer: Tailer):
    catalog_tailer.close()

    samples = {
        (sample.name, *sample.labels.values()): sample.value
        for family in Databases().collect()
        for sample in family.samples
        if sample.name.startswith("tradepost_tail")
    }

    assert samples["tradepost_tail_wrong", "catalog", "abandoned"] == 1
    assert samples["tradepost_tail_retained_bytes", "catalog"] > 0
    assert samples["tradepost_tail_refused_changes", "catalog"] == 0


def test_a_context_that_does_not_exist_gets_a_hint(capsys: pytest.CaptureFixture[str]):
    assert tail("drop", "catalogue", "--yes")[0] == 2
    assert 'Did you mean "catalog"?' in capsys.readouterr().err


def test_where_there_is_no_slot_there_is_nothing_to_drop(transactional_db: None, capsys: pytest.CaptureFixture[str]):
    assert tail("drop", "inventory", "--yes")[0] == 2
    assert "inventory has no slot; there is nothing to drop" in capsys.readouterr().err


def test_a_process_that_lacks_a_context_does_not_say_that_its_slot_is_nobodys(catalog_tailer: Tailer, settings: Any):
    catch_up(catalog_tailer)
    settings.CONTEXTS = ["inventory"]

    assert "belongs to no context of this process" in tail("status")[1]
