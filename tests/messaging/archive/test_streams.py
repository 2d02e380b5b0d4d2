"""The events of streams stay in the log when their partition is archived."""

from __future__ import annotations

import io
from typing import Any

import pytest
from django.core.management import call_command
from django.db import transaction
from uuid_utils.compat import uuid7

from contexts.messaging import (
    Aggregate,
    Event,
    load,
    proofs,
    publish,
    reading,
    save,
)
from contexts.messaging.drain import drain
from contexts.ordering.events import OrderReserved
from tests.messaging.conftest import sql

pytestmark = pytest.mark.django_db(transaction=True, databases="__all__")


class Happened(Aggregate, context="ordering", category="order"):
    """Counts what happened to it."""

    happened: int = 0

    def apply(self, event: Event) -> None:
        self.happened += 1


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
