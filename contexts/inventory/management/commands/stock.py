"""`manage.py stock`: list, receive and verify stock from a terminal."""

from __future__ import annotations

import json
from argparse import ArgumentParser
from io import StringIO
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from rich.console import Console
from rich.table import Table

from contexts.inventory import queries, services
from contexts.messaging import acting_as

OPERATOR = "operator"


class Command(BaseCommand):
    help = "List, receive and verify stock. Exit status 1: the books do not add up, or nothing could be received."

    def add_arguments(self, parser: ArgumentParser) -> None:
        commands = parser.add_subparsers(dest="what", required=True, metavar="list|receive|verify")
        listing = commands.add_parser("list", help="show stock items")
        listing.add_argument("--low", action="store_true", help="only items for sale that are low or sold out")
        receive = commands.add_parser("receive", help="add pieces that arrived")
        receive.add_argument("sku", metavar="SKU")
        receive.add_argument("quantity", metavar="QTY", type=int)
        receive.add_argument("--reason", required=True, help='why, for the ledger: "Delivery 4711"')
        verify = commands.add_parser("verify", help="check items against ledger, holds and reservations")
        for command in (listing, receive, verify):
            command.add_argument("--json", action="store_true", help="print JSON for programs")

    def handle(self, *args: Any, **options: Any) -> None:
        as_json: bool = options["json"]
        try:
            if options["what"] == "list":
                self._list(low_only=options["low"], as_json=as_json)
            elif options["what"] == "receive":
                self._receive(options["sku"], options["quantity"], reason=options["reason"], as_json=as_json)
            else:
                self._verify(as_json=as_json)
        except services.StockError as refusal:
            raise CommandError(str(refusal)) from refusal

    def _list(self, *, low_only: bool, as_json: bool) -> None:
        items = list(queries.stock_items(low_only=low_only))
        if as_json:
            self._print_json(
                [
                    {
                        "sku": item.sku,
                        "title": item.title,
                        "on_hand": item.on_hand,
                        "held": item.held,
                        "reserved": item.reserved,
                        "available": item.available,
                        "low": item.is_low,
                    }
                    for item in items
                ]
            )
            return
        if not items:
            self.stdout.write("Nothing is low." if low_only else "No stock items yet: publish a product first.")
            return
        table = Table("SKU", "Product", box=None, header_style="bold")
        for heading in ("On hand", "Held", "Reserved", "Available"):
            table.add_column(heading, justify="right")
        for item in items:
            numbers = (item.on_hand, item.held, item.reserved, item.available)
            table.add_row(item.sku, item.title, *(str(number) for number in numbers))
        text = StringIO()
        Console(file=text, highlight=False, width=140).print(table)
        self.stdout.write(text.getvalue())

    def _receive(self, sku: str, quantity: int, *, reason: str, as_json: bool) -> None:
        with acting_as(OPERATOR):
            item = services.receive_stock(sku=sku, quantity=quantity, reason=reason, actor=OPERATOR)
        if as_json:
            self._print_json({"sku": item.sku, "on_hand": item.on_hand, "available": item.available})
        else:
            self.stdout.write(f"{sku}: {quantity} received, {item.on_hand} on hand, {item.available} available.")

    def _verify(self, *, as_json: bool) -> None:
        balance, missing = queries.ledger_balances(), queries.pieces_missing()
        if as_json:
            self._print_json(
                {
                    "holds": balance.holds,
                    "items": balance.items,
                    "moves": balance.moves,
                    "differences": [vars_of(difference) for difference in balance.differences],
                    "missing": [vars_of(piece) for piece in missing],
                }
            )
        else:
            for difference in balance.differences:
                self.stdout.write(str(difference))
            for piece in missing:
                self.stdout.write(
                    f"{piece.sku}: {piece.pieces} left with cancelled order {piece.order_id} while promised to others. "
                    "Count the shelf and correct the item."
                )
            if balance.holds:
                self.stdout.write(f"{balance.items} items and {balance.moves} ledger lines agree.")
        if not balance.holds:
            raise CommandError(
                f"{len(balance.differences)} differences between items and ledger. Something changed stock rows "
                "outside inventory's services; correct the rows from the ledger.",
                returncode=1,
            )

    def _print_json(self, value: object) -> None:
        self.stdout.write(json.dumps(value, indent=2))


def vars_of(struct: queries.Difference | queries.Missing) -> dict[str, object]:
    """Return a struct's fields for JSON."""
    return {field: getattr(struct, field) for field in struct.__struct_fields__}
