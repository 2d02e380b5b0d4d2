"""B9: a message that is not from whom it says has no effect and is recorded."""

from __future__ import annotations

import msgspec
import pytest

from contexts.messaging import work
from contexts.messaging.drain import drain
from contexts.messaging.memory import MemoryTransport
from contexts.messaging.page import Page, seal_page
from contexts.messaging.relay import relay
from contexts.messaging.transport import use
from tests.messaging.conftest import publish_prices, sql

pytestmark = pytest.mark.django_db(transaction=True, databases="__all__")


@pytest.mark.parametrize(
    "forge", ["altered", "signed by another", "not a page", "no text", "no signature", "for another context"]
)
def test_a_message_that_is_not_from_its_publisher_has_no_effect_and_is_recorded(booked, forge):
    publish_prices(1, count=3, products=1)
    network = MemoryTransport()
    with use(network):
        relay("catalog")
        message = network.next()
        context, text, signature = message.args
        if forge == "altered":
            text = text.replace('"amount": 1,', '"amount": 9,', 1)
            assert text != message.args[1]
        elif forge == "signed by another":
            page = msgspec.json.decode(text, type=Page)
            signature = seal_page(msgspec.structs.replace(page, publisher="payments"))[1]
        elif forge == "not a page":
            text = '{"hello": 1}'
        elif forge == "no text":
            text = 5
        elif forge == "no signature":
            signature = None
        else:
            context = "ordering"
        work.run_deliver(context, text, signature)

        assert network.next() is None
    assert booked.rows == []
    assert sql(context, "select sum(count) from messaging_refusal") == [(1,)]


def test_a_forged_acknowledgement_moves_nothing(booked):
    publish_prices(1, count=3, products=1)
    network = MemoryTransport()
    with use(network):
        relay("catalog")
        forged = '{"publisher":"catalog","subscriber":"inventory:probe","partition":0,"position":3,"digest":""}'
        work.run_acknowledge("catalog", forged, "bm8=")

    assert sql("catalog", "select max(acknowledged) from messaging_subscription") == [(0,)]
    assert sql("catalog", "select sum(count) from messaging_refusal") == [(1,)]


def test_both_sides_keep_the_same_digest(booked):
    publish_prices(4, count=150)

    drain(MemoryTransport(seed=4, loss=0.2, duplication=0.2, reorder=0.2))

    ours = sql("catalog", "select partition, acknowledged, acknowledged_digest from messaging_subscription order by 1")
    theirs = sql("inventory", "select partition, position, digest from messaging_inbox order by 1")
    assert [row for row in ours if row[1]] == theirs
    assert sql("catalog", "select count(*) from messaging_subscription where diverged_at is not null") == [(0,)]
