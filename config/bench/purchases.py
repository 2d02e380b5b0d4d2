"""`bench purchases`: a whole shop under a rush of guests, over http: purchases per second, and the last pieces of an article.

The shop is one of its own, as for `manage.py chaos`, with all its processes. Whoever buys shares the machine with it.
"""

from __future__ import annotations

import argparse
import json
import os
import time
from collections import Counter
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path
from typing import Any, TypeVar
from uuid import UUID

import msgspec
from django.db import connections
from django.db.models import F
from rich.console import Console
from rich.table import Table

from config.bench import _processor
from config.bench._guest import Guest
from config.chaos import house, judges, shelves, watch
from config.chaos.doors import Away, Basket, Refused, WebDoor, Wish, ask
from config.chaos.shoppers import APPROVED, patiently
from config.problems import Problem
from contexts.catalog.models import Variant
from contexts.inventory import services as inventory
from contexts.messaging import acting_as
from contexts.ordering.models import OrderSummary

HELP = "A rush of guests over http: purchases per second, a thousand for the last ten pieces, double clicks."

PARTS = ("cart", "purchases", "last", "double")
#: Whole purchases per second that are aimed at, on two cores.
AIM_PER_S = 20.0
ARTICLES, PIECES, LAST_PIECES = 8, 1_000_000, 10
#: Shoppers of the steady parts at the same time, at most.
AT_ONCE = 64
WITHIN_S = 300.0
EMAIL = "rush@example.org"

T = TypeVar("T")
A = TypeVar("A")


class Result(msgspec.Struct, frozen=True, kw_only=True):
    """What came of a part: figures by their names with units, and what is wrong."""

    part: str
    figures: dict[str, float | int | str]
    problems: list[str]


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("parts", nargs="*", metavar="PART", help=f"what to measure: {', '.join(PARTS)} (all)")
    parser.add_argument("--seconds", type=float, default=20.0, metavar="S", help="length of a measurement (20)")
    parser.add_argument("--shoppers", type=int, default=8, metavar="N", help="who buys at the same time (8)")
    parser.add_argument("--rush", type=int, default=1000, metavar="N", help="guests for the last pieces (1000)")
    parser.add_argument("--json", action="store_true", help="print JSON for a script")


def run(options: dict[str, Any], console: Console) -> int:
    unknown = set(options["parts"]) - set(PARTS)
    if unknown:
        raise Problem(f"There is no part {', '.join(sorted(unknown))}. There are: {', '.join(PARTS)}.")
    if options["seconds"] <= 0 or not 1 <= options["shoppers"] <= AT_ONCE or not 1 <= options["rush"] <= 10_000:
        raise Problem(f"--seconds takes more than 0, --shoppers 1 to {AT_ONCE}, --rush 1 to 10000.")
    if house.VARIABLE not in os.environ:
        house.move_in(seed=0)
    folder = Path(os.environ[house.VARIABLE])
    try:
        with house.opened(folder) as opened:
            results = list(_measure(opened, options))
    finally:
        house.remove(folder)
    if options["json"]:
        console.file.write(json.dumps([msgspec.to_builtins(result) for result in results]) + "\n")
    else:
        _print(console, results)
    return 1 if any(result.problems for result in results) else 0


def _measure(opened: house.House, options: dict[str, Any]) -> Iterable[Result]:
    skus = shelves.fill(articles=ARTICLES, pieces=PIECES)
    with acting_as(shelves.ACTOR):
        inventory.receive_many(
            {skus[0]: LAST_PIECES - shelves.SCARCE_PIECES}, reason="The last ones", actor=shelves.ACTOR
        )
    _until(lambda: shelves.known_to_ordering(skus), "ordering knows the articles")
    door = WebDoor(opened.port)
    _buy(opened.port, skus[1:], shoppers=2, seconds=3.0)  # Every process has begun to work.
    _until(lambda: watch.oldest_untold() is None, "the shop is quiet")
    wanted = options["parts"] or PARTS
    if "cart" in wanted:
        yield _carts(door, skus[1:], options)
    if "purchases" in wanted:
        yield _purchases(opened, skus[1:], options)
    if "last" in wanted:
        yield _last_pieces(WebDoor(opened.port), skus[0], options["rush"])
    if "double" in wanted:
        yield _double_clicks(WebDoor(opened.port), skus[1], options["rush"])
    _until(lambda: watch.oldest_untold() is None, "all events are heard")
    verdicts = judges.proofs()
    yield Result(
        part="proof", figures={verdict.judge: verdict.looked_at for verdict in verdicts},
        problems=[problem for verdict in verdicts for problem in verdict.problems],
    )  # fmt: skip


def _carts(door: WebDoor, skus: list[str], options: dict[str, Any]) -> Result:
    times, took_s = _again_and_again(
        lambda number: door.add_to_cart(skus[number % len(skus)]), options["shoppers"], options["seconds"]
    )
    return Result(
        part="adding to the cart",
        figures={"per second": round(len(times) / took_s, 1), **_percentiles(times)},
        problems=_faults(door),
    )


def _purchases(opened: house.House, skus: list[str], options: dict[str, Any]) -> Result:
    before, began = _processor.used_s(opened), time.monotonic()
    rush = _buy(opened.port, skus, shoppers=options["shoppers"], seconds=options["seconds"])
    clicked_s = time.monotonic() - began
    _until(lambda: _ended(rush.orders), f"all {len(rush.orders)} orders are confirmed")
    took_s = time.monotonic() - began
    _until(lambda: watch.oldest_untold() is None, "all events are heard")
    heard_s = time.monotonic() - began
    used = {name: seconds - before.get(name, 0.0) for name, seconds in _processor.used_s(opened).items()}
    waits = ask(lambda: _confirmation_times(rush.orders))
    bought = len(rush.orders)
    if not bought:
        raise Problem(f"Nobody could buy anything: {', '.join(rush.problems) or 'no time'}.")
    per_s = bought / heard_s
    problems = [f"{count} times: {words}" for words, count in rush.problems.items()]
    problems += ask(lambda: _unconfirmed(rush.orders))
    if per_s < AIM_PER_S:
        problems.append(f"{per_s:.1f} purchases a second; {AIM_PER_S:g} are aimed at.")
    return Result(
        part="guest purchases",
        figures={
            "per second, to the last event heard": round(per_s, 1),
            "per second, to the last confirmation": round(bought / took_s, 1),
            "per second, to the last click": round(bought / clicked_s, 1),
            "purchases": bought,
            "requests for each": round(rush.requests / bought, 1),
            "shopping, p50": _ms(rush.times, 0.5), "shopping, p99": _ms(rush.times, 0.99),
            "click to confirmation, p50": _ms(waits, 0.5), "click to confirmation, p99": _ms(waits, 0.99),
            "processor time for each": f"{sum(used.values()) / bought * 1000:.0f} ms",
            **{
                f"of it {name}": f"{used[name] / bought * 1000:.1f} ms"
                for name in sorted(used, key=used.__getitem__, reverse=True)
            },
        },
        problems=problems,
    )  # fmt: skip


def _last_pieces(door: WebDoor, sku: str, guests: int) -> Result:
    """Let everybody want one of the last pieces at the same time."""
    told: Counter[str] = Counter()
    orders: list[UUID] = []

    def guest(number: int) -> None:
        try:
            basket = patiently(lambda: door.fill(Wish(sku, 1, APPROVED, EMAIL)))
            patiently(lambda: door.place(basket))
            orders.append(basket.order_id)
        except Refused as refusal:
            told[str(refusal).partition(" answers ")[2] or str(refusal)] += 1
        except Away as away:
            told[f"never answered: {away}"] += 1

    _at_once(guest, range(guests), together=guests)
    _until(lambda: _ended(orders), "every order is confirmed or cancelled")
    states = ask(lambda: Counter(OrderSummary.objects.filter(order_id__in=orders).values_list("status", flat=True)))
    reasons = ask(
        lambda: Counter(
            OrderSummary.objects.filter(order_id__in=orders, status="cancelled").values_list("reason", flat=True)
        )
    )
    confirmed = sum(count for state, count in states.items() if state != "cancelled")
    problems = _faults(door)
    if confirmed != min(LAST_PIECES, guests):
        problems.append(f"{confirmed} orders for {LAST_PIECES} pieces were confirmed.")
    return Result(
        part=f"{guests} guests for {LAST_PIECES} pieces",
        figures={
            "confirmed": confirmed, "cancelled": states["cancelled"], "turned away": sum(told.values()),
            **{f"told: {words}": count for words, count in (told + reasons).most_common()},
        },
        problems=problems,
    )  # fmt: skip


def _double_clicks(door: WebDoor, sku: str, guests: int) -> Result:
    """Let every guest click "Place order" twice at the same time."""
    baskets = _at_once(lambda _: patiently(lambda: door.fill(Wish(sku, 1, APPROVED, EMAIL))), range(guests))

    def click(basket: Basket) -> bool:
        try:
            patiently(lambda: door.place(basket))
        except Refused:
            return False
        return True

    clicks = [basket for basket in baskets for _ in range(2)]
    welcome = sum(_at_once(click, clicks))
    orders = [basket.order_id for basket in baskets]
    _until(lambda: _ended(orders), "every order is confirmed or cancelled")
    placed = ask(partial(_times_placed, orders))
    problems = _faults(door)
    if set(placed.values()) != {1} or len(placed) != guests:
        problems.append(
            f"{len(placed)} of {guests} orders were placed, {max(placed.values(), default=0)} times at most."
        )
    return Result(
        part=f"{guests} double clicks",
        figures={
            "clicks": len(clicks),
            "led to the order": welcome,
            "orders": len(placed),
            "events": sum(placed.values()),
        },
        problems=problems,
    )


class Rush(msgspec.Struct):
    """What came of a while of buying: the orders, how long each guest was shopping, how many answers they had."""

    orders: list[UUID] = []
    times: list[float] = []
    requests: int = 0
    problems: Counter[str] = msgspec.field(default_factory=Counter)


def _buy(port: int, skus: list[str], *, shoppers: int, seconds: float) -> Rush:
    """Let guests buy for a while, each from the product's page on."""
    rush = Rush()
    known = ask(lambda: list(Variant.objects.filter(sku__in=skus).values_list("sku", "product__slug")))
    pages = {sku: f"/p/{slug}/?variant={sku}" for sku, slug in known}

    def purchase(number: int) -> None:
        sku = skus[number % len(skus)]
        guest = Guest(port)
        try:
            rush.orders.append(guest.buy(pages[sku], Wish(sku, 1, APPROVED, EMAIL)))
        except (Away, Refused) as problem:
            rush.problems[str(problem)] += 1
        rush.requests += guest.requests.total()

    rush.times, _ = _again_and_again(purchase, shoppers, seconds)
    return rush


def _again_and_again(act: Callable[[int], None], people: int, seconds: float) -> tuple[list[float], float]:
    """Let people act one after another for a while; return how long each act took and all together."""
    times: list[float] = []
    began = time.monotonic()

    def person(number: int) -> None:
        while time.monotonic() - began < seconds:
            start = time.monotonic()
            act(len(times) + number)
            times.append(time.monotonic() - start)

    _at_once(person, range(people))
    return times, time.monotonic() - began


def _at_once(act: Callable[[A], T], those: Iterable[A], *, together: int = AT_ONCE) -> list[T]:
    """Act on all of them, so many at the same time; an exception of one is raised here."""

    def acted(one: A) -> T:
        try:
            return act(one)
        finally:
            connections.close_all()

    with ThreadPoolExecutor(together) as pool:
        return list(pool.map(acted, those))


def _unconfirmed(orders: list[UUID]) -> list[str]:
    rows = OrderSummary.objects.filter(order_id__in=orders, confirmed_at=None)
    return [
        f"order {order_id} is {status}: {why}"
        for order_id, status, why in rows.values_list("order_id", "status", "explanation")
    ]


def _ended(orders: list[UUID]) -> bool:
    waiting = OrderSummary.objects.filter(order_id__in=orders, confirmed_at__isnull=True).exclude(status="cancelled")
    return not ask(waiting.exists)


def _confirmation_times(orders: list[UUID]) -> list[float]:
    rows = OrderSummary.objects.filter(order_id__in=orders, placed_at__isnull=False, confirmed_at__isnull=False)
    waits = rows.values_list(F("confirmed_at") - F("placed_at"), flat=True)
    return [wait.total_seconds() for wait in waits]


def _times_placed(orders: list[UUID]) -> dict[str, int]:
    """Return how many events say of each order that it was placed."""
    with connections["ordering"].cursor() as cursor:
        cursor.execute(
            "select subject, count(*) from messaging_event where type = 'ordering.order_placed' and subject = any(%s) "
            "group by subject",
            [[f"order/{order}" for order in orders]],
        )
        return dict(cursor.fetchall())


def _until(holds: Callable[[], bool], what: str) -> None:
    deadline = time.monotonic() + WITHIN_S
    while not holds():
        if time.monotonic() > deadline:
            raise Problem(f"It did not happen within {WITHIN_S:.0f} s that {what}.")
        time.sleep(0.05)


def _faults(door: WebDoor) -> list[str]:
    found = [f"{door.errors} server errors"] * bool(door.errors)
    return found + [f"{door.silences} requests without an answer"] * bool(door.silences)


def _percentiles(times: list[float]) -> dict[str, str]:
    return {"p50": _ms(times, 0.5), "p99": _ms(times, 0.99)}


def _ms(times: list[float], share: float) -> str:
    if not times:
        return "-"
    return f"{sorted(times)[min(int(len(times) * share), len(times) - 1)] * 1000:.0f} ms"


def _print(console: Console, results: list[Result]) -> None:
    table = Table(box=None, pad_edge=False, header_style="bold")
    for column in ("part", "figure", ""):
        table.add_column(column, overflow="fold")
    for result in results:
        for at, (name, figure) in enumerate(result.figures.items()):
            table.add_row("" if at else result.part, name, f"{figure:,}" if isinstance(figure, int) else str(figure))
    console.print(table)
    console.print(
        f"On {os.cpu_count()} cores that the guests share with the shop, under a load of {os.getloadavg()[0]:.1f}.",
        highlight=False,
    )
    for result in results:
        for problem in result.problems:
            console.print(f"[red]{result.part}: {problem}[/]", highlight=False)
