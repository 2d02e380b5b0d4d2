"""Fill an empty shop with invented goods, stock, customers and some weeks of orders."""

from __future__ import annotations

import sys
import time
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandParser
from django.db import OperationalError
from django.utils import timezone
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from config.demo import filling, opinions, orders, rates, shop, vouchers
from config.demo.filling import Filling
from config.demo.goods import ARTICLES
from config.demo.people import GUIDE
from config.problems import Problem
from contexts.messaging.drain import drain


class Command(BaseCommand):
    help = "Fill an empty shop with invented goods, stock, customers and some weeks of orders."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--scale", type=int, default=1, metavar="N", help=f"N times {ARTICLES} products (default 1)"
        )
        parser.add_argument("--seed", type=int, default=7, help="another seed makes another shop (default 7)")
        parser.add_argument("--orders", type=int, default=orders.ORDERS, help="how many (default %(default)s)")

    def handle(self, *args: Any, **options: Any) -> None:
        scale, wanted = options["scale"], options["orders"]
        if not 1 <= scale <= 500:
            raise Problem("--scale takes a number from 1 to 500.")
        if not 0 <= wanted <= 2000:
            raise Problem("--orders takes a number from 0 to 2000.")
        if "catalog" not in settings.CONTEXTS:
            raise Problem("The demo shop needs the catalog. Add it to CONTEXTS, or unset CONTEXTS.")
        console = Console(file=sys.stdout, no_color=not sys.stdout.isatty(), highlight=False)
        try:
            begun = self._begun(scale=scale, seed=options["seed"], orders=wanted)
            if begun is None:
                console.print(
                    "The shop has goods already; nothing was changed. An empty database gets a new demo shop."
                )
                return
            self._fill(console, begun)
            filling.finished()
        except OperationalError as problem:
            raise Problem(
                f"The database does not answer, or has no tables yet: {problem} Run `python manage.py setup` first."
            ) from problem

    def _begun(self, *, scale: int, seed: int, orders: int) -> Filling | None:
        """Return the filling to go on with, a new one, or None where there is nothing to fill."""
        interrupted = filling.unfinished()
        if interrupted and shop.is_begun():
            return interrupted
        if not shop.is_wanted(scale=scale, seed=seed):
            return None
        new = Filling(began=timezone.now(), scale=scale, seed=seed, orders=orders)
        new.keep()
        return new

    def _fill(self, console: Console, begun: Filling) -> None:
        started = time.monotonic()
        drafts = shop.drafts(scale=begun.scale, seed=begun.seed)
        with _progress(console) as progress:
            goods = progress.add_task("Products", total=len(drafts))
            shop.open_categories()
            shop.open_house()
            rates.make()
            if vouchers.possible():
                vouchers.make()
            for count in shop.publish_goods(drafts, seed=begun.seed):
                progress.advance(goods, count)
            drain()
            if begun.orders and orders.possible():
                past = progress.add_task("Orders", total=begun.orders)
                for count in orders.make(seed=begun.seed, count=begun.orders, today=begun.began):
                    progress.advance(past, count)
            if opinions.possible():
                said = progress.add_task("Reviews", total=None)
                progress.update(said, completed=opinions.make(seed=begun.seed))
        console.print(f"The demo shop is open: {len(drafts)} products, {time.monotonic() - started:.0f} s.")
        if settings.DEMO and "customers" in settings.CONTEXTS:
            console.print(f"Sign in as a customer: {GUIDE.email}, password {settings.DEMO_ADMIN_PASSWORD}")


def _progress(console: Console) -> Progress:
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    # A log is no place for a moving bar.
    return Progress(*columns, console=console, disable=not sys.stdout.isatty())
