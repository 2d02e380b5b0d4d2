"""Twelve ways to break the backbone or a shop on it, each injected into a run that is clean without it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from typing import Any, NamedTuple

import msgspec
from django.db import transaction

from contexts.messaging import delivery, keys, log, reading, sequencer, transport, work
from contexts.messaging.delivery import _Group
from contexts.messaging.events import decode
from contexts.messaging.inbox import inbox_of
from contexts.messaging.page import Acknowledgement, Page, WireEvent, extend_digest, open_page, seal_acknowledgement
from contexts.messaging.simulation.backend import ModelConnection
from contexts.messaging.simulation.cluster import Session
from contexts.messaging.simulation.run import Run
from contexts.messaging.simulation.shop import change, rows
from contexts.messaging.simulation.statements import Result, means
from contexts.messaging.simulation.statements.logged import give_positions
from contexts.messaging.transport import Message


class Mutant(NamedTuple):
    """A bug, the promise that it breaks, and words of what the checker says about it."""

    name: str
    promise: str
    says: str
    inject: Callable[[Run], Any]


@contextmanager
def instead(*changes: tuple[Any, str, Any]) -> Iterator[None]:
    """Put something else in the place of attributes or items for a while."""
    with ExitStack() as stack:
        for owner, name, value in changes:
            if isinstance(owner, dict):
                stack.callback(owner.__setitem__, name, owner[name])
                owner[name] = value
            else:
                stack.callback(setattr, owner, name, getattr(owner, name))
                setattr(owner, name, value)
        yield


def no_outbox_row(run: Run) -> Any:
    """The change commits, but nobody writes its event."""
    return instead((log, "append", lambda context, entries: None))


def publish_before_commit(run: Run) -> Any:
    """The event is written over a connection of its own, and stays when the change is rolled back."""

    def beside(context: str) -> Any:
        return ModelConnection(run.cluster, context).cursor()

    return instead((log, "prepared_cursor", beside))


def acknowledge_before_commit(run: Run) -> Any:
    """The worker says that it is done before it is."""

    def run_deliver(context: str, text: str, signature: str) -> None:
        page = open_page(text, signature)
        with inbox_of(page.subscriber).open(page.publisher, page.subscriber, page.partition) as place:
            ahead, digest = page.after > place.position, extend_digest(place.digest, page.events)
        early = Acknowledgement(
            publisher=page.publisher, subscriber=page.subscriber, partition=page.partition, position=page.upto,
            digest=digest,
        )  # fmt: skip
        if not ahead:
            transport.current().send(
                Message("messaging.acknowledge", page.publisher, (page.publisher, *seal_acknowledgement(early)))
            )
        delivery.receive(page)

    return instead((work.TASKS, "messaging.deliver", run_deliver))


def position_without_effects(run: Run) -> Any:
    """The position moves in one transaction, the effects follow in another."""

    def apply(page: Page, *, one_by_one: bool, pipeline: bool = False) -> Acknowledgement:
        with inbox_of(page.subscriber).open(page.publisher, page.subscriber, page.partition) as place:
            if page.after > place.position or page.upto <= place.position:
                return delivery._answer(page, place, missing=page.after > place.position)
            fresh = [event for event in page.events if event.position > place.position]
            place.move(page.upto, extend_digest(place.digest, fresh))
            answer = delivery._answer(page, place)
        with transaction.atomic(using=page.context):
            delivery.run(page.subscriber, fresh)
        return answer

    return instead((delivery, "_apply", apply))


BY_IDENTITY, BY_TRANSACTION = "mutant: id > last", "mutant: (xid, id) > last and xid < xmin"


@means(BY_IDENTITY)
def _by_identity(session: Session, parameters: Sequence[Any]) -> Result:
    (state,) = session.select("messaging_sequencer")
    last = max((row["event"] for row in session.select("messaging_position")), default=0)
    fresh = session.select("messaging_event", lambda row: row["id"] > last)
    return give_positions(session, state, sorted(fresh, key=lambda row: row["id"]))


@means(BY_TRANSACTION)
def _by_transaction(session: Session, parameters: Sequence[Any]) -> Result:
    (state,) = session.select("messaging_sequencer")
    done = {row["event"] for row in session.select("messaging_position")}
    events = session.select("messaging_event")
    last = max(((row["tx"], row["id"]) for row in events if row["id"] in done), default=(0, 0))
    xmin = min(session.cluster.running, default=session.cluster.next_xid)
    fresh = [row for row in events if (row["tx"], row["id"]) > last and row["tx"] < xmin]
    return give_positions(session, state, sorted(fresh, key=lambda row: (row["tx"], row["id"])))


def id_after_last_reader(run: Run) -> Any:
    """What has a greater identity than the last one read: slow transactions are skipped."""
    return instead((sequencer, "SEQUENCE", BY_IDENTITY))


def xid_ordered_reader(run: Run) -> Any:
    """What transactions have ended, in the order of their ids: an early id overtakes within a subject."""
    return instead((sequencer, "SEQUENCE", BY_TRANSACTION))


def no_duplicate_check(run: Run) -> Any:
    """A page that comes again is applied again."""

    def apply(page: Page, *, one_by_one: bool, pipeline: bool = False) -> Acknowledgement:
        with inbox_of(page.subscriber).open(page.publisher, page.subscriber, page.partition) as place:
            if page.after > place.position:
                return delivery._answer(page, place, missing=True)
            if one_by_one:
                delivery._run_one_by_one(page, page.events, keys.KeyRing(page.context, page.publisher), set())
            else:
                delivery.run(page.subscriber, page.events)
            place.move(page.upto, extend_digest(place.digest, page.events))
            return delivery._answer(page, place)

    return instead((delivery, "_apply", apply))


def swallowed_exception(run: Run) -> Any:
    """Whatever a handler raises is caught, and the next event is looked at."""
    call = delivery._call

    def swallow(handler: Any, events: Any) -> None:
        try:
            call(handler, events)
        except delivery.TRANSIENT:
            raise
        except Exception:
            pass

    return instead((delivery, "_call", swallow))


def truncated_payload(run: Run) -> Any:
    """Long texts are cut on their way."""
    wire = reading.wire

    def cut(context: str, row: Any) -> WireEvent:
        event = wire(context, row)
        data = msgspec.json.decode(bytes(event.data))
        data["note"] = data["note"][:8]
        return msgspec.structs.replace(event, data=msgspec.Raw(msgspec.json.encode(data)))

    return instead((reading, "wire", cut))


def non_atomic_stock_check(run: Run) -> Any:
    """Read what is there, decide, write what is left: two at a time sell the same piece."""

    def take(sku: str, quantity: int) -> bool:
        ((on_hand,),) = rows("inventory", "select on_hand from sim_stock where sku = %s", sku)
        if on_hand < quantity:
            return False
        change("inventory", "update sim_stock set on_hand = %s where sku = %s", on_hand - quantity, sku)
        return True

    return instead((run.shop, "take_stock", take))


def new_key_for_each_try(run: Run) -> Any:
    """The bank cannot tell a second try from a second order."""
    return instead((run.shop, "key", lambda order_id, tries: f"charge:{order_id}:{tries}"))


def reordered_within_subject(run: Run) -> Any:
    """Events are grouped by type for batches, wherever that overtakes an earlier one of the same subject."""

    def groups(events: list[WireEvent], ring: object) -> list[_Group]:
        by_type: dict[str, _Group] = {}
        for wire in events:
            group = by_type.setdefault(wire.type, _Group(wire.type, []))
            group.events.append((decode(wire.type, wire.dataversion, bytes(wire.data)), wire.envelope()))
        return [by_type[name] for name in sorted(by_type)]

    return instead((delivery, "_groups", groups))


MUTANTS = (
    Mutant("no outbox row", "durable", "not in the log", no_outbox_row),
    Mutant("publish before commit", "phantom", "rolled back", publish_before_commit),
    Mutant("acknowledge before commit", "delivered", "is acknowledged, but", acknowledge_before_commit),
    Mutant("position moved without effects", "delivered", "had no effect", position_without_effects),
    Mutant("id > last reader", "delivered", "never got a position", id_after_last_reader),
    Mutant("xid-ordered reader", "ordered", "behind a later event", xid_ordered_reader),
    Mutant("dropped duplicate check", "once", "took effect 2 times", no_duplicate_check),
    Mutant("swallowed exception", "delivered", "had no effect", swallowed_exception),
    Mutant("truncated payload", "delivered", "arrived as", truncated_payload),
    Mutant("non-atomic stock check", "conserved", "are reserved and", non_atomic_stock_check),
    Mutant("gateway retried with a new key", "conserved", "the bank took", new_key_for_each_try),
    Mutant("events reordered within a subject", "ordered", "took effect after a later event", reordered_within_subject),
)
