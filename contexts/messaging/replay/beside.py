"""The port `Beside` for read models in PostgreSQL: copies of their tables, and how far those are, in one transaction."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.db import connections, transaction

from contexts.messaging.inbox import Place
from contexts.messaging.page import NO_DIGEST
from contexts.messaging.readmodels import Beside, Comparison, ReadModel
from contexts.messaging.replay.tables import Copies


class _Undo(Exception):
    """Ends a rehearsal of the swap."""


class CopyPlace:
    """A locked row of `messaging_replay`."""

    parked = 0

    def __init__(self, alias: str, key: list[Any], position: int, digest: str) -> None:
        self._alias, self._key = alias, key
        self.position, self.digest = position, digest

    def move(self, position: int, digest: str, *, parked: int = 0) -> None:
        self.position, self.digest = position, digest
        with connections[self._alias].cursor() as cursor:
            cursor.execute(
                "update messaging_replay set position = %s, digest = %s "
                "where read_model = %s and publisher = %s and partition = %s",
                [position, digest, *self._key],
            )


class TablesBeside:
    """Keeps the copy in tables of the subscriber's schema."""

    def __init__(self, model: ReadModel) -> None:
        self._model, self._alias = model, model.context
        self._copies = Copies(model.context, model.tables)

    def begin(self) -> bool:
        with transaction.atomic(using=self._alias):
            if self._copies.begin():
                return True
            self._forget()
            return False

    @contextmanager
    def step(self) -> Iterator[None]:
        with transaction.atomic(using=self._alias), self._copies.redirected():
            yield

    @contextmanager
    def open(self, publisher: str, subscriber: str, partition: int) -> Iterator[Place]:
        key: list[Any] = [self._model.name, publisher, partition]
        with transaction.atomic(using=self._alias), connections[self._alias].cursor() as cursor:
            cursor.execute(
                """
                insert into messaging_replay (read_model, publisher, partition, position, digest)
                values (%s, %s, %s, 0, %s)
                on conflict (read_model, publisher, partition) do update set position = messaging_replay.position
                returning position, digest
                """,
                [*key, NO_DIGEST],
            )
            yield CopyPlace(self._alias, key, *cursor.fetchone())

    def compare(self) -> list[Comparison]:
        if self._model.then is None:
            return self._copies.compare()
        found: list[Comparison] = []
        try:
            with transaction.atomic(using=self._alias):
                found = self.swap()
                raise _Undo
        except _Undo:
            return found

    def swap(self) -> list[Comparison]:
        with transaction.atomic(using=self._alias):
            found = self._copies.put_right()
            if self._model.then is not None:
                changed = self._model.then()
                where = f"what {self._model.context} derives from it"
                found.append(Comparison(where=where, rows=changed, added=0, changed=changed, removed=0))
            return found

    def drop(self) -> None:
        with transaction.atomic(using=self._alias):
            self._copies.drop()
            self._forget()

    def _forget(self) -> None:
        with connections[self._alias].cursor() as cursor:
            cursor.execute("delete from messaging_replay where read_model = %s", [self._model.name])


def beside_of(model: ReadModel) -> Beside:
    """Return where a read model is made anew."""
    return model.beside() if model.beside is not None else TablesBeside(model)
