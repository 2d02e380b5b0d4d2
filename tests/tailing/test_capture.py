"""Row changes, made by whoever, become events: with before and after, once, in the order of the commits."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from django.db import connections, transaction
from uuid_utils.compat import uuid7

from contexts.catalog.events import PriceChanged
from contexts.catalog.models import Variant
from contexts.kernel.money import eur
from contexts.messaging import RowChange
from contexts.messaging.tailing import refused, slots
from contexts.messaging.tailing.tailer import Tailer
from tests.catalog.factories import draft, on_sale, variant
from tests.tailing.conftest import catch_up, logged, sql

pytestmark = [pytest.mark.django_db(transaction=True, databases="__all__"), pytest.mark.xdist_group("slots")]
PRODUCT = uuid7()

Capturing = Callable[..., Tailer]


def test_inserts_updates_and_deletes_come_with_before_and_after(capturing: Capturing):
    seen: list[RowChange] = []
    tailer = capturing(seen.append)

    sql("catalog", "insert into probe_row values (1, 'one', 1.50, '2026-01-31')")
    sql("catalog", "update probe_row set word = null where id = 1")
    sql("catalog", "delete from probe_row")
    sql("catalog", "truncate probe_row")
    catch_up(tailer)

    first = {"id": 1, "word": "one", "amount": Decimal("1.50"), "day": date(2026, 1, 31)}
    assert [(change.kind, change.before, change.after) for change in seen] == [
        ("insert", None, first),
        ("update", first, first | {"word": None}),
        ("delete", first | {"word": None}, None),
        ("truncate", None, None),
    ]


def test_a_large_value_that_did_not_change_is_there_nevertheless(capturing: Capturing):
    seen: list[RowChange] = []
    tailer = capturing(seen.append)

    sql("catalog", "alter table probe_row alter word set storage external")
    sql("catalog", "insert into probe_row (id, word) values (1, repeat('x', 9000))")
    sql("catalog", "update probe_row set amount = 2")
    catch_up(tailer)

    assert seen[1].after == {"id": 1, "word": "x" * 9000, "amount": Decimal(2), "day": None}


def copy(lines: list[str], table: str = "probe_row (id, word)") -> None:
    with connections["catalog"].cursor() as cursor, cursor.cursor.copy(f"copy {table} from stdin") as rows:
        rows.write("\n".join(lines) + "\n")


def event_of(change: RowChange) -> PriceChanged:
    sku = f"ROW-{(change.after or {})['id']}"
    return PriceChanged(product_id=PRODUCT, sku=sku, price=eur(2), previous=eur(1))


def test_a_copy_becomes_events_in_its_order_once_although_the_tailer_dies_in_it(
    capturing: Capturing, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr("contexts.messaging.tailing.tailer.BATCH", 7)
    died = []

    def dies_twice(change: RowChange) -> PriceChanged:
        if (change.after or {})["id"] in {30, 60} and len(died) < 2 and (change.after or {})["id"] not in died:
            died.append((change.after or {})["id"])
            raise KeyboardInterrupt
        return event_of(change)

    tailer = capturing(dies_twice)
    copy([f"{nr}\tword" for nr in range(100)])

    for _ in range(2):
        with pytest.raises(KeyboardInterrupt):
            catch_up(tailer)
        tailer.close()
        tailer = Tailer("catalog")
    catch_up(tailer)
    tailer.close()

    assert died == [30, 60]
    found = sql("catalog", "select data->>'sku' from messaging_event order by id")
    assert found == [(f"ROW-{nr}",) for nr in range(100)]


def test_all_events_of_one_transaction_share_their_correlation(capturing: Capturing):
    tailer = capturing(event_of)
    copy(["1\ta", "2\tb"])
    copy(["3\tc"])
    catch_up(tailer)

    rows = sql("catalog", "select correlation_id, actor from messaging_event order by id")

    assert rows[0] == rows[1]
    assert rows[0][0] != rows[2][0]
    assert rows[0][1] == "database"


def test_a_row_that_cannot_be_taken_does_not_hold_up_the_others(capturing: Capturing):
    broken = [True]

    def picky(change: RowChange) -> PriceChanged:
        if broken[0] and (change.after or {})["id"] in {2, 3}:
            raise ValueError(f"row {(change.after or {})['id']} makes no sense")
        return event_of(change)

    tailer = capturing(picky)
    copy(["1\ta", "2\tb", "3\tc", "4\td"])
    catch_up(tailer)

    assert len(logged()) == 2
    assert [change.problem for change in refused.refused_changes("catalog")] == [
        "ValueError: row 2 makes no sense",
        "ValueError: row 3 makes no sense",
    ]
    assert slots.facts("catalog").refused == 2

    broken[0] = False
    sql("catalog", "update probe_row set word = 'later' where id = 3")
    catch_up(tailer)
    outcome = refused.retry("catalog")

    assert (outcome.taken, outcome.outdated, outcome.failed) == (1, 1, 0)
    assert sql("catalog", "select data->>'sku' from messaging_event order by id") == [
        ("ROW-1",), ("ROW-4",), ("ROW-3",), ("ROW-2",),
    ]  # fmt: skip


def test_what_a_function_writes_is_kept_together_with_the_place(capturing: Capturing):
    def fails_after_writing(changes: list[RowChange]) -> Any:
        sql("catalog", "insert into probe_row (id) values (%s)", 1000 + len(changes))
        raise ValueError("no")

    tailer = capturing(fails_after_writing, batch=True)
    copy(["1\ta"])
    catch_up(tailer)

    assert sql("catalog", "select id from probe_row") == [(1,)]


def test_a_suppliers_price_list_changes_the_shop_and_the_cart(catalog_tailer: Tailer, deliver_all: Callable[[], int]):
    on_sale(draft("Alder Mug", variant("RED-MUG", 19_98), variant("BLUE-MUG", 19_98)))
    deliver_all()

    copy(["RED-MUG\tAcme\t1750", "UNKNOWN\tAcme\t1"], "catalog_supplierprice (sku, supplier, price_cents)")
    sql("catalog", "update catalog_supplierprice set price_cents = 1640 where sku = 'RED-MUG'")
    catch_up(catalog_tailer)
    deliver_all()

    told = sql(
        "catalog",
        "select data->>'sku', (data->'previous'->>'amount')::int, (data->'price'->>'amount')::int "
        "from messaging_event where type = 'catalog.price_changed' order by id",
    )
    assert told == [("RED-MUG", 1998, 1750), ("RED-MUG", 1750, 1640)]
    assert Variant.objects.get(sku="RED-MUG").price == eur(16_40)
    assert Variant.objects.get(sku="BLUE-MUG").price == eur(19_98)
    assert sql("ordering", "select price_cents from ordering_offer where sku = 'RED-MUG'") == [(1640,)]


def test_a_price_in_a_currency_that_the_shop_does_not_sell_in_is_refused_alone(catalog_tailer: Tailer):
    on_sale(draft("Alder Mug", variant("RED-MUG", 19_98), variant("BLUE-MUG", 19_98), variant("TALL-MUG")))

    copy(
        ["RED-MUG\tAcme\t1750\tSEK", "BLUE-MUG\tAcme\t1600\tEUR", "TALL-MUG\tAcme\t1900\tUSD"],
        "catalog_supplierprice (sku, supplier, price_cents, currency)",
    )
    catch_up(catalog_tailer)

    assert Variant.objects.get(sku="RED-MUG").price == eur(19_98)
    assert Variant.objects.get(sku="BLUE-MUG").price == eur(16_00)
    assert Variant.objects.get(sku="TALL-MUG").prices == {"USD": 19_00}
    assert len(refused.refused_changes("catalog")) == 1


def test_rolled_back_rows_are_never_seen(capturing: Capturing):
    seen: list[RowChange] = []
    tailer = capturing(seen.append)
    with pytest.raises(RuntimeError), transaction.atomic(using="catalog"):
        copy(["1\ta"])
        raise RuntimeError

    catch_up(tailer)

    assert seen == []
