"""Statements of the inbox."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from contexts.messaging.simulation.cluster import Row, Session
from contexts.messaging.simulation.statements.meanings import Result, means, one

KEY = ("publisher", "subscriber", "partition")


def is_of(key: Sequence[Any]) -> Callable[[Row], bool]:
    wanted = tuple(key)
    return lambda row: (row["publisher"], row["subscriber"], row["partition"]) == wanted


@means(
    "select position, digest, parked from messaging_inbox "
    "where publisher = %s and subscriber = %s and partition = %s for update"
)
def _find_place(session: Session, parameters: Sequence[Any]) -> Result:
    return one([v.row for v in session.lock("messaging_inbox", is_of(parameters))], "position", "digest", "parked")


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
    changed = session.update("messaging_inbox", is_of(parameters[11:]), lambda row: changes)
    return [], len(changed)
