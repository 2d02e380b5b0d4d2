"""`bench tail`: the write-ahead log as an outbox beside the table, capture of a large COPY, and a tailer that is killed."""

from __future__ import annotations

import argparse
import json
import multiprocessing
import os
import random
import signal
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from importlib import import_module
from multiprocessing.process import BaseProcess
from typing import Any

import msgspec
from django.conf import settings
from django.db import OperationalError, connections, transaction
from psycopg import sql
from rich.console import Console
from rich.table import Table

from contexts.messaging import log, sequencer, transport
from contexts.messaging.events import Event
from contexts.messaging.memory import MemoryTransport
from contexts.messaging.tailing import capture, outbox, rights, slots, tailer
from contexts.messaging.tailing.capture import RowChange
from contexts.messaging.tailing.slots import NotTailing
from contexts.messaging.tailing.tailer import Tailer

HELP = "Log tailing: messages per second and latency beside the outbox, capture of a COPY, kill -9 of the tailer."

#: The alias and context of the measurement; its schema is made at the start and dropped at the end.
CONTEXT, SCHEMA = "messaging", "bench_tail"
MIGRATIONS = ("0001_initial", "0003_tail")
PAUSE_S = 0.002
PATIENCE_S = 180.0


class Measured(Event, name="messaging.bench_measured", version=1, subject="bench/{subject_nr}"):
    """A message of the measurement; `at` is the clock's time right before it was published."""

    subject_nr: int
    at: float


class RowCaptured(Event, name="messaging.bench_row_captured", version=1, subject="row/{row}"):
    """A captured row of the measurement."""

    row: int
    word: str


class Figures(msgspec.Struct, kw_only=True):
    """What one way of publishing did."""

    way: str
    messages: int
    per_second: float
    published_per_second: float
    p50_ms: float
    p99_ms: float


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--messages", type=int, default=10_000, metavar="N", help="messages at full speed (10000)")
    parser.add_argument("--writers", type=int, default=2, metavar="N", help="processes that publish (2)")
    parser.add_argument("--rate", type=int, default=200, metavar="N", help="messages a second for the latency (200)")
    parser.add_argument("--seconds", type=int, default=10, metavar="S", help="how long the latency is measured (10)")
    parser.add_argument("--rows", type=int, default=100_000, metavar="N", help="rows of the COPY (100000)")
    parser.add_argument("--kills", type=int, default=20, metavar="N", help="times the tailer is killed in it (20)")
    parser.add_argument("--json", action="store_true", help="print JSON for a script")


def run(options: dict[str, Any], console: Console) -> int:
    with _ground(), transport.use(MemoryTransport()):
        found = slots.obstacle(slots.facts(CONTEXT))
        if found:
            raise NotTailing(found)
        slots.open_slot(CONTEXT)
        ways = [_way(way, options) for way in (outbox.TABLE, outbox.WAL)]
        captured = _capture(options["rows"])
        killed = _killed(options["rows"], options["kills"], alone_s=captured["seconds"])
    good = killed["lost"] == killed["doubled"] == killed["out_of_order"] == 0 and captured["in_order"]
    if options["json"]:
        document = {"ways": [msgspec.to_builtins(way) for way in ways], "capture": captured, "killed": killed}
        console.print_json(json.dumps(document))
    else:
        _print(console, ways, captured, killed, options)
    return 0 if good else 1


@contextmanager
def _ground() -> Iterator[None]:
    """Make a schema with the backbone's tables and an alias for it; leave nothing behind."""
    admin = settings.DATABASE_ADMIN
    connections.databases[CONTEXT] = connections.databases[settings.CONTEXTS[0]] | {
        key: admin.get(key, "") for key in ("HOST", "PORT", "NAME", "USER", "PASSWORD")
    }
    options = {**admin.get("OPTIONS", {}), "application_name": "tradepost bench", "options": f"-c search_path={SCHEMA}"}
    connections.databases[CONTEXT]["OPTIONS"] = options
    capture.register(capture.Capture(CONTEXT, "bench_row", _take_rows, batch=True))
    place = sql.Identifier(SCHEMA)
    with connections[CONTEXT].cursor() as cursor:
        _clear(cursor, place)
        cursor.execute(sql.SQL("create schema {}").format(place))
        for name in MIGRATIONS:
            cursor.execute(import_module(f"contexts.messaging.migrations.{name}").CREATE)
        for statement in rights.statements(CONTEXT, role=str(admin["USER"]), schema=SCHEMA):
            cursor.execute(statement)
        cursor.execute("create table bench_thing (id bigserial primary key, word text)")
        cursor.execute("create table bench_row (id bigserial primary key, row int, word text)")
        cursor.execute("alter table bench_row replica identity full")
    try:
        yield
    finally:
        connections[CONTEXT].close()
        with connections[CONTEXT].cursor() as cursor:
            _clear(cursor, place)
        connections[CONTEXT].close()


def _clear(cursor: Any, place: sql.Identifier) -> None:
    for _ in range(100):
        try:
            cursor.execute(
                "select pg_drop_replication_slot(slot_name) from pg_replication_slots "
                "where database = current_database() and slot_name like %s",
                [f"%\\_{CONTEXT}\\_tail"],
            )
            cursor.execute(sql.SQL("drop schema if exists {} cascade").format(place))
            break
        except OperationalError:  # A process that was killed is on its way out of the server.
            time.sleep(0.1)
    cursor.execute(sql.SQL("drop publication if exists {}").format(sql.Identifier(rights.publication_of(CONTEXT))))


def _take_rows(changes: list[RowChange]) -> Sequence[Event]:
    return [RowCaptured(row=change.after["row"], word=change.after["word"]) for change in changes if change.after]


# --- the two outboxes


def _way(way: str, options: dict[str, Any]) -> Figures:
    messages, writers = options["messages"], options["writers"]
    began = time.time()
    seen, published_s = _publish_and_read(way, writers, messages // writers, per_second=None)
    total = len(seen)
    full_speed = total / (max(at for _, at in seen) - began)
    paced, _ = _publish_and_read(
        way, writers, options["rate"] * options["seconds"] // writers, per_second=options["rate"] / writers
    )
    latencies = sorted((at - published) * 1000 for published, at in paced)
    return Figures(
        way=way, messages=total, per_second=full_speed, published_per_second=total / published_s,
        p50_ms=latencies[len(latencies) // 2], p99_ms=latencies[int(len(latencies) * 0.99)],
    )  # fmt: skip


def _publish_and_read(
    way: str, writers: int, each: int, *, per_second: float | None
) -> tuple[list[tuple[float, float]], float]:
    """Publish in processes of their own and read until all have a position; return (published, positioned) of each."""
    connections.close_all()
    fork = multiprocessing.get_context("fork")
    began = time.time()
    processes = [fork.Process(target=_write, args=(way, each, nr, per_second), daemon=True) for nr in range(writers)]
    for process in processes:
        process.start()
    try:
        return _read(way, processes, each * writers, began=began)
    finally:
        for process in processes:
            process.kill()
            process.join()


def _read(
    way: str, processes: Sequence[BaseProcess], expected: int, *, began: float
) -> tuple[list[tuple[float, float]], float]:
    seen: list[tuple[float, float]] = []
    published_s = 0.0
    one = Tailer(CONTEXT)
    if way == outbox.WAL:
        one.open()
    head = _head()
    while len(seen) < expected:
        taken = one.pass_once() if way == outbox.WAL else 0
        before, head = head, _sequence()
        if head > before:
            now = time.time()
            seen += [(at, now) for at in _published_at(before, head)]
        if not published_s and not any(process.is_alive() for process in processes):
            published_s = time.time() - began
        if time.time() - began > PATIENCE_S:
            raise NotTailing(f"After {PATIENCE_S:.0f} s only {len(seen)} of {expected} messages had come.")
        if not taken and head == before:
            time.sleep(PAUSE_S)
    one.close()
    return seen, published_s or time.time() - began


def _write(way: str, count: int, writer: int, per_second: float | None) -> None:
    connections.close_all()
    began = time.time()
    for nr in range(count):
        if per_second:
            time.sleep(max(0.0, began + nr / per_second - time.time()))
        event = Measured(subject_nr=writer * count + nr, at=time.time())
        with transaction.atomic(using=CONTEXT):
            with connections[CONTEXT].cursor() as cursor:
                cursor.execute("insert into bench_thing (word) values ('a change to announce')")
            entries = log.records([event])
            if way == outbox.WAL:
                outbox.emit(CONTEXT, entries)
            else:
                log.append(CONTEXT, entries)
    connections.close_all()


def _sequence() -> int:
    with transaction.atomic(using=CONTEXT):
        sequencer.take_lock(CONTEXT)
        return sequencer.sequence(CONTEXT)[0]


def _head() -> int:
    with connections[CONTEXT].cursor() as cursor:
        cursor.execute("select head from messaging_sequencer")
        head: int = cursor.fetchone()[0]
        return head


def _published_at(after: int, upto: int) -> list[float]:
    with connections[CONTEXT].cursor() as cursor:
        cursor.execute(
            "select (e.data->>'at')::float from messaging_position p join messaging_event e on e.id = p.event "
            "where p.position > %s and p.position <= %s order by p.position",
            [after, upto],
        )
        return [row[0] for row in cursor.fetchall()]


# --- capture


def _copy(rows: int) -> float:
    began = time.time()
    with connections[CONTEXT].cursor() as cursor, cursor.cursor.copy("copy bench_row (row, word) from stdin") as lines:
        for nr in range(rows):
            lines.write(f"{nr}\ta row of a list that somebody loads\n")
    return time.time() - began


def _capture(rows: int) -> dict[str, Any]:
    _empty()
    copied_s = _copy(rows)
    began = time.time()
    one = Tailer(CONTEXT)
    one.open()
    while one.pass_once():
        continue
    seconds = time.time() - began
    one.close()
    return {
        "rows": rows, "copy_s": copied_s, "seconds": seconds, "rows_per_second": rows / seconds,
        "in_order": _rows_in_log() == list(range(rows)),
    }  # fmt: skip


def _killed(rows: int, kills: int, *, alone_s: float) -> dict[str, Any]:
    """Kill the tailer again and again while it takes the rows over; count what is missing and what is there twice."""
    _empty()
    _copy(rows)
    connections.close_all()
    dice = random.Random(20)  # noqa: S311 - when to kill is no secret
    done, loads = 0, 1
    while done < kills:
        process = _tailing_process()
        # Long enough to come past what is there already, short enough to be killed amid the rows.
        time.sleep(dice.uniform(0.2, 0.6) + alone_s * dice.uniform(0.02, 0.3))
        process.kill()
        process.join()
        done += 1
        if done < kills and len(_rows_in_log()) >= rows * loads:
            _copy(rows)
            loads += 1
        connections.close_all()
    process = _tailing_process()
    deadline = time.time() + PATIENCE_S
    while len(_rows_in_log()) < rows * loads and time.time() < deadline:
        time.sleep(0.3)
    time.sleep(1.0)  # Long enough for a repetition to show.
    os.kill(process.pid or 0, signal.SIGTERM)
    process.join()
    found, wanted = _rows_in_log(), [nr for _ in range(loads) for nr in range(rows)]
    return {
        "rows": rows * loads, "kills": done, "lost": max(len(wanted) - len(found), 0),
        "doubled": max(len(found) - len(wanted), 0), "out_of_order": 0 if found == wanted else 1,
    }  # fmt: skip


def _tailing_process() -> BaseProcess:
    connections.close_all()
    process = multiprocessing.get_context("fork").Process(target=_tail)
    process.start()
    return process


def _tail() -> None:
    stop = threading.Event()
    signal.signal(signal.SIGTERM, lambda *_: stop.set())
    tailer.AGAIN_AFTER_S = 0.1  # The lock of the one that was killed goes when the server notices.
    tailer.run(CONTEXT, stop)


def _empty() -> None:
    with connections[CONTEXT].cursor() as cursor:
        cursor.execute("truncate messaging_event, messaging_position")


def _rows_in_log() -> list[int]:
    with connections[CONTEXT].cursor() as cursor:
        cursor.execute(
            "select (data->>'row')::int from messaging_event where type = %s order by id", [RowCaptured.event_name]
        )
        return [row[0] for row in cursor.fetchall()]


def _print(
    console: Console, ways: list[Figures], captured: dict[str, Any], killed: dict[str, Any], options: dict[str, Any]
) -> None:
    table = Table(box=None, pad_edge=False, header_style="bold")
    table.add_column("outbox")
    for name in ("published/s", "in the log/s", "p50 ms", "p99 ms"):
        table.add_column(name, justify="right")
    for way in ways:
        table.add_row(
            {"table": "table", "wal": "write-ahead log"}[way.way], f"{way.published_per_second:.0f}",
            f"{way.per_second:.0f}", f"{way.p50_ms:.1f}", f"{way.p99_ms:.1f}",
        )  # fmt: skip
    console.print(table)
    console.print(
        f"{ways[0].messages} messages, {options['writers']} writers, one message a transaction. Latency from publish() "
        f"to the position, at {options['rate']} a second."
    )
    console.print(
        f"COPY of {captured['rows']} rows took {captured['copy_s']:.1f} s; captured in {captured['seconds']:.1f} s "
        f"({captured['rows_per_second']:.0f} rows/s), {'in order' if captured['in_order'] else '[red]NOT in order[/]'}."
    )
    console.print(
        f"Tailer killed {killed['kills']} times within {killed['rows']} rows: {killed['lost']} lost, "
        f"{killed['doubled']} doubled, {'in order' if not killed['out_of_order'] else '[red]NOT in order[/]'}."
    )
