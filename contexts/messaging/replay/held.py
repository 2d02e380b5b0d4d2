"""Events that are not in the copy: parked in the live read model too, or refused by their handler in the replay.

As in a delivery, the later events of their subject wait behind them. What is parked live is applied live when it is
released, and here after that; what failed in the replay is parked with the swap, if the operator wants it.
"""

from __future__ import annotations

import traceback
from collections.abc import Sequence
from typing import Any, Literal
from uuid import UUID

import msgspec
from django.db import connections

from contexts.messaging import parking
from contexts.messaging.page import Page, WireEvent
from contexts.messaging.readmodels import ReadModel

State = Literal["parked", "failed", "behind"]


class Held(msgspec.Struct, frozen=True, kw_only=True):
    """An event that is not in the copy, and why."""

    publisher: str
    partition: int
    position: int
    event_id: UUID
    subject: str
    event: str
    state: State
    fingerprint: str
    place: str
    problem: str
    traceback: str

    def wire(self) -> WireEvent:
        return msgspec.json.decode(self.event, type=WireEvent)


COLUMNS = ", ".join(name if name != "event" else "event::text" for name in Held.__struct_fields__)


def of_model(model: ReadModel, *, publisher: str | None = None, subjects: Sequence[str] | None = None) -> list[Held]:
    """Return what is held, each subject in its order."""
    with connections[model.context].cursor() as cursor:
        cursor.execute(
            f"""
            select {COLUMNS} from messaging_replay_held
            where read_model = %s and (%s::text is null or publisher = %s) and (%s::text[] is null or subject = any(%s))
            order by publisher, position
            """,
            [model.name, publisher, publisher, list(subjects) if subjects is not None else None, list(subjects or [])],
        )
        return [Held(**dict(zip(Held.__struct_fields__, row, strict=True))) for row in cursor.fetchall()]


def hold(
    model: ReadModel, partition: int, event: WireEvent, state: State, problem: BaseException | None = None
) -> None:
    mark, place = parking.fingerprint(problem) if problem else ("", "")
    with connections[model.context].cursor() as cursor:
        cursor.execute(
            """
            insert into messaging_replay_held (read_model, publisher, partition, position, event_id, subject, event, state,
                fingerprint, place, problem, traceback)
            values (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s) on conflict do nothing
            """,
            [
                model.name, event.source, partition, event.position, event.id, event.subject,
                msgspec.json.encode(event).decode(), state, mark, place,
                f"{type(problem).__name__}: {problem}" if problem else "",
                "".join(traceback.format_exception(problem)) if problem else "",
            ],
        )  # fmt: skip


def release(model: ReadModel, one: Held) -> None:
    with connections[model.context].cursor() as cursor:
        cursor.execute(
            "delete from messaging_replay_held where read_model = %s and publisher = %s and position = %s",
            [model.name, one.publisher, one.position],
        )


def forget(model: ReadModel) -> None:
    with connections[model.context].cursor() as cursor:
        cursor.execute("delete from messaging_replay_held where read_model = %s", [model.name])


def park_live(model: ReadModel, one: Held) -> None:
    """Park an event that failed in the replay, or waits behind one, for the live subscriber."""
    page = Page(
        publisher=one.publisher, subscriber=model.subscriber, partition=one.partition, after=0, upto=0, events=[]
    )
    if one.state == "failed":
        parking.park_again(
            page, one.wire(), fingerprint=one.fingerprint, place=one.place, problem=one.problem, trace=one.traceback
        )
    else:
        parking.park_behind(page, [one.wire()])


def live_states(model: ReadModel, publisher: str, positions: Sequence[int]) -> dict[int, str]:
    """Return the states of those events that are parked, or were given up, in the live read model."""
    return dict(
        _ask(
            model, "select position, state from messaging_parked "
            "where publisher = %s and subscriber = %s and position = any(%s)",
            [publisher, model.subscriber, list(positions)],
        )
    )  # fmt: skip


def corrections(model: ReadModel) -> dict[UUID, dict[str, Any]]:
    """Return the data of events that an operator corrected for this subscriber: the copy gets the same correction."""
    found = _ask(
        model, "select event_id, details->>'data' from messaging_act "
        "where act = 'edit' and subscriber = %s and event_id is not null order by id",
        [model.subscriber],
    )  # fmt: skip
    return {event_id: msgspec.json.decode(data) for event_id, data in found}


def _ask(model: ReadModel, query: str, parameters: list[Any]) -> list[Any]:
    with connections[model.context].cursor() as cursor:
        cursor.execute(query, parameters)
        rows: list[Any] = cursor.fetchall()
        return rows
