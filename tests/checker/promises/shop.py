"""The real shop: orders, stock, reservations, money, parcels and letters."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Iterator
from typing import Any

from promises.facts import Check, Facts, Row, Violation, check, data_of


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
