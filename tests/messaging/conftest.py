"""What the backbone's own tests need: a shop of two contexts, catalog that publishes and inventory that listens."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from typing import Any
from uuid import UUID

import pytest
from django.db import connections, transaction
from uuid_utils.compat import uuid7

from contexts.catalog.events import PriceChanged
from contexts.kernel.money import eur
from contexts.messaging import log, partitions, publish, subscriptions
from contexts.messaging.subscriptions import Handler


def price_changed(sku: str = "RED-MUG", cents: int = 100, product_id: UUID | None = None) -> PriceChanged:
    """An event whose subject is its product: a random one unless given."""
    return PriceChanged(product_id=product_id or uuid7(), sku=sku, price=eur(cents), previous=eur(1))


def cut(context: str, bounds: list[tuple[int, int]]) -> None:
    """Cut a context's log, which must be empty, into partitions of these identities."""
    with connections[context].cursor() as cursor:
        for table, _, _ in partitions.bounds(context):
            cursor.execute(f"drop table {table}")
        for first, end in bounds:
            low = first or "minvalue"
            cursor.execute(
                f"create table messaging_event_{first} partition of messaging_event for values from ({low}) to ({end})"
            )
        cursor.execute("alter sequence messaging_event_id restart")


@pytest.fixture
def listen(monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[..., None]]:
    """Return `listen(event, function, to="inventory:probe", batch=False)`; only these handlers exist during the test."""
    kept = {name: dict(events) for name, events in subscriptions._handlers.items()}
    subscriptions._handlers.clear()

    def declare(event: Any, function: Any, *, to: str = "inventory:probe", batch: bool = False, **options: Any) -> None:
        subscriptions._handlers[to][event.event_name].append(Handler(event, function, batch, to, **options))

    yield declare
    subscriptions._handlers.clear()
    for name, events in kept.items():
        subscriptions._handlers[name].update(events)


@pytest.fixture
def ledger() -> Iterator[Ledger]:
    """A table in inventory's schema that handlers write effects to."""
    with connections["inventory"].cursor() as cursor:
        cursor.execute("create table if not exists probe_effect (nr bigserial primary key, subject text, value bigint)")
        cursor.execute("truncate probe_effect")
    yield Ledger()
    with connections["inventory"].cursor() as cursor:
        cursor.execute("drop table probe_effect")


class Ledger:
    """Effects in the subscriber's database, in the order of their commits."""

    def add(self, subject: str, value: int) -> None:
        with connections["inventory"].cursor() as cursor:
            cursor.execute("insert into probe_effect (subject, value) values (%s, %s)", [subject, value])

    @property
    def rows(self) -> list[tuple[str, int]]:
        with connections["inventory"].cursor() as cursor:
            cursor.execute("select subject, value from probe_effect order by nr")
            return cursor.fetchall()

    def by_subject(self) -> dict[str, list[int]]:
        found: dict[str, list[int]] = {}
        for subject, value in self.rows:
            found.setdefault(subject, []).append(value)
        return found


def sql(alias: str, query: str, *parameters: object) -> list[tuple[Any, ...]]:
    with connections[alias].cursor() as cursor:
        cursor.execute(query, list(parameters))
        return cursor.fetchall()


def publish_prices(seed: int, *, count: int = 120, products: int = 7) -> dict[str, list[int]]:
    """Publish prices of a few products in small transactions; return the prices by subject in their order."""
    chance, ids = random.Random(seed), [uuid7() for _ in range(products)]
    expected: dict[str, list[int]] = {}
    cents = 0
    while cents < count:
        with transaction.atomic(using="catalog"):
            for _ in range(chance.randint(1, 4)):
                cents += 1
                event = price_changed(cents=cents, product_id=chance.choice(ids))
                publish(event)
                expected.setdefault(event.subject, []).append(cents)
    return expected


@pytest.fixture
def booked(listen, ledger):
    listen(PriceChanged, lambda event, envelope: ledger.add(envelope.subject, event.price.amount))
    return ledger


def do(context: str, statement: str) -> None:
    with connections[context].cursor() as cursor:
        cursor.execute(statement)


def subjects_of_both_partitions() -> tuple[UUID, UUID]:
    """Return products of which two partitions have one each."""
    found: dict[int, UUID] = {}
    while len(found) < 2:
        product_id = uuid7()
        found[log.slot_of(price_changed(product_id=product_id).subject) % 2] = product_id
    return found[0], found[1]
