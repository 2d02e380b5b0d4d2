"""What happens to a shop, in the order in which a seed wants it."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from itertools import chain
from random import Random
from typing import NamedTuple

#: A full campaign: how often each thing happens. The first eight are SIGKILLs, 200 of them.
FULL = {
    "web": 25, "web worker": 15, "worker": 35, "worker child": 45, "effects": 15, "beat": 20, "relay at work": 40,
    "tail": 5, "redis flush": 50, "redis restart": 10, "postgres restart": 20,
}  # fmt: skip
KILLS = ("web", "web worker", "worker", "worker child", "effects", "beat", "relay at work", "tail")

WHAT = {
    "web": "the web's first process killed",
    "web worker": "a process that serves pages killed",
    "worker": "the worker killed, its pool with it",
    "worker child": "a process of the worker's pool killed",
    "effects": "the worker for gateways and e-mails killed",
    "beat": "beat killed",
    "relay at work": "a relay killed while it held its lock",
    "tail": "the log tailer killed",
    "redis flush": "Redis emptied (FLUSHALL)",
    "redis restart": "Redis killed and started again",
    "postgres restart": "PostgreSQL stopped at once (immediate) and started again",
}

#: What even the shortest campaign begins with.
OPENING = ("worker child", "redis flush", "worker", "postgres restart", "relay at work", "web", "beat", "redis restart")
#: How long the shop is left alone before a fault, at least and at most.
PAUSE_S = (0.2, 2.0)
#: The share of faults that come on top of the one before, while the shop still suffers from that; and in a storm.
ON_TOP, ON_TOP_IN_A_STORM = 0.17, 0.8


class Fault(NamedTuple):
    """One thing that happens. `on_top`: without waiting until the shop is well after the one before."""

    number: int
    kind: str
    pause_s: float
    on_top: bool


def campaign(*, seed: int, full: bool, storm: bool = False, only: Collection[str] = ()) -> Iterator[Fault]:
    """Yield faults in the order of a seed: those of a full campaign, or without an end; `only` of some kinds."""
    random = Random(seed)  # noqa: S311 - misfortunes, not secrets
    kinds = _full(random) if full else _endless(random)
    wanted = (kind for kind in kinds if not only or kind in only)
    share = ON_TOP_IN_A_STORM if storm else ON_TOP
    for number, kind in enumerate(wanted, start=1):
        pause_s, on_top = round(random.uniform(*PAUSE_S), 2), random.random() < share
        yield Fault(number, kind, pause_s, on_top and number > 1)


def _full(random: Random) -> list[str]:
    deck = [kind for kind, count in FULL.items() for _ in range(count)]
    random.shuffle(deck)
    return deck


def _endless(random: Random) -> Iterator[str]:
    opening = list(OPENING)
    random.shuffle(opening)
    # A smaller deck of the same mixture, so that nothing is away for long.
    deck = [kind for kind, count in FULL.items() for _ in range(max(1, count // 5))]

    def decks() -> Iterator[list[str]]:
        while True:
            random.shuffle(deck)
            yield deck

    return chain(opening, chain.from_iterable(decks()))
