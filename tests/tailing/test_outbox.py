"""The write-ahead log as an outbox: nothing is written but one message, and the log has the events afterwards."""

from __future__ import annotations

import threading

import pytest
from django.db import connections, transaction
from uuid_utils.compat import uuid7

from contexts.catalog.events import PriceChanged
from contexts.kernel.money import eur
from contexts.messaging import acting_as, publish
from contexts.messaging.tailing import outbox
from contexts.messaging.tailing.tailer import Tailer
from tests.tailing.conftest import catch_up, logged, sql

pytestmark = [
    pytest.mark.django_db(transaction=True, databases=["catalog", "inventory"]),
    pytest.mark.xdist_group("slots"),
]


def price_changed(sku: str = "RED-MUG", product_id: object = None) -> PriceChanged:
    return PriceChanged(product_id=product_id or uuid7(), sku=sku, price=eur(200), previous=eur(100))


def publish_one(event: PriceChanged) -> None:
    with transaction.atomic(using="catalog"):
        publish(event)


def test_an_event_reaches_the_log_as_it_was_published(catalog_tailer: Tailer, through_the_wal: None):
    event = price_changed()
    with acting_as("staff:7") as correlation_id:
        publish_one(event)
    before = logged()

    catch_up(catalog_tailer)

    assert before == []
    [(kind, subject, correlation, actor, cents, parent)] = sql(
        "catalog",
        "select type, subject, correlation_id, actor, data->'price'->>'amount', traceparent from messaging_event",
    )
    assert (kind, subject) == ("catalog.price_changed", event.subject)
    assert (correlation, actor, cents) == (correlation_id, "staff:7", "200")
    assert parent.startswith("00-")


def test_a_rolled_back_transaction_leaves_nothing(catalog_tailer: Tailer, through_the_wal: None):
    with pytest.raises(RuntimeError), transaction.atomic(using="catalog"):
        publish(price_changed())
        raise RuntimeError

    assert catch_up(catalog_tailer) == 0
    assert logged() == []


def test_events_stand_in_the_order_of_the_commits(catalog_tailer: Tailer, through_the_wal: None):
    slow_has_published, fast_has_committed = threading.Event(), threading.Event()
    slow, fast = price_changed("SLOW"), price_changed("FAST")

    def publish_slowly() -> None:
        with transaction.atomic(using="catalog"):
            publish(slow)
            slow_has_published.set()
            fast_has_committed.wait(10)
        connections["catalog"].close()

    thread = threading.Thread(target=publish_slowly)
    thread.start()
    slow_has_published.wait(10)
    publish_one(fast)
    fast_has_committed.set()
    thread.join()

    catch_up(catalog_tailer)

    assert [subject for _, subject in logged()] == [fast.subject, slow.subject]


def test_a_tailer_that_dies_before_it_moves_the_slot_repeats_nothing(
    catalog_tailer: Tailer, through_the_wal: None, monkeypatch: pytest.MonkeyPatch
):
    events = [price_changed(f"SKU-{nr}") for nr in range(10)]
    for event in events:
        publish_one(event)
    with monkeypatch.context() as patched:
        patched.setattr(Tailer, "_advance", lambda *_: (_ for _ in ()).throw(KeyboardInterrupt))
        with pytest.raises(KeyboardInterrupt):
            catch_up(catalog_tailer)

    taken_again = catch_up(Tailer("catalog"))

    assert taken_again == 0
    assert [subject for _, subject in logged()] == [event.subject for event in events]


def test_without_a_slot_the_table_takes_the_events(transactional_db: None, through_the_wal: None):
    publish_one(price_changed())

    assert len(logged()) == 1


def test_a_slot_that_was_dropped_lets_the_table_take_the_events(catalog_tailer: Tailer, through_the_wal: None):
    catch_up(catalog_tailer)
    sql("catalog", "select tail_drop()")

    publish_one(price_changed())

    assert len(logged()) == 1


def test_what_another_context_writes_in_catalogs_name_is_refused(catalog_tailer: Tailer):
    forged = "0" * outbox.MAC_LENGTH + "[]"
    with transaction.atomic(using="inventory"):
        sql("inventory", "select pg_logical_emit_message(true, %s, %s)", outbox.prefix_of("catalog"), forged)

    catch_up(catalog_tailer)

    assert logged() == []
    assert sql("catalog", "select count from messaging_refusal") == [(1,)]


def test_the_role_may_read_its_own_part_of_the_log_and_no_more(catalog_tailer: Tailer):
    attributes = sql("catalog", "select rolsuper, rolreplication from pg_roles where rolname = current_user")

    assert attributes == [(False, False)]
    for query in (
        "select pg_logical_slot_peek_binary_changes(tail_slot(), null, null)",
        "select pg_create_logical_replication_slot('mine', 'test_decoding')",
        "create publication mine for all tables",
    ):
        with pytest.raises(Exception, match="permission denied"):
            sql("catalog", query)
    with pytest.raises(Exception, match="does not exist"):
        sql("catalog", "select tail_publish(array['inventory.inventory_stock'])")


def test_messages_of_other_contexts_are_not_read(catalog_tailer: Tailer):
    with transaction.atomic(using="inventory"):
        sql("inventory", "select pg_logical_emit_message(true, 'tradepost.inventory', 'secret')")
    catch_up(catalog_tailer)
    rows = sql("catalog", "select data from tail_peek(null)")

    assert not any(b"secret" in bytes(data) for (data,) in rows)


def test_a_temporary_object_does_not_get_the_administrators_rights(catalog_tailer: Tailer):
    """A view in pg_temp must not stand in for the catalog that the functions ask."""
    with connections["catalog"].cursor() as cursor:
        cursor.execute("create temp view pg_replication_slots as select 'x'::name as slot_name, 1 / 0 as boom")
        cursor.execute("select tail_advance('0/0')")
        cursor.execute("drop view pg_temp.pg_replication_slots")


def test_two_tailers_do_not_work_at_once(catalog_tailer: Tailer):
    refused: list[str] = []

    def second() -> None:
        try:
            Tailer("catalog").open()
        except Exception as problem:
            refused.append(str(problem))
        connections["catalog"].close()

    thread = threading.Thread(target=second)
    thread.start()
    thread.join()

    assert refused == ["Another process tails the log of catalog; this one stands by."]


def test_a_large_transaction_is_taken_in_parts(
    catalog_tailer: Tailer, through_the_wal: None, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr("contexts.messaging.tailing.tailer.BATCH", 3)
    events = [price_changed(f"SKU-{nr}") for nr in range(10)]
    with transaction.atomic(using="catalog"):
        for event in events:
            publish(event)

    assert catch_up(catalog_tailer) == 10
    assert [subject for _, subject in logged()] == [event.subject for event in events]
