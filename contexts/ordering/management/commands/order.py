"""`manage.py order`: an order now and at any time before, what changed, who did what when and why; forget a guest."""

from __future__ import annotations

import json
from argparse import ArgumentParser
from datetime import UTC
from typing import Any

import msgspec
from django.core.management.base import CommandError
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from contexts.kernel.commands import ConsoleCommand
from contexts.messaging import MessagingError, acting_as
from contexts.ordering import services, travel
from contexts.ordering.errors import CannotDo


class Command(ConsoleCommand):
    help = "Show an order now or at a time before, what changed, and all that happened to it; forget a guest."
    refusals = (travel.NoSuchPast, CannotDo, MessagingError)

    def add_arguments(self, parser: ArgumentParser) -> None:
        commands = parser.add_subparsers(dest="what", required=True, metavar="show|diff|history|erase")
        show = commands.add_parser("show", help="the order as it is, or as it was")
        diff = commands.add_parser("diff", help="what differs between two versions or moments")
        trail = commands.add_parser("history", help="who did what, when, why and from where")
        erase = commands.add_parser("erase", help="forget the guest who placed an order, in every context, for ever")
        for command in (show, diff, trail, erase):
            command.add_argument(
                "number", metavar="NUMBER", help="an order number such as TP-7F3K-92QX, or its id",
                nargs="?" if command is erase else None,
            )  # fmt: skip
            command.add_argument("--json", action="store_true", help="print JSON for a script")
        when = 'a version ("3"), a moment in UTC ("2026-01-31T12:00") or an age ("10m", "2h", "1d")'
        show.add_argument("--at", metavar="WHEN", help=when)
        diff.add_argument("before", metavar="A", help=when)
        diff.add_argument("after", metavar="B", help=when)
        erase.add_argument("--email", metavar="ADDRESS", help="all orders placed under this address without an account")
        erase.add_argument("--yes", action="store_true", help="do it; without, only the orders are named")

    def act(self, options: dict[str, Any], console: Console) -> int | None:
        status: int | None = getattr(self, f"_{options['what']}")(options, console)
        return status

    def _show(self, options: dict[str, Any], console: Console) -> None:
        found = travel.at(travel.find(options["number"]), options["at"])
        if options["json"]:
            _print_json(console, {**_place(found), "order": found.order})
            return
        console.print(_title(found), highlight=False)
        table = Table(box=None, pad_edge=False, show_header=False)
        for name, value in travel.facts(found.order):
            table.add_row(f"[dim]{name}[/]", escape(value))
        console.print(table, highlight=False)

    def _diff(self, options: dict[str, Any], console: Console) -> None:
        order_id = travel.find(options["number"])
        before, after = travel.at(order_id, options["before"]), travel.at(order_id, options["after"])
        changes = travel.differences(before.order, after.order)
        if options["json"]:
            _print_json(console, {"before": _place(before), "after": _place(after), "changes": changes})
            return
        console.print(f"{_title(before)}\n{_title(after)}", highlight=False)
        if not changes:
            console.print("Nothing differs between them.")
            return
        table = Table(box=None, pad_edge=False, header_style="bold")
        for name in ("what", f"at version {before.version}", f"at version {after.version}"):
            table.add_column(name)
        for change in changes:
            table.add_row(change.field, f"[red]{_shown(change.before)}[/]", f"[green]{_shown(change.after)}[/]")
        console.print(table, highlight=False)

    def _history(self, options: dict[str, Any], console: Console) -> None:
        order_id = travel.find(options["number"])
        entries = travel.entries_of(order_id)
        if options["json"]:
            _print_json(console, {"order_id": order_id, "entries": entries})
            return
        table = Table(box=None, pad_edge=False, header_style="bold")
        table.add_column("version", justify="right")
        for name in ("when (UTC)", "what", "who", "why", "from", "event"):
            table.add_column(name)
        for entry in entries:
            table.add_row(
                str(entry.version), f"{entry.time.astimezone(UTC):%Y-%m-%d %H:%M:%S.%f}"[:-3],
                type(entry.event).__name__, escape(entry.actor), escape(travel.why(entry)), travel.where_from(entry),
                f"[dim]{entry.id}[/]",
            )  # fmt: skip
        console.print(table, highlight=False)

    def _erase(self, options: dict[str, Any], console: Console) -> None:
        number, email = options["number"], options["email"]
        if (number is None) == (email is None):
            raise CommandError("Say which order, or --email and whose orders; one of them.", returncode=2)
        order_ids = [travel.find(number)] if number is not None else services.orders_of_guest(email)
        if not order_ids:
            raise CommandError(f'No order was placed without an account under "{email}".', returncode=2)
        if not options["yes"]:
            raise CommandError(
                f"This cannot be undone: whoever placed {', '.join(map(str, order_ids))} would be forgotten in every "
                "context. Say --yes to do it.",
                returncode=2,
            )
        with acting_as("operator"):
            for order_id in order_ids:
                services.erase_guest(order_id=order_id)
        if options["json"]:
            _print_json(console, {"order_ids": order_ids})
            return
        for order_id in order_ids:
            console.print(
                f"The guest of order {order_id} is erased here; the other contexts follow. Receipts: "
                f"manage.py customers erasure {order_id}",
                highlight=False,
            )


def _title(found: travel.Moment) -> str:
    name = found.order.placed.number if found.order.placed else f"checkout {found.order.id}"
    return (
        f"[bold]{name}[/] at version {found.version} of {found.versions}: {type(found.entry.event).__name__}, "
        f"{found.entry.time.astimezone(UTC):%Y-%m-%d %H:%M:%S} UTC, by {escape(found.entry.actor)}"
    )


def _place(found: travel.Moment) -> dict[str, Any]:
    entry = found.entry
    return {"version": found.version, "versions": found.versions, "time": entry.time, "event": entry.type,
            "actor": entry.actor}  # fmt: skip


def _shown(value: Any) -> str:
    return "—" if value is None else escape(str(value))


def _print_json(console: Console, document: dict[str, Any]) -> None:
    console.file.write(json.dumps(msgspec.to_builtins(document)) + "\n")
