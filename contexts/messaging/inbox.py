"""The inbox port: where a subscriber keeps how far it is, in the same atomic step as the effects.

PostgreSQL by default: the position is a row beside the effects and moves in their transaction. A subscriber whose
effects live in another store brings its own inbox with `use_inbox`.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from datetime import UTC, datetime
from typing import Any, Protocol, runtime_checkable

from django.db import connections, transaction

from contexts.messaging.page import NO_DIGEST
from contexts.messaging.prepared import prepared_cursor


class Place(Protocol):
    """How far a subscriber is in one partition of one publisher; open while a page is applied.

    `parked` is how many of its events wait in the parking.
    """

    position: int
    digest: str
    parked: int

    def move(self, position: int, digest: str, *, parked: int = 0) -> None:
        """Note the position; it counts once the step commits. `parked` is how many events were parked meanwhile.

        At the same position only the number of parked events changes, and what the handlers did counts.
        """


class Inbox(Protocol):
    """Opens places: what happens inside the block is one atomic step, and one at a time for each place."""

    def open(self, publisher: str, subscriber: str, partition: int) -> AbstractContextManager[Place]: ...

    @property
    def can_forget(self) -> bool:
        """Whether places may be lost without the publisher's books: the sweep then says where they stand."""


@runtime_checkable
class DatedInbox(Protocol):
    """An inbox in another store that knows when its pages came; those in PostgreSQL note it in `messaging_delivery`."""

    def received_at(self, publisher: str, subscriber: str, partition: int, position: int) -> datetime | None:
        """Return when the page with a position came; None where that is not known, or not any more."""


class PostgresPlace:
    """A locked row of `messaging_inbox`."""

    def __init__(self, alias: str, key: list[Any], row: tuple[int, str, int]) -> None:
        self._alias, self._key = alias, key
        self.position, self.digest, self.parked = row

    def move(self, position: int, digest: str, *, parked: int = 0) -> None:
        after, now = self.position, datetime.now(UTC)
        if position == after:
            self._unpark(parked)
            return
        self.position, self.digest, self.parked = position, digest, self.parked + parked
        with prepared_cursor(self._alias) as cursor:
            cursor.execute(
                """
                with delivered as (
                    insert into messaging_delivery (publisher, subscriber, partition, after, upto, digest, at)
                    values (%s, %s, %s, %s, %s, %s, %s)
                )
                update messaging_inbox set position = %s, digest = %s, parked = %s, moved_at = %s
                where publisher = %s and subscriber = %s and partition = %s
                """,
                [*self._key, after, position, digest, now, position, digest, self.parked, now, *self._key],
            )

    def _unpark(self, parked: int) -> None:
        self.parked += parked
        with connections[self._alias].cursor() as cursor:
            cursor.execute(
                "update messaging_inbox set parked = %s where publisher = %s and subscriber = %s and partition = %s",
                [self.parked, *self._key],
            )


class PostgresInbox:
    """Keeps places in the schema of the subscriber's context."""

    can_forget = False

    @contextmanager
    def open(self, publisher: str, subscriber: str, partition: int) -> Iterator[PostgresPlace]:
        alias = subscriber.partition(":")[0]
        key: list[Any] = [publisher, subscriber, partition]
        with transaction.atomic(using=alias), prepared_cursor(alias) as cursor:
            find = (
                "select position, digest, parked from messaging_inbox "
                "where publisher = %s and subscriber = %s and partition = %s for update"
            )
            cursor.execute(find, key)
            row = cursor.fetchone()
            if row is None:
                cursor.execute(
                    "insert into messaging_inbox (publisher, subscriber, partition, position, digest, parked) "
                    "values (%s, %s, %s, 0, %s, 0) on conflict do nothing",
                    [*key, NO_DIGEST],
                )
                cursor.execute(find, key)
                row = cursor.fetchone()
            yield PostgresPlace(alias, key, row)


_postgres = PostgresInbox()
_others: dict[str, Inbox] = {}


def use_inbox(subscriber: str, inbox: Inbox) -> None:
    """Let a subscriber keep its position in its own store; call it where its handlers are declared."""
    _others[subscriber] = inbox


def forgetful() -> list[str]:
    """Return the subscribers of this process whose places may be lost."""
    return [subscriber for subscriber, inbox in _others.items() if inbox.can_forget]


def inbox_of(subscriber: str) -> Inbox:
    return _others.get(subscriber, _postgres)
