"""The figures of a campaign: how often each fault struck, and how long the shop took to get well."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, NamedTuple

from config.chaos.faults import FULL, KILLS, WHAT

if TYPE_CHECKING:
    from config.chaos.campaign import Blow, Outcome


class Row(NamedTuple):
    """A kind of fault. Times are in seconds, None where nothing was measured."""

    kind: str
    what: str
    struck: int
    measured: int
    p50: float | None
    p90: float | None
    worst: float | None
    ordering_p50: float | None


def rows(blows: Sequence[Blow]) -> list[Row]:
    """Return a row for each kind of fault that struck, in the order of the full campaign, and one for all."""
    found = [_row(kind, WHAT[kind], [blow for blow in blows if blow.kind == kind]) for kind in FULL]
    return [row for row in found if row.struck] + [_row("all", "", blows)]


def quantile(values: Sequence[float], share: float) -> float | None:
    """Return the value that `share` of the values do not exceed, None without any."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))] if ordered else None


def tally(blows: Sequence[Blow]) -> str:
    """Return in words what struck."""
    struck = [(sum(blow.kind in KILLS for blow in blows), "SIGKILL", "SIGKILLs")]
    struck += [
        (sum(blow.kind == kind for blow in blows), one, many)
        for kind, one, many in (
            ("redis flush", "Redis flush", "Redis flushes"),
            ("postgres restart", "immediate restart of PostgreSQL", "immediate restarts of PostgreSQL"),
            ("redis restart", "restart of Redis", "restarts of Redis"),
        )
    ]
    return ", ".join(f"{count} {one if count == 1 else many}" for count, one, many in struck if count) or "nothing"


def verdict(outcome: Outcome) -> list[tuple[str, int]]:
    """Return the promises that people ask about, and how often each was broken."""
    broken = outcome.broken
    return [
        ("lost", broken["durable"] + broken["delivered"]),
        ("doubled", broken["once"]),
        ("inverted", broken["ordered"]),
        ("money or stock not conserved", broken["conserved"]),
        ("invented", broken["phantom"]),
    ]


def facts(outcome: Outcome) -> list[tuple[str, str]]:
    """Return what else is worth knowing."""
    counts = outcome.counts
    tried = counts.get("tried", 0)
    ends = ", ".join(f"{number} {state}" for state, number in outcome.ends.items()) or "none"
    quiet = "never" if outcome.quiet_after_s is None else f"{outcome.quiet_after_s:g} s after the last order"
    return [
        ("Struck", tally(outcome.blows)),
        (
            "Orders",
            f"{tried} tried at {outcome.wanted.orders_per_minute:g} a minute, {counts.get('placed', 0)} placed: {ends}",
        ),
        ("Refused", f"{counts.get('turned away', 0) + counts.get('refused', 0)} (sold out while they were shopping)"),
        ("Never answered", str(counts.get("never answered", 0) + counts.get("gave up", 0))),
        ("The web", f"{outcome.web_errors} server errors, {outcome.web_silences} requests without an answer"),
        ("Started again", f"{outcome.restarts} programs, by the supervisor"),
        ("All quiet", quiet),
        ("Took", f"{outcome.took_s:.0f} s, on {outcome.cores} cores under a load of {outcome.load:g}"),
    ]


def repeat(outcome: Outcome) -> str:
    """Return the command that runs the same campaign again."""
    wanted = outcome.wanted
    length = "--full" if wanted.full else f"--minutes {wanted.minutes:g}"
    storm = " --storm" if wanted.storm else ""
    only = "".join(f' --only "{kind}"' for kind in wanted.only)
    orders = f"--orders-per-minute {wanted.orders_per_minute:g}"
    return f"manage.py chaos {length}{storm} --seed {wanted.seed} {orders}{only}"


def seconds(value: float | None) -> str:
    return "-" if value is None else f"{value:.1f} s"


def _row(kind: str, what: str, blows: Sequence[Blow]) -> Row:
    times = [blow.recovery_s for blow in blows if blow.recovery_s is not None]
    ordering = [blow.ordering_s for blow in blows if blow.ordering_s is not None]
    return Row(
        kind, what, len(blows), len(times), quantile(times, 0.5), quantile(times, 0.9), max(times, default=None),
        quantile(ordering, 0.5),
    )  # fmt: skip
