"""History's inbox: the position moves in the same script as the documents, so a page counts once or not at all.

While a page is delivered, what its handlers want changed is collected; when it ends, one script checks the position,
applies everything and moves the position. Parked events stay in PostgreSQL with the backbone's; they are committed
before the move, so that a crash in between parks them again (which changes nothing) rather than loses them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import datetime, timedelta

from django.db import transaction
from django.utils import timezone

from contexts.history.changes import Change
from contexts.history.store import Move, PlaceTaken, PurchaseStore
from contexts.messaging import Conflict

#: News this old did not just happen: it was kept waiting, or is sent again after Redis was lost.
LATE = timedelta(seconds=60)

_page: ContextVar[RedisPlace | None] = ContextVar("history_page", default=None)


class RedisPlace:
    """A place that was read, and what is to be done when it moves."""

    #: Events leave the parking in PostgreSQL without telling Redis; asking there costs one query per page.
    parked = 1

    def __init__(self, position: int, digest: str) -> None:
        self.position, self.digest = position, digest
        self.moved = False
        self.changes: list[Change] = []
        self.as_of: datetime | None = None

    def move(self, position: int, digest: str, *, parked: int = 0) -> None:
        self.position, self.digest, self.moved = position, digest, True


class RedisInbox:
    """Keeps places in the purchase store. Two deliveries of one page may meet: the second one starts over."""

    #: Redis may be lost while the publisher's books are not.
    can_forget = True

    def __init__(self, store: Callable[[], PurchaseStore]) -> None:
        self._store = store

    @contextmanager
    def open(self, publisher: str, subscriber: str, partition: int) -> Iterator[RedisPlace]:
        store = self._store()
        after, digest = store.place(publisher, subscriber, partition)
        place = RedisPlace(after, digest)
        token = _page.set(place)
        try:
            with transaction.atomic(using="history"):
                yield place
        finally:
            _page.reset(token)
        if not place.moved:
            return
        now = timezone.now()
        move = Move(
            publisher=publisher, subscriber=subscriber, partition=partition, after=after, upto=place.position,
            digest=place.digest, at=now, late=place.as_of is not None and now - place.as_of > LATE,
        )  # fmt: skip
        try:
            store.apply(place.changes, move=move, as_of=place.as_of)
        except PlaceTaken as problem:
            raise Conflict(str(problem)) from problem

    def received_at(self, publisher: str, subscriber: str, partition: int, position: int) -> datetime | None:
        return self._store().moved_past(publisher, subscriber, partition, position)


def record(changes: list[Change], *, at: datetime, store: PurchaseStore) -> None:
    """Have changes applied with the page that is being delivered, or at once where there is none (a parked event)."""
    place = _page.get()
    if place is None:
        store.apply(changes, as_of=at)
        return
    place.changes += changes
    place.as_of = max(at, place.as_of or at)
