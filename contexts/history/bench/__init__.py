"""`bench history`: a page of purchases from Redis beside the same page by SQL joins, few orders and many."""

from __future__ import annotations

import argparse
import time
from collections import defaultdict, deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from itertools import chain, islice
from statistics import quantiles
from typing import Any, TypeVar
from uuid import UUID

import msgspec
import redis
from django.conf import settings
from rich.console import Console
from rich.progress import Progress
from rich.table import Table
from uuid_utils.compat import uuid7

from contexts.history.bench import orders as made
from contexts.history.bench.joins import Joins, tables
from contexts.history.purchases import STATUSES, PurchasePage, PurchaseQuery
from contexts.history.redis_store import RedisPurchaseStore

HELP = "The purchase history: a page from Redis beside the same page by SQL joins, at few orders and at many."

T = TypeVar("T")
Page = Callable[[PurchaseQuery], PurchasePage]

FEW, MANY = 100, 10_000
#: Customers with MANY orders, and the queries that each one of a size is asked.
BIG_CUSTOMERS = 2
BATCH = 1000
#: So many batches are on their way into the stores at once.
AHEAD = 4
#: A page may cost this much more with many times the orders: that is flat.
FLAT = 1.5
WARM_UP = 20
PATIENCE_S = 120.0


class Figures(msgspec.Struct, frozen=True, kw_only=True):
    """What a page cost with so many orders in all, for customers with so many each; times in milliseconds.

    The fastest tenth (p10) is what a page costs while nothing else on the machine gets in between.
    """

    orders: int
    per_customer: int
    redis_p10: float
    redis_p50: float
    redis_p99: float
    joins_p10: float
    joins_p50: float
    joins_p99: float

    @property
    def ratio(self) -> float:
        return self.joins_p50 / self.redis_p50


class Differs(Exception):
    """The two stores do not show the same page: then the comparison would be worth nothing."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--orders", type=int, default=1_000_000, metavar="N", help="orders in all (1000000)")
    parser.add_argument("--looks", type=int, default=1000, metavar="N", help="pages asked of each store (1000)")
    parser.add_argument("--json", action="store_true", help="print JSON for a script")


def run(options: dict[str, Any], console: Console) -> int:
    if options["orders"] < FEW or options["looks"] < 10:
        Console(stderr=True).print(f"[red]--orders takes {FEW} or more, --looks 10 or more.[/]")
        return 2
    with tables() as joins, _purchases() as store:
        figures, filled_s = [], 0.0
        known: dict[int, list[UUID]] = {MANY: [], FEW: []}
        for goal in _goals(options["orders"]):
            filled_s += _fill(store, joins, known, goal, quiet=options["json"])
            figures += _measure(store, joins, known, goal, options["looks"])
        sizes = {"redis_bytes": _bytes_per_order(store, known) * options["orders"],
                 "joins_bytes": joins.size()}  # fmt: skip
    growth = _growth(figures)
    if options["json"]:
        document = {
            "pages": [msgspec.to_builtins(one) | {"ratio": one.ratio} for one in figures], "growth": growth,
            "filled_s": filled_s, **sizes,
        }  # fmt: skip
        console.print_json(msgspec.json.encode(document).decode())
    else:
        _print(console, figures, growth, sizes, filled_s)
    return 0 if growth <= FLAT else 1


def _goals(orders: int) -> list[int]:
    """Return how many orders there are in all at each measurement: enough for both kinds of customers, then more."""
    small = BIG_CUSTOMERS * MANY + 100 * FEW
    return sorted({min(small, orders), max(min(small, orders), orders // 10), orders})


class _Store(msgspec.Struct, frozen=True):
    client: redis.Redis
    prefix: str
    purchases: RedisPurchaseStore


@contextmanager
def _purchases() -> Iterator[_Store]:
    """Have a purchase store under a prefix of its own; its keys are removed at the end."""
    # Patient: filling keeps the disk busy, and Redis may wait for it.
    client: redis.Redis = redis.Redis.from_url(settings.REDIS_URL, decode_responses=True, socket_timeout=PATIENCE_S)
    prefix = f"history-bench-{uuid7()}:"
    client.ping()
    try:
        yield _Store(client, prefix, RedisPurchaseStore(client, prefix=prefix))
    finally:
        for keys in _batches(client.scan_iter(f"{prefix}*", count=5000), 5000):
            client.unlink(*keys)
        client.close()


def _batches(things: Iterable[T], size: int) -> Iterator[list[T]]:
    rest = iter(things)
    while some := list(islice(rest, size)):
        yield some


def _fill(store: _Store, joins: Joins, known: dict[int, list[UUID]], goal: int, *, quiet: bool) -> float:
    """Add customers until there are `goal` orders; return the seconds that it took."""
    have = sum(size * len(customers) for size, customers in known.items())
    began = time.perf_counter()
    joins.unsettle()
    # Both stores take a batch while this process makes up the next one; a store takes one at a time, in their order.
    with (
        Progress(console=Console(stderr=True), disable=quiet, transient=True) as progress,
        ThreadPoolExecutor(1) as redis_side,
        ThreadPoolExecutor(1) as joins_side,
    ):
        bar = progress.add_task(f"Filling up to {goal:,} orders", total=goal - have)
        taking: deque[Future[None]] = deque()
        for some in _batches(_customers(known, have, goal), BATCH):
            while len(taking) >= AHEAD:
                taking.popleft().result()
            taking.append(redis_side.submit(_apply, store, some))
            taking.append(joins_side.submit(joins.fill, some))
            progress.advance(bar, len(some))
        for one in taking:
            one.result()
    joins.settle()
    return time.perf_counter() - began


def _customers(known: dict[int, list[UUID]], have: int, goal: int) -> Iterator[made.MadeOrder]:
    """Yield the purchases of new customers until there are `goal` orders."""
    while have < goal:
        size = MANY if len(known[MANY]) < BIG_CUSTOMERS and goal - have >= MANY else min(FEW, goal - have)
        customer = made.customer(sum(len(customers) for customers in known.values()))
        if size in known:
            known[size].append(customer)
        yield from made.made_up(customer, size)
        have += size


def _apply(store: _Store, orders: Sequence[made.MadeOrder]) -> None:
    store.purchases.apply([change for order in orders for change in made.changes_of(order)], as_of=made.NEWEST)


def _measure(store: _Store, joins: Joins, known: dict[int, list[UUID]], orders: int, looks: int) -> list[Figures]:
    """Ask both stores the same pages in turns, so that whatever else this machine does hits all of them."""
    queries = {size: list(_queries(customers[:50], size)) for size, customers in known.items() if customers}
    for query in chain(*queries.values()):
        _compare(store, joins, query)
    stores: dict[str, Page] = {"redis": store.purchases.page, "joins": joins.page}
    times: dict[tuple[int, str], list[float]] = defaultdict(list)
    for look in range(looks + WARM_UP):
        for size, asked in queries.items():
            query = asked[look % len(asked)]
            for name, page in stores.items():
                began = time.perf_counter()
                page(query)
                if look >= WARM_UP:
                    times[size, name].append((time.perf_counter() - began) * 1000)
    return [
        Figures(
            orders=orders, per_customer=size,
            **{f"{name}_{point}": cost for name in stores for point, cost in _points(times[size, name]).items()},
        )
        for size in queries
    ]  # fmt: skip


def _growth(figures: Sequence[Figures]) -> float:
    """Return how much dearer a page from Redis gets, at worst, with more orders in all or of the customer."""
    return max(
        more.redis_p10 / fewer.redis_p10
        for fewer in figures
        for more in figures
        if fewer.orders <= more.orders and fewer.per_customer <= more.per_customer
    )


def _points(times: list[float]) -> dict[str, float]:
    cuts = quantiles(times, n=100)
    return {"p10": cuts[9], "p50": cuts[49], "p99": cuts[98]}


def _queries(customers: Sequence[UUID], per_customer: int) -> Iterator[PurchaseQuery]:
    """Yield what a customer may look at: the newest, a later page, a year, a status, a product, all together."""
    year, product = made.NEWEST.year - 1, made.slug(3)
    for customer in customers:
        yield PurchaseQuery(customer_id=customer)
        yield PurchaseQuery(customer_id=customer, page=max(1, per_customer // 20))
        yield PurchaseQuery(customer_id=customer, year=year)
        yield PurchaseQuery(customer_id=customer, status="cancelled")
        yield PurchaseQuery(customer_id=customer, product_slug=product)
        yield PurchaseQuery(customer_id=customer, year=year, status="completed", product_slug=product)


def _compare(store: _Store, joins: Joins, query: PurchaseQuery) -> None:
    ours, theirs = store.purchases.page(query), joins.page(query)
    if msgspec.structs.replace(ours, as_of=made.NEWEST) != msgspec.structs.replace(theirs, as_of=made.NEWEST):
        raise Differs(f"The stores show different pages for {query}.")


def _bytes_per_order(store: _Store, known: dict[int, list[UUID]]) -> int:
    """Return what an order takes in Redis, its share of the indexes included, from a customer who is there."""
    client, prefix = store.client, store.prefix
    size, customer = next((size, customers[-1]) for size, customers in sorted(known.items()) if customers)
    keys = [f"{prefix}g1:order:{order!s}" for order in client.zrange(f"{prefix}g1:index:{customer}::", 0, -1)]
    for status in ("", *STATUSES):
        keys += [f"{prefix}g1:index:{customer}:{status}:{slug}" for slug in ("", *map(made.slug, range(made.PRODUCTS)))]
    return sum(client.memory_usage(key, samples=0) or 0 for key in keys) // size


def _print(console: Console, figures: list[Figures], growth: float, sizes: dict[str, int], filled_s: float) -> None:
    table = Table(box=None, pad_edge=False, header_style="bold")
    for name in (
        "orders in all",
        "of the customer",
        "Redis p10",
        "p50",
        "p99",
        "joins p10",
        "p50",
        "p99",
        "joins / Redis",
    ):
        table.add_column(name, justify="right")
    for one in figures:
        times = (one.redis_p10, one.redis_p50, one.redis_p99, one.joins_p10, one.joins_p50, one.joins_p99)
        table.add_row(f"{one.orders:,}", f"{one.per_customer:,}", *(f"{ms:.2f}" for ms in times), f"{one.ratio:.1f}")
    console.print(table)
    verdict = "flat" if growth <= FLAT else f"[red]not flat, {FLAT} was wanted[/]"
    console.print(
        f"Milliseconds. More orders make a page from Redis at most {growth:.2f} times as dear (p10): {verdict}."
    )
    console.print(
        f"Both stores showed the same pages. Memory in Redis {sizes['redis_bytes'] / 2**20:,.0f} MB, tables and indexes "
        f"{sizes['joins_bytes'] / 2**20:,.0f} MB. Filled in {filled_s:.0f} s."
    )
