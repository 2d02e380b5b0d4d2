#!/usr/bin/env python3
"""Did the shop keep its promises? Reads what clients were told and what the databases hold, and compares.

    python tests/checker/checker.py --history FILE --database URL [--database context=URL ...] [--json]

It imports nothing of the shop, so that a mistake there cannot hide here. What it checks, by name:

    durable     every change that committed has its event, and nothing that was announced is gone
    delivered   every subscriber got every event that it wants, whole, and did with it what it does
    once        nothing happened twice
    ordered     the events of one subject were given their places, and took effect, in the order in which they happened
    conserved   stock and money add up, to the piece and to the cent
    phantom     nothing happened that no event announced, and nothing was announced that did not happen

Exit status: 0 all kept, 1 something was not, 2 nonsense from the user, 3 a database does not answer. The history's format is in
FORMAT.md beside this file. Without a database, `--tables FILE` reads the tables from JSON, as the simulation writes
them.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import sys
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator
from datetime import date, datetime
from decimal import Decimal
from typing import Any, NamedTuple
from uuid import UUID

PROMISES = ("durable", "delivered", "once", "ordered", "conserved", "phantom")

#: Subscribers that keep their position outside of PostgreSQL, unless the history says otherwise.
ELSEWHERE = ("history",)

#: The tables it looks at, in every schema that has a log.
TABLES = (
    "messaging_event", "messaging_position", "messaging_sequencer", "messaging_subscription", "messaging_inbox",
    "messaging_delivery", "messaging_parked", "messaging_timer",
    "sim_order", "sim_stock", "sim_reservation", "sim_payment", "sim_effect",
    "inventory_stockitem", "inventory_stockmove", "inventory_hold", "inventory_holdline", "inventory_reservation",
    "inventory_reservationline",
    "payments_payment", "payments_bankcharge", "payments_bankentry",
    "shipping_parcel", "notifications_email", "ordering_ordersummary",
)  # fmt: skip

Row = dict[str, Any]


class Violation(NamedTuple):
    """One broken promise."""

    promise: str
    what: str


class Unusable(Exception):
    """The history or the tables cannot be read."""


class Facts:
    """The history and the tables of one run."""

    def __init__(self, history: list[Row], tables: dict[str, dict[str, list[Row]]]) -> None:
        self.history, self.tables = history, tables
        self.run = next((line for line in history if line.get("kind") == "run"), {})
        end = next((line for line in history if line.get("kind") == "end"), None)
        #: Whether everything had the time to finish. While it had not, what is late is no violation.
        self.quiet = bool(end and end.get("quiet", True)) if end else bool(self.run.get("quiet", True))
        self.gave_up = end is not None and not end.get("quiet", True)
        self.elsewhere = set(self.run.get("elsewhere", ELSEWHERE))
        self.partitions = int(self.run.get("partitions", 4))
        self.logs = {schema: Log(schema, rows) for schema, rows in tables.items() if "messaging_event" in rows}

    def rows(self, schema: str, table: str) -> list[Row]:
        return self.tables.get(schema, {}).get(table, [])

    def has(self, schema: str, table: str) -> bool:
        return table in self.tables.get(schema, {})

    def lines(self, kind: str) -> list[Row]:
        return [line for line in self.history if line.get("kind") == kind]

    def events(self, kind: str) -> list[Row]:
        """Return the events of one type, in the order of their identities."""
        log = self.logs.get(kind.partition(".")[0])
        return log.by_type.get(kind, []) if log else []


class Log:
    """A publisher's log with its positions."""

    def __init__(self, schema: str, rows: dict[str, list[Row]]) -> None:
        self.schema = schema
        self.events = sorted(rows["messaging_event"], key=lambda row: row["id"])
        self.positions = sorted(rows.get("messaging_position", []), key=lambda row: row["position"])
        self.by_id = {row["id"]: row for row in self.events}
        self.position_of = {row["event"]: row["position"] for row in self.positions}
        self.by_type: dict[str, list[Row]] = defaultdict(list)
        for row in self.events:
            self.by_type[row["type"]].append(row)
        self.by_event_id = {str(row["event_id"]): row for row in self.events}

    def wanted(self, subscription: Row, partitions: int) -> list[tuple[int, Row]]:
        """Return the (position, event) pairs that a subscription wants, in order."""
        since = dict(zip(subscription["types"], subscription.get("since") or [0] * 999, strict=False))
        return [
            (place["position"], self.by_id[place["event"]])
            for place in self.positions
            if place["event"] in self.by_id
            and place["slot"] % partitions == subscription["partition"]
            and self.by_id[place["event"]]["type"] in since
            and place["position"] > since[self.by_id[place["event"]]["type"]]
        ]


def data_of(event: Row) -> Row:
    data = event["data"]
    return json.loads(data) if isinstance(data, str) else data


Check = Callable[[Facts], Iterator[Violation]]
CHECKS: list[Check] = []


def check(function: Check) -> Check:
    CHECKS.append(function)
    return function


# --- the backbone's own books


@check
def logs_are_whole(facts: Facts) -> Iterator[Violation]:
    """Positions are 1..n, each for one event that is there; every event has one."""
    for log in facts.logs.values():
        places = [row["position"] for row in log.positions]
        gaps = sorted(set(range(1, len(places) + 1)) - set(places))
        if gaps:
            yield Violation("durable", f"{log.schema}: position {gaps[0]} is missing from the log's order")
        for event, count in Counter(row["event"] for row in log.positions).items():
            if count > 1:
                yield Violation("once", f"{log.schema}: event {event} has {count} positions")
        for row in log.positions:
            if row["event"] not in log.by_id:
                yield Violation("durable", f"{log.schema}: position {row['position']} has no event any more")
        if not facts.quiet and not facts.gave_up:
            continue
        for event in log.events:
            if event["id"] not in log.position_of:
                yield Violation(
                    "delivered",
                    f"{log.schema}: {event['type']} of {event['subject']} (id {event['id']}) never got a position, so "
                    "no subscriber will ever see it",
                )
        for event_id, count in Counter(str(row["event_id"]) for row in log.events).items():
            if count > 1:
                yield Violation("once", f"{log.schema}: event {event_id} is in the log {count} times")


@check
def subjects_are_in_order(facts: Facts) -> Iterator[Violation]:
    """Within a subject, identities (drawn under its lock) and positions rise together; streams have no gap."""
    for log in facts.logs.values():
        last: dict[str, int] = {}
        versions: dict[str, int] = {}
        for place in log.positions:
            event = log.by_id.get(place["event"])
            if event is None:
                continue
            subject = event["subject"]
            if event["id"] < last.get(subject, 0):
                yield Violation(
                    "ordered",
                    f"{log.schema}: position {place['position']} gives {event['type']} of {subject} a place behind a "
                    "later event of the same subject",
                )
            last[subject] = max(event["id"], last.get(subject, 0))
            version = event.get("stream_version")
            if version is not None:
                if version != versions.get(subject, 0) + 1:
                    yield Violation(
                        "ordered", f"{log.schema}: {subject} goes from version {versions.get(subject, 0)} to {version}"
                    )
                versions[subject] = version


def extended(digest: str, position: int, event: Row) -> str:
    """Return the running digest after one more event; the recipe is the backbone's published one, written anew."""
    step = hashlib.blake2b(bytes.fromhex(digest), digest_size=16)
    step.update(f"{position} {event['event_id']} {event['type']} {event['version']} {event['subject']} ".encode())
    step.update(event["data"].encode())
    return step.hexdigest()


@check
def subscribers_got_everything(facts: Facts) -> Iterator[Violation]:
    """Both sides stand where the log says, and the digest of what was wanted is that of what was received."""
    for log in facts.logs.values():
        for subscription in facts.rows(log.schema, "messaging_subscription"):
            subscriber, partition = subscription["subscriber"], subscription["partition"]
            context = subscriber.partition(":")[0]
            if context in facts.elsewhere or context not in facts.tables:
                continue
            yield from _subscription(facts, log, subscription, f"{log.schema} -> {subscriber}/{partition}")


def _subscription(facts: Facts, log: Log, subscription: Row, route: str) -> Iterator[Violation]:
    key = (log.schema, subscription["subscriber"], subscription["partition"])
    context = subscription["subscriber"].partition(":")[0]

    def of_route(table: str) -> list[Row]:
        return [
            row for row in facts.rows(context, table)
            if (row["publisher"], row["subscriber"], row["partition"]) == key
        ]  # fmt: skip

    inbox = next(iter(of_route("messaging_inbox")), {"position": 0, "digest": ""})
    wanted = log.wanted(subscription, facts.partitions)
    missing = [place for place, _ in wanted if place > inbox["position"]]
    if subscription["acknowledged"] > inbox["position"]:
        yield Violation(
            "delivered",
            f"{route}: position {subscription['acknowledged']} is acknowledged, but the subscriber stands at "
            f"{inbox['position']}",
        )
    if missing and (facts.quiet or facts.gave_up):
        yield Violation(
            "delivered", f"{route}: {len(missing)} events never arrived, the first at position {missing[0]}"
        )
    digests, digest = {0: ""}, ""
    for place, event in wanted:
        digest = digests[place] = extended(digest, place, event)
    received = max((place for place in digests if place <= inbox["position"]), default=0)
    if inbox["digest"] != digests[received]:
        yield Violation(
            "delivered",
            f"{route}: what arrived up to position {inbox['position']} is not what was published"
            f"{_first_difference(of_route('messaging_delivery'), digests)}",
        )
    after = 0
    for page in sorted(of_route("messaging_delivery"), key=lambda row: row["id"]):
        if page["after"] != after:
            yield Violation(
                "once", f"{route}: a page from {page['after']} to {page['upto']} was applied at position {after}"
            )
            break
        after = page["upto"]


def _first_difference(pages: list[Row], digests: dict[int, str]) -> str:
    for page in sorted(pages, key=lambda row: row["id"]):
        place = max(place for place in digests if place <= page["upto"])
        if page["digest"] != digests[place]:
            return f"; the page from {page['after']} to {page['upto']} is the first that differs"
    return ""


@check
def nothing_is_left_in_the_parking(facts: Facts) -> Iterator[Violation]:
    poison = {line["subject"] for line in facts.lines("poison")}
    if not facts.quiet and not facts.gave_up:
        return
    for schema in facts.tables:
        for row in facts.rows(schema, "messaging_parked"):
            if row["state"] != "discarded" and row["subject"] not in poison:
                yield Violation(
                    "delivered",
                    f"{row['publisher']} -> {row['subscriber']}: {row['type']} of {row['subject']} is parked "
                    f"({row['state']}: {row['problem'] or 'behind an earlier one'})",
                )
        for row in facts.rows(schema, "messaging_timer"):
            if facts.run.get("workload") == "simulation":
                yield Violation("delivered", f"{schema}: the timer {row['type']} of {row['subject']} never fired")


@check
def clients_were_told_the_truth(facts: Facts) -> Iterator[Violation]:
    """What a client was told is committed is in the log; what was given up is not."""
    said: dict[tuple[str, str], list[Row]] = defaultdict(list)
    for log in facts.logs.values():
        for event in log.events:
            said[event["type"], event["subject"]].append(event)
    for line in facts.lines("committed"):
        for event in line.get("events", []):
            found = said[event["type"], event["subject"]]
            if "step" in event:
                found = [one for one in found if data_of(one).get("step") == event["step"]]
            if not found:
                yield Violation("durable", f"{line['op']} committed, but its {event['type']} is not in the log")
    aborted = {line["op"] for line in facts.lines("aborted")}
    for line in facts.lines("intend"):
        if line["op"] in aborted and line.get("change") == "place":
            for kind in ("ordering.sim_order_placed", "ordering.order_placed"):
                if said[kind, f"order/{line['order']}"]:
                    yield Violation("phantom", f"{line['op']} was rolled back, but {kind} is in the log")


# --- the simulated shop


def simulated(function: Check) -> Check:
    def only_there(facts: Facts) -> Iterator[Violation]:
        if facts.has("ordering", "sim_order"):
            yield from function(facts)

    return check(only_there)


@simulated
def sim_effects(facts: Facts) -> Iterator[Violation]:
    """Each event that a subscriber received had its effect there: once, whole, in order."""
    for context in facts.tables:
        effects = sorted(facts.rows(context, "sim_effect"), key=lambda row: row["nr"])
        by_event: dict[tuple[str, str], list[Row]] = defaultdict(list)
        last: dict[tuple[str, str], int] = {}
        for row in effects:
            by_event[row["publisher"], str(row["event_id"])].append(row)
            route = (row["publisher"], row["subject"])
            if row["position"] < last.get(route, 0):
                yield Violation(
                    "ordered",
                    f"{context}: {row['type']} of {row['subject']} took effect after a later event of the subject",
                )
            last[route] = max(row["position"], last.get(route, 0))
        for (publisher, event_id), found in by_event.items():
            if len(found) > 1:
                yield Violation(
                    "once", f"{context}: {found[0]['type']} of {found[0]['subject']} took effect {len(found)} times"
                )
            event = facts.logs[publisher].by_event_id.get(event_id)
            if event is None:
                yield Violation("phantom", f"{context}: an effect of {found[0]['type']} {event_id}, which is in no log")
            elif found[0]["body"] != data_of(event)["note"]:
                yield Violation(
                    "delivered",
                    f"{context}: {event['type']} of {event['subject']} arrived as {found[0]['body']!r}, published was "
                    f"{data_of(event)['note']!r}",
                )
        yield from _without_effect(facts, context, by_event)


def _without_effect(facts: Facts, context: str, by_event: dict[tuple[str, str], list[Row]]) -> Iterator[Violation]:
    places = {
        (row["publisher"], row["partition"]): row["position"]
        for row in facts.rows(context, "messaging_inbox")
        if row["subscriber"] == context
    }
    waiting = {(row["publisher"], row["position"]) for row in facts.rows(context, "messaging_parked")}
    for log in facts.logs.values():
        for subscription in facts.rows(log.schema, "messaging_subscription"):
            if subscription["subscriber"] != context:
                continue
            upto = places.get((log.schema, subscription["partition"]), 0)
            for place, event in log.wanted(subscription, facts.partitions):
                due = place <= upto and (log.schema, place) not in waiting
                if due and (log.schema, str(event["event_id"])) not in by_event:
                    yield Violation(
                        "delivered",
                        f"{context}: stands behind {event['type']} of {event['subject']} (position {place}), "
                        "which had no effect there",
                    )


@simulated
def sim_orders_and_events(facts: Facts) -> Iterator[Violation]:
    """An order's row and its events say the same."""
    placed = Counter(event["subject"] for event in facts.events("ordering.sim_order_placed"))
    steps: dict[str, list[int]] = defaultdict(list)
    for event in facts.events("ordering.sim_order_noted"):
        steps[event["subject"]].append(data_of(event)["step"])
    orders = {f"order/{row['id']}": row for row in facts.rows("ordering", "sim_order")}
    for subject, order in orders.items():
        if not placed[subject]:
            yield Violation("durable", f"{subject} is in the books, but no event says that it was placed")
        lost = sorted(set(range(1, order["step"] + 1)) - set(steps[subject]))
        if lost:
            yield Violation("durable", f"{subject} has {order['step']} notes, but no event for number {lost[0]}")
        if len(steps[subject]) != len(set(steps[subject])):
            yield Violation("once", f"{subject}: a note was published twice: {steps[subject]}")
        if steps[subject] != sorted(steps[subject]):
            yield Violation("ordered", f"{subject}: its notes were written to the log as {steps[subject]}")
        extra = [step for step in steps[subject] if step > order["step"]]
        if extra:
            yield Violation("phantom", f"{subject}: note {extra[0]} was published, but the order has {order['step']}")
    for subject, count in placed.items():
        if subject not in orders:
            yield Violation("phantom", f"{subject} was published as placed, but no such order was ever committed")
        if count > 1:
            yield Violation("once", f"{subject} was published as placed {count} times")


@simulated
def sim_stock(facts: Facts) -> Iterator[Violation]:
    """Pieces: given = left + reserved; every reservation comes from an order and is announced."""
    orders = {event["subject"] for event in facts.events("ordering.sim_order_placed")}
    reserved: Counter[str] = Counter()
    announced = Counter(event["subject"] for event in facts.events("inventory.sim_stock_reserved"))
    rejected = Counter(event["subject"] for event in facts.events("inventory.sim_stock_rejected"))
    for row in facts.rows("inventory", "sim_reservation"):
        subject = f"order/{row['order_id']}"
        if row["accepted"]:
            reserved[row["sku"]] += row["quantity"]
        if subject not in orders:
            yield Violation("phantom", f"inventory: a reservation for {subject}, which nobody placed")
        if not (announced if row["accepted"] else rejected)[subject]:
            yield Violation("durable", f"inventory: {subject} was decided, but no event says so")
    for subject, count in (announced + rejected).items():
        if count > 1:
            yield Violation("once", f"inventory: {subject} was decided {count} times")
    given = {line["sku"]: line["on_hand"] for line in facts.lines("given")}
    for row in facts.rows("inventory", "sim_stock"):
        sku = row["sku"]
        if row["on_hand"] < 0:
            yield Violation("conserved", f"inventory: {sku} stands at {row['on_hand']} pieces")
        if sku in given and row["on_hand"] + reserved[sku] != given[sku]:
            yield Violation(
                "conserved",
                f"inventory: of {given[sku]} {sku}, {reserved[sku]} are reserved and {row['on_hand']} left",
            )


@simulated
def sim_money(facts: Facts) -> Iterator[Violation]:
    """Money: what the bank took for an order is what it costs, once; every charge comes from a reservation."""
    cost = {f"order/{row['id']}": row["cents"] for row in facts.rows("ordering", "sim_order")}
    reserved = {event["subject"] for event in facts.events("inventory.sim_stock_reserved")}
    captured = Counter(event["subject"] for event in facts.events("payments.sim_payment_captured"))
    took: dict[str, list[int]] = defaultdict(list)
    for line in facts.lines("bank"):
        took[f"order/{line['order']}"].append(line["cents"])
    for subject, amounts in took.items():
        if subject not in reserved:
            yield Violation("phantom", f"the bank was asked for {subject}, which has no reservation")
        elif sum(amounts) != cost.get(subject):
            yield Violation(
                "conserved", f"the bank took {amounts} cents for {subject}, which costs {cost.get(subject)}"
            )
    for row in facts.rows("payments", "sim_payment"):
        subject = f"order/{row['order_id']}"
        if row["state"] == "charged" and not took[subject]:
            yield Violation("phantom", f"payments: {subject} counts as charged, but the bank knows nothing of it")
        if row["state"] == "charged" and not captured[subject]:
            yield Violation("durable", f"payments: {subject} was charged, but no event says so")
        if row["state"] == "due" and facts.quiet:
            yield Violation("delivered", f"payments: {subject} was never charged")
    for subject, count in captured.items():
        if count > 1:
            yield Violation("once", f"payments: {subject} was captured {count} times")


# --- the real shop


def real(*tables: tuple[str, str]) -> Callable[[Check], Check]:
    """Declare a check of the real shop, made where those tables are there."""

    def declare(function: Check) -> Check:
        def only_there(facts: Facts) -> Iterator[Violation]:
            if all(facts.has(schema, table) for schema, table in tables):
                yield from function(facts)

        only_there.__name__ = function.__name__
        return check(only_there)

    return declare


def currencies_in(value: Any) -> set[str]:
    """Return the currencies of all amounts within an event's data."""
    if isinstance(value, list):
        return set().union(*map(currencies_in, value))
    if not isinstance(value, dict):
        return set()
    if value.keys() == {"amount", "currency"}:
        return {value["currency"]}
    return set().union(*map(currencies_in, value.values()))


def subject_of(order_id: object) -> str:
    return f"order/{order_id}"


#: What a shopper may have seen on the order page, and the event without which nobody can have seen it.
SEEN = {
    "placed": "ordering.order_placed", "reserved": "ordering.order_reserved",
    "authorised": "ordering.order_authorised", "confirmed": "ordering.order_confirmed",
    "cancelled": "ordering.order_cancelled", "shipped": "ordering.order_shipped",
    "completed": "ordering.order_completed",
}  # fmt: skip


@real(("ordering", "messaging_event"))
def shop_orders(facts: Facts) -> Iterator[Violation]:
    """Each order happened once, adds up, and is what shoppers saw of it."""
    for kind in ("order_placed", "order_confirmed", "order_cancelled", "order_shipped", "order_completed"):
        for subject, count in Counter(event["subject"] for event in facts.events(f"ordering.{kind}")).items():
            if count > 1:
                yield Violation("once", f"{subject}: {kind} is in the log {count} times")
    for event in facts.events("ordering.order_placed"):
        data = data_of(event)
        lines = sum(line["unit_price"]["amount"] * line["quantity"] for line in data["lines"])
        if lines != data["subtotal"]["amount"]:
            yield Violation("conserved", f"{event['subject']}: its lines come to {lines}, its subtotal says otherwise")
        off = (data.get("discount") or {"amount": 0})["amount"]
        tax = data["tax"]["amount"] if data.get("tax_added") else 0
        if data["subtotal"]["amount"] - off + data["shipping"]["amount"] + tax != data["total"]["amount"]:
            yield Violation("conserved", f"{event['subject']}: subtotal less discount and shipping are not its total")
        if len(found := currencies_in(data)) != 1:
            yield Violation("conserved", f"{event['subject']}: its amounts are in {', '.join(sorted(found))}")
    said = {(event["type"], event["subject"]) for log in facts.logs.values() for event in log.events}
    for line in facts.lines("saw"):
        kind = SEEN.get(line.get("status", ""))
        if kind and (kind, subject_of(line["order"])) not in said:
            yield Violation("durable", f"a shopper saw order {line['order']} as {line['status']}; no event says so")
    for line in facts.lines("intend"):
        total = line.get("total_cents")
        for event in facts.events("ordering.order_placed") if total is not None else []:
            if event["subject"] == subject_of(line["order"]) and data_of(event)["total"]["amount"] != total:
                yield Violation("conserved", f"order {line['order']}: the shopper agreed to {total} cents")


@real(("inventory", "inventory_stockitem"))
def shop_stock(facts: Facts) -> Iterator[Violation]:
    """The ledger of moves explains every piece; holds and reservations explain every promise."""
    rows = facts.rows
    held: Counter[str] = Counter()
    live = {row["id"] for row in rows("inventory", "inventory_hold") if row["state"] == "live"}
    for line in rows("inventory", "inventory_holdline"):
        if line["hold_id"] in live:
            held[line["sku"]] += line["quantity"]
    reserved: Counter[str] = Counter()
    state_of = {row["id"]: row["state"] for row in rows("inventory", "inventory_reservation")}
    for line in rows("inventory", "inventory_reservationline"):
        if state_of.get(line["reservation_id"]) == "reserved":
            reserved[line["sku"]] += line["quantity"]
    moves: dict[int, list[Row]] = defaultdict(list)
    for move in sorted(rows("inventory", "inventory_stockmove"), key=lambda row: row["id"]):
        moves[move["item_id"]].append(move)
    for item in rows("inventory", "inventory_stockitem"):
        sku = item["sku"]
        for name in ("on_hand", "held", "reserved"):
            total = sum(move[f"{name}_change"] for move in moves[item["id"]])
            if total != item[name]:
                yield Violation("conserved", f"{sku}: {item[name]} {name}, but its moves come to {total}")
            after = 0
            for move in moves[item["id"]]:
                after += move[f"{name}_change"]
                if after != move[f"{name}_after"]:
                    yield Violation(
                        "conserved", f"{sku}: move {move['id']} says {move[f'{name}_after']} {name}, not {after}"
                    )
                    break
        if item["held"] != held[sku]:
            yield Violation("conserved", f"{sku}: {item['held']} held, but live holds come to {held[sku]}")
        if item["reserved"] != reserved[sku]:
            yield Violation(
                "conserved", f"{sku}: {item['reserved']} reserved, but reservations come to {reserved[sku]}"
            )
        if item["on_hand"] < item["held"] + item["reserved"]:
            yield Violation("conserved", f"{sku}: more is promised than is there")
    yield from _given_stock(facts, moves)


def _given_stock(facts: Facts, moves: dict[int, list[Row]]) -> Iterator[Violation]:
    """What the workload saw on the shelf before it began, and the moves since, make what is there now."""
    items = {row["sku"]: row for row in facts.rows("inventory", "inventory_stockitem")}
    for line in facts.lines("given"):
        item = items.get(line["sku"])
        if item is None:
            yield Violation("durable", f"{line['sku']} was on the shelf and is gone from the books")
            continue
        since = [move for move in moves[item["id"]] if move["id"] > line.get("last_move", 0)]
        now = line["on_hand"] + sum(move["on_hand_change"] for move in since)
        if now != item["on_hand"]:
            yield Violation(
                "conserved", f"{line['sku']}: {line['on_hand']} at first, {item['on_hand']} now, unexplained"
            )


@real(("inventory", "inventory_reservation"), ("ordering", "messaging_event"))
def shop_reservations(facts: Facts) -> Iterator[Violation]:
    """Inventory decided about each order placed, once, about what was ordered, and said so."""
    placed = {event["subject"]: data_of(event) for event in facts.events("ordering.order_placed")}
    known = {event["subject"] for log in [facts.logs["ordering"]] for event in log.events}
    pieces: dict[int, Counter[str]] = defaultdict(Counter)
    for line in facts.rows("inventory", "inventory_reservationline"):
        pieces[line["reservation_id"]][line["sku"]] += line["quantity"]
    decided: dict[str, Row] = {}
    for row in facts.rows("inventory", "inventory_reservation"):
        subject = subject_of(row["order_id"])
        if subject in decided:
            yield Violation("once", f"inventory: two reservations for {subject}")
        decided[subject] = row
        if subject not in known or (pieces[row["id"]] and subject not in placed):
            yield Violation("phantom", f"inventory: a reservation for {subject}, which nobody placed")
    if facts.quiet:
        for subject, data in placed.items():
            wanted: Counter[str] = Counter()
            for line in data["lines"]:
                wanted[line["sku"]] += line["quantity"]
            if subject not in decided:
                yield Violation("delivered", f"inventory never heard that {subject} was placed")
            elif pieces[decided[subject]["id"]] != wanted:
                yield Violation("delivered", f"inventory decided about other pieces than {subject} wants")
        for event in facts.events("ordering.order_cancelled"):
            if decided.get(event["subject"], {}).get("state") == "reserved":
                yield Violation("delivered", f"inventory still keeps stock for {event['subject']}, which was cancelled")
    said = {event["subject"] for event in facts.events("inventory.stock_reserved")}
    refused = {event["subject"] for event in facts.events("inventory.stock_rejected")}
    for subject, row in decided.items():
        if row["state"] == "reserved" and subject not in said:
            yield Violation("durable", f"inventory: {subject} is reserved, but no event says so")
        if row["state"] == "rejected" and subject not in refused:
            yield Violation("durable", f"inventory: {subject} was refused, but no event says so")
    for subject in said - decided.keys():
        yield Violation("phantom", f"inventory: stock_reserved of {subject} without a reservation")
    kinds = ("reserved", "released", "booked_out")
    moved = Counter(
        (move["kind"], str(move["order_id"]), move["item_id"])
        for move in facts.rows("inventory", "inventory_stockmove")
        if move["order_id"] is not None and move["kind"] in kinds
    )
    for (kind, order_id, _), count in moved.items():
        if count > 1:
            yield Violation("once", f"inventory: pieces of order {order_id} were {kind} {count} times")


@real(("payments", "payments_payment"), ("payments", "payments_bankcharge"))
def shop_money(facts: Facts) -> Iterator[Violation]:
    """What the bank holds and took for an order is what it costs, once, and what payments says."""
    placed = {event["subject"]: _payable(data_of(event)) for event in facts.events("ordering.order_placed")}
    paid_in = {event["subject"]: data_of(event)["total"]["currency"] for event in facts.events("ordering.order_placed")}
    has_orders = "ordering" in facts.logs
    charges: dict[str, list[Row]] = defaultdict(list)
    for row in facts.rows("payments", "payments_bankcharge"):
        charges[subject_of(row["order"])].append(row)
    payments = {subject_of(row["order_id"]): row for row in facts.rows("payments", "payments_payment")}
    for subject, payment in payments.items():
        yield from _one_payment(subject, payment, charges[subject])
        if has_orders and payment["amount_cents"] is not None and placed.get(subject) is None:
            yield Violation(
                "phantom", f"payments: {payment['amount_cents']} cents are due for {subject}, which nobody placed"
            )
        if subject in placed and payment["amount_cents"] not in (None, placed[subject]):
            yield Violation(
                "conserved",
                f"payments: {payment['amount_cents']} cents due for {subject}, which costs {placed[subject]}",
            )
        used = {row["currency"].strip() for row in (payment, *charges[subject])} - {""}
        if subject in paid_in and used - {paid_in[subject]}:
            yield Violation("conserved", f"{subject} costs {paid_in[subject]}, its payments are in {sorted(used)}")
    for subject in charges.keys() - payments.keys():
        yield Violation("phantom", f"the bank has a charge for {subject}, of which payments knows nothing")
    yield from _bank_books(facts)
    captured: Counter[str] = Counter()
    for event in facts.events("payments.payment_captured"):
        captured[event["subject"]] += data_of(event)["amount"]["amount"]
    for subject, payment in payments.items():
        if captured[subject] != payment["captured_cents"]:
            promise = "durable" if captured[subject] < payment["captured_cents"] else "phantom"
            yield Violation(
                promise,
                f"payments: {payment['captured_cents']} cents taken for {subject}, announced {captured[subject]}",
            )
    if facts.quiet:
        for subject in placed.keys() - {s for s, p in payments.items() if p["amount_cents"] is not None}:
            yield Violation("delivered", f"payments never heard that {subject} was placed")
        for event in facts.events("ordering.order_cancelled"):
            kept = [c for c in charges[event["subject"]] if c["status"] == "authorised"]
            taken = sum(c["captured_cents"] - c["refunded_cents"] for c in charges[event["subject"]])
            if kept or taken:
                yield Violation("conserved", f"{event['subject']} was cancelled, but the bank still keeps money for it")


def _payable(placed: Row) -> int:
    """Return what is left for the bank: a gift card pays its part within the shop."""
    part = placed.get("gift_card")
    return int(placed["total"]["amount"] - (part["amount"]["amount"] if part else 0))


def _one_payment(subject: str, payment: Row, charges: list[Row]) -> Iterator[Violation]:
    live = [
        charge for charge in charges if charge["status"] in ("authorised", "captured", "refunded", "action_required")
    ]
    if len(live) > 1:
        yield Violation("conserved", f"the bank has {len(live)} charges for {subject}: {[c['key'] for c in live]}")
    taken = sum(charge["captured_cents"] for charge in charges)
    back = sum(charge["refunded_cents"] for charge in charges)
    if taken != payment["captured_cents"]:
        yield Violation(
            "conserved", f"{subject}: the bank took {taken} cents, payments says {payment['captured_cents']}"
        )
    if back != payment["refunded_cents"]:
        yield Violation(
            "conserved", f"{subject}: the bank gave back {back} cents, payments says {payment['refunded_cents']}"
        )
    for charge in live:
        if payment["amount_cents"] is not None and charge["amount_cents"] != payment["amount_cents"]:
            yield Violation(
                "conserved",
                f"{subject}: {payment['amount_cents']} cents due, the bank set aside {charge['amount_cents']}",
            )


def _bank_books(facts: Facts) -> Iterator[Violation]:
    sums: Counter[tuple[Any, str]] = Counter()
    for entry in facts.rows("payments", "payments_bankentry"):
        sums[entry["charge_id"], entry["kind"]] += entry["amount_cents"]
    for charge in facts.rows("payments", "payments_bankcharge"):
        for kind, column in (("capture", "captured_cents"), ("refund", "refunded_cents")):
            if sums[charge["reference"], kind] != charge[column]:
                yield Violation("conserved", f"bank: the entries of {charge['reference']} do not come to its {column}")


@real(("shipping", "shipping_parcel"), ("ordering", "messaging_event"))
def shop_parcels(facts: Facts) -> Iterator[Violation]:
    """One parcel for each order confirmed, none for others."""
    confirmed = {event["subject"] for event in facts.events("ordering.order_confirmed")}
    cancelled = {event["subject"] for event in facts.events("ordering.order_cancelled")}
    parcels = Counter(subject_of(row["order_id"]) for row in facts.rows("shipping", "shipping_parcel"))
    for subject, count in parcels.items():
        if count > 1:
            yield Violation("once", f"shipping: {count} parcels for {subject}")
        if subject not in confirmed:
            yield Violation("phantom", f"shipping: a parcel for {subject}, which was not confirmed")
    if facts.quiet:
        for subject in confirmed - parcels.keys() - cancelled:
            yield Violation("delivered", f"shipping never heard that {subject} was confirmed")
    said = {event["subject"] for event in facts.events("shipping.parcel_dispatched")}
    for row in facts.rows("shipping", "shipping_parcel"):
        if row["state"] in ("dispatched", "delivered") and subject_of(row["order_id"]) not in said:
            yield Violation(
                "durable", f"shipping: the parcel of {subject_of(row['order_id'])} left, but no event says so"
            )


@real(("notifications", "notifications_email"), ("ordering", "messaging_event"))
def shop_letters(facts: Facts) -> Iterator[Violation]:
    """One letter for each order placed; none without an event."""
    ids = {event_id for log in facts.logs.values() for event_id in log.by_event_id}
    letters = facts.rows("notifications", "notifications_email")
    known = {str(row["event_id"]) for row in letters}
    for row in letters:
        if str(row["event_id"]) not in ids:
            yield Violation(
                "phantom", f"notifications: a letter ({row['kind']}) about event {row['event_id']}, which is in no log"
            )
    for (event_id, kind), count in Counter((str(row["event_id"]), row["kind"]) for row in letters).items():
        if count > 1:
            yield Violation("once", f"notifications: {count} letters ({kind}) about event {event_id}")
    if facts.quiet:
        for event in facts.events("ordering.order_placed"):
            if str(event["event_id"]) not in known:
                yield Violation("delivered", f"notifications never wrote about {event['subject']}")


# --- reading and reporting


def violations(history: list[Row], tables: dict[str, dict[str, list[Row]]]) -> list[Violation]:
    """Return every broken promise, each once."""
    facts = Facts(history, tables)
    found = [violation for one in CHECKS for violation in one(facts)]
    if facts.gave_up and not found:
        found.append(Violation("delivered", "the run never became quiet, though nothing else is wrong"))
    return list(dict.fromkeys(found))


def read_history(path: str) -> list[Row]:
    try:
        with open(path, encoding="utf-8") as file:
            lines = [json.loads(line) for line in file if line.strip()]
    except OSError as problem:
        raise Unusable(f"The history cannot be read: {problem}") from problem
    except ValueError as problem:
        raise Unusable(f"{path} is not JSON lines: {problem}") from problem
    if not lines or not all(isinstance(line, dict) and "kind" in line for line in lines):
        raise Unusable(f'{path} is no history: each line is an object with a "kind", and there is at least one.')
    return lines


def plain(value: Any) -> Any:
    if isinstance(value, UUID):
        return str(value)
    if isinstance(value, datetime | date):
        return value.isoformat()
    return int(value) if isinstance(value, Decimal) else value


def read_databases(urls: list[str]) -> dict[str, dict[str, list[Row]]]:
    """Return the tables of every schema that has a log, each database in one read-only snapshot."""
    import psycopg

    tables: dict[str, dict[str, list[Row]]] = {}
    for given in urls:
        only, _, url = given.rpartition("=") if "://" in given and "=" in given.partition("://")[0] else ("", "", given)
        with psycopg.connect(url, autocommit=False) as connection:
            connection.isolation_level = psycopg.IsolationLevel.REPEATABLE_READ
            connection.read_only = True
            found = connection.execute(
                "select schemaname, tablename from pg_tables where tablename = any(%s) "
                "and schemaname in (select schemaname from pg_tables where tablename = 'messaging_event')",
                [list(TABLES)],
            ).fetchall()
            for schema, table in sorted(found):
                if only and schema != only:
                    continue
                tables.setdefault(schema, {})[table] = _rows(connection, schema, table)
    return tables


def _rows(connection: Any, schema: str, table: str) -> list[Row]:
    from psycopg import sql

    # The digest is over the stored text, so the data must come as PostgreSQL prints it.
    columns = (
        sql.SQL("id, event_id, type, version, subject, stream_version, data::text as data")
        if table == "messaging_event"
        else sql.SQL("*")
    )
    cursor = connection.execute(sql.SQL("select {} from {}").format(columns, sql.Identifier(schema, table)))
    names = [column.name for column in cursor.description]
    return [{name: plain(value) for name, value in zip(names, row, strict=True)} for row in cursor]


def report(found: Iterable[Violation], facts: dict[str, Any], *, as_json: bool) -> str:
    found = list(found)
    broken = [promise for promise in PROMISES if any(one.promise == promise for one in found)]
    if as_json:
        document = {"kept": not found, "broken": broken, "violations": [one._asdict() for one in found], **facts}
        return json.dumps(document, indent=2)
    lines = [f"{', '.join(f'{value} {name}' for name, value in facts.items())}"]
    for promise in PROMISES:
        mine = [one for one in found if one.promise == promise]
        lines.append(f"{promise:<10} {'kept' if not mine else f'BROKEN {len(mine)} times'}")
        lines += [f"           {one.what}" for one in mine[:20]]
        lines += [f"           and {len(mine) - 20} more"] if len(mine) > 20 else []
    return "\n".join(lines)


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description="Check a history and the databases against the backbone's promises.")
    parser.add_argument("--history", required=True, metavar="FILE", help="JSON lines, see FORMAT.md")
    parser.add_argument("--database", action="append", default=[], metavar="URL", help="[context=]postgresql://...")
    parser.add_argument("--tables", metavar="FILE", help="JSON with the tables, instead of a database")
    parser.add_argument("--json", action="store_true", help="print JSON for a script")
    options = parser.parse_args(arguments)
    try:
        history = read_history(options.history)
        if options.tables:
            with open(options.tables, encoding="utf-8") as file:
                tables = json.load(file)
        elif options.database:
            tables = read_databases(options.database)
        else:
            raise Unusable("Say where the tables are: --database URL or --tables FILE.")
        if not any("messaging_event" in found for found in tables.values()):
            raise Unusable("No schema there has a log (messaging_event). Is it the right database, and migrated?")
    except (Unusable, OSError, ValueError) as problem:
        print(problem, file=sys.stderr)  # noqa: T201
        return 2
    except Exception as problem:
        if type(problem).__module__.partition(".")[0] != "psycopg":
            raise
        print(f"The database does not answer: {str(problem).splitlines()[0]}", file=sys.stderr)  # noqa: T201
        return 3
    found = violations(history, tables)
    events = sum(len(rows.get("messaging_event", [])) for rows in tables.values())
    facts = {"lines of history": len(history), "contexts": len(tables), "events": events}
    print(report(found, facts, as_json=options.json))  # noqa: T201
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
