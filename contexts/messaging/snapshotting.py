"""Taking snapshots, in the background: the chore that serves the wishes of slow loads."""

from __future__ import annotations

from uuid import UUID

from django.db import connections, transaction

from contexts.messaging import chores, keys, snapshots
from contexts.messaging.aggregates import Aggregate, aggregate_of, aggregates, when_declared
from contexts.messaging.streams import load

#: Wishes served in one round.
ROUND = 20
#: Snapshots of a state that the code of today does not know are kept so long, for servers that still run the old one.
KEEP_OLD = "1 day"


def take(kind: type[Aggregate], id: UUID) -> int:
    """Take a snapshot of a stream as it is now and return its version; 0 where there is nothing to take."""
    context = kind.aggregate_context
    with transaction.atomic(using=context):
        # Whom the stream tells about cannot be erased between the reading and the keeping.
        keys.lock_stream(context, kind(id=id).subject)
        aggregate = load(kind, id)
        if aggregate.version:
            snapshots.keep(aggregate)
    return aggregate.version


def take_wished(context: str) -> int:
    """Serve some of the wishes that no other process is serving; return how many."""
    with transaction.atomic(using=context), connections[context].cursor() as cursor:
        cursor.execute(
            """
            delete from messaging_snapshot_wish where (subject, kind) in (
                select subject, kind from messaging_snapshot_wish order by subject, kind limit %s for update skip locked
            ) returning subject, kind
            """,
            [ROUND],
        )
        wishes = cursor.fetchall()
        for subject, name in wishes:
            kind = aggregate_of(name)
            if kind is not None:
                take(kind, UUID(subject.rpartition("/")[2]))
        if wishes:
            _drop_outdated(context)
    return len(wishes)


def take_due(context: str) -> int:
    """Take a snapshot of every stream that is longer than its class's policy allows without one; return how many."""
    taken = 0
    for kind in aggregates(context):
        if not kind.snapshot_every:
            continue
        with connections[context].cursor() as cursor:
            cursor.execute(
                """
                select subject from messaging_stream s where subject like %s and s.version - coalesce((
                    select max(version) from messaging_snapshot p
                    where p.subject = s.subject and kind = %s and fingerprint = %s
                ), 0) >= %s order by subject
                """,
                [f"{kind.aggregate_category}/%", kind.aggregate_kind, snapshots.fingerprint(kind), kind.snapshot_every],
            )
            subjects = [subject for (subject,) in cursor.fetchall()]
        for subject in subjects:
            take(kind, UUID(subject.rpartition("/")[2]))
        taken += len(subjects)
    return taken


def _drop_outdated(context: str) -> None:
    with connections[context].cursor() as cursor:
        cursor.execute(
            """
            delete from messaging_snapshot
            where (kind, fingerprint) not in (select * from unnest(%s::text[], %s::text[]))
              and taken_at < now() - %s::interval
            """,
            [
                [kind.aggregate_kind for kind in aggregates(context)],
                [snapshots.fingerprint(kind) for kind in aggregates(context)],
                KEEP_OLD,
            ],
        )


def _declare_chore(kind: type[Aggregate]) -> None:
    context = kind.aggregate_context

    def take_snapshots() -> int:
        return take_wished(context)

    chores.background(every_s=30, context=context)(take_snapshots)


when_declared(_declare_chore)
