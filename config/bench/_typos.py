"""Misspelt queries made from the catalogue's own words, and how often the product that was meant is found."""

from __future__ import annotations

import string
import time
from collections.abc import Sequence
from random import Random
from typing import NamedTuple

from contexts.catalog import queries
from contexts.catalog.facets import Wanted
from contexts.catalog.spelling import words

#: The product that was meant must be among so many.
FIRST = 5
#: Shorter words are not misspelt here: one letter of "cup" more or less is another word.
SHORTEST = 4


class Typo(NamedTuple):
    """What was typed, and the name of the product that was meant."""

    typed: str
    meant: str


class Outcome(NamedTuple):
    """How many of the products that were meant were found, which were not, and the time of each search in seconds."""

    found: int
    missed: list[Typo]
    times: list[float]

    @property
    def share(self) -> float:
        return self.found / (self.found + len(self.missed))


def typos(names: Sequence[str], *, count: int, seed: int) -> list[Typo]:
    """Return names with one error in one of their words: a letter left out, added, replaced, or two exchanged."""
    random = Random(seed)  # noqa: S311 - mistakes, not secrets
    made = []
    for name in random.sample(sorted(names), min(count, len(names))):
        parts = words(name)
        long = [place for place, word in enumerate(parts) if len(word) >= SHORTEST and word.isalpha()]
        if long:
            place = random.choice(long)
            parts[place] = _misspelt(parts[place], random)
            made.append(Typo(" ".join(parts), name))
    return made


def _misspelt(word: str, random: Random) -> str:
    while True:
        at, letter = random.randrange(len(word)), random.choice(string.ascii_lowercase)
        made = random.choice(
            (
                word[:at] + word[at + 1 :],
                word[:at] + letter + word[at:],
                word[:at] + letter + word[at + 1 :],
                word[:at] + word[at : at + 2][::-1] + word[at + 2 :],
            )
        )
        if made != word:
            return made


def look(typed: Sequence[Typo]) -> Outcome:
    """Search for each as the search page does."""
    found, missed, times = 0, [], []
    for query in typed:
        began = time.perf_counter()
        page = queries.found(query.typed, Wanted())
        times.append(time.perf_counter() - began)
        if query.meant in [card.name for card in page.cards[:FIRST]]:
            found += 1
        else:
            missed.append(query)
    return Outcome(found, missed, times)
