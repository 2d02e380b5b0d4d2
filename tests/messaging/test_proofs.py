"""`streams verify` finds whatever is not what the streams say; `streams rebuild` puts it right."""

from __future__ import annotations

import json
from io import StringIO
from uuid import UUID

import msgspec
import pytest
from django.core.management import call_command
from django.db import connections

from contexts.messaging import aggregates, crashpoints, projections, proofs, snapshots, snapshotting
from contexts.messaging.streams import load
from contexts.ordering import services
from contexts.ordering.models import OrderSummary
from contexts.ordering.order import Order
from contexts.ordering.services.orders import change_order
from contexts.ordering.summaries import SUMMARIES
from tests.messaging.conftest import sql
from tests.ordering.shop import placed, summary

pytestmark = pytest.mark.django_db(transaction=True, databases="__all__")


@pytest.fixture(autouse=True)
def _only_the_shops_own_streams(monkeypatch):
    """Other tests declare streams of their own, which stay declared in this process."""
    for name in [name for name in aggregates._declared if not name.startswith("contexts.")]:
        monkeypatch.delitem(aggregates._declared, name)


@pytest.fixture
def order_id() -> UUID:
    order_id = placed()
    change_order(order_id, Order.note_reserved)
    snapshotting.take(Order, order_id)
    placed(("BLUE-MUG", 1))
    return order_id


def execute(statement: str, *parameters: object) -> int:
    with connections["ordering"].cursor() as cursor:
        cursor.execute(statement, list(parameters))
        return cursor.rowcount


def found() -> list[tuple[str, str]]:
    return [(difference.kind, difference.problem) for difference in proofs.verify("ordering").differences]


def streams(*arguments: str) -> tuple[int, str]:
    out = StringIO()
    with pytest.raises(SystemExit) as ended:
        call_command("streams", *arguments, stdout=out, no_color=True)
    return int(ended.value.code or 0), out.getvalue()


def test_a_shop_as_it_grew_equals_its_replay(order_id):
    proof = proofs.verify("ordering")

    assert proof.differences == []
    assert (proof.streams, proof.events, proof.snapshots, proof.ignored, proof.rows) == (2, 5, 1, 0, 2)


def test_a_tampered_snapshot_is_found(order_id):
    order = load(Order, order_id)
    order.status = "completed"
    assert execute("update messaging_snapshot set state = %s", snapshots.encoded(order)) == 1

    assert found() == [("snapshot", "status is 'completed', by replay 'placed'")]


def test_a_snapshot_beyond_its_stream_is_found(order_id):
    order = load(Order, order_id)
    order.version = 9
    execute("update messaging_snapshot set version = 9, state = %s", snapshots.encoded(order))

    assert found() == [("snapshot", "the stream ends at version 3")]


@pytest.mark.parametrize(
    ("change", "problem"),
    [
        ("update ordering_ordersummary set total_cents = 1 where order_id = %s", "total_cents is 1, by replay 2990"),
        ("update ordering_ordersummary set email = 'eve@example.org' where order_id = %s",
         "email is 'eve@example.org', by replay 'ada@example.org'"),
        ("update ordering_ordersummary set version = 1 where order_id = %s", "version is 1, by replay 3"),
        ("update ordering_ordersummary set charged_at = now() where order_id = %s", "by replay None"),
        ("delete from ordering_ordersummary where order_id = %s", "the row is missing"),
    ],
)  # fmt: skip
def test_a_tampered_row_is_found_and_put_right(order_id, change, problem):
    before = summary(order_id)
    assert execute(change, order_id) == 1

    ((kind, said),) = found()
    assert (kind, problem in said) == ("projection", True)
    rebuilt = projections.rebuild(SUMMARIES)

    assert (rebuilt.rows, rebuilt.added + rebuilt.changed, rebuilt.removed) == (2, 1, 0)
    assert found() == []
    assert all(
        getattr(summary(order_id), field.attname) == getattr(before, field.attname)
        for field in OrderSummary._meta.concrete_fields
    )


def test_a_row_without_a_stream_is_found_and_removed(order_id):
    execute("insert into ordering_ordersummary select (jsonb_populate_record(o, %s::jsonb)).* from ordering_ordersummary o "
            "where order_id = %s", json.dumps({"order_id": str(UUID(int=7)), "number": "TP-STRA-NGER"}), order_id)  # fmt: skip

    assert found() == [("projection", "there is a row, but no stream")]
    assert projections.rebuild(SUMMARIES).removed == 1
    assert found() == []


def test_an_event_taken_out_of_the_log_is_found(order_id):
    execute("delete from messaging_event where subject = %s and stream_version = 2", f"order/{order_id}")

    kinds = {kind for kind, _ in found()}

    assert kinds == {"stream", "snapshot"}
    assert any("has no version 2 in the log" in problem for _, problem in found())


def test_a_rebuild_from_nothing_gives_the_same_rows(order_id):
    services.cancel_order(order_id=order_id)
    before = sql("ordering", "select * from ordering_ordersummary order by order_id")
    execute("delete from ordering_ordersummary")

    rebuilt = projections.rebuild(SUMMARIES)

    assert (rebuilt.added, rebuilt.changed, rebuilt.removed) == (2, 0, 0)
    assert sql("ordering", "select * from ordering_ordersummary order by order_id") == before


def test_what_is_appended_while_a_rebuild_runs_is_in_it(order_id):
    cancelled = []

    def let_something_happen(place: str) -> None:
        if place == "replay: page committed" and not cancelled:
            cancelled.append(order_id)
            with_connection_of_its_own(lambda: services.cancel_order(order_id=order_id))

    with crashpoints.hooked(let_something_happen):
        projections.rebuild(SUMMARIES)

    assert cancelled == [order_id]
    assert summary(order_id).status == "cancelled"
    assert found() == []


def with_connection_of_its_own(act) -> None:
    """Do something as another process would: in a thread, whose database connection is its own."""
    import threading

    problems: list[BaseException] = []

    def work() -> None:
        try:
            act()
        except BaseException as problem:
            problems.append(problem)
        finally:
            connections["ordering"].close()

    thread = threading.Thread(target=work)
    thread.start()
    thread.join()
    assert problems == []


def test_verify_says_what_is_wrong_and_what_to_do(order_id):
    assert streams("verify")[0] == 0
    execute("update ordering_ordersummary set total_cents = 1 where order_id = %s", order_id)
    execute("update messaging_snapshot set state = %s", msgspec.msgpack.encode({"id": str(order_id), "version": 3}))

    status, words = streams("verify", "ordering")
    answer = json.loads(streams("verify", "--json")[1])

    assert status == 1
    assert f"ordering.OrderSummary of order/{order_id}: total_cents is 1, by replay 2990" in words
    assert "Next: manage.py streams rebuild" in words
    assert "Next: manage.py streams forget" in words
    assert (answer["equal"], len(answer["proofs"][0]["differences"])) == (False, 2)


def test_rebuild_snapshot_and_forget_tell_what_they_did(order_id):
    execute("update ordering_ordersummary set total_cents = 1 where order_id = %s", order_id)

    assert "2 rows replayed" in (rebuilt := streams("rebuild", "--only", "OrderSummary")[1])
    assert "0 added, 1 changed, 0 removed" in rebuilt
    assert streams("forget") == (0, "ordering: 1 snapshot thrown away.\n")
    assert streams("snapshot", "--json")[0] == 0
    assert streams("verify")[0] == 0


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (("verify", "odering"), 'no event-sourced streams here. Did you mean "ordering"?'),
        (("verify", "catalog"), "no event-sourced streams here"),
        (("rebuild", "--only", "OrderSumary"), 'Did you mean "OrderSummary"?'),
    ],
)
def test_nonsense_is_answered_with_a_sentence(arguments, sentence, capsys):
    assert streams(*arguments)[0] == 2
    assert sentence in capsys.readouterr().err.replace("\n", " ")
