"""The projection of a context's own streams is made anew with the same copies and the same command."""

from __future__ import annotations

import io
import json

import pytest
from django.core.management import call_command
from uuid_utils.compat import uuid7

from contexts.messaging import projections
from contexts.messaging.projections import Refold
from contexts.ordering import services
from contexts.ordering.models import OrderSummary
from contexts.ordering.services.orders import change_order
from contexts.ordering.summaries import SUMMARIES
from tests.messaging.conftest import do, sql
from tests.ordering.shop import HOLD_ENDS, cart

pytestmark = pytest.mark.django_db(transaction=True, databases=["ordering"])


@pytest.fixture(autouse=True)
def _small_chunks(monkeypatch):
    monkeypatch.setattr(projections, "CHUNK", 3)
    yield
    do("ordering", "drop table if exists replay_ordering_ordersummary")


@pytest.fixture
def orders():
    """Ten checkouts that were begun and held."""
    return [begun() for _ in range(10)]


def begun():
    order_id = services.start_checkout(cart_id=cart(("RED-MUG", 1)), customer_id=None)
    change_order(order_id, lambda order: order.note_held(HOLD_ENDS))
    return order_id


def replay(*arguments: str) -> tuple[int, dict]:
    out = io.StringIO()
    with pytest.raises(SystemExit) as ended:
        call_command("events", "replay", "ordering:OrderSummary", "--json", *arguments, stdout=out)
    return ended.value.code, json.loads(out.getvalue())["replayed"][0]


def rows() -> list[tuple]:
    return sql("ordering", "select to_jsonb(s)::text from ordering_ordersummary s order by order_id")


def damage(orders) -> None:
    OrderSummary.objects.filter(order_id=orders[0]).update(status="completed")
    OrderSummary.objects.filter(order_id=orders[1]).delete()
    OrderSummary.objects.create(order_id=uuid7(), version=3, status="held")


def test_it_is_put_right(orders):
    right = rows()
    damage(orders)

    status, report = replay("--yes")

    assert (status, report["events"]) == (0, 20)
    assert [report["comparison"][0][name] for name in ("added", "changed", "removed")] == [1, 1, 1]
    assert rows() == right


def test_it_goes_on_after_a_kill(orders, crash_point):
    right = rows()
    damage(orders)
    with crash_point("replay: page committed", time=2):
        replay("--yes")

    status, report = replay("--yes")

    assert (status, report["resumed"], report["events"]) == (0, True, 20 - 2 * 2 * 3)
    assert rows() == right


def test_orders_that_move_during_a_replay_are_right(orders):
    rebuild = Refold(SUMMARIES)
    rebuild.begin()
    for step, _ in enumerate(rebuild.run()):
        if step < 3:
            change_order(orders[step], lambda order: order.note_hold_over("Too slow."))
            begun()
    late = begun()

    (changed,) = rebuild.swap()

    assert changed.equal
    assert OrderSummary.objects.filter(order_id=late).exists()
    assert OrderSummary.objects.count() == 10 + 3 + 1


def test_streams_rebuild_is_the_same_mechanism(orders):
    right = rows()
    damage(orders)

    out = io.StringIO()
    with pytest.raises(SystemExit) as ended:
        call_command("streams", "rebuild", "ordering", "--json", stdout=out)

    assert ended.value.code == 0
    (rebuilt,) = json.loads(out.getvalue())["rebuilt"]
    assert (rebuilt["rows"], rebuilt["added"], rebuilt["changed"], rebuilt["removed"]) == (10, 1, 1, 1)
    assert rows() == right
    assert sql("ordering", "select to_regclass('replay_ordering_ordersummary')") == [(None,)]
