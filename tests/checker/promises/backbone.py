"""The backbone's own books: logs, positions, inboxes, the parking, and what clients were told."""

from __future__ import annotations

import hashlib
import json
from collections import Counter, defaultdict
from collections.abc import Iterator
from datetime import UTC, datetime

from promises.facts import Facts, Log, Row, Violation, check, data_of


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
    when = datetime.fromisoformat(event["time"]).astimezone(UTC).isoformat().replace("+00:00", "Z")
    attributes = [
        position, str(event["event_id"]), event["type"], event["version"], event["subject"], when,
        str(event["correlation_id"]), event["causation_id"], event["actor"], event["traceparent"], event["stream_version"],
    ]  # fmt: skip
    step.update(json.dumps(attributes, ensure_ascii=False, separators=(",", ":")).encode())
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
