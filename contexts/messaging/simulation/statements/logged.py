"""Statements of the log and its sequencer."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec

from contexts.messaging import books, log, sequencer, sweeping
from contexts.messaging.simulation.cluster import Row, Session, Snapshot
from contexts.messaging.simulation.statements.meanings import Result, jsonb, means, one


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


def give_positions(session: Session, state: Row, fresh: list[Row]) -> Result:
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
    return give_positions(session, state, sorted(fresh, key=lambda row: row["id"]))


@means(sweeping.LOOK)
def _look(session: Session, parameters: Sequence[Any]) -> Result:
    now, waiting, _ = parameters
    timers = session.select("messaging_timer", lambda row: row["due_at"] <= now)
    parked = session.select(
        "messaging_parked",
        lambda row: row["state"] == waiting and row["retry_at"] is not None and row["retry_at"] <= now,
    )
    states = session.select("messaging_sequencer")
    return [(bool(timers), bool(parked), not states or _has_pages(session, states[0]))], 1


def _has_pages(session: Session, state: Row) -> bool:
    last: Snapshot = state["snapshot"]
    fresh = session.select("messaging_event", lambda row: row["tx"] >= last.xmax or row["tx"] in last.xip)
    waiting = session.select(
        "messaging_subscription",
        lambda row: (
            row["sent"] != row["acknowledged"] or (row["scanned"] is not None and row["scanned"] < state["head"])
        ),
    )
    return bool(fresh or waiting or state["relayed"] < state["head"])


@means("select head from messaging_sequencer")
def _head(session: Session, parameters: Sequence[Any]) -> Result:
    return one(session.select("messaging_sequencer"), "head")


def relayed_upto(session: Session, parameters: Sequence[Any]) -> Result:
    return one(session.select("messaging_sequencer"), "relayed")


@means(books.SEARCHED)
def set_relayed(session: Session, parameters: Sequence[Any]) -> Result:
    session.update("messaging_sequencer", lambda row: True, lambda row: {"relayed": parameters[0]})
    return [], 1
