"""The publisher's books: how far each partition of each subscriber has been served, and what it wants."""

from __future__ import annotations

from datetime import datetime

import msgspec
from django.conf import settings
from django.db import connections

from contexts.messaging import subscriptions
from contexts.messaging.page import NO_DIGEST, WireEvent
from contexts.messaging.prepared import prepared_cursor


class Subscription(msgspec.Struct, kw_only=True):
    """How far one partition of one subscriber has been served.

    `types` says for each kind of event from which position on it is wanted: a handler that is added later does not
    change what earlier pages held.

    `scanned` is how far the log was searched for the subscriber's events: at least `sent`, because most events are of
    no interest to it; None means as far as the relay has searched for everybody who is not behind.
    """

    subscriber: str
    partition: int
    types: dict[str, int]
    sent: int
    sent_digest: str
    acknowledged: int
    acknowledged_digest: str
    scanned: int | None
    sent_at: datetime | None
    attempts: int

    @property
    def idle(self) -> bool:
        return self.sent == self.acknowledged

    @property
    def queue(self) -> str:
        return self.subscriber.partition(":")[0]

    def wants(self, event: WireEvent) -> bool:
        since = self.types.get(event.type)
        return since is not None and event.position > since

    def unanswered_for(self, now: datetime) -> float:
        """Return for how many seconds something has been in flight."""
        if self.idle:
            return 0.0
        return (now - self.sent_at).total_seconds() if self.sent_at else float("inf")

    def rewind(self, position: int, digest: str) -> None:
        """Forget what was sent after `position`, so that it is sent again."""
        self.sent = self.acknowledged = self.scanned = position
        self.sent_digest = self.acknowledged_digest = digest


def up_to_date(context: str) -> list[Subscription]:
    """Return the context's subscriptions, with those of this process's handlers entered first."""
    rows = load(context)
    wishes = subscriptions.wishes(context)
    known = {(s.subscriber, s.partition): s.types for s in rows}
    news = [
        (subscriber, partition, types)
        for subscriber, types in wishes.items()
        for partition in range(settings.MESSAGING_PARTITIONS)
        if not set(types) <= known.get((subscriber, partition), {}).keys()
    ]
    if not news:
        return rows
    for subscriber, partition, types in news:
        subscribe(context, subscriber, partition, types)
    return load(context)


def subscribe(context: str, subscriber: str, partition: int, types: list[str]) -> None:
    """Enter a subscriber's wishes in the publisher's books, in a transaction that holds the sequencer's lock.

    A new subscriber starts from the first event, or from now if it chose that: then what has a position already is not
    wanted. A kind that is new to an old subscriber starts from where the log was searched for it, and a kind is never
    struck off: what a page held must stay what it held.
    """
    with connections[context].cursor() as cursor:
        cursor.execute(
            """
            insert into messaging_subscription
                (subscriber, partition, types, since, sent, sent_digest, acknowledged, acknowledged_digest, scanned,
                 attempts)
            values (%s, %s, %s, array_fill(0::bigint, array[%s]), 0, %s, 0, %s, 0, 0)
            on conflict (subscriber, partition) do nothing
            """,
            [subscriber, partition, types, len(types), NO_DIGEST, NO_DIGEST],
        )
        if cursor.rowcount:
            if subscriptions.begins_now(subscriber):
                cursor.execute(
                    """
                    update messaging_subscription s set
                        since = array_fill(q.head, array[cardinality(s.types)]), scanned = q.relayed
                    from messaging_sequencer q where s.subscriber = %s and s.partition = %s
                    """,
                    [subscriber, partition],
                )
            return
        cursor.execute(
            """
            update messaging_subscription s set
                types = s.types || news.types,
                since = s.since || array_fill(
                    coalesce(s.scanned, (select relayed from messaging_sequencer)), array[cardinality(news.types)]
                )
            from (
                select array(
                    select kind from unnest(%s::text[]) kind, messaging_subscription known
                    where known.subscriber = %s and known.partition = %s and kind <> all(known.types)
                ) as types
            ) news
            where s.subscriber = %s and s.partition = %s
            """,
            [types, subscriber, partition, subscriber, partition],
        )


def load(context: str) -> list[Subscription]:
    """Return the context's subscriptions as they are in the books."""
    with prepared_cursor(context) as cursor:
        cursor.execute(
            """
            select subscriber, partition, types, since, sent, sent_digest, acknowledged, acknowledged_digest, scanned,
                   sent_at, attempts
            from messaging_subscription order by subscriber, partition
            """
        )
        return [
            Subscription(
                subscriber=row[0], partition=row[1], types=dict(zip(row[2], row[3], strict=True)), sent=row[4],
                sent_digest=row[5], acknowledged=row[6], acknowledged_digest=row[7], scanned=row[8], sent_at=row[9],
                attempts=row[10],
            )
            for row in cursor.fetchall()
        ]  # fmt: skip


SEARCHED = "update messaging_sequencer set relayed = %s"

STORE = """
update messaging_subscription s set
    sent = n.sent, sent_digest = n.sent_digest, acknowledged = n.acknowledged,
    acknowledged_digest = n.acknowledged_digest, scanned = n.scanned, sent_at = n.sent_at,
    attempts = n.attempts
from unnest(%s::text[], %s::int[], %s::bigint[], %s::text[], %s::bigint[], %s::text[], %s::bigint[],
            %s::timestamptz[], %s::int[])
    as n (subscriber, partition, sent, sent_digest, acknowledged, acknowledged_digest, scanned, sent_at,
          attempts)
where s.subscriber = n.subscriber and s.partition = n.partition
"""

#: Both at once: an event on its way waits for every statement.
SEARCHED_AND_STORE = f"with searched as ({SEARCHED}) {STORE}"


def store(context: str, changed: list[Subscription], *, relayed: int | None = None) -> None:
    """Enter what changed, and how far the relay has searched for everybody who is not behind."""
    unique = {(s.subscriber, s.partition): s for s in changed}
    columns = [
        list(column)
        for column in zip(
            *(
                (s.subscriber, s.partition, s.sent, s.sent_digest, s.acknowledged, s.acknowledged_digest, s.scanned,
                 s.sent_at, s.attempts)
                for s in unique.values()
            ),
            strict=True,
        )
    ]  # fmt: skip
    with prepared_cursor(context) as cursor:
        if unique and relayed is not None:
            cursor.execute(SEARCHED_AND_STORE, [relayed, *columns])
        elif unique:
            cursor.execute(STORE, columns)
        elif relayed is not None:
            cursor.execute(SEARCHED, [relayed])
