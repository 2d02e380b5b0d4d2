"""What each statement that production sends means in the model.

Statements are known by their text, and one that is not known stops the simulation: whoever changes a statement of the
backbone changes its meaning here in the same commit, and `tests/simulation` compares both with real PostgreSQL.
"""

from __future__ import annotations

import difflib
import json
from collections.abc import Callable, Sequence
from datetime import datetime
from functools import lru_cache
from typing import Any
from uuid import UUID

import msgspec

from contexts.messaging import books, log, sequencer, timers
from contexts.messaging.errors import MessagingError
from contexts.messaging.simulation.cluster import Row, Session, Snapshot

Result = tuple[list[tuple[Any, ...]], int]
Meaning = Callable[[Session, Sequence[Any]], Result]

_meanings: dict[str, Meaning] = {}


class UnknownStatement(MessagingError):
    """Production sent something the model does not know."""


@lru_cache(maxsize=500)
def _normal(sql: str) -> str:
    return " ".join(sql.split())


def means(sql: str) -> Callable[[Meaning], Meaning]:
    """Declare the meaning of a statement, given with the placeholders as production writes them."""

    def declare(meaning: Meaning) -> Meaning:
        _meanings[_normal(sql)] = meaning
        return meaning

    return declare


def execute(session: Session, sql: str, parameters: Sequence[Any]) -> Result:
    """Run a statement in the model; return its rows and how many it touched.

    Raises:
        UnknownStatement: with the known statement that is closest.
    """
    text = _normal(sql)
    meaning = _meanings.get(text)
    if meaning is None:
        close = difflib.get_close_matches(text, _meanings, n=1, cutoff=0.1)
        raise UnknownStatement(
            f"The model of PostgreSQL does not know this statement:\n  {text}\nThe closest that it knows:\n  "
            f"{close[0] if close else '-'}\nTeach it in contexts/messaging/simulation/statements.py."
        )
    session.begin_statement()
    return meaning(session, parameters)


def _one(rows: list[Row], *columns: str) -> Result:
    found = [tuple(row[column] for column in columns) for row in rows]
    return found, len(found)


def jsonb(text: str) -> str:
    """Return JSON as jsonb prints it: keys by length, then by bytes."""

    def ordered(value: Any) -> Any:
        if isinstance(value, dict):
            return {key: ordered(value[key]) for key in sorted(value, key=lambda k: (len(k.encode()), k.encode()))}
        return [ordered(item) for item in value] if isinstance(value, list) else value

    return json.dumps(ordered(json.loads(text)), ensure_ascii=False)


# --- the log and its sequencer


def create_tables(session_cluster: Any, schema: str) -> None:
    """Make the backbone's tables of one context, as its first migration does."""
    create = session_cluster.create
    create(schema, "messaging_event", ("id",))
    create(schema, "messaging_position", ("position",), ("event",))
    create(schema, "messaging_sequencer", ("id",))
    create(schema, "messaging_subscription", ("subscriber", "partition"))
    create(schema, "messaging_inbox", ("publisher", "subscriber", "partition"))
    create(schema, "messaging_delivery", ("id",))
    create(schema, "messaging_parked", ("publisher", "subscriber", "position"))
    create(schema, "messaging_timer", ("id",))


class _Entry(msgspec.Struct):
    """A row of the document that brings events into the log."""

    event_id: UUID
    type: str
    version: int
    subject: str
    slot: int
    time: datetime
    correlation_id: UUID
    causation_id: UUID | None
    actor: str
    traceparent: str
    data: msgspec.Raw


@means(sequencer.LOCK)
def _advisory_lock(session: Session, parameters: Sequence[Any]) -> Result:
    session.advisory_lock(parameters[0])
    return [(None, "off")], 1


@means(log.APPEND)
def _append(session: Session, parameters: Sequence[Any]) -> Result:
    keys, document = parameters
    for key in sorted(keys):
        session.advisory_lock(key)
    entries = msgspec.json.decode(document, type=list[_Entry])
    for entry in entries:
        row = msgspec.structs.asdict(entry) | {
            "id": session.cluster.draw(session.schema, "messaging_event_id"),
            "tx": session.xid(),
            "stream_version": None,
            "data": jsonb(bytes(entry.data).decode()),
        }
        session.insert("messaging_event", row)
    return [], len(entries)


def _give_positions(session: Session, state: Row, fresh: list[Row]) -> Result:
    head = state["head"]
    for number, row in enumerate(fresh, start=1):
        entry = {"position": head + number, "event": row["id"], "slot": row["slot"]}
        session.insert("messaging_position", entry)
    if fresh:
        changes = {"head": head + len(fresh), "snapshot": session.snapshot}
        session.update("messaging_sequencer", lambda row: True, lambda row: changes)
    return [(head + len(fresh), state["relayed"])], 1


@means(sequencer.SEQUENCE)
def _sequence(session: Session, parameters: Sequence[Any]) -> Result:
    (state,) = session.select("messaging_sequencer")
    last: Snapshot = state["snapshot"]
    fresh = session.select("messaging_event", lambda row: row["tx"] >= last.xmax or row["tx"] in last.xip)
    return _give_positions(session, state, sorted(fresh, key=lambda row: row["id"]))


@means("select head from messaging_sequencer")
def _head(session: Session, parameters: Sequence[Any]) -> Result:
    return _one(session.select("messaging_sequencer"), "head")


def _relayed(session: Session, parameters: Sequence[Any]) -> Result:
    return _one(session.select("messaging_sequencer"), "relayed")


@means(books.SEARCHED)
def _set_relayed(session: Session, parameters: Sequence[Any]) -> Result:
    session.update("messaging_sequencer", lambda row: True, lambda row: {"relayed": parameters[0]})
    return [], 1


# --- subscriptions


SUBSCRIPTION = [
    "subscriber", "partition", "types", "since", "sent", "sent_digest", "acknowledged", "acknowledged_digest",
    "scanned", "sent_at", "attempts",
]  # fmt: skip


@means(
    """
    select subscriber, partition, types, since, sent, sent_digest, acknowledged, acknowledged_digest, scanned,
           sent_at, attempts
    from messaging_subscription order by subscriber, partition
    """
)
def _load_subscriptions(session: Session, parameters: Sequence[Any]) -> Result:
    rows = session.select("messaging_subscription")
    return _one(sorted(rows, key=lambda row: (row["subscriber"], row["partition"])), *SUBSCRIPTION)


@means(
    """
    insert into messaging_subscription
        (subscriber, partition, types, since, sent, sent_digest, acknowledged, acknowledged_digest, scanned,
         attempts)
    values (%s, %s, %s, array_fill(0::bigint, array[%s]), 0, %s, 0, %s, 0, 0)
    on conflict (subscriber, partition) do nothing
    """
)
def _subscribe(session: Session, parameters: Sequence[Any]) -> Result:
    subscriber, partition, types, count, sent_digest, acknowledged_digest = parameters
    new = {
        "subscriber": subscriber, "partition": partition, "types": list(types), "since": [0] * count, "sent": 0,
        "sent_digest": sent_digest, "acknowledged": 0, "acknowledged_digest": acknowledged_digest, "scanned": 0,
        "sent_at": None, "acknowledged_at": None, "attempts": 0, "diverged_at": None,
    }  # fmt: skip
    return [], int(session.insert("messaging_subscription", new, or_nothing=True))


@means(
    """
    update messaging_subscription s set
        types = types || news.types,
        since = since || array_fill(
            coalesce(s.scanned, (select relayed from messaging_sequencer)), array[cardinality(news.types)]
        )
    from (
        select array(
            select kind from unnest(%s::text[]) kind, messaging_subscription known
            where known.subscriber = %s and known.partition = %s and kind <> all(known.types)
        ) as types
    ) news
    where s.subscriber = %s and s.partition = %s
    """
)
def _subscribe_to_more(session: Session, parameters: Sequence[Any]) -> Result:
    types, subscriber, partition, *_ = parameters
    ((relayed,),), _ = _relayed(session, [])

    def add(row: Row) -> Row:
        fresh = [kind for kind in types if kind not in row["types"]]
        start = relayed if row["scanned"] is None else row["scanned"]
        return {"types": row["types"] + fresh, "since": row["since"] + [start] * len(fresh)}

    changed = session.update(
        "messaging_subscription",
        lambda row: (row["subscriber"], row["partition"]) == (subscriber, partition),
        add,
    )
    return [], len(changed)


@means(books.STORE)
def _store_subscriptions(session: Session, parameters: Sequence[Any]) -> Result:
    names = [name for name in SUBSCRIPTION if name not in ("types", "since")]
    for values in zip(*parameters, strict=True):
        changes = dict(zip(names, values, strict=True))
        session.update(
            "messaging_subscription",
            lambda row, changes=changes: all(row[name] == changes[name] for name in names[:2]),  # type: ignore[misc]
            lambda row, changes=changes: changes,  # type: ignore[misc]
        )
    return [], len(parameters[0])


@means(books.SEARCHED_AND_STORE)
def _set_relayed_and_store(session: Session, parameters: Sequence[Any]) -> Result:
    _set_relayed(session, parameters[:1])
    return _store_subscriptions(session, parameters[1:])


@means(
    """
    update messaging_subscription set
        acknowledged = sent, acknowledged_digest = sent_digest, attempts = 0, acknowledged_at = %s,
        scanned = case when scanned = (select relayed from messaging_sequencer) then null else scanned end,
        diverged_at = case when sent_digest = %s then diverged_at else coalesce(diverged_at, sent) end
    where subscriber = %s and partition = %s and sent = %s and acknowledged < sent
    returning scanned is not null or (select relayed < head from messaging_sequencer)
    """
)
def _acknowledge(session: Session, parameters: Sequence[Any]) -> Result:
    now, digest, subscriber, partition, position = parameters
    (sequencer_,) = session.select("messaging_sequencer")
    relayed = sequencer_["relayed"]

    def change(row: Row) -> Row:
        diverged = row["diverged_at"]
        if row["sent_digest"] != digest and diverged is None:
            diverged = row["sent"]
        return {
            "acknowledged": row["sent"], "acknowledged_digest": row["sent_digest"], "attempts": 0,
            "acknowledged_at": now, "scanned": None if row["scanned"] == relayed else row["scanned"],
            "diverged_at": diverged,
        }  # fmt: skip

    changed = session.update(
        "messaging_subscription",
        lambda row: (
            (row["subscriber"], row["partition"], row["sent"]) == (subscriber, partition, position)
            and row["acknowledged"] < row["sent"]
        ),
        change,
    )
    return [(row["scanned"] is not None or relayed < sequencer_["head"],) for row in changed], len(changed)


@means(
    """
    update messaging_subscription set
        sent = %s, acknowledged = %s, scanned = %s, sent_digest = %s, acknowledged_digest = %s
    where subscriber = %s and partition = %s and sent > %s
    """
)
def _go_back(session: Session, parameters: Sequence[Any]) -> Result:
    names = ("sent", "acknowledged", "scanned", "sent_digest", "acknowledged_digest")
    subscriber, partition, position = parameters[5:]
    changed = session.update(
        "messaging_subscription",
        lambda row: (row["subscriber"], row["partition"]) == (subscriber, partition) and row["sent"] > position,
        lambda row: dict(zip(names, parameters[:5], strict=True)),
    )
    return [], len(changed)


@means(
    """
    select p.position, p.slot, e.event_id, e.type, e.version, e.subject, e.time, e.correlation_id,
           e.causation_id, e.actor, e.traceparent, e.stream_version, e.data::text
    from messaging_position p left join messaging_event e on e.id = p.event
    where p.position > %s and p.position <= %s and p.slot %% %s = any(%s) and (e.type = any(%s) or e.id is null)
    order by p.position limit %s
    """
)
def _read_log(session: Session, parameters: Sequence[Any]) -> Result:
    after, upto, partitions, wanted, types, limit = parameters
    events = {row["id"]: row for row in session.select("messaging_event", lambda row: row["type"] in types)}
    places = session.select(
        "messaging_position",
        lambda row: after < row["position"] <= upto and row["slot"] % partitions in wanted and row["event"] in events,
    )
    rows = [
        events[place["event"]] | {"position": place["position"], "slot": place["slot"]}
        for place in sorted(places, key=lambda row: row["position"])
    ]
    return _one(
        rows[:limit], "position", "slot", "event_id", "type", "version", "subject", "time", "correlation_id",
        "causation_id", "actor", "traceparent", "stream_version", "data",
    )  # fmt: skip


# --- the inbox

KEY = ("publisher", "subscriber", "partition")


def _is(key: Sequence[Any]) -> Callable[[Row], bool]:
    wanted = tuple(key)
    return lambda row: (row["publisher"], row["subscriber"], row["partition"]) == wanted


@means(
    "select position, digest, parked from messaging_inbox "
    "where publisher = %s and subscriber = %s and partition = %s for update"
)
def _find_place(session: Session, parameters: Sequence[Any]) -> Result:
    return _one([v.row for v in session.lock("messaging_inbox", _is(parameters))], "position", "digest", "parked")


@means(
    "insert into messaging_inbox (publisher, subscriber, partition, position, digest, parked) "
    "values (%s, %s, %s, 0, %s, 0) on conflict do nothing"
)
def _open_place(session: Session, parameters: Sequence[Any]) -> Result:
    row = dict(zip(KEY, parameters, strict=False)) | {
        "position": 0, "digest": parameters[3], "parked": 0, "moved_at": None,
    }  # fmt: skip
    return [], int(session.insert("messaging_inbox", row, or_nothing=True))


@means(
    """
    with delivered as (
        insert into messaging_delivery (publisher, subscriber, partition, after, upto, digest, at)
        values (%s, %s, %s, %s, %s, %s, %s)
    )
    update messaging_inbox set position = %s, digest = %s, parked = %s, moved_at = %s
    where publisher = %s and subscriber = %s and partition = %s
    """
)
def _move_place(session: Session, parameters: Sequence[Any]) -> Result:
    names = (*KEY, "after", "upto", "digest", "at")
    page = dict(zip(names, parameters[:7], strict=True))
    session.insert("messaging_delivery", page | {"id": session.cluster.draw(session.schema, "messaging_delivery_id")})
    changes = dict(zip(("position", "digest", "parked", "moved_at"), parameters[7:11], strict=True))
    changed = session.update("messaging_inbox", _is(parameters[11:]), lambda row: changes)
    return [], len(changed)


# --- parking and its retries


PARKED = (
    *KEY, "position", "event_id", "type", "subject", "event", "state", "fingerprint", "place", "attempts", "problem",
    "traceback", "retry_at", "parked_at",
)  # fmt: skip


@means(
    """
    select distinct subject from messaging_parked
    where publisher = %s and subscriber = %s and state <> %s and subject = any(%s)
    """
)
def _parked_subjects(session: Session, parameters: Sequence[Any]) -> Result:
    publisher, subscriber, state, subjects = parameters
    rows = session.select(
        "messaging_parked",
        lambda row: (
            (row["publisher"], row["subscriber"]) == (publisher, subscriber)
            and row["state"] != state
            and row["subject"] in subjects
        ),
    )
    found = sorted({row["subject"] for row in rows})
    return [(subject,) for subject in found], len(found)


@means(
    """
    insert into messaging_parked (publisher, subscriber, partition, position, event_id, type, subject, event,
        state, fingerprint, place, attempts, problem, traceback, retry_at, parked_at)
    values (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s)
    on conflict (publisher, subscriber, position) do nothing
    """
)
def _park(session: Session, parameters: Sequence[Any]) -> Result:
    row = dict(zip(PARKED, parameters, strict=True)) | {"id": session.cluster.draw(session.schema, "parked")}
    return [], int(session.insert("messaging_parked", row, or_nothing=True))


@means(
    """
    select id, publisher, subscriber, partition, subject, attempts from messaging_parked
    where state = %s and retry_at <= %s order by retry_at limit 1 for update skip locked
    """
)
def _next_parked(session: Session, parameters: Sequence[Any]) -> Result:
    state, now = parameters
    found = session.lock(
        "messaging_parked",
        lambda row: row["state"] == state and row["retry_at"] is not None and row["retry_at"] <= now,
        order="retry_at",
        skip_locked=True,
        limit=1,
    )
    return _one([version.row for version in found], "id", *KEY, "subject", "attempts")


@means(
    """
    select id, event::text, attempts from messaging_parked
    where publisher = %s and subscriber = %s and subject = %s and state <> %s order by position
    """
)
def _parked_of_subject(session: Session, parameters: Sequence[Any]) -> Result:
    *key, state = parameters
    rows = session.select(
        "messaging_parked",
        lambda row: [row["publisher"], row["subscriber"], row["subject"]] == key and row["state"] != state,
    )
    return _one(sorted(rows, key=lambda row: row["position"]), "id", "event", "attempts")


@means("delete from messaging_parked where id = %s")
def _unpark(session: Session, parameters: Sequence[Any]) -> Result:
    gone = session.lock("messaging_parked", lambda row: row["id"] == parameters[0])
    session.delete("messaging_parked", gone)
    return [], len(gone)


@means("update messaging_inbox set parked = %s where publisher = %s and subscriber = %s and partition = %s")
def _set_parked(session: Session, parameters: Sequence[Any]) -> Result:
    changed = session.update("messaging_inbox", _is(parameters[1:]), lambda row: {"parked": parameters[0]})
    return [], len(changed)


@means(
    """
    update messaging_parked set state = %s, fingerprint = %s, place = %s, attempts = %s, problem = %s, retry_at = %s
    where id = %s
    """
)
def _fail_again(session: Session, parameters: Sequence[Any]) -> Result:
    names = ("state", "fingerprint", "place", "attempts", "problem", "retry_at")
    changes = dict(zip(names, parameters, strict=False))
    return [], len(session.update("messaging_parked", lambda row: row["id"] == parameters[6], lambda row: changes))


# --- timers

TIMER = timers.COLUMNS.split(", ")


@means(f"insert into messaging_timer (due_at, {timers.COLUMNS}) values (%s, %s, %s, %s, %s, %s, %s, %s, %s)")
def _schedule(session: Session, parameters: Sequence[Any]) -> Result:
    row = dict(zip(["due_at", *TIMER], parameters, strict=True))
    row |= {"id": session.cluster.draw(session.schema, "timer"), "data": jsonb(row["data"])}
    session.insert("messaging_timer", row)
    return [], 1


@means(
    f"""
    delete from messaging_timer where id in (
        select id from messaging_timer where due_at <= %s order by due_at, id limit %s for update skip locked
    ) returning due_at, id, {timers.COLUMNS.replace("data", "data::text")}
    """
)
def _take_due(session: Session, parameters: Sequence[Any]) -> Result:
    now, limit = parameters
    due = session.lock(
        "messaging_timer", lambda row: row["due_at"] <= now, order="due_at", skip_locked=True, limit=limit
    )
    session.delete("messaging_timer", due)
    return _one([version.row for version in due], "due_at", "id", *TIMER)
