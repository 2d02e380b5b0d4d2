"""`events status`: how far every subscriber is."""

from __future__ import annotations

import argparse
import json
from collections import defaultdict
from typing import Any

import msgspec
from django.conf import settings
from rich.console import Console
from rich.table import Table

from contexts.messaging.status import LogStatus, SubscriptionStatus, log_of, subscriptions_of

HELP = "Show how far every subscriber is: head, sent, acknowledged, lag in events and seconds."


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--json", action="store_true", help="print JSON for a script")
    parser.add_argument("--partitions", action="store_true", help="a row for each partition, not one for all")
    parser.add_argument("--check", action="store_true", help="exit with 1 when something lags beyond the bounds")
    parser.add_argument("--max-lag-events", type=int, default=1000, metavar="N", help="bound for --check (1000)")
    parser.add_argument("--max-lag-seconds", type=float, default=30, metavar="S", help="bound for --check (30)")


def run(options: dict[str, Any], console: Console) -> int:
    logs = [log_of(context) for context in settings.CONTEXTS]
    rows = [row for context in settings.CONTEXTS for row in subscriptions_of(context)]
    late = [row for row in rows if is_late(row, options["max_lag_events"], options["max_lag_seconds"])]
    stuck = [log for log in logs if log.oldest_unsequenced_s > options["max_lag_seconds"]]
    if options["json"]:
        document = {"logs": logs, "subscriptions": rows, "late": bool(late or stuck)}
        console.print_json(json.dumps(msgspec.to_builtins(document)))
    else:
        _print(console, rows if options["partitions"] else _summed(rows), logs, partitions=options["partitions"])
        for row in late:
            console.print(
                f"[red]{row.subscriber} lags behind {row.publisher} (partition {row.partition}) by {row.lag_events} "
                f"events, {row.lag_s:.0f} s.[/] Is a worker on the queue {row.subscriber.partition(':')[0]}?"
            )
        for log in stuck:
            console.print(
                f"[red]{log.publisher} has {log.unsequenced} events without a position, the oldest of "
                f"{log.oldest_unsequenced_s:.0f} s ago.[/] Is a worker on the queue {log.publisher}, and beat?"
            )
    return 1 if options["check"] and (late or stuck) else 0


def is_late(row: SubscriptionStatus, events: int, seconds: float) -> bool:
    return row.lag_events > events or row.lag_s > seconds or row.diverged_at is not None


def _summed(rows: list[SubscriptionStatus]) -> list[SubscriptionStatus]:
    """Return one row a subscription: the furthest sent, the least acknowledged of those that lag, sums of the rest."""
    groups: dict[tuple[str, str], list[SubscriptionStatus]] = defaultdict(list)
    for row in rows:
        groups[row.publisher, row.subscriber].append(row)
    return [
        msgspec.structs.replace(
            group[0],
            sent=max(row.sent for row in group),
            acknowledged=max(row.acknowledged for row in group),
            lag_events=sum(row.lag_events for row in group),
            lag_s=max(row.lag_s for row in group),
            attempts=max(row.attempts for row in group),
            parked=sum(row.parked for row in group),
            diverged_at=next((row.diverged_at for row in group if row.diverged_at is not None), None),
        )
        for group in groups.values()
    ]


def _print(console: Console, rows: list[SubscriptionStatus], logs: list[LogStatus], *, partitions: bool) -> None:
    if not rows:
        console.print("Nobody has subscribed yet. Start a worker, or run manage.py up.")
        return
    table = Table(box=None, pad_edge=False, header_style="bold")
    names = ["publisher", "subscriber", *(["part"] if partitions else [])]
    for name in names:
        table.add_column(name)
    for name in ("head", "sent", "acknowledged", "lag", "lag s", "parked", "state"):
        table.add_column(name, justify="right" if name != "state" else "left")
    for row in rows:
        state = "[red]diverged[/]" if row.diverged_at is not None else "in flight" if row.lag_events else "up to date"
        cells = [row.publisher, row.subscriber, *([str(row.partition)] if partitions else [])]
        table.add_row(
            *cells, str(row.head), str(row.sent), str(row.acknowledged), str(row.lag_events), f"{row.lag_s:.1f}",
            f"[yellow]{row.parked}[/]" if row.parked else "0", state,
        )  # fmt: skip
    console.print(table)
    waiting = sum(log.unsequenced for log in logs)
    if waiting:
        console.print(f"{waiting} committed events wait for their position.")
