"""Buy something through the same services as the browser, and follow the order to its confirmation."""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Callable
from typing import Any
from uuid import UUID

import msgspec
import redis
from django.conf import settings
from django.core.management.base import BaseCommand, CommandParser
from django.db import connections
from rich.console import Console
from rich.table import Table

from config.celery import app, queues
from config.heartbeat import unattended
from config.problems import Problem
from contexts.kernel.addresses import Address
from contexts.kernel.currencies import own
from contexts.messaging import acting_as

#: The contexts that an order goes through until it is confirmed.
NEEDED = ("ordering", "inventory", "payments")
#: An approved card of the sandbox gateway.
CARD = "4242 4242 4242 4242"
LOOK_EVERY_S = 0.005


class Step(msgspec.Struct, frozen=True):
    """An event of the order, in milliseconds after the first commit; `ms` is when its context recorded it."""

    context: str
    event: str
    ms: float


class Outcome(msgspec.Struct, frozen=True, kw_only=True):
    """How far the order came. `confirmed_ms`: when a reader could see the confirmation; `problem` says what to do."""

    order_id: UUID
    number: str
    steps: list[Step]
    placed_ms: float
    confirmed_ms: float | None
    problem: str = ""


class Command(BaseCommand):
    help = "Place an order as a shopper would and follow it until it is confirmed; exit status 1 if it is not."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--timeout", type=float, default=15.0, metavar="SECONDS", help="give up after (default 15)")
        parser.add_argument("--sku", help="what to buy; otherwise the article with the most in stock")
        parser.add_argument("--json", action="store_true", help="print one JSON object")

    def handle(self, *args: Any, **options: Any) -> None:
        if not 0 < options["timeout"] <= 3600:
            raise Problem("--timeout takes seconds, more than 0 and at most 3600.")
        _require_contexts()
        _require_workers()
        outcome = buy_and_follow(sku=options["sku"], timeout_s=options["timeout"])
        if options["json"]:
            self.stdout.write(json.dumps(msgspec.to_builtins(outcome)))
        else:
            self._show(outcome)
        if outcome.problem:
            sys.exit(1)

    def _show(self, outcome: Outcome) -> None:
        console = Console(file=sys.stdout, no_color=not sys.stdout.isatty(), soft_wrap=not sys.stdout.isatty())
        table = Table("Context", "Event", title=f"Order {outcome.number}", title_justify="left")
        table.add_column("ms after the first commit", justify="right")
        for step in outcome.steps:
            table.add_row(step.context, step.event, f"{step.ms:.0f}")
        console.print(table)
        if outcome.confirmed_ms is not None:
            since_placed = outcome.confirmed_ms - outcome.placed_ms
            console.print(
                f"Confirmed {outcome.confirmed_ms:.0f} ms after the first commit, {since_placed:.0f} ms after ordering."
            )
        else:
            console.print(outcome.problem)


def buy_and_follow(*, sku: str | None, timeout_s: float, pause: Callable[[float], object] = time.sleep) -> Outcome:
    """Buy one piece with an approved card and wait for the confirmation, with a `pause` between looks.

    Raises:
        Problem: nothing can be bought.
    """
    from contexts.ordering import services
    from contexts.ordering.errors import CannotDo
    from contexts.ordering.events import Contact
    from contexts.payments import services as payments
    from contexts.payments.cards import InvalidCard

    wanted, method, country = _something_to_buy(sku)
    _connect()
    with acting_as("guest"):
        try:
            cart = services.add_to_cart(cart_id=None, sku=wanted)
            order_id = services.start_checkout(cart_id=cart.cart_id)
            services.save_details(
                order_id=order_id,
                contact=Contact(email="smoke@example.org", name="Smoke Test"),
                address=Address(
                    name="Smoke Test", street="Trial Street 1", postcode="10115", city="Berlin", country=country
                ),
                shipping_method=method,
            )
            services.save_payment_method(order_id=order_id, payment=payments.add_card(order_id=order_id, number=CARD))
            order = services.place_order(order_id=order_id)
        except (CannotDo, InvalidCard) as refusal:
            raise Problem(f"The order could not be placed: {refusal}") from refusal
    placed = time.time()
    confirmed, problem = _wait(order_id, timeout_s=timeout_s, pause=pause)
    recorded = _recorded(order_id)
    # An event carries the time at which it was written, a moment before its commit: nothing is flattered.
    first_commit = recorded[0][2]
    return Outcome(
        order_id=order_id,
        number=order.placed.number if order.placed else "",
        steps=[Step(context, event, round((at - first_commit) * 1000, 1)) for context, event, at in recorded],
        placed_ms=round((placed - first_commit) * 1000, 1),
        confirmed_ms=round((confirmed - first_commit) * 1000, 1) if confirmed else None,
        problem=problem,
    )


def _connect() -> None:
    """Open what a web process has open, so that its opening is not taken for the order's latency."""
    for context in NEEDED:
        connections[context].ensure_connection()
    with app.producer_or_acquire() as producer:
        producer.connection.ensure_connection(max_retries=1)
        producer.channel  # noqa: B018 - the property opens it


def _wait(order_id: UUID, *, timeout_s: float, pause: Callable[[float], object]) -> tuple[float | None, str]:
    """Return when the confirmation could be read, or why it never came."""
    from contexts.ordering import queries

    until = time.monotonic() + timeout_s
    while time.monotonic() < until:
        order = queries.summary(order_id)
        if order is not None and order.confirmed_at:
            return time.time(), ""
        if order is not None and order.status == "cancelled":
            return None, f"The order was cancelled ({order.reason}): {order.explanation}"
        pause(LOOK_EVERY_S)
    return None, _why_not(order_id, timeout_s)


def _why_not(order_id: UUID, timeout_s: float) -> str:
    """Name the context that has not answered, and the next step."""
    seen = {event for _context, event, _at in _recorded(order_id)}
    silent = (
        "inventory" if "StockReserved" not in seen else "payments" if "PaymentAuthorised" not in seen else "ordering"
    )
    if missing := _unattended():
        return f"Not confirmed within {timeout_s:g} s: no worker serves {', '.join(missing)}. Start them: `make up`."
    return (
        f"Not confirmed within {timeout_s:g} s: {silent} has not answered. Look at `manage.py events status` and "
        f"at the workers' log for the subject order/{order_id}."
    )


def _recorded(order_id: UUID) -> list[tuple[str, str, float]]:
    """Return (context, event, time) of all that was recorded of an order, in the order of time."""
    from contexts.messaging import event_named

    found = []
    for context in NEEDED:
        with connections[context].cursor() as cursor:
            cursor.execute("select type, time, id from messaging_event where subject = %s", [f"order/{order_id}"])
            found += [(at, number, context, event_named(name).__name__) for name, at, number in cursor.fetchall()]
    return [(context, event, at.timestamp()) for at, _number, context, event in sorted(found)]


def _something_to_buy(sku: str | None) -> tuple[str, str, str]:
    """Return a SKU, a way of shipping and a country that it goes to."""
    from contexts.ordering import queries
    from contexts.ordering.models import Offer
    from contexts.ordering.tax import RATES

    offers = Offer.objects.filter(on_sale=True)
    if sku is not None and not offers.filter(sku=sku).exists():
        raise Problem(f'Nothing with the SKU "{sku}" is for sale. Look at /admin/ordering/offer/.')
    wanted = offers.filter(**({"sku": sku} if sku else {"available__gte": 1})).order_by("-available").first()
    if wanted is None:
        raise Problem("Nothing is in stock. Fill the shop with `make up`, or receive stock in the admin.")
    for method in queries.shipping_methods(own()):
        # Germany where possible: the made-up address is there.
        for country in sorted(method.countries, key=lambda code: code != "DE"):
            if country in RATES:
                return wanted.sku, method.code, country
    raise Problem("No shipping method is on offer, so nothing can be ordered. Add one in the admin under Shipping.")


def _require_contexts() -> None:
    if missing := [context for context in NEEDED if context not in settings.CONTEXTS]:
        raise Problem(f"This process has no {' and no '.join(missing)}. Run it with all contexts (unset CONTEXTS).")


def _require_workers() -> None:
    if missing := _unattended():
        raise Problem(
            f"No worker serves the queues {', '.join(missing)}, so the order would wait. Nothing was ordered. "
            "Start the shop with `make up`, or the workers as in the Procfile."
        )


def _unattended() -> list[str]:
    with redis.Redis.from_url(settings.REDIS_URL, socket_timeout=2, socket_connect_timeout=2) as client:
        return unattended([queue for queue in queues() if queue in (*NEEDED, "effects")], client)
