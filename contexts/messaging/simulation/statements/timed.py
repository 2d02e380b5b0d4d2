"""Statements of the timers."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from contexts.messaging import timers
from contexts.messaging.simulation.cluster import Session
from contexts.messaging.simulation.statements.meanings import Result, jsonb, means, one

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
    return one([version.row for version in due], "due_at", "id", *TIMER)
