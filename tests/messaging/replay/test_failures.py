"""What a handler refuses in a replay, what is parked live, and what was corrected."""

from __future__ import annotations

import json
from typing import Any

import pytest

from contexts.catalog.events import PriceChanged
from contexts.messaging import Discard, redrive
from contexts.messaging.drain import drain
from contexts.messaging.replay.alone import CannotReplay
from contexts.messaging.replay.feed import Feed
from tests.messaging.conftest import price_changed, sql
from tests.messaging.counting import count, counting
from tests.messaging.replay.conftest import (
    SKUS,
    UUIDS,
    say,
    verified,
)

pytestmark = pytest.mark.django_db(transaction=True, databases="__all__")


def test_a_handler_that_writes_elsewhere_is_stopped(listen, ledger):
    def stray(event: PriceChanged, envelope: Any) -> None:
        count(event.sku)
        ledger.add(event.sku, 1)

    model = counting(listen, stray)
    say("catalog", *(price_changed(sku) for sku in SKUS))
    drain()
    before = ledger.rows

    rebuild = Feed(model)
    rebuild.begin()
    with pytest.raises(Exception, match=r"wrote to probe_effect, .* must not touch"):
        list(rebuild.run())

    assert ledger.rows == before
    assert sql("inventory", "select count(*) from replay_probe_count") == [(0,)]


def test_a_poison_event_holds_up_its_subject_only_and_stops_the_swap(listen, ledger):
    poisoned = {"on": False}

    def handler(event: PriceChanged, envelope: Any) -> None:
        if poisoned["on"] and event.price.amount == 3:
            raise ValueError("no threes today")
        count(event.sku)

    model = counting(listen, handler)
    product = UUIDS[0]
    say("catalog", *(price_changed("A", cents, product) for cents in (1, 3, 4)), price_changed("B", 9))
    drain()
    poisoned["on"] = True
    rebuild = Feed(model)
    rebuild.begin()
    list(rebuild.run())

    (failure,) = rebuild.failures()
    (compared,) = rebuild.compare()

    assert (failure.problem, failure.subject) == ("ValueError: no threes today", f"product/{product}")
    assert compared.changed == 1
    with pytest.raises(CannotReplay, match="1 events could not be handled"):
        rebuild.swap()
    assert dict(sql("inventory", "select sku, told from probe_count")) == {"A": 3, "B": 1}

    rebuild.swap(park=True)

    assert dict(sql("inventory", "select sku, told from probe_count")) == {"A": 1, "B": 1}
    parked = redrive.find("inventory")
    assert [(row.state, row.problem) for row in parked] == [("waiting", "ValueError: no threes today"), ("behind", "")]
    assert sql("inventory", "select sum(parked) from messaging_inbox") == [(2,)]
    poisoned["on"] = False
    assert redrive.retry(parked[0], actor="operator:test") == 2
    assert dict(sql("inventory", "select sku, told from probe_count")) == {"A": 3, "B": 1}
    assert sql("inventory", "select sum(parked) from messaging_inbox") == [(0,)]
    verified("catalog")


def test_what_is_parked_live_stays_out_of_the_copy_until_it_is_handled(listen, ledger):
    poisoned = {"on": True}

    def handler(event: PriceChanged, envelope: Any) -> None:
        if event.price.amount == 99:
            raise Discard("of no interest")
        if poisoned["on"] and event.price.amount == 3:
            raise ValueError("no threes today")
        count(event.sku)

    model = counting(listen, handler)
    product = UUIDS[0]
    say("catalog", *(price_changed("A", cents, product) for cents in (1, 3, 4, 99)), price_changed("B", 99))
    drain()
    rebuild = Feed(model)
    rebuild.begin()
    list(rebuild.run())
    assert rebuild.compare()[0].equal
    poisoned["on"] = False
    assert redrive.retry(redrive.find("inventory")[0], actor="operator:test") == 3
    say("catalog", price_changed("A", 5, product))
    drain()

    (changed,) = rebuild.swap()

    assert changed.equal
    assert dict(sql("inventory", "select sku, told from probe_count")) == {"A": 4}
    verified("catalog")


def test_a_corrected_event_is_corrected_in_the_copy_too(listen, ledger):
    def handler(event: PriceChanged, envelope: Any) -> None:
        if not event.sku:
            raise ValueError("whose price?")
        count(event.sku)

    model = counting(listen, handler)
    say("catalog", price_changed(""), price_changed("B"))
    drain()
    (parked,) = redrive.find("inventory")
    data = json.loads(parked.event)["data"] | {"sku": "A"}
    redrive.edit(parked, data=data, actor="operator:test")
    redrive.retry(redrive.find("inventory")[0], actor="operator:test")

    rebuild = Feed(model)
    rebuild.begin()
    list(rebuild.run())

    assert rebuild.compare()[0].equal
    assert dict(sql("inventory", "select sku, told from replay_probe_count")) == {"A": 1, "B": 1}
