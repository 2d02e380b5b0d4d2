"""`bench pages`: what shoppers ask for, over granian, with few and with many products, beside an empty view."""

from __future__ import annotations

import argparse
import base64
import json
import logging
import os
from collections import defaultdict
from contextlib import ExitStack
from random import Random
from statistics import median
from typing import Any

import msgspec
from django.db import connections
from django.test import Client
from django.test.utils import CaptureQueriesContext
from rich.console import Console
from rich.table import Table

from config.bench._fill import SEED, catalogue, use
from config.bench._load import Sample, load
from config.bench._site import site
from config.bench._typos import Outcome, look, typos
from config.problems import Problem
from contexts.catalog.lists import PAGE_SIZE
from contexts.catalog.models import Category, Product

HELP = "Pages of the storefront: requests per second at 1,000 and 100,000 products, beside an empty view."

EMPTY = "empty view"
#: Whose rate must be this share of the empty view's, and with many products this share of that with few.
MEASURED = ("home", "category", "product")
OF_EMPTY, OF_FEW = 0.2, 0.8
#: So many different products are asked for in turn, with few products as with many.
ASKED = 1_000
DEEP = 1_000
MISSPELT = 100


class Figure(msgspec.Struct, frozen=True, kw_only=True):
    """A page at one size of the catalogue. `of_empty` is its rate as a share of the empty view's in the same round."""

    page: str
    products: int
    rate: float
    of_empty: float
    p50_ms: float
    p99_ms: float
    kilobytes: float
    queries: int
    failed: int


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--few", type=int, default=1_000, metavar="N", help="products of the small catalogue (1000)")
    parser.add_argument("--many", type=int, default=100_000, metavar="N", help="products of the large one (100000)")
    parser.add_argument("--rounds", type=int, default=3, metavar="N", help="interleaved rounds; medians count (3)")
    parser.add_argument("--seconds", type=float, default=2, metavar="S", help="length of a measurement (2)")
    parser.add_argument("--workers", type=int, default=2, metavar="N", help="workers of the web server (2)")
    parser.add_argument("--connections", type=int, default=8, metavar="N", help="requests at a time (8)")
    parser.add_argument("--keep", action="store_true", help="leave the catalogues, and take those that were left")
    parser.add_argument("--json", action="store_true", help="print JSON for a script")


def run(options: dict[str, Any], console: Console) -> int:
    few, many = (min(max(options[name], 50), 200_000) for name in ("few", "many"))
    if few >= many:
        console.print(f"[red]--few ({few}) must be smaller than --many ({many}).[/]")
        return 2
    logging.getLogger("django_structlog.middlewares.request").setLevel(logging.WARNING)  # It counts queries here.
    progress = (lambda text: None) if options["json"] else (lambda text: console.print(f"[dim]{text}[/]"))
    try:
        figures, searches = _measure((few, many), options, progress)
    except Problem as problem:
        Console(stderr=True).print(f"[red]{problem}[/]")
        return 2
    misses = list(_misses(figures, few, many))
    if options["json"]:
        console.file.write(json.dumps(_document(figures, searches, misses)) + "\n")
        return 1 if misses else 0
    _print(console, figures, searches)
    console.print(
        f"Medians of {options['rounds']} interleaved rounds of {options['seconds']:g} s; {options['workers']} workers, "
        f"{options['connections']} connections; load average {os.getloadavg()[0]:.1f} on {os.cpu_count()} cores.",
        highlight=False,
    )
    for miss in misses:
        console.print(f"[red]{miss}[/]", highlight=False)
    return 1 if misses else 0


def _measure(sizes: tuple[int, int], options: dict[str, Any], progress: Any) -> tuple[list[Figure], dict[int, Outcome]]:
    rounds = max(options["rounds"], 1)
    samples: dict[tuple[int, str], list[Sample]] = defaultdict(list)
    asked: dict[int, dict[str, list[str]]] = {}
    counted: dict[tuple[int, str], int] = {}
    searches: dict[int, Outcome] = {}
    with ExitStack() as stack:
        ports = {}
        for size in sizes:
            progress(f"Filling a catalogue of {size:,} products …")
            name = stack.enter_context(catalogue(size, keep=options["keep"]))
            use(name)
            asked[size] = _addresses()
            counted |= {
                (size, page): _queries(addresses[0]) for page, addresses in asked[size].items() if page != EMPTY
            }
            counted[size, EMPTY] = 0
            searches[size] = look(typos(_names(), count=MISSPELT, seed=SEED))
            ports[size] = stack.enter_context(site(name, workers=max(options["workers"], 1)))
        progress("Visiting each page once per worker …")
        for size in sizes:
            for addresses in asked[size].values():
                for _ in range(2 * max(options["workers"], 1)):
                    load(ports[size], addresses, seconds=options["seconds"], connections=max(options["connections"], 1))
        for number in range(rounds):
            progress(f"Round {number + 1} of {rounds} …")
            for page in asked[sizes[0]]:
                for size in sizes:
                    sample = load(
                        ports[size],
                        asked[size][page],
                        seconds=options["seconds"],
                        connections=max(options["connections"], 1),
                    )
                    samples[size, page].append(sample)
    return [_figure(size, page, samples, counted) for page in asked[sizes[0]] for size in sizes], searches


def _figure(
    size: int, page: str, samples: dict[tuple[int, str], list[Sample]], counted: dict[tuple[int, str], int]
) -> Figure:
    mine, empty = samples[size, page], samples[size, EMPTY]
    times = Sample(times=[time for sample in mine for time in sample.times], seconds=1, received=0, failed=0)
    return Figure(
        page=page,
        products=size,
        rate=median(sample.rate for sample in mine),
        of_empty=median(one.rate / other.rate for one, other in zip(mine, empty, strict=True)),
        p50_ms=times.percentile(0.5),
        p99_ms=times.percentile(0.99),
        kilobytes=sum(sample.received for sample in mine) / len(times.times) / 1000,
        queries=counted[size, page],
        failed=sum(sample.failed for sample in mine),
    )


def _addresses() -> dict[str, list[str]]:
    """Return what is asked for, by the name of the page."""
    random = Random(SEED)  # noqa: S311
    slugs = sorted(Product.objects.values_list("slug", flat=True))
    products = random.sample(slugs, min(ASKED, len(slugs)))
    aisles = [f"/c/{slug}/" for slug in Category.objects.values_list("slug", flat=True)]
    return {
        EMPTY: ["/empty/"],
        "home": ["/"],
        "category": aisles,
        "product": [f"/p/{slug}/" for slug in products],
        "category, filtered": [f"{aisle}?colour={colour}&stock=1" for aisle in aisles for colour in ("red", "blue")],
        f"all goods, page {DEEP:,} or the last": [f"/search/?after={_deep()}"],
        "search": [f"/search/?q={word}" for word in ("mug", "oak+chair", "lamp", "red+kettle", "ceramc+mug")],
        "suggestions": [f"/search/suggest/?q={word}" for word in ("mu", "lam", "bac", "oak+ch")],
    }


def _deep() -> str:
    """Return where page 1,000 of all goods begins, or the last where there are fewer."""
    newest = Product.objects.filter(state="published").order_by("-published_at", "-id")
    last = newest[min((DEEP - 1) * PAGE_SIZE, newest.count() - PAGE_SIZE - 1)]
    return base64.urlsafe_b64encode(msgspec.json.encode((last.published_at, last.id))).decode()


def _names() -> list[str]:
    return list(Product.objects.exclude(name__contains=" No. ").values_list("name", flat=True))


def _queries(address: str) -> int:
    with CaptureQueriesContext(connections["catalog"]) as asked:
        Client(headers={"host": "localhost"}).get(address)
    return len(asked)


def _misses(figures: list[Figure], few: int, many: int) -> list[str]:
    by = {(figure.page, figure.products): figure for figure in figures}
    misses = [f"{figure.page}: {figure.failed} answers were no pages." for figure in figures if figure.failed]
    for page in MEASURED:
        small, large = by[page, few], by[page, many]
        if large.of_empty < OF_EMPTY:
            misses.append(f"{page}: {large.of_empty:.0%} of the empty view's rate, {OF_EMPTY:.0%} wanted.")
        if large.of_empty < OF_FEW * small.of_empty:
            misses.append(f"{page}: {1 - large.of_empty / small.of_empty:.0%} slower with {many:,} products.")
    return misses


def _document(figures: list[Figure], searches: dict[int, Outcome], misses: list[str]) -> dict[str, Any]:
    return {
        "figures": msgspec.to_builtins(figures),
        "searches": {
            size: {"found": outcome.share, "p50_ms": median(outcome.times) * 1000, "longest_ms": max(outcome.times) * 1000}
            for size, outcome in searches.items()
        },
        "load_average": os.getloadavg()[0], "cores": os.cpu_count(), "misses": misses,
    }  # fmt: skip


def _print(console: Console, figures: list[Figure], searches: dict[int, Outcome]) -> None:
    table = Table("page", *(("products", "per second", "of empty", "p50 ms", "p99 ms", "kB", "queries")))
    for column in table.columns[1:]:
        column.justify = "right"
    for figure in figures:
        table.add_row(
            figure.page, f"{figure.products:,}", f"{figure.rate:,.0f}", f"{figure.of_empty:.2f}", f"{figure.p50_ms:.1f}",
            f"{figure.p99_ms:.1f}", f"{figure.kilobytes:.1f}", str(figure.queries),
        )  # fmt: skip
    console.print(table)
    for size, outcome in searches.items():
        console.print(
            f"Misspelt queries at {size:,} products: {outcome.share:.0%} of {len(outcome.times)} find the product among the "
            f"first five; {median(outcome.times) * 1000:.1f} ms each, the longest {max(outcome.times) * 1000:.0f} ms.",
            highlight=False,
        )
