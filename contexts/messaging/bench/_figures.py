"""What `bench events` prints: figures, each beside what it is compared with."""

from __future__ import annotations

from collections.abc import Iterable
from statistics import median
from typing import Any

import msgspec


class Figure(msgspec.Struct, frozen=True, kw_only=True):
    """One thing measured, or the ratio of two; `met` is None where nothing was aimed at.

    `aim` reads like "at least 15". `spread` is the smallest and the largest of the rounds, where there were several.
    """

    part: str
    name: str
    value: float
    unit: str
    aim: str = ""
    met: bool | None = None
    spread: tuple[float, float] | None = None


def of_rounds(part: str, name: str, rounds: list[float], unit: str) -> Figure:
    """Return the median of several rounds."""
    return Figure(part=part, name=name, value=median(rounds), unit=unit, spread=(min(rounds), max(rounds)))


def ratio_of_rounds(part: str, name: str, rounds: list[float], others: list[float], aim: float) -> Figure:
    """Return by how much the median of some rounds is more than that of others, at least so many times as an aim.

    The rounds took turns, so the spread is that of neighbours' ratios.
    """
    ratios = [one / other for one, other in zip(rounds, others, strict=True)]
    found = at_least(part, name, median(rounds) / median(others), "times", aim)
    return msgspec.structs.replace(found, spread=(min(ratios), max(ratios)))


def at_least(part: str, name: str, value: float, unit: str, aim: float) -> Figure:
    return Figure(part=part, name=name, value=value, unit=unit, aim=f"at least {aim:g}", met=value >= aim)


def at_most(part: str, name: str, value: float, unit: str, aim: float) -> Figure:
    return Figure(part=part, name=name, value=value, unit=unit, aim=f"at most {aim:g}", met=value <= aim)


def percentile(values: Iterable[float], share: float) -> float:
    """Return the value below which a share (0.99) of the values lies."""
    ordered = sorted(values)
    return ordered[min(int(len(ordered) * share), len(ordered) - 1)]


def as_documents(figures: list[Figure]) -> list[dict[str, Any]]:
    documents: list[dict[str, Any]] = msgspec.to_builtins(figures)
    return documents
