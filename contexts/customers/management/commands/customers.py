"""`manage.py customers`: forget somebody in every context, and show the receipts."""

from __future__ import annotations

import difflib
import json
from argparse import ArgumentParser
from datetime import UTC
from typing import Any
from uuid import UUID

import msgspec
from django.core.management.base import CommandError
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from contexts.customers import services
from contexts.customers.models import Account
from contexts.kernel.commands import ConsoleCommand
from contexts.messaging import Receipt, acting_as, receipts, receipts_awaited


class Command(ConsoleCommand):
    help = "Erase a customer in every context, and show what each context erased. Guests: manage.py order erase."
    refusals = (services.CustomersError,)

    def add_arguments(self, parser: ArgumentParser) -> None:
        commands = parser.add_subparsers(dest="what", required=True, metavar="erase|erasure")
        erase = commands.add_parser("erase", help="make all personal data of a customer unreadable, for ever")
        erase.add_argument("who", metavar="WHO", help="the account's e-mail address or id")
        erase.add_argument("--yes", action="store_true", help="do it; without, only the account is shown")
        erasure = commands.add_parser("erasure", help="the receipts: what each context erased, and who has not yet")
        erasure.add_argument("who", metavar="ID", help="the customer's id, or the id of a guest's order")
        for command in (erase, erasure):
            command.add_argument("--json", action="store_true", help="print JSON for a script")

    def act(self, options: dict[str, Any], console: Console) -> int | None:
        status: int = getattr(self, f"_{options['what']}")(options, console)
        return status or None

    def _erase(self, options: dict[str, Any], console: Console) -> int:
        account = _account(options["who"])
        if not options["yes"]:
            raise CommandError(
                f"This cannot be undone: {account.email} ({account.id}), registered "
                f"{account.registered_at:%Y-%m-%d}, would be forgotten in every context. Say --yes to do it.",
                returncode=2,
            )
        with acting_as("operator"):
            services.erase(customer_id=account.id)
        if options["json"]:
            console.file.write(json.dumps({"customer_id": str(account.id)}) + "\n")
            return 0
        console.print(f"Customer {account.id} is erased here; the other contexts follow as the event reaches them.")
        console.print(f"Receipts: manage.py customers erasure {account.id}", highlight=False)
        return 0

    def _erasure(self, options: dict[str, Any], console: Console) -> int:
        found, person = _receipts(options["who"])
        awaited = receipts_awaited(person)
        if options["json"]:
            console.file.write(json.dumps(msgspec.to_builtins({"receipts": found, "awaited": awaited})) + "\n")
            return 1 if awaited else 0
        table = Table(box=None, pad_edge=False, header_style="bold")
        for name in ("context", "when (UTC)", "asked by", "erased"):
            table.add_column(name)
        for one in found:
            what = ", ".join(f"{count} {name}" for name, count in one.erased.items() if count) or "nothing was kept"
            table.add_row(one.context, f"{one.at.astimezone(UTC):%Y-%m-%d %H:%M:%S}", escape(one.actor), what)
        console.print(table, highlight=False)
        if awaited:
            console.print(
                f"[red]No receipt yet from {', '.join(awaited)}.[/] Next: manage.py events status shows what is on its way.",
                highlight=False,
            )
        return 1 if awaited else 0


def _account(who: str) -> Account:
    try:
        found = Account.objects.filter(id=UUID(who)).first()
    except ValueError:
        found = Account.objects.filter(email=who.strip().lower()).first()
    if found is None:
        raise CommandError(f'No customer "{who}". {_meant(who)}', returncode=2)
    return found


def _meant(who: str) -> str:
    name = who.strip().lower().partition("@")[0]
    alike = Account.objects.filter(email__startswith=name[:2]).values_list("email", flat=True)[:200] if name else []
    close = difflib.get_close_matches(who.lower(), list(alike), n=1)
    return f'Did you mean "{close[0]}"?' if close else "Give an account's e-mail address or its id."


def _receipts(who: str) -> tuple[list[Receipt], str]:
    try:
        identity = UUID(who)
    except ValueError:
        raise CommandError(
            f'"{who}" is no id. An erased customer has no e-mail address any more; the id is in the admin\'s list.',
            returncode=2,
        ) from None
    for person in (f"customer/{identity}", f"guest/{identity}"):
        found = receipts(person)
        if found:
            return found, person
    raise CommandError(f"Nobody with the id {identity} was erased here.", returncode=2)
