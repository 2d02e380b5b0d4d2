"""B4: positions are gapless, nothing is lost and no subject is inverted, whatever writers do; the wrong readers fail this."""

from __future__ import annotations

import itertools
import random
import threading
import time
from collections.abc import Callable

import psycopg
import pytest
from django.db import connections, transaction
from uuid_utils.compat import uuid7

from contexts.messaging import sequencer
from contexts.messaging.log import Record, append, lock_key
from contexts.messaging.publishing import publish
from contexts.messaging.relay import relay
from tests.messaging.conftest import price_changed, sql

pytestmark = [pytest.mark.django_db(transaction=True, databases="__all__"), pytest.mark.faults]

WRITERS = 12
SECONDS = 3.0
SUBJECTS = 8


def connect() -> psycopg.Connection:
    """A connection of its own to catalog's schema, outside Django."""
    parameters = connections["catalog"].get_connection_params()
    for key in ("cursor_factory", "context", "prepare_threshold"):
        parameters.pop(key, None)
    return psycopg.connect(**parameters)


class Writers:
    """Twelve threads that publish as unpleasantly as they can, through the real outbox."""

    def __init__(self, seed: int) -> None:
        self.written: dict[str, list[int]] = {f"product/{n}": [] for n in range(SUBJECTS)}
        self._counters = dict.fromkeys(self.written, 0)
        self._seed = seed
        self._until = time.monotonic() + SECONDS
        self.errors: list[BaseException] = []

    def run(self, meanwhile: Callable[[], None]) -> None:
        threads = [threading.Thread(target=self._write, args=(number,)) for number in range(WRITERS)]
        for thread in threads:
            thread.start()
        while any(thread.is_alive() for thread in threads):
            meanwhile()
        for thread in threads:
            thread.join()
        assert not self.errors, self.errors

    def _write(self, number: int) -> None:
        chance = random.Random(self._seed * 100 + number)
        try:
            while time.monotonic() < self._until:
                self._transaction(chance, slow=number < 3, early=number % 2 == 0)
        except BaseException as problem:
            self.errors.append(problem)
        finally:
            connections["catalog"].close()

    def _transaction(self, chance: random.Random, *, slow: bool, early: bool) -> None:
        subject = chance.choice(list(self.written))
        roll_back = chance.random() < 0.1
        with transaction.atomic(using="catalog"):
            if early:
                # The id of the transaction is older than those of writers that commit before it.
                sql("catalog", "select pg_current_xact_id()")
                time.sleep(chance.random() * 0.01)
            # The outbox locks the subject; only then is it known which number comes next.
            with connections["catalog"].cursor() as cursor:
                from contexts.messaging.log import lock_key

                cursor.execute("select pg_advisory_xact_lock(%s)", [lock_key("catalog", subject)])
            value = self._counters[subject] + 1
            append("catalog", [_record(subject, value)])
            time.sleep(chance.random() * (0.05 if slow else 0.002))
            if roll_back:
                transaction.set_rollback(True, using="catalog")
            else:
                # Still under the subject's lock.
                self._counters[subject] = value
                self.written[subject].append(value)


def _record(subject: str, value: int) -> Record:
    from contexts.messaging.log import records

    (entry,) = records([price_changed(cents=value)])
    return Record(**{name: getattr(entry, name) for name in entry.__struct_fields__} | {"subject": subject})


def inversions_and_losses(read: list[tuple[str, int]], written: dict[str, list[int]]) -> tuple[int, int]:
    inverted = lost = 0
    for subject, values in written.items():
        got = [value for other, value in read if other == subject]
        inverted += sum(later < earlier for earlier, later in itertools.pairwise(got))
        lost += len(set(values) - set(got))
    return inverted, lost


def test_nothing_is_lost_or_inverted_under_adversarial_writers():
    writers = Writers(seed=1)
    with connect() as idle:
        idle.execute("select pg_current_xact_id()")  # held open from before the first write to after the last

        writers.run(meanwhile=lambda: _sequence_once())
        _sequence_once()

        read = sql(
            "catalog",
            "select e.subject, (e.data->'price'->>'amount')::int from messaging_position p "
            "join messaging_event e on e.id = p.event order by p.position",
        )
        positions = [row[0] for row in sql("catalog", "select position from messaging_position order by position")]
    assert len(read) > 200
    assert inversions_and_losses(read, writers.written) == (0, 0)
    assert sum(map(len, writers.written.values())) == len(read)
    assert positions == list(range(1, len(read) + 1))


def _sequence_once() -> None:
    with transaction.atomic(using="catalog"):
        sequencer.take_lock("catalog")
        sequencer.sequence("catalog")
    time.sleep(0.002)


def test_the_reader_by_identity_loses_events_here():
    """The usual `id > cursor` reader fails the same writers, so the test above can fail."""
    writers, read, cursor = Writers(seed=2), [], 0

    def poll() -> None:
        nonlocal cursor
        rows = sql(
            "catalog",
            "select subject, (data->'price'->>'amount')::int, id from messaging_event where id > %s order by id",
            cursor,
        )
        read.extend((row[0], row[1]) for row in rows)
        cursor = rows[-1][2] if rows else cursor
        time.sleep(0.002)

    writers.run(meanwhile=poll)
    poll()

    assert inversions_and_losses(read, writers.written)[1] > 0


def test_the_reader_by_transaction_id_inverts_subjects_here():
    """The `(xid, id) > cursor and xid < xmin` reader loses nothing but inverts subjects."""
    writers, read, cursor = Writers(seed=3), [], ("0", 0)

    def poll() -> None:
        nonlocal cursor
        rows = sql(
            "catalog",
            "select subject, (data->'price'->>'amount')::int, tx::text, id from messaging_event "
            "where (tx, id) > (%s::text::xid8, %s) and tx < pg_snapshot_xmin(pg_current_snapshot()) order by tx, id",
            *cursor,
        )
        read.extend((row[0], row[1]) for row in rows)
        cursor = (rows[-1][2], rows[-1][3]) if rows else cursor
        time.sleep(0.002)

    writers.run(meanwhile=poll)
    inverted, lost = inversions_and_losses(read, writers.written)
    for _ in range(5000):
        if not lost:
            break
        # Any transaction in the whole cluster, another test's too, holds this reader up.
        poll()
        inverted, lost = inversions_and_losses(read, writers.written)

    assert lost == 0
    assert inverted > 0


def test_a_second_sequencer_that_waited_gives_no_position_twice():
    barrier, errors = threading.Barrier(6), []

    def work() -> None:
        try:
            barrier.wait()
            for _ in range(40):
                with transaction.atomic(using="catalog"):
                    append("catalog", [_record("product/1", 1)])
                relay("catalog")
        except BaseException as problem:
            errors.append(problem)
        finally:
            for alias in connections:
                if alias != "default":
                    connections[alias].close()

    threads = [threading.Thread(target=work) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert not errors
    assert sql("catalog", "select count(*), max(position), count(distinct event) from messaging_position") == [
        (240,) * 3
    ]


def test_a_transaction_held_open_does_not_make_every_pass_read_again():
    with connect() as idle:
        idle.execute("select pg_current_xact_id()")
        for _ in range(3):
            with transaction.atomic(using="catalog"):
                append("catalog", [_record(f"product/{n}", n) for n in range(500)])
            _sequence_once()
        # What is asked here is that an index can skip what was read; for a table this small a scan may be cheaper.
        sql("catalog", "select set_config('enable_seqscan', 'off', false)")
        plan = sql("catalog", f"explain (analyze, format json, timing off) {sequencer.SEQUENCE}")[0][0]
        sql("catalog", "select set_config('enable_seqscan', 'on', false)")

    assert _rows_read(plan[0]["Plan"], "messaging_event") == 0


def _rows_read(node: dict, table: str) -> int:
    own = node["Actual Rows"] * node["Actual Loops"] if node.get("Relation Name", "").startswith(table) else 0
    removed = node.get("Rows Removed by Filter", 0) if node.get("Relation Name", "").startswith(table) else 0
    return int(own + removed + sum(_rows_read(child, table) for child in node.get("Plans", [])))


def test_savepoints_do_not_hide_events():
    with transaction.atomic(using="catalog"):
        append("catalog", [_record("product/1", 1)])
        with transaction.atomic(using="catalog"):
            append("catalog", [_record("product/1", 2)])
        with connect() as other:
            assert other.execute("select count(*) from messaging_event").fetchone() == (0,)
    _sequence_once()

    values = sql(
        "catalog",
        "select (e.data->'price'->>'amount')::int from messaging_position p join messaging_event e on e.id = p.event "
        "order by position",
    )
    assert values == [(1,), (2,)]


def test_a_pass_looks_up_what_is_new_even_where_one_transaction_wrote_the_whole_log():
    """The planner then takes every row for one of the few that are looked for, and would read all of them."""
    with transaction.atomic(using="catalog"):
        publish(*(price_changed() for _ in range(500)))

    with transaction.atomic(using="catalog"), connections["catalog"].cursor() as cursor:
        cursor.execute("analyze messaging_event")
        sequencer.take_lock("catalog")
        cursor.execute(f"explain {sequencer.SEQUENCE}")
        plan = "\n".join(row[0] for row in cursor.fetchall())

    assert "Seq Scan on messaging_event" not in plan
    assert "_tx_id_idx" in plan


def test_a_subject_is_held_from_its_event_to_the_commit_so_that_identities_rise_as_commits_do():
    mine, other = uuid7(), uuid7()

    with transaction.atomic(using="catalog"):
        publish(price_changed(product_id=mine))
        with connect() as writer:
            keys = [lock_key("catalog", f"product/{product_id}") for product_id in (mine, other)]
            free = [writer.execute("select pg_try_advisory_xact_lock(%s)", [key]).fetchone()[0] for key in keys]

    assert free == [False, True]
