"""The simulated shop: effects, orders, stock and money in its few tables."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator

from promises.facts import Check, Facts, Row, Violation, check, data_of


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
