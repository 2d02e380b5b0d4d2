"""Snapshots: copies that make loads short, and that may vanish or go stale without anybody noticing."""

from __future__ import annotations

import pytest
from django.db import connections, transaction
from uuid_utils.compat import uuid7

from contexts.messaging import Aggregate, Event, forget_snapshots, load, save, snapshots, snapshotting, transport
from contexts.messaging.memory import MemoryTransport
from contexts.ordering.events import OrderReserved
from tests.messaging.conftest import sql

pytestmark = pytest.mark.django_db(databases=["ordering"])


class Long(Aggregate, context="ordering", category="order", snapshot_every=3):
    happened: int = 0

    def apply(self, event: Event) -> None:
        self.happened += 1


@pytest.fixture(autouse=True)
def nobody_asked_before():
    snapshots._asked.clear()


def grown(to: int, long: Long | None = None) -> Long:
    long = long or Long(id=uuid7())
    while long.version < to:
        long.record(OrderReserved(order_id=long.id))
    with transaction.atomic(using="ordering"):
        save(long)
    return long


def rows(alias: str = "ordering") -> list[tuple[int]]:
    return sql(alias, "select version from messaging_snapshot order by version")


def test_a_load_reads_only_what_came_after_the_snapshot():
    long = grown(4)
    snapshotting.take(Long, long.id)
    grown(6, long)
    with connections["ordering"].cursor() as cursor:
        cursor.execute("update messaging_event set data = '{\"broken\": true}' where stream_version <= 4")

    loaded = load(Long, long.id)

    assert (loaded.version, loaded.happened) == (6, 6)


def test_a_load_of_an_old_version_uses_an_old_snapshot_only():
    long = grown(3)
    snapshotting.take(Long, long.id)
    grown(6, long)
    snapshotting.take(Long, long.id)

    assert [load(Long, long.id, version=version).happened for version in (2, 3, 5, 6)] == [2, 3, 5, 6]
    assert rows() == [(3,), (6,)]


def test_snapshots_can_be_thrown_away_at_any_time():
    long = grown(5)
    snapshotting.take(Long, long.id)

    assert forget_snapshots("ordering", [long.subject]) == 1

    assert load(Long, long.id).happened == 5


@pytest.mark.parametrize("state", [b"", b"not msgpack", b"\xff\xfe", b"\x80"])
def test_a_damaged_snapshot_is_ignored(state):
    long = grown(5)
    snapshotting.take(Long, long.id)
    with connections["ordering"].cursor() as cursor:
        cursor.execute("update messaging_snapshot set state = %s", [state])

    assert load(Long, long.id).happened == 5


def test_a_snapshot_of_another_stream_or_version_is_ignored():
    long, other = grown(5), grown(4)
    snapshotting.take(Long, long.id)
    with connections["ordering"].cursor() as cursor:
        cursor.execute("update messaging_snapshot set state = %s", [snapshots.encoded(other)])

    assert load(Long, long.id).happened == 5


def test_code_that_has_changed_ignores_the_snapshots_of_the_old(monkeypatch):
    def fingerprint_of(version: int, body: str, field: type = int) -> str:
        namespace = {
            "__annotations__": {"happened": field}, "happened": field(), "apply": Long.apply, "__module__": __name__
        }  # fmt: skip
        kind = type(Aggregate)(
            f"Long{body}", (Aggregate,), namespace, context="ordering", category="order", snapshot_version=version
        )
        return snapshots.fingerprint(kind)

    same = fingerprint_of(1, "A")

    assert fingerprint_of(2, "A") != same
    assert fingerprint_of(1, "A", str) != same
    long = grown(5)
    snapshotting.take(Long, long.id)
    monkeypatch.setattr(snapshots, "fingerprint", lambda kind: "of tomorrow")
    with connections["ordering"].cursor() as cursor:
        cursor.execute("update messaging_snapshot set state = 'never read'")
    assert load(Long, long.id).happened == 5


@pytest.mark.django_db(transaction=True, databases=["ordering"])
def test_a_long_load_has_a_snapshot_taken_in_the_background():
    short, long = grown(2), grown(3)
    carrier = MemoryTransport()

    with transport.use(carrier):
        load(Long, short.id)
        assert len(carrier) == 0
        load(Long, long.id)
        load(Long, long.id)

    message = carrier.next()
    assert (message.task, message.args, carrier.next()) == ("messaging.background", ("ordering.take_snapshots",), None)
    assert rows() == []
    assert snapshotting.take_wished("ordering") == 1
    assert rows() == [(3,)]
    assert snapshotting.take_wished("ordering") == 0


@pytest.mark.django_db(transaction=True, databases=["ordering"])
def test_a_load_whose_transaction_rolls_back_asks_for_nothing():
    long = grown(3)

    with transport.use(MemoryTransport()) as _, pytest.raises(ZeroDivisionError), transaction.atomic(using="ordering"):
        load(Long, long.id)
        1 / 0  # noqa: B018 - anything that raises

    assert sql("ordering", "select count(*) from messaging_snapshot_wish") == [(0,)]


def test_what_is_due_by_policy_is_taken_once():
    short, long = grown(2), grown(7)

    assert snapshotting.take_due("ordering") >= 1
    assert snapshotting.take_due("ordering") == 0

    taken = sql("ordering", "select subject from messaging_snapshot where kind = %s", Long.aggregate_kind)
    assert taken == [(long.subject,)]
    assert short.subject not in taken


def test_snapshots_of_code_that_is_gone_go_after_a_day():
    long = grown(5)
    snapshotting.take(Long, long.id)
    for age in ("1 hour", "2 days"):
        with connections["ordering"].cursor() as cursor:
            cursor.execute(
                "insert into messaging_snapshot select subject, kind, %s, version, state, now() - %s::interval "
                "from messaging_snapshot where kind = %s and fingerprint = %s",
                [f"old {age}", age, Long.aggregate_kind, snapshots.fingerprint(Long)],
            )

    snapshotting._drop_outdated("ordering")

    kept = sql("ordering", "select fingerprint from messaging_snapshot order by fingerprint")
    assert sorted(kept) == sorted([(snapshots.fingerprint(Long),), ("old 1 hour",)])
