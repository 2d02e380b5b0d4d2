"""Many seeds, on as many cores as there are, each judged by the independent checker."""

from __future__ import annotations

import importlib.util
import multiprocessing
import os
from collections import Counter
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from types import ModuleType
from typing import Any

import msgspec
from django.conf import settings

from contexts.messaging.errors import MessagingError
from contexts.messaging.simulation.run import Mutation, Outcome, simulate

CHECKER = "tests/checker/checker.py"

#: What went wrong in a run on purpose, by the words of its trace.
MISFORTUNES = {
    "messages lost": "lost:",
    "messages doubled": "sends twice:",
    "processes killed": "is killed",
    "processes stalled": "stands still",
    "server crashes": "server crashes",
    "broker emptied": "broker is emptied",
    "broker away": "broker is away",
}


class Verdict(msgspec.Struct, kw_only=True):
    """What the checker found in one seed."""

    seed: int
    violations: list[tuple[str, str]]
    fingerprint: str
    events: int
    steps: int
    misfortunes: dict[str, int]


def load_checker() -> ModuleType:
    """Return the checker, which is a program of its own and imports nothing of the shop.

    Raises:
        MessagingError: it is not there, as in a deployment without tests.
    """
    return _loaded(Path(settings.BASE_DIR) / CHECKER)


@cache
def _loaded(path: Path) -> ModuleType:
    spec = importlib.util.spec_from_file_location("tradepost_checker", path)
    if not path.exists() or spec is None or spec.loader is None:
        raise MessagingError(f"The checker ({CHECKER}) is not here. Run the simulation from a checkout with its tests.")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def judge(outcome: Outcome) -> list[tuple[str, str]]:
    """Return the promises that a run broke, each with what was seen."""
    return [(one.promise, one.what) for one in load_checker().violations(outcome.history, outcome.tables)]


def examine(seed: int, mutation: Mutation | None = None) -> Verdict:
    """Run one seed and judge it."""
    outcome = simulate(seed, mutation=mutation)
    misfortunes = Counter({name: sum(words in line for line in outcome.trace) for name, words in MISFORTUNES.items()})
    return Verdict(
        seed=seed, violations=judge(outcome), fingerprint=outcome.fingerprint, events=outcome.events,
        steps=outcome.steps, misfortunes=dict(misfortunes),
    )  # fmt: skip


def explore(seeds: range, *, jobs: int | None = None) -> Iterator[Verdict]:
    """Examine seeds, in whatever order they finish."""
    jobs = min(jobs or os.cpu_count() or 1, len(seeds))
    if jobs <= 1:
        yield from map(examine, seeds)
        return
    load_checker()  # Once, for all of them.
    fork: Any = multiprocessing.get_context("fork")
    with fork.Pool(jobs) as pool:
        yield from pool.imap_unordered(examine, seeds, chunksize=5)
