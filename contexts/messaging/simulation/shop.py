"""The shop of the simulation: ordering sells, inventory keeps stock, payments charges at a bank that may not answer.

Small, but with everything a promise can be broken with: stock that two partitions contend for, several events of one
subject, money outside the database, timers, handlers that publish and handlers that fail.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any, Protocol

from django.db import OperationalError, connections, transaction

from contexts.messaging import chores, events, publishing, subscriptions, sweeping
from contexts.messaging.chores import Chore
from contexts.messaging.envelope import Envelope
from contexts.messaging.events import Event
from contexts.messaging.subscriptions import Handler

CONTEXTS = ["inventory", "ordering", "payments"]
SKUS = ("CUP", "POT")
STOCK = {"CUP": 12, "POT": 5}

#: A parked payment of the simulation is given back to another worker after this long.
LEASE_S = 20

TABLES = {
    "ordering": (
        "create table sim_order (id text primary key, sku text, quantity int, cents bigint, step int, state text)",
        "create table sim_visit (client text, nr int)",
    ),
    "inventory": (
        "create table sim_stock (sku text primary key, on_hand int)",
        "create table sim_reservation (order_id text primary key, sku text, quantity int, accepted boolean)",
    ),
    "payments": (
        "create table sim_payment (order_id text primary key, cents bigint, state text, leased_until timestamptz, "
        "tries int)",
    ),
}
EFFECT_TABLE = (
    "create table sim_effect (nr bigserial primary key, publisher text, subscriber text, event_id uuid, type text, "
    "subject text, position bigint, body text)"
)


#: How many of the clients' transactions stay open for a while after they have written.
SLOW = 0.3


class Abandoned(Exception):
    """A client thought better of it: the transaction is rolled back."""


class Flaky(Exception):
    """A handler failed for reasons of its own."""


class World(Protocol):
    """What the shop needs to know of the world around it."""

    def chance(self) -> float: ...

    def now(self) -> Any: ...

    def record(self, kind: str, **facts: Any) -> None: ...

    def pause(self) -> None: ...

    def linger(self) -> None: ...

    @property
    def handler_fails(self) -> float: ...

    @property
    def bank_fails(self) -> float: ...


def _event(name: str, **fields: type) -> Any:
    """Define an event about an order with a `note`; in no module, because it belongs to contexts that are not ours."""
    namespace = {"__module__": "simulation", "__annotations__": {"order_id": str, **fields, "note": str}}
    make: Any = type(Event)  # called as `class ...` calls it
    return make(name, (Event,), namespace, name=name, subject="order/{order_id}")


def rows(alias: str, query: str, *parameters: Any) -> list[tuple[Any, ...]]:
    with connections[alias].cursor() as cursor:
        cursor.execute(query, list(parameters))
        return list(cursor.fetchall())


def change(alias: str, query: str, *parameters: Any) -> int:
    with connections[alias].cursor() as cursor:
        cursor.execute(query, list(parameters))
        return int(cursor.rowcount)


class Shop:
    """The events, handlers and services; one for each run, because handlers know their world."""

    def __init__(self, world: World) -> None:
        self._world = world
        self.bank: dict[str, int] = {}
        self.charging = self.charge  # one object, by which the chore is known
        before = set(events.all_events())

        self.placed = _event("ordering.sim_order_placed", sku=str, quantity=int, cents=int)
        self.noted = _event("ordering.sim_order_noted", step=int)
        self.reminded = _event("ordering.sim_order_reminded")
        self.reserved = _event("inventory.sim_stock_reserved", cents=int)
        self.rejected = _event("inventory.sim_stock_rejected")
        self.captured = _event("payments.sim_payment_captured", cents=int)
        self.events = {name: kind for name, kind in events.all_events().items() if name not in before}
        for name in self.events:
            del events._events[name]

    @contextmanager
    def open(self) -> Iterator[None]:
        """Make the shop's events, handlers and chores the only ones in this process."""
        kept = [dict(registry) for registry in self._registries()]
        try:
            for registry in self._registries():
                registry.clear()
            events._events.update(self.events)
            for subscriber, kind, function in self.subscriptions():
                subscriptions._handlers[subscriber][kind.event_name].append(Handler(kind, function, False, subscriber))
            chores._chores["payments.charge"] = Chore("payments.charge", "payments", self.charging, 5, "payments")
            yield
        finally:
            for registry, before in zip(self._registries(), kept, strict=True):
                registry.clear()
                registry.update(before)

    def _registries(self) -> list[dict[str, Any]]:
        return [events._events, subscriptions._handlers, chores._chores, chores._last_hint, sweeping._relayed_at]

    def subscriptions(self) -> list[tuple[str, type[Event], Callable[..., None]]]:
        return [
            ("inventory", self.placed, self.reserve),
            ("inventory", self.noted, self.hear),
            ("inventory", self.reminded, self.hear),
            ("ordering", self.reserved, self.hear),
            ("ordering", self.rejected, self.hear),
            ("ordering", self.captured, self.finish),
            ("payments", self.reserved, self.owe),
        ]

    def create_tables(self) -> None:
        for context, statements in TABLES.items():
            for statement in (*statements, EFFECT_TABLE):
                change(context, statement)

    def fill(self) -> None:
        for sku in SKUS:
            change("inventory", "insert into sim_stock (sku, on_hand) values (%s, %s)", sku, STOCK[sku])
            self._world.record("given", sku=sku, on_hand=STOCK[sku])

    # --- clients

    def place(self, *, client: str, nr: int) -> None:
        """Order something; the history says what the client knows about it."""
        world = self._world
        order_id = f"{client}.{nr}"
        sku, quantity = SKUS[int(world.chance() * len(SKUS))], 1 + int(world.chance() * 3)
        early, give_up, remind = world.chance() < 0.4, world.chance() < 0.15, world.chance() < 0.3
        cents = quantity * (450 if sku == "CUP" else 1995)
        event = self.placed(order_id=order_id, sku=sku, quantity=quantity, cents=cents, note=f"{order_id} wants {sku}")
        said = {"type": event.event_name, "subject": event.subject}

        def decide() -> dict[str, Any]:
            if early:
                self._visit(client, nr)
            self.write_order(order_id, sku, quantity, cents)
            publishing.publish(event)
            if remind:
                due = world.now() + timedelta(seconds=1 + world.chance() * 3)
                publishing.publish(self.reminded(order_id=order_id, note=f"{order_id} is waiting"), at=due)
            if give_up:
                raise Abandoned
            return said

        self._attempt(
            f"place {order_id}", decide, change="place", order=order_id, sku=sku, quantity=quantity, cents=cents
        )

    def write_order(self, order_id: str, sku: str, quantity: int, cents: int) -> None:
        change(
            "ordering",
            "insert into sim_order (id, sku, quantity, cents, step, state) values (%s, %s, %s, %s, 0, 'placed')",
            order_id, sku, quantity, cents,
        )  # fmt: skip

    def note(self, order_id: str, *, client: str, nr: int) -> None:
        """Add a note to an order: the row's lock decides which note is which step."""
        world = self._world
        early, give_up = world.chance() < 0.4, world.chance() < 0.15

        def decide() -> dict[str, Any] | None:
            if early:
                self._visit(client, nr)
            found = rows("ordering", "select step from sim_order where id = %s for update", order_id)
            if not found:
                return None
            step = found[0][0] + 1
            change("ordering", "update sim_order set step = %s where id = %s", step, order_id)
            event = self.noted(order_id=order_id, step=step, note=f"note {step} on {order_id} by {client}.{nr}")
            publishing.publish(event)
            if give_up:
                raise Abandoned
            return {"type": event.event_name, "subject": event.subject, "step": step}

        self._attempt(f"note {client}.{nr}", decide, change="note", order=order_id)

    def _attempt(self, op: str, decide: Callable[[], dict[str, Any] | None], **intent: Any) -> None:
        self._world.record("intend", op=op, **intent)
        try:
            with transaction.atomic(using="ordering"):
                said = decide()
                if self._world.chance() < SLOW:
                    self._world.linger()
        except Abandoned:
            self._world.record("aborted", op=op)
        except OperationalError:
            self._world.record("unknown", op=op)
        else:
            self._world.record("committed", op=op, events=[said] if said else [])

    def _visit(self, client: str, nr: int) -> None:
        """Write something unimportant first, so that the transaction's id is old when its event is written."""
        change("ordering", "insert into sim_visit (client, nr) values (%s, %s)", client, nr)
        self._world.linger()

    # --- handlers

    def hear(self, event: Any, envelope: Envelope) -> None:
        self.take_note(event, envelope, self._alias_of(envelope))

    def reserve(self, event: Any, envelope: Envelope) -> None:
        self.take_note(event, envelope, "inventory")
        accepted = self.take_stock(event.sku, event.quantity)
        change(
            "inventory",
            "insert into sim_reservation (order_id, sku, quantity, accepted) values (%s, %s, %s, %s)",
            event.order_id, event.sku, event.quantity, accepted,
        )  # fmt: skip
        if accepted:
            answer: Event = self.reserved(order_id=event.order_id, cents=event.cents, note=f"{event.sku} put aside")
        else:
            answer = self.rejected(order_id=event.order_id, note=f"no {event.sku} left")
        publishing.publish(answer)

    def take_stock(self, sku: str, quantity: int) -> bool:
        """Take pieces if there are enough: one conditional update, so that two partitions cannot take the same."""
        taken = change(
            "inventory",
            "update sim_stock set on_hand = on_hand - %s where sku = %s and on_hand >= %s",
            quantity, sku, quantity,
        )  # fmt: skip
        return taken == 1

    def owe(self, event: Any, envelope: Envelope) -> None:
        self.take_note(event, envelope, "payments")
        change(
            "payments",
            "insert into sim_payment (order_id, cents, state, leased_until, tries) values (%s, %s, 'due', %s, 0)",
            event.order_id, event.cents, self._world.now(),
        )  # fmt: skip
        chores.wake(self.charging)

    def finish(self, event: Any, envelope: Envelope) -> None:
        self.take_note(event, envelope, "ordering")
        change("ordering", "update sim_order set state = 'paid' where id = %s", event.order_id)

    def take_note(self, event: Any, envelope: Envelope, alias: str) -> None:
        """The effect of every event: a row, once, in order."""
        if self._world.chance() < self._world.handler_fails:
            raise Flaky("the handler does not feel like it")
        change(
            alias,
            "insert into sim_effect (publisher, subscriber, event_id, type, subject, position, body) "
            "values (%s, %s, %s, %s, %s, %s, %s)",
            envelope.source, alias, envelope.id, envelope.type, envelope.subject, envelope.position, event.note,
        )  # fmt: skip

    @staticmethod
    def _alias_of(envelope: Envelope) -> str:
        return "inventory" if envelope.source == "ordering" else "ordering"

    # --- the bank

    def charge(self) -> int:
        """Charge one order at the bank; the key says which, so that asking twice takes the money once."""
        world = self._world
        with transaction.atomic(using="payments"):
            due = rows(
                "payments",
                "select order_id, cents, tries from sim_payment where state = 'due' and leased_until <= %s "
                "order by order_id limit 1 for update skip locked",
                world.now(),
            )
            if not due:
                return 0
            order_id, cents, tries = due[0]
            change(
                "payments",
                "update sim_payment set leased_until = %s, tries = tries + 1 where order_id = %s",
                world.now() + timedelta(seconds=LEASE_S), order_id,
            )  # fmt: skip
        try:
            self.ask_bank(self.key(order_id, tries), order_id, cents)
        except ConnectionError:
            return 0
        with transaction.atomic(using="payments"):
            query = "update sim_payment set state = 'charged' where order_id = %s and state = 'due'"
            if change("payments", query, order_id):
                publishing.publish(self.captured(order_id=order_id, cents=cents, note=f"{cents} taken"))
        return 1

    def key(self, order_id: str, tries: int) -> str:
        return f"charge:{order_id}"

    def ask_bank(self, key: str, order_id: str, cents: int) -> None:
        """Ask for the money; the answer may be lost before or after the bank took it."""
        world = self._world
        world.pause()
        if world.chance() < world.bank_fails:
            raise ConnectionError("the bank is not there")
        if key not in self.bank:
            self.bank[key] = cents
            world.record("bank", key=key, order=order_id, cents=cents)
        world.pause()
        if world.chance() < world.bank_fails:
            raise ConnectionError("the bank's answer was lost")
