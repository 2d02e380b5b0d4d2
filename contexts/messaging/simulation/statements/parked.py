"""Statements of the parking and its retries."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from contexts.messaging.simulation.cluster import Session
from contexts.messaging.simulation.statements.meanings import Result, means, one
from contexts.messaging.simulation.statements.received import KEY, is_of

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
    return one([version.row for version in found], "id", *KEY, "subject", "attempts")


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
    return one(sorted(rows, key=lambda row: row["position"]), "id", "event", "attempts")


@means("delete from messaging_parked where id = %s")
def _unpark(session: Session, parameters: Sequence[Any]) -> Result:
    gone = session.lock("messaging_parked", lambda row: row["id"] == parameters[0])
    session.delete("messaging_parked", gone)
    return [], len(gone)


@means("update messaging_inbox set parked = %s where publisher = %s and subscriber = %s and partition = %s")
def _set_parked(session: Session, parameters: Sequence[Any]) -> Result:
    changed = session.update("messaging_inbox", is_of(parameters[1:]), lambda row: {"parked": parameters[0]})
    return [], len(changed)


@means(
    """
    update messaging_parked set state = %s, fingerprint = %s, place = %s, attempts = %s, problem = %s, traceback = %s,
        retry_at = %s
    where id = %s
    """
)
def _fail_again(session: Session, parameters: Sequence[Any]) -> Result:
    names = ("state", "fingerprint", "place", "attempts", "problem", "traceback", "retry_at")
    changes = dict(zip(names, parameters, strict=False))
    return [], len(session.update("messaging_parked", lambda row: row["id"] == parameters[7], lambda row: changes))
