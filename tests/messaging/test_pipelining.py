"""Large pages are applied in a pipeline: what handlers see and what counts in the end is the same as without."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress

import pytest
from django.db import DatabaseError, IntegrityError, connections, models, transaction
from uuid_utils.compat import uuid7

from contexts.catalog.events import PriceChanged
from contexts.messaging import Envelope, delivery, publish
from contexts.messaging.drain import drain
from contexts.messaging.pipelining import pipelined
from contexts.messaging.prepared import prepared_cursor
from tests.messaging.conftest import price_changed, sql

pytestmark = pytest.mark.django_db(transaction=True, databases="__all__")

COUNT = 40


class Effect(models.Model):
    """The ledger's table, for the ORM."""

    nr = models.BigAutoField(primary_key=True)
    subject = models.TextField(null=True)
    value = models.BigIntegerField(null=True)

    class Meta:
        app_label = "probe"
        db_table = "probe_effect"
        managed = False

    def __str__(self) -> str:
        return f"{self.subject}: {self.value}"


def publish_page() -> list[int]:
    """Publish more than enough of one product for a pipeline; return the prices in their order."""
    product_id = uuid7()
    with transaction.atomic(using="catalog"):
        publish(*(price_changed(cents=cents, product_id=product_id) for cents in range(1, COUNT + 1)))
    return list(range(1, COUNT + 1))


@pytest.fixture
def ways(monkeypatch: pytest.MonkeyPatch) -> list[tuple[bool, bool]]:
    """How pages were applied: (in a pipeline, event by event) of each try."""
    seen: list[tuple[bool, bool]] = []
    apply = delivery._apply

    def watched(page, *, one_by_one, pipeline=False):
        seen.append((pipeline, one_by_one))
        return apply(page, one_by_one=one_by_one, pipeline=pipeline)

    monkeypatch.setattr(delivery, "_apply", watched)
    return seen


@pytest.fixture
def heard(listen: Callable[..., None]) -> Callable[[Callable[[int], None]], None]:
    """Let a function hear the prices."""

    def hear(function: Callable[[int], None]) -> None:
        def handle(event: PriceChanged, envelope: Envelope) -> None:
            function(event.price.amount)

        listen(PriceChanged, handle)

    return hear


def test_a_large_page_is_applied_at_the_first_try(heard, ledger, ways):
    heard(lambda cents: ledger.add("price", cents))
    expected = publish_page()

    drain()

    assert [cents for _, cents in ledger.rows] == expected
    assert ways == [(True, False)]


def test_a_handler_is_told_how_many_rows_it_changed(heard, ledger, ways):
    changed = []

    def count(cents: int) -> None:
        ledger.add("price", cents)
        with connections["inventory"].cursor() as cursor:
            cursor.execute("update probe_effect set value = value where value <= %s", [cents])
            changed.append(cursor.rowcount)
            cursor.execute("select count(*) from probe_effect")
            assert cursor.description[0].name == "count"
            assert cursor.fetchone() == (cents,)

    heard(count)
    expected = publish_page()

    drain()

    assert changed == expected
    assert ways == [(True, False)]


def test_a_duplicate_that_the_handler_answers_itself_is_answered(heard, ledger, ways):
    with connections["inventory"].cursor() as cursor:
        cursor.execute("create unique index on probe_effect (value)")
    ledger.add("before", 7)

    def add_unless_there(cents: int) -> None:
        try:
            with transaction.atomic(using="inventory"):
                ledger.add("price", cents)
        except IntegrityError:
            ledger.add("duplicate", -cents)

    heard(add_unless_there)
    publish_page()

    drain()

    assert sorted(value for _, value in ledger.rows) == [-7, *range(1, COUNT + 1)]
    assert sql("inventory", "select count(*) from messaging_parked") == [(0,)]


def test_a_bad_event_in_a_large_page_parks_alone_with_those_behind_it(heard, ledger, ways):
    def fail_in_the_database(cents: int) -> None:
        ledger.add("price", cents if cents != 30 else 10**30)

    heard(fail_in_the_database)
    publish_page()

    drain()

    assert [cents for _, cents in ledger.rows] == list(range(1, 30))
    assert sql("inventory", "select state, count(*) from messaging_parked group by 1 order by 1") == [
        ("behind", 10),
        ("waiting", 1),
    ]
    assert sql("inventory", "select problem from messaging_parked where state = 'waiting'")[0][0].startswith(
        "DataError"
    )
    assert ways == [(True, False), (True, True)]


def test_an_error_that_a_handler_swallows_loses_no_effect_of_others(heard, ledger):
    def swallow(cents: int) -> None:
        with suppress(DatabaseError):
            ledger.add("price", cents if cents != 20 else 10**30)

    heard(swallow)
    publish_page()

    drain()

    # Its transaction is broken, as without a pipeline: it parks, those before it count.
    assert [cents for _, cents in ledger.rows] == list(range(1, 20))
    assert sql("inventory", "select count(*) from messaging_parked") == [(21,)]


def test_at_the_end_of_the_block_every_statement_has_succeeded(ledger):
    with pytest.raises(DatabaseError), transaction.atomic(using="inventory"), pipelined("inventory"):
        ledger.add("price", 10**30)

    assert ledger.rows == []
    ledger.add("after", 1)
    assert ledger.rows == [("after", 1)]


def test_an_insert_by_the_orm_is_prepared_and_means_the_same(ledger):
    """Sizes of numbers, nothing, quotes and percent signs: what is read back is what was given."""
    with prepared_cursor("inventory") as cursor:  # As delivery does: from here on statements are prepared.
        cursor.execute("select 1")
    given = [(1, "a"), (40_000, "it's 100 %s"), (3_000_000_000, '"quoted"'), (-1, "")]
    with transaction.atomic(using="inventory"), pipelined("inventory"):
        for value, subject in given:
            Effect.objects.using("inventory").create(subject=subject, value=value)
        Effect.objects.using("inventory").create(subject=None, value=None)
        with connections["inventory"].cursor() as cursor:
            cursor.execute(
                "select parameter_types::text[] from pg_prepared_statements "
                "where statement like 'INSERT INTO \"probe_effect\"%'"
            )
            prepared = cursor.fetchall()

    assert ledger.rows == [*((subject, value) for value, subject in given), (None, None)]
    assert prepared == [(["text", "bigint"],)]


def test_what_is_no_plain_insert_is_bound_in_the_client_as_ever(ledger):
    """PostgreSQL takes no parameter after `interval`; a literal it does."""
    with transaction.atomic(using="inventory"), pipelined("inventory"), connections["inventory"].cursor() as cursor:
        insert = "insert into probe_effect (subject, value) select %s, extract(epoch from interval %s) where 3 %% 2 = 1"
        cursor.execute(insert, ["x", "3 seconds"])
        cursor.executemany(insert, [["y", "1 minute"], ["z", "2 hours"]])
        assert cursor.rowcount == 2

    assert ledger.rows == [("x", 3), ("y", 60), ("z", 7200)]


def test_statements_that_leave_together_are_answered_in_their_order(ledger):
    """Fewer than leave by themselves, more than that, and an answer asked for in between."""
    with transaction.atomic(using="inventory"), pipelined("inventory"):
        for value in range(1, 60):
            Effect.objects.using("inventory").create(subject="n", value=value)
            if value % 25 == 0:
                assert Effect.objects.using("inventory").count() == value

    assert [value for _, value in ledger.rows] == list(range(1, 60))
