"""Counting what is in files for somebody, without reading a block twice: a file never changes."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from functools import lru_cache
from pathlib import Path

from django.conf import settings

from contexts.messaging.archive import files, shelf
from contexts.messaging.archive.files import Block

#: Events and the time of the oldest, by type and slot.
Tally = Mapping[tuple[str, int], tuple[int, datetime]]


def count(
    context: str, first: int, last: int, *, partition: int, since: Mapping[str, int]
) -> tuple[int, datetime | None]:
    """Return how many archived events from one position to another a subscriber wants, and the time of the oldest.

    `since` says for each kind after which position it is wanted.

    Raises:
        ArchiveProblem: a file is missing or altered.
    """
    events, oldest = 0, list[datetime]()
    for archive in shelf.archives(context):
        if archive.last_position < first or archive.first_position > last:
            continue
        for block in archive.index().blocks:
            if block.last_position < first or block.first_position > last:
                continue
            for (kind, slot), (number, time) in _tally(archive.path, block, first, last, since).items():
                if kind in since and slot % settings.MESSAGING_PARTITIONS == partition:
                    events += number
                    oldest = [min([time, *oldest])]
    return events, oldest[0] if oldest else None


def _tally(path: Path, block: Block, first: int, last: int, since: Mapping[str, int]) -> Tally:
    if first <= block.first_position and block.last_position <= last and max(since.values()) < block.first_position:
        return _tally_of_block(path, block)
    return _tallied(
        (line.type, line.slot, line.time)
        for line in files.lines_of(path, block)
        if first <= line.position <= last and line.position > since.get(line.type, last)
    )


@lru_cache(maxsize=10_000)
def _tally_of_block(path: Path, block: Block) -> Tally:
    return _tallied((line.type, line.slot, line.time) for line in files.lines_of(path, block))


def _tallied(lines: Iterable[tuple[str, int, datetime]]) -> Tally:
    tally: dict[tuple[str, int], tuple[int, datetime]] = {}
    for kind, slot, time in lines:
        number, oldest = tally.get((kind, slot), (0, time))
        tally[kind, slot] = number + 1, min(oldest, time)
    return tally
