"""A sweep looks first, with one statement, and misses nothing of what there is to do."""

from __future__ import annotations

import time
from datetime import UTC, datetime, timedelta

import pytest
from django.db import connections, transaction
from django.test.utils import CaptureQueriesContext

from contexts.catalog.events import PriceChanged
from contexts.messaging import publish, sweeping
from contexts.messaging.drain import drain
from contexts.messaging.envelope import Envelope
from contexts.messaging.memory import MemoryTransport
from contexts.messaging.relay import relay
from contexts.messaging.sweeping import Due, look, sweep
from contexts.messaging.transport import use
from tests.messaging.conftest import price_changed, publish_prices, sql
from tests.messaging.test_sequencer import connect

pytestmark = pytest.mark.django_db(transaction=True, databases="__all__")

#: Another event like the first one of the log, as a transaction outside Django writes it.
COPY = """
insert into messaging_event (event_id, type, version, subject, slot, time, correlation_id, actor, traceparent, data)
select gen_random_uuid(), type, version, subject, slot, time, correlation_id, actor, traceparent, data
from messaging_event order by id limit 1
"""

NOTHING = Due(timers=False, parked=False, pages=False)


def _publish_one() -> None:
    with transaction.atomic(using="catalog"):
        publish(price_changed(cents=1))


@pytest.fixture
def quiet(booked):
    """Prices were published and everybody has heard them; the process has been here before."""
    publish_prices(1, count=20)
    drain()
    with use(MemoryTransport()):
        sweep("catalog")
        sweep("inventory")
    return booked


def test_a_sweep_of_a_quiet_context_is_one_statement(quiet):
    with CaptureQueriesContext(connections["catalog"]) as asked:
        sweep("catalog")

    assert len(asked) == 1
    assert look("catalog") == look("inventory") == NOTHING


def test_an_event_whose_hint_was_lost_is_found(quiet):
    with use(MemoryTransport()):
        _publish_one()
    network = MemoryTransport()

    with use(network):
        assert look("catalog") == NOTHING._replace(pages=True)
        sweep("catalog")

    assert network.backlog("inventory") == 1


def test_an_event_of_a_transaction_that_was_open_at_the_last_pass_is_found(quiet):
    with connect() as slow:
        slow.execute("select pg_current_xact_id()")
        _publish_one()
        drain()
        before = look("catalog")
        slow.execute(COPY)

    assert before == NOTHING
    assert look("catalog") == NOTHING._replace(pages=True)


def test_a_page_that_was_not_acknowledged_is_found(quiet):
    _publish_one()
    with use(MemoryTransport()):
        relay("catalog")

    assert look("catalog").pages


def test_a_page_that_was_planned_by_nobody_is_found(quiet):
    """The relay stops at its head: who publishes much is served in turns."""
    _publish_one()
    with use(MemoryTransport()):
        relay("catalog")
    drain()
    sql("catalog", "update messaging_sequencer set relayed = relayed - 1 returning 1")

    assert look("catalog").pages


def test_a_subscriber_that_is_behind_is_found(quiet):
    sql("catalog", "update messaging_subscription set sent = 0, acknowledged = 0, scanned = 0 returning 1")

    assert look("catalog") == NOTHING._replace(pages=True)


def test_a_log_without_its_sequencer_is_begun(booked):
    with transaction.atomic(using="catalog"):
        sql("catalog", "delete from messaging_sequencer returning 1")
        found = look("catalog")
        transaction.set_rollback(True, using="catalog")

    assert found.pages


def test_a_timer_that_is_due_goes_out_with_the_same_sweep(quiet):
    with transaction.atomic(using="catalog"):
        publish(price_changed(cents=1), at=datetime.now(UTC) + timedelta(seconds=60))
    early = look("catalog")
    sql("catalog", "update messaging_timer set due_at = now() returning 1")
    network = MemoryTransport()

    with use(network):
        assert look("catalog") == NOTHING._replace(timers=True)
        sweep("catalog")

    assert early == NOTHING
    assert network.backlog("inventory") == 1


def test_a_parked_event_is_tried_when_its_time_has_come(listen, ledger):
    def refuse(event: PriceChanged, envelope: Envelope) -> None:
        raise ValueError("not today")

    listen(PriceChanged, refuse)
    _publish_one()
    drain()
    early = look("inventory").parked
    sql("inventory", "update messaging_parked set retry_at = now() returning 1")

    assert not early
    assert look("inventory").parked
    sweep("inventory")
    assert sql("inventory", "select attempts from messaging_parked") == [(2,)]


def test_now_and_then_a_sweep_is_thorough_whatever_it_has_seen(quiet, listen, monkeypatch):
    """A handler that is new to the books is no row that a look could find."""
    listen(PriceChanged, lambda event, envelope: None, to="ordering:late")
    later = time.monotonic() + sweeping.THOROUGH_EVERY_S
    with use(MemoryTransport()):
        sweep("catalog")
        known = sql("catalog", "select count(*) from messaging_subscription where subscriber = 'ordering:late'")
        monkeypatch.setattr(sweeping.time, "monotonic", lambda: later)
        sweep("catalog")

    assert known == [(0,)]
    assert sql("catalog", "select count(*) > 0 from messaging_subscription where subscriber = 'ordering:late'") == [
        (True,)
    ]


def test_a_look_reads_no_log_that_one_transaction_has_written(booked):
    """The planner takes every row of such a log for one of those that are looked for."""
    with connect() as idle:
        idle.execute("select pg_current_xact_id()")
        with transaction.atomic(using="catalog"):
            publish(*(price_changed() for _ in range(2000)))
        with use(MemoryTransport()):
            relay("catalog")
        sql("catalog", "select set_config('plan_cache_mode', 'force_generic_plan', false)")
        with connections["catalog"].cursor() as cursor:
            cursor.execute("analyze messaging_event")
        now = datetime.now(UTC)
        plan = sql(
            "catalog", f"explain (analyze, timing off) {sweeping.LOOK}", now, "waiting", now
        )  # fmt: skip
        sql("catalog", "select set_config('plan_cache_mode', 'auto', false)")

    text = "\n".join(line for (line,) in plan)
    assert "Seq Scan on messaging_event" not in text, text
    assert "_tx_id_idx" in text
