"""`events verify`: proves that what was published is what was received."""

from __future__ import annotations

import argparse
import json
from collections import defaultdict
from typing import Any

import msgspec
from django.conf import settings
from rich.console import Console
from rich.table import Table

from contexts.messaging.verify import LogVerdict, Verdict, subscribers_away, verify_log, verify_subscriptions

HELP = "Prove for every subscription that nothing was lost, doubled, reordered or altered, and that logs are whole."


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("publisher", nargs="*", help="only these contexts' events")
    parser.add_argument("--json", action="store_true", help="print JSON for a script")


def run(options: dict[str, Any], console: Console) -> int:
    wanted = options["publisher"] or settings.CONTEXTS
    unknown = sorted(set(wanted) - set(settings.CONTEXTS))
    if unknown:
        console.print(f"No context {', '.join(unknown)} here; there are {', '.join(settings.CONTEXTS)}.")
        return 2
    logs = [verify_log(context) for context in wanted]
    verdicts = [verdict for context in wanted for verdict in verify_subscriptions(context)]
    away = sorted({name for context in wanted for name in subscribers_away(context)})
    wrong = any(log.problems for log in logs) or any(verdict.problems for verdict in verdicts)
    if options["json"]:
        document = {"agreed": not wrong, "logs": logs, "subscriptions": verdicts, "not_compared": away}
        console.print_json(json.dumps(msgspec.to_builtins(document)))
    else:
        _print(console, logs, verdicts)
        if away:
            console.print(f"Not compared, because this process does not have them: {', '.join(away)}.")
    return 1 if wrong else 0


def _print(console: Console, logs: list[LogVerdict], verdicts: list[Verdict]) -> None:
    groups: dict[tuple[str, str], list[Verdict]] = defaultdict(list)
    for verdict in verdicts:
        groups[verdict.publisher, verdict.subscriber].append(verdict)
    table = Table(box=None, pad_edge=False, header_style="bold")
    for name in ("publisher", "subscriber", "events", "agreed up to", "verdict"):
        table.add_column(name, justify="right" if name in ("events", "agreed up to") else "left")
    for (publisher, subscriber), group in groups.items():
        wrong = sum(bool(verdict.problems) for verdict in group)
        table.add_row(
            publisher, subscriber, str(sum(verdict.events for verdict in group)),
            str(max(verdict.agreed for verdict in group)),
            f"[red]{wrong} of {len(group)} partitions differ[/]" if wrong else "[green]the same on both sides[/]",
        )  # fmt: skip
    console.print(table)
    for log in logs:
        for problem in log.problems:
            console.print(f"[red]{log.publisher}'s log: {problem}.[/]")
    for verdict in verdicts:
        for problem in verdict.problems:
            console.print(
                f"[red]{verdict.publisher} to {verdict.subscriber}, partition {verdict.partition}: {problem}.[/]"
            )
    events = sum(verdict.events for verdict in verdicts)
    if not any(log.problems for log in logs) and not any(verdict.problems for verdict in verdicts):
        console.print(f"{events} deliveries proven: nothing lost, doubled, reordered or altered.")
    else:
        console.print('The two sides differ. See docs/operating.md, "When verify finds a difference".')
