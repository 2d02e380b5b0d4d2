"""What was not acknowledged is sent again, without flooding a queue; a subscriber restored or ahead is met where it is."""

from __future__ import annotations

from uuid import UUID

import pytest
from django.db import transaction
from uuid_utils.compat import uuid7

from contexts.messaging import planning, publish, relay as relay_module, work
from contexts.messaging.drain import drain
from contexts.messaging.memory import MemoryTransport
from contexts.messaging.page import Acknowledgement, open_page
from contexts.messaging.relay import relay
from contexts.messaging.transport import use
from contexts.messaging.verify import verify_subscriptions
from tests.messaging.conftest import price_changed, publish_prices, sql

pytestmark = pytest.mark.django_db(transaction=True, databases="__all__")


def test_a_subscriber_that_is_away_costs_one_message_for_each_partition(booked):
    network = MemoryTransport()
    with use(network):
        for seed in range(5):
            publish_prices(seed, count=200, products=40)
            for _ in range(5):
                relay("catalog")

    assert network.backlog("inventory") <= 4


def test_unacknowledged_pages_are_not_repeated_into_a_queue_nobody_reads(booked, monkeypatch):
    publish_prices(1, count=50)
    network = MemoryTransport()
    monkeypatch.setattr(network, "backlog", lambda queue: 1000)
    with use(network):
        relay("catalog")
        before = network.sent
        sql("catalog", "update messaging_subscription set sent_at = now() - interval '1 day' returning 1")
        relay("catalog", resend=True)

    assert network.sent == before


def test_an_answer_to_a_page_that_was_sent_again_meanwhile_counts(booked):
    """A slow subscriber answers for the first sending when a second, longer one is under way."""
    product = uuid7()
    network = MemoryTransport()
    _publish_price(product, 1)
    with use(network):
        relay("catalog")
    _publish_price(product, 2)
    with use(network):
        first = network.next()
        sql("catalog", "update messaging_subscription set sent_at = now() - interval '3 s' returning 1")
        relay("catalog", resend=True)
        second = network.next()

        work.perform(first)
        work.perform(network.next())
        answered = _in_flight()
        work.perform(second)
        work.perform(network.next())

    assert [one.task for one in (first, second)] == ["messaging.deliver"] * 2
    assert answered == [(1, 2, 0)]
    assert _in_flight() == []
    assert [cents for _, cents in booked.rows] == [1, 2]
    assert all(not verdict.problems for verdict in verify_subscriptions("catalog"))


def test_an_answer_from_the_middle_with_another_digest_moves_nothing(booked):
    product = uuid7()
    network = MemoryTransport()
    _publish_price(product, 1)
    _publish_price(product, 2)
    with use(network):
        relay("catalog")
        page = open_page(*network.next().args[1:])
        strange = Acknowledgement(
            publisher="catalog", subscriber="inventory:probe", partition=page.partition, position=1, digest="00" * 16
        )
        relay_module.acknowledge(strange)

    assert _in_flight() == [(0, 2, 0)]


def test_a_page_whose_queue_is_empty_is_lost_however_long_its_resending_would_wait(booked):
    """After many tries the next one is minutes away; a broker that was emptied meanwhile holds nothing to wait for."""
    network = MemoryTransport()
    _publish_price(uuid7(), 1)
    with use(network):
        relay("catalog")
        sql("catalog", "update messaging_subscription set attempts = 5 returning 1")

        def sent_after(seconds: int) -> int:
            since = f"{seconds} s"
            sql("catalog", "update messaging_subscription set sent_at = now() - %s::interval returning 1", since)
            relay("catalog", resend=True)
            return network.sent

        in_the_queue = sent_after(11)
        network.next()

        assert (in_the_queue, sent_after(9), sent_after(11)) == (1, 1, 2)


def _publish_price(product: UUID, cents: int) -> None:
    with transaction.atomic(using="catalog"):
        publish(price_changed(cents=cents, product_id=product))


def _in_flight() -> list[tuple[int, int, int]]:
    """Return what is acknowledged, sent, and how often it was tried, where anything is in flight."""
    return sql(
        "catalog",
        "select acknowledged, sent, attempts from messaging_subscription where sent > acknowledged "
        "and subscriber = 'inventory:probe'",
    )


def test_a_subscriber_that_is_further_than_the_books_say_is_believed_if_its_digest_holds(booked):
    publish_prices(6, count=60)
    drain()
    rows = booked.rows
    sql(
        "catalog",
        "update messaging_subscription set sent = 0, acknowledged = 0, scanned = 0, sent_digest = '', "
        "acknowledged_digest = '' returning 1",
    )
    publish_prices(7, count=10)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(planning, "PAGE_EVENTS", 3)
        drain()

    assert booked.rows[: len(rows)] == rows
    assert len(booked.rows) == sql("catalog", "select count(*) from messaging_event")[0][0]
    assert sql("catalog", "select count(*) from messaging_subscription where acknowledged < sent") == [(0,)]


def test_a_subscriber_that_is_further_with_another_digest_is_not_believed(booked):
    publish_prices(6, count=60)
    drain()
    sql(
        "catalog",
        "update messaging_subscription set sent = 0, acknowledged = 0, scanned = 0, sent_digest = '', "
        "acknowledged_digest = '' returning 1",
    )
    ahead = Acknowledgement(publisher="catalog", subscriber="inventory:probe", partition=0, position=60, digest="00")

    relay_module.acknowledge(ahead)

    assert sql("catalog", "select max(acknowledged) from messaging_subscription") == [(0,)]


def test_a_subscriber_whose_database_was_restored_gets_again_what_it_lost(booked):
    publish_prices(8, count=40)
    drain()
    sql("inventory", "update messaging_inbox set position = 0, digest = '' returning 1")
    sql("inventory", "delete from probe_effect returning 1")
    sql("inventory", "delete from messaging_delivery returning 1")

    expected = publish_prices(9, count=80, products=60)  # every partition hears something new
    drain()

    got = booked.by_subject()
    assert {subject: got[subject] for subject in expected} == expected
    assert len(booked.rows) == sql("catalog", "select count(*) from messaging_event")[0][0]
