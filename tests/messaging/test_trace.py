"""`events trace`, `where` and `tail`: what happened, told across contexts."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from io import StringIO
from typing import Any

import pytest
from django.conf import settings
from django.core.management import call_command
from django.db import transaction
from uuid_utils.compat import uuid7

from contexts.catalog.events import PriceChanged
from contexts.inventory.events import AvailabilityChanged
from contexts.messaging import Discard, acting_as, publish
from contexts.messaging.drain import drain
from contexts.messaging.memory import MemoryTransport
from contexts.messaging.relay import relay
from contexts.messaging.tracing import find, require_event, whereabouts
from contexts.messaging.transport import use
from contexts.messaging.wording import duration
from contexts.ordering.events import OrderCancelled
from tests.messaging.conftest import price_changed, sql

pytestmark = pytest.mark.django_db(transaction=True, databases="__all__")


def events(*arguments: str) -> tuple[int, str]:
    """Run `manage.py events ...`; return its status and what it printed."""
    out = StringIO()
    try:
        call_command("events", *arguments, stdout=out)
    except SystemExit as end:
        return int(end.code or 0), out.getvalue()
    return 0, out.getvalue()


def answer(*arguments: str) -> tuple[int, Any]:
    status, text = events(*arguments, "--json")
    return status, json.loads(text) if text else None


def change_price(**arguments: Any) -> str:
    """Publish one event; return its id."""
    with transaction.atomic(using="catalog"):
        publish(price_changed(**arguments))
    return str(sql("catalog", "select event_id from messaging_event order by id desc limit 1")[0][0])


@pytest.fixture
def answering(listen):
    """Inventory answers each price with an availability, which ordering hears."""

    def answer_with_stock(event, envelope):
        publish(AvailabilityChanged(sku=event.sku, available=event.price.amount))

    listen(PriceChanged, answer_with_stock, to="inventory")
    listen(PriceChanged, lambda event, envelope: None, to="ordering")
    listen(AvailabilityChanged, lambda event, envelope: None, to="ordering")


def test_the_tree_of_causes_crosses_contexts(answering):
    with acting_as("staff:7") as correlation_id:
        event_id = change_price()
    drain(with_chores=False)

    status, text = events("trace", event_id)

    lines = [" ".join(line.split()) for line in text.splitlines()]
    assert status == 0
    assert "2 events in one correlation" in lines[0]
    assert "catalog.price_changed" in lines[1]
    assert "by staff:7" in lines[1]
    assert "→ inventory +" in lines[2]
    assert "inventory.availability_changed of sku/RED-MUG +" in lines[3]
    assert "→ ordering +" in lines[4]
    assert "→ ordering +" in lines[5]
    assert answer("trace", str(correlation_id))[1]["kind"] == "correlation"


def test_latency_is_counted_from_what_happened_to_what_it_caused(answering):
    event_id = change_price()
    drain(with_chores=False)

    _, document = answer("trace", event_id)

    cause, effect = document["events"]
    delivered = {place["subscriber"]: place["latency_s"] for place in cause["deliveries"]}
    assert effect["causation_id"] == cause["id"] == event_id
    assert set(delivered) == {"inventory", "ordering"}
    assert all(0 < latency_s < 60 for latency_s in delivered.values())


def test_an_order_is_found_by_its_number_its_id_and_its_subject_with_all_its_correlations(listen):
    order_id = uuid7()
    cancelled = OrderCancelled(order_id=order_id, number="T-4711", reason="by_customer", explanation="")
    with transaction.atomic(using="ordering"):
        publish(cancelled)
    with transaction.atomic(using="ordering"):
        publish(cancelled)
    for name in ("T-4711", str(order_id), f"order/{order_id}"):
        found = find(name)

        assert (found.kind, len(found.events), len({event.correlation_id for event in found.events})) == (
            "subject",
            2,
            2,
        )


def test_an_orders_story_has_no_other_orders_of_the_same_request_in_it(listen):
    mine, another = uuid7(), uuid7()

    def answer_with_stock(event, envelope):
        publish(AvailabilityChanged(sku=f"SKU-OF-{event.number}", available=3))

    listen(OrderCancelled, answer_with_stock, to="inventory")
    with acting_as("staff:7"), transaction.atomic(using="ordering"):
        for order_id, number in ((mine, "T-1"), (another, "T-2")):
            publish(OrderCancelled(order_id=order_id, number=number, reason="by_staff", explanation=""))
    drain(with_chores=False)

    found = find(str(mine))
    availability = next(event for event in find("sku/SKU-OF-T-2").events if event.source == "inventory")

    assert [event.subject for event in found.events] == [f"order/{mine}", "sku/SKU-OF-T-1"]
    assert [event.subject for event in find("sku/SKU-OF-T-2").events] == [f"order/{another}", "sku/SKU-OF-T-2"]
    assert len(find(str(availability.id)).events) == 4


def test_a_timer_that_waits_is_part_of_the_tree(listen):
    from datetime import UTC, datetime, timedelta

    with acting_as("guest") as correlation_id, transaction.atomic(using="catalog"):
        publish(price_changed())
        publish(price_changed(), at=datetime.now(UTC) + timedelta(hours=3))

    _, text = events("trace", str(correlation_id))

    assert "timer, due in 3.0 h" in text


@pytest.mark.parametrize(
    "name", ["T-9999", "order/nothing", "018f2f6e-7a00-7000-8000-000000000001", "'; drop table", ""]
)
def test_a_name_nobody_has_ends_with_status_2_and_says_what_to_give(name, capsys):
    assert events("trace", name)[0] == 2
    assert "Give an order number, an order id" in " ".join(capsys.readouterr().err.split())


# --- where ---


def where(event_id: str) -> dict[str, Any]:
    return {place.subscriber: place for place in whereabouts([require_event(event_id)])[require_event(event_id).id]}


def test_before_the_relay_an_event_is_nowhere_yet(answering):
    event_id = change_price()

    assert {name: place.state for name, place in where(event_id).items()} == {
        "inventory": "not yet",
        "ordering": "not yet",
    }


def test_between_relay_and_delivery_an_event_is_in_flight(answering):
    event_id = change_price()
    with use(MemoryTransport()):
        relay("catalog")

    places = where(event_id)

    assert {name: place.state for name, place in places.items()} == {"inventory": "in flight", "ordering": "in flight"}
    assert places["inventory"].at is not None


def test_a_delivered_event_says_when(answering):
    event_id = change_price()
    drain(with_chores=False)

    places = where(event_id)
    ((at,),) = sql("inventory", "select at from messaging_delivery where subscriber = 'inventory'")

    assert places["inventory"].state == "delivered"
    assert places["inventory"].at == at


def test_a_delivered_event_is_found_among_many_pages(answering):
    product_id = uuid7()
    ids = []
    for cents in range(1, 5):
        ids.append(change_price(product_id=product_id, cents=cents))
        drain(with_chores=False)
    rows = sql(
        "ordering",
        "select at from messaging_delivery where publisher = 'catalog' and subscriber = 'ordering' order by upto",
    )

    assert [where(event_id)["ordering"].at for event_id in ids] == [at for (at,) in rows]


def test_an_event_delivered_to_a_store_of_its_own_is_delivered_at_an_unknown_time(answering):
    event_id = change_price()
    drain(with_chores=False)
    sql("inventory", "delete from messaging_delivery returning 1")

    place = where(event_id)["inventory"]

    assert (place.state, place.at) == ("delivered", None)
    assert "position passed, time unknown" in events("where", event_id)[1]


def test_a_parked_event_says_why_and_what_waits_behind_it(listen):
    def fail(event, envelope):
        raise ValueError("no such shelf")

    listen(PriceChanged, fail, to="inventory")
    product_id = uuid7()
    first, second = change_price(product_id=product_id), change_price(product_id=product_id)
    drain(with_chores=False)

    assert (where(first)["inventory"].state, where(second)["inventory"].state) == ("waiting", "behind")

    status, text = events("where", first)
    assert status == 1
    assert "ValueError: no such shelf; 1 try; next try in" in " ".join(text.split())
    assert "manage.py events retry" in text
    status, text = events("trace", second)
    assert status == 1
    assert "1 parked." in text


def test_an_event_skipped_on_purpose_says_why(listen):
    def skip(event, envelope):
        raise Discard("an old price")

    listen(PriceChanged, skip, to="inventory")
    event_id = change_price()
    drain(with_chores=False)

    status, text = events("where", event_id)

    assert status == 0
    assert "discarded" in text
    assert "an old price" in text


def test_nobody_asked(listen):
    assert "Nobody asked for catalog.price_changed" in events("where", change_price())[1]


@pytest.mark.parametrize(
    ("event_id", "words"),
    [("nonsense", "is not an event id"), ("018f2f6e-7a00-7000-8000-000000000001", "No event 018f2f6e")],
)
def test_where_refuses_nonsense(event_id, words, capsys):
    assert events("where", event_id)[0] == 2
    assert words in " ".join(capsys.readouterr().err.split())


# --- tail ---


def tail(*arguments: str) -> list[dict[str, Any]]:
    status, text = events("tail", "--no-follow", "--json", *arguments)
    assert status == 0
    return [json.loads(line) for line in text.splitlines()]


def relay_all() -> None:
    with use(MemoryTransport()):
        relay("catalog")
        relay("ordering")


def test_the_last_events_of_all_contexts_in_the_order_of_time(listen):
    change_price(cents=1)
    with transaction.atomic(using="ordering"):
        publish(OrderCancelled(order_id=uuid7(), number="T-1", reason="by_customer", explanation=""))
    change_price(cents=3)
    relay_all()

    assert [event["source"] for event in tail()] == ["catalog", "ordering", "catalog"]
    assert [event["position"] for event in tail("-n", "2")] == [1, 2]
    assert [event["source"] for event in tail("--context", "catalog")] == ["catalog", "catalog"]
    assert [event["source"] for event in tail("--type", "ordering.*")] == ["ordering"]
    assert [event["source"] for event in tail("--subject", "order/*")] == ["ordering"]
    assert tail("--type", "ordering.order%") == []
    assert len(tail("-n", "9" * 20)) == 3
    assert len(tail("--since", "1h")) == 3
    assert tail("--since", "2200-01-01") == []


def test_more_than_a_page_is_shown_whole_and_once(listen, monkeypatch):
    from contexts.messaging.cli import tail as module

    monkeypatch.setattr(module, "PAGE", 7)
    with transaction.atomic(using="catalog"):
        publish(*[price_changed(cents=cents) for cents in range(1, 31)])
    relay_all()

    assert [event["data"]["price"]["amount"] for event in tail("--since", "1h")] == list(range(1, 31))


@pytest.mark.parametrize(
    ("arguments", "words"),
    [(("--context", "catalgo"), 'Did you mean "catalog"?'), (("--since", "yesterday"), '"yesterday" is no time')],
)
def test_tail_refuses_nonsense(arguments, words, capsys):
    assert events("tail", "--no-follow", *arguments)[0] == 2
    assert words in " ".join(capsys.readouterr().err.split())


@pytest.mark.slow
def test_ctrl_c_ends_the_live_stream_with_status_0(listen, process_environment):
    command = [sys.executable, "manage.py", "events", "tail", "--json", "--context", "catalog"]
    process = subprocess.Popen(
        command,
        cwd=settings.BASE_DIR,
        env=process_environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    try:
        change_price(cents=1)
        relay_all()
        first = json.loads(process.stdout.readline())
        change_price(cents=2)
        relay_all()
        second = json.loads(process.stdout.readline())
        os.kill(process.pid, signal.SIGINT)
        _, errors = process.communicate(timeout=20)
    finally:
        process.kill()

    assert [first["data"]["price"]["amount"], second["data"]["price"]["amount"]] == [1, 2]
    assert (process.returncode, errors) == (0, "")


@pytest.mark.parametrize(
    ("seconds", "words"),
    [(0.0004, "0.4 ms"), (0.012, "12 ms"), (3.21, "3.2 s"), (300, "5 min"), (9000, "2.5 h"), (-0.5, "-500 ms")],
)
def test_durations_are_read_easily(seconds, words):
    assert duration(seconds) == words
