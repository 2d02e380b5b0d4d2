"""B8: a read model is made anew beside the live one, is shown, and takes its place; nothing is lost or doubled by it."""

from __future__ import annotations

import io
import json
import threading
from typing import Any
from uuid import UUID

import pytest
from django.core import mail
from django.core.management import call_command
from django.db import connections, models, transaction
from django.test.utils import isolate_apps

from contexts.catalog.events import PriceChanged, ProductPublished, Variant
from contexts.inventory.events import AvailabilityChanged
from contexts.kernel.money import eur
from contexts.messaging import Discard, publish, redrive, subscriptions
from contexts.messaging.crashpoints import REPLAY_POINTS
from contexts.messaging.drain import drain
from contexts.messaging.log import lock_key
from contexts.messaging.readmodels import ReadModel, read_models
from contexts.messaging.replay import feed
from contexts.messaging.replay.alone import CannotReplay, one_at_a_time
from contexts.messaging.replay.feed import Feed
from contexts.messaging.subscriptions import Handler
from tests.catalog.factories import draft, on_sale
from tests.messaging.conftest import price_changed, sql
from tests.messaging.test_sequencer import connect

pytestmark = pytest.mark.django_db(transaction=True, databases="__all__")

SKUS = [f"MUG-{number}" for number in range(20)]


@pytest.fixture(autouse=True)
def _no_leftovers():
    yield
    for context in ("ordering", "catalog", "inventory"):
        for (table,) in sql(context, "select tablename from pg_tables where schemaname = %s "
                                     "and tablename like 'replay!_%%' escape '!'", context):  # fmt: skip
            do(context, f'drop table "{table}"')


@pytest.fixture(autouse=True)
def small_pages(monkeypatch):
    monkeypatch.setattr(feed, "PAGE_EVENTS", 7)


def do(context: str, statement: str) -> None:
    with connections[context].cursor() as cursor:
        cursor.execute(statement)


def say(context: str, *events: Any) -> None:
    for event in events:
        with transaction.atomic(using=context):
            publish(event)


def published(number: int, cents: int = 100) -> ProductPublished:
    variant = Variant(sku=SKUS[number], label="", price=eur(cents), weight_grams=300, image="")
    return ProductPublished(
        product_id=UUIDS[number], slug=f"mug-{number}", name=f"Mug {number}", category="Kitchen", tax_class="standard",
        image="", variants=[variant],
    )  # fmt: skip


UUIDS = [UUID(int=number + 1) for number in range(20)]


@pytest.fixture
def offers() -> None:
    """A shop with twenty offers, told by two contexts."""
    say("catalog", *(published(number) for number in range(20)))
    say("inventory", *(AvailabilityChanged(sku=sku, available=number) for number, sku in enumerate(SKUS)))
    say("catalog", *(price_changed(SKUS[n], 500 + n, UUIDS[n]) for n in range(20)))
    drain()


def replay(*arguments: str) -> tuple[int, str]:
    out = io.StringIO()
    with pytest.raises(SystemExit) as ended:
        call_command("events", "replay", *arguments, stdout=out)
    return ended.value.code, out.getvalue()


def replay_json(*arguments: str) -> tuple[int, dict[str, Any]]:
    status, said = replay(*arguments, "--json")
    (report,) = json.loads(said)["replayed"]
    return status, report


def rows() -> list[tuple[Any, ...]]:
    return sql("ordering", "select sku, product_slug, price_cents, available, on_sale from ordering_offer order by sku")


def verified(*contexts: str) -> None:
    out = io.StringIO()
    with pytest.raises(SystemExit) as ended:
        call_command("events", "verify", *contexts, stdout=out)
    assert ended.value.code == 0, out.getvalue()


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


def test_a_log_that_was_tampered_with_is_not_swapped_in(offers):
    sql("catalog", "update messaging_event set data = jsonb_set(data, '{price,amount}', '1') "
                   "where id = (select max(id) from messaging_event) returning 1")  # fmt: skip
    before = rows()

    with pytest.raises(SystemExit) as ended:
        call_command("events", "replay", "ordering:offers", "--yes")

    assert ended.value.code == 2
    assert rows() == before


def test_a_row_that_a_cart_needs_is_not_removed(offers):
    sql("ordering", "insert into ordering_offer (sku, product_slug, name, label, image, tax_class, price_cents, currency, "
                    "on_sale) values ('GHOST', '', '', '', '', '', 0, 'EUR', false) returning 1")  # fmt: skip
    sql(
        "ordering",
        "insert into ordering_cart (id, created_at, touched_at) values (gen_random_uuid(), now(), now()) returning 1",
    )
    sql("ordering", "insert into ordering_cartitem (cart_id, offer_id, quantity, seen_price_cents, last_added, last_added_at) "
                    "select id, 'GHOST', 1, 1, 1, now() from ordering_cart returning 1")  # fmt: skip
    before = rows()

    with pytest.raises(SystemExit) as ended:
        call_command("events", "replay", "ordering:offers", "--yes")

    assert ended.value.code == 2
    assert rows() == before


def test_a_copy_of_a_table_that_was_migrated_meanwhile_is_begun_anew(offers, crash_point):
    with crash_point("replay: page committed", time=2):
        replay("ordering:offers", "--yes")
    do("ordering", "alter table replay_ordering_offer drop column label")

    status, report = replay_json("ordering:offers", "--yes")

    assert (status, report["resumed"], report["events"]) == (0, False, 80)


def test_two_replays_of_one_read_model_do_not_meet(offers):
    with connect() as other:
        other.execute("select pg_advisory_lock(%s)", [lock_key("ordering", "replay ordering:offers")])

        with (
            pytest.raises(CannotReplay, match="replayed by another process"),
            one_at_a_time("ordering", "ordering:offers"),
        ):
            pass


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


@pytest.mark.parametrize(
    ("target", "words"),
    [
        ("payments", "payments is not replayed because money moves once"),
        ("notifications", "a letter that was sent cannot be unsent"),
        ("ordering:offer", 'Did you mean "ordering:offers"?'),
        ("orderin", 'Did you mean "ordering"?'),
        ("customers", "customers is not replayed because whoever was erased stays erased"),
        ("", "This process has no context"),
        (":", "This process has no context"),
    ],
)
def test_what_cannot_be_replayed_says_why(target, words, capfd):
    with pytest.raises(SystemExit) as ended:
        call_command("events", "replay", target)

    assert ended.value.code == 2
    assert words in " ".join(capfd.readouterr().err.split())


def test_every_subscriber_says_how_it_is_replayed():
    from contexts.messaging.replay.targets import undeclared

    assert undeclared() == [], (
        "In contexts/<name>/handlers.py, say which read model the handlers feed (@handles(..., feeds=...)), or why they "
        "are never replayed (never_replayed(because=...))."
    )


def _swap(model: ReadModel) -> Any:
    rebuild = Feed(model)
    rebuild.begin()
    list(rebuild.run())
    (changed,) = rebuild.swap()
    return changed


def read_model_named(name: str) -> ReadModel:
    return read_models()[name]


# --- a read model that counts: applying an event twice or never shows


with isolate_apps("contexts.inventory"):

    class Count(models.Model):
        sku = models.TextField(primary_key=True)
        told = models.IntegerField()

        class Meta:
            app_label = "inventory"
            db_table = "probe_count"


@pytest.fixture(autouse=True)
def probe_count():
    do("inventory", "create table probe_count (sku text primary key, told integer not null)")
    yield
    do("inventory", "drop table probe_count")


def count(sku: str) -> None:
    with connections["inventory"].cursor() as cursor:
        cursor.execute(
            "insert into probe_count (sku, told) values (%s, 1) on conflict (sku) do update set told = probe_count.told + 1",
            [sku],
        )


def counting(listen: Any, function: Any = None) -> ReadModel:
    listen(PriceChanged, lambda event, envelope: None)
    model = ReadModel(name="inventory:probe", subscriber="inventory:probe", tables=(Count,))
    function = function or (lambda event, envelope: count(event.sku))
    by_event = subscriptions._handlers["inventory:probe"]
    by_event[PriceChanged.event_name] = [Handler(PriceChanged, function, False, "inventory:probe", feeds=model)]
    return model


def timers() -> int:
    return sql("inventory", "select count(*) from messaging_timer")[0][0]


def announced() -> int:
    return sql("inventory", "select count(*) from messaging_event")[0][0]
