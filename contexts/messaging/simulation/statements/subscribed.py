"""Statements of the publisher's books: who subscribes, what was sent and acknowledged, and what the log says."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from contexts.messaging import acknowledging, books
from contexts.messaging.simulation.cluster import Row, Session
from contexts.messaging.simulation.statements.logged import relayed_upto, set_relayed
from contexts.messaging.simulation.statements.meanings import Result, means, one

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
    return one(sorted(rows, key=lambda row: (row["subscriber"], row["partition"])), *SUBSCRIPTION)


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
    ((relayed,),), _ = relayed_upto(session, [])

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
    set_relayed(session, parameters[:1])
    return _store_subscriptions(session, parameters[1:])


@means(acknowledging.NOTE)
def _acknowledge(session: Session, parameters: Sequence[Any]) -> Result:
    now, *columns = parameters
    said = {
        (subscriber, partition, position): digest
        for subscriber, partition, position, digest in zip(*columns, strict=True)
    }
    (sequencer_,) = session.select("messaging_sequencer")
    relayed = sequencer_["relayed"]

    def meant(row: Row) -> tuple[str, int, int]:
        return row["subscriber"], row["partition"], row["sent"]

    def change(row: Row) -> Row:
        diverged = row["diverged_at"]
        if row["sent_digest"] != said[meant(row)] and diverged is None:
            diverged = row["sent"]
        return {
            "acknowledged": row["sent"], "acknowledged_digest": row["sent_digest"], "attempts": 0,
            "acknowledged_at": now, "scanned": None if row["scanned"] == relayed else row["scanned"],
            "diverged_at": diverged,
        }  # fmt: skip

    changed = session.update(
        "messaging_subscription", lambda row: meant(row) in said and row["acknowledged"] < row["sent"], change
    )
    return [
        (row["subscriber"], row["partition"], row["scanned"] is not None or relayed < sequencer_["head"])
        for row in changed
    ], len(changed)


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
           e.causation_id, e.actor, e.traceparent, e.stream_version,
           p.position > (select whole_after from messaging_sequencer), e.data::text
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
    (sequencer_,) = session.select("messaging_sequencer")
    rows = [
        events[place["event"]]
        | {"position": place["position"], "slot": place["slot"], "whole": place["position"] > sequencer_["whole_after"]}
        for place in sorted(places, key=lambda row: row["position"])
    ]
    return one(
        rows[:limit], "position", "slot", "event_id", "type", "version", "subject", "time", "correlation_id",
        "causation_id", "actor", "traceparent", "stream_version", "whole", "data",
    )  # fmt: skip
