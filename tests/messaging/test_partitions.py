"""The log's partitions: writers never meet an identity without one."""

import pytest
from django.db import connections, transaction

from contexts.messaging import partitions, publish
from tests.messaging.conftest import price_changed, sql

pytestmark = pytest.mark.django_db(transaction=True, databases=["catalog"])


@pytest.fixture
def rolled_back():
    """DDL is undone with the transaction around the test."""
    with transaction.atomic(using="catalog"):
        yield
        transaction.set_rollback(True, using="catalog")


def test_there_is_always_an_empty_partition_ahead(rolled_back):
    # Unlike setval, this is undone with the transaction.
    with connections["catalog"].cursor() as cursor:
        cursor.execute("alter sequence messaging_event_id restart with 1999991")

    before = len(partitions.bounds("catalog"))
    added = partitions.ensure_ahead("catalog")
    with transaction.atomic(using="catalog"):
        publish(*(price_changed(cents=n) for n in range(30)))

    tables = [table for table, _, _ in partitions.bounds("catalog")]
    assert added == len(tables) - before
    assert tables == [f"messaging_event_{n}" for n in ("0", "1000000", "2000000", "3000000")]
    assert sql("catalog", "select count(*) from messaging_event_2000000") == [(21,)]
    assert [partitions.ensure_ahead("catalog") for _ in range(2)] == [1, 0]


def test_a_new_partition_finds_events_as_the_old_ones_do(rolled_back):
    partitions.ensure_ahead("catalog", room=3_000_000)

    indexes = sql(
        "catalog",
        "select tablename, count(*) from pg_indexes where schemaname = 'catalog' and tablename like 'messaging_event_%%' "
        "group by 1",
    )

    assert len({count for _, count in indexes}) == 1
