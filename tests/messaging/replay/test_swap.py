"""B8: a read model is made anew beside the live one, is shown, and takes its place; nothing is lost or doubled by it."""

from __future__ import annotations

import json
import threading
from typing import Any

import pytest
from django.core import mail
from django.db import connections

from contexts.catalog.events import PriceChanged
from contexts.inventory.events import AvailabilityChanged
from contexts.messaging import publish
from contexts.messaging.crashpoints import REPLAY_POINTS
from contexts.messaging.drain import drain
from contexts.messaging.readmodels import ReadModel
from contexts.messaging.replay.feed import Feed
from tests.catalog.factories import draft, on_sale
from tests.messaging.conftest import price_changed, sql
from tests.messaging.counting import count, counting
from tests.messaging.replay.conftest import (
    SKUS,
    UUIDS,
    read_model_named,
    replay,
    replay_json,
    rows,
    say,
    verified,
)

pytestmark = pytest.mark.django_db(transaction=True, databases="__all__")


def test_a_read_model_that_is_right_is_left_as_it_is(offers):
    before = sql("ordering", "select xmin::text, ctid::text, sku from ordering_offer order by sku")

    status, report = replay_json("ordering:offers", "--yes")

    assert (status, report["swapped"], report["events"]) == (0, True, 80)
    assert [report["comparison"][0][name] for name in ("rows", "added", "changed", "removed")] == [20, 0, 0, 0]
    assert sql("ordering", "select xmin::text, ctid::text, sku from ordering_offer order by sku") == before
    verified("catalog", "inventory")


def test_what_went_wrong_is_shown_and_put_right(offers):
    right = rows()
    sql("ordering", "update ordering_offer set price_cents = 1 where sku = 'MUG-3' returning 1")
    sql("ordering", "delete from ordering_offer where sku = 'MUG-4' returning 1")
    sql("ordering", "insert into ordering_offer (sku, product_slug, name, label, image, tax_class, price_cents, currency, "
                    "on_sale) values ('GHOST', '', '', '', '', '', 0, 'EUR', false) returning 1")  # fmt: skip
    wrong = rows()

    status, report = replay_json("ordering:offers", "--dry-run")

    assert (status, report["swapped"]) == (1, False)
    (compared,) = report["comparison"]
    assert [compared[name] for name in ("rows", "added", "changed", "removed")] == [20, 1, 1, 1]
    (changed,) = [one for one in compared["examples"] if one["key"] == "MUG-3"]
    assert (changed["live"]["price_cents"], changed["anew"]["price_cents"]) == (1, 503)
    assert rows() == wrong

    status, said = replay("ordering:offers", "--yes")

    assert status == 0
    assert "~ MUG-3: price_cents 1 -> 503" in said
    assert "Swapped. ordering_offer: 1 added, 1 changed, 1 removed." in said
    assert rows() == right
    assert sql("ordering", "select count(*) from messaging_replay") == [(0,)]


def test_without_a_yes_nothing_is_swapped_and_the_copy_waits(offers):
    sql("ordering", "update ordering_offer set price_cents = 1 returning 1")

    status, said = replay("ordering:offers")
    wrong = rows()
    again, said_again = replay("ordering:offers", "--yes")

    assert status == 1
    assert "Not swapped. The copy is kept" in said
    assert {row[2] for row in wrong} == {1}
    assert again == 0
    assert "going on with the copy that was begun" in said_again
    assert "ordering:offers: 0 events replayed." in said_again
    assert [row[2] for row in rows()] == [row[2] for row in sorted(rows())]
    assert 1 not in {row[2] for row in rows()}


@pytest.mark.parametrize("point", REPLAY_POINTS)
@pytest.mark.parametrize("time", [1, 3])
def test_a_replay_that_dies_goes_on_and_ends_the_same(offers, crash_point, point, time):
    right = rows()
    sql("ordering", "update ordering_offer set price_cents = 1 where sku < 'MUG-5' returning 1")
    once = point in ("replay: caught up, not swapped", "replay: swapped, not committed", "replay: swapped, not dropped")
    with crash_point(point, time=1 if once else time):
        replay("ordering:offers", "--yes")
    say("catalog", price_changed(SKUS[7], 777, UUIDS[7]))
    drain()

    status, report = replay_json("ordering:offers", "--yes")

    assert (status, report["resumed"]) == (0, True)
    expected = [(*row[:2], 777, *row[3:]) if row[0] == SKUS[7] else row for row in right]
    assert rows() == expected
    verified("catalog", "inventory")


def test_a_copy_goes_on_from_where_it_was(offers, crash_point):
    with crash_point("replay: page committed", time=4):
        replay("ordering:offers", "--yes")

    _, report = replay_json("ordering:offers", "--yes")

    assert report["events"] == 80 - 4 * 7


def test_events_that_arrive_during_a_replay_are_in_both(offers):
    rebuild = Feed(read_model_named("ordering:offers"))
    rebuild.begin()
    for step, _ in enumerate(rebuild.run()):
        say("catalog", price_changed(SKUS[step], 900 + step, UUIDS[step]))
        say("inventory", AvailabilityChanged(sku=SKUS[step], available=50 + step))
        drain()
    live = rows()

    (compared,) = rebuild.compare()
    say("catalog", price_changed(SKUS[19], 1900, UUIDS[19]))
    drain()
    (swapped,) = rebuild.swap()

    assert step > 5
    assert rebuild.events == 80 + 2 * (step + 1) + 1
    assert (compared.added, compared.changed, compared.removed) == (0, 0, 0)
    assert (swapped.added, swapped.changed, swapped.removed) == (0, 0, 0)
    assert [row for row in rows() if row[0] != SKUS[19]] == [row for row in live if row[0] != SKUS[19]]
    verified("catalog", "inventory")


def test_a_swap_under_load_loses_nothing_and_doubles_nothing(listen, ledger):
    """A counter is not idempotent: an event applied twice, or never, shows."""
    model = counting(listen)
    sold, problems = [0], []

    def keep_selling() -> None:
        try:
            for number in range(30):
                say("catalog", price_changed(f"S-{number % 5}", number))
                drain()
                sold[0] += 1
        except BaseException as problem:
            problems.append(problem)
        finally:
            connections.close_all()

    seller = threading.Thread(target=keep_selling)
    seller.start()
    swaps = 0
    while seller.is_alive():
        assert _swap(model).equal
        swaps += 1
    seller.join()
    drain()

    assert (problems, sold, swaps > 1) == ([], [30], True)
    counted = dict(sql("inventory", "select sku, told from probe_count"))
    assert counted == dict(sql("catalog", "select data->>'sku', count(*) from messaging_event group by 1"))
    assert sum(counted.values()) == 30
    verified("catalog")


def test_nothing_is_announced_sent_or_planned_in_a_replay(listen, ledger):
    from datetime import UTC, datetime, timedelta

    def announce(event: PriceChanged, envelope: Any) -> None:
        count(event.sku)
        mail.send_mail("Dear customer", "...", "shop@example.com", ["ada@example.com"])
        publish(AvailabilityChanged(sku=event.sku, available=1))
        publish(AvailabilityChanged(sku=event.sku, available=0), at=datetime.now(UTC) + timedelta(hours=1))

    model = counting(listen, announce)
    say("catalog", *(price_changed(sku) for sku in SKUS))
    drain()
    assert (len(mail.outbox), timers(), announced()) == (20, 20, 20)

    Feed(model).begin()
    status = _swap(model)

    assert status.rows == 20
    assert (len(mail.outbox), timers(), announced()) == (20, 20, 20)


def test_catalog_shows_the_availability_that_was_replayed(offers):
    (mug,) = on_sale(draft())
    sku = mug.variants.get().sku
    drain()
    say("inventory", AvailabilityChanged(sku=sku, available=7))
    drain()
    sql("catalog", "update catalog_variant set available = 99 returning 1")
    sql("catalog", "update catalog_product set available = 99 returning 1")
    sql("catalog", "update catalog_knownstock set available = 99 where sku = %s returning 1", sku)

    status, report = replay_json("catalog:availability", "--yes")

    assert status == 0
    # The SKU that was told, and its variant; the product follows its variants.
    assert [part["changed"] for part in report["comparison"]] == [1, 1]
    mug.refresh_from_db()
    assert (mug.variants.get().available, mug.available) == (7, 7)


def test_everything_of_a_context_can_be_replayed_at_once(offers):
    status, said = replay("ordering", "--yes", "--json")

    assert status == 0
    assert [report["name"] for report in json.loads(said)["replayed"]] == [
        "ordering:codes", "ordering:gift_cards", "ordering:offers", "ordering:ordersummary", "ordering:rates",
        "ordering:shipping_methods",
    ]  # fmt: skip


def _swap(model: ReadModel) -> Any:
    rebuild = Feed(model)
    rebuild.begin()
    list(rebuild.run())
    (changed,) = rebuild.swap()
    return changed


def timers() -> int:
    return sql("inventory", "select count(*) from messaging_timer")[0][0]


def announced() -> int:
    return sql("inventory", "select count(*) from messaging_event")[0][0]
