"""What a process remembers of the words that people look for: which goods have each, and what it may have meant.

Reading the goods that begin with "mu" takes tens of milliseconds where they are thousands; bitmaps of them take 13 kB at
100,000 goods. They are never older than the page they are for: the news that a page brings (`bitmaps.py`) say which goods
were written since, and only those are looked at again; a new word of the shop makes all corrections be looked up anew.
"""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Hashable, Iterable, Mapping, Sequence
from typing import Any, NamedTuple, TypeVar

import msgspec

from contexts.catalog import spelling
from contexts.catalog.asking import Question, ask
from contexts.catalog.bits import bits, numbers
from contexts.catalog.indexing import STEMS
from contexts.catalog.spelling import Spelling
from contexts.catalog.translations import said
from contexts.kernel.languages import language

#: So many words are remembered; the least used go first.
MOST_WORDS = 512
#: What has been written so often since is read anew.
MOST_DOUBTFUL = 2_000
#: How a name may have a word: somewhere at the beginning of another, as the end of one ("Leselampe"), as it is.
BEGINS, ENDS, WHOLE = 1, 2, 3
Key = TypeVar("Key", bound=Hashable)
Known = TypeVar("Known")


class Match(NamedTuple):
    """Which goods have a word, as bitmaps: all that have it, and those whose names do, by how; `doubtful` were written since."""

    everywhere: int
    named: tuple[int, int, int]
    doubtful: int = 0

    def mended(self, again: Match) -> Match:
        """Replace what was doubtful by what it is now."""
        sure = ~self.doubtful
        one, two, three = (
            there & sure | there_now for there, there_now in zip(self.named, again.named, strict=True)
        )  # fmt: skip
        return Match(self.everywhere & sure | again.everywhere, (one, two, three))


class Memory:
    """The words looked for last, for all threads of the process, as one version of the bitmaps knows them."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._matches: OrderedDict[Hashable, Match] = OrderedDict()
        self._spellings: OrderedDict[Hashable, Spelling] = OrderedDict()
        self._endings: OrderedDict[Hashable, tuple[str, ...]] = OrderedDict()

    def after(self, changed: int, *, learnt: bool) -> Memory:
        """Return what is still known after some goods were written, and words learnt."""
        new = Memory()
        with self._lock:
            for key, match in self._matches.items():
                doubtful = match.doubtful | changed
                if doubtful.bit_count() <= MOST_DOUBTFUL:
                    new._matches[key] = match._replace(doubtful=doubtful)
            if not learnt:
                new._spellings, new._endings = self._spellings.copy(), self._endings.copy()
        return new

    def spellings(self, words: Sequence[str]) -> dict[str, Spelling]:
        """Return what is known of words; one query for those that nobody asked for yet."""
        known = self._recall(self._spellings, {(language(), word): word for word in words})
        if missing := [word for word in dict.fromkeys(words) if word not in known]:
            fresh = spelling.look_up(missing, into=language())
            self._keep(self._spellings, {(language(), word): found for word, found in fresh.items()})
            known |= fresh
        return known

    def endings(self, word: str, limit: int) -> tuple[str, ...]:
        """Return how a word that is being typed may go on; one query, unless somebody asked for it already."""
        key = (language(), word, limit)
        known = self._recall(self._endings, {key: word})
        if word not in known:
            known[word] = tuple(spelling.go_on(word, into=language(), limit=limit))
            self._keep(self._endings, {key: known[word]})
        return known[word]

    def matches(self, words: Iterable[Spelled]) -> list[Match]:
        """Return which goods have each of some words; at most one query."""
        words = list(words)
        known = self._recall(self._matches, {(language(), word): word for word in words})
        unsure = [word for word in dict.fromkeys(words) if word not in known or known[word].doubtful]
        if unsure:
            doubtful = [known[word].doubtful if word in known else None for word in unsure]
            answers = ask(*(_asked(word, some) for word, some in zip(unsure, doubtful, strict=True)))
            for word, answer in zip(unsure, answers, strict=True):
                fresh = _read(answer)
                known[word] = known[word].mended(fresh) if word in known else fresh
            self._keep(self._matches, {(language(), word): known[word] for word in unsure})
        return [known[word] for word in words]

    def _recall(self, where: OrderedDict[Hashable, Known], keys: Mapping[Hashable, Key]) -> dict[Key, Known]:
        with self._lock:
            found = {name: where[key] for key, name in keys.items() if key in where}
            for key in keys:
                if key in where:
                    where.move_to_end(key)
        return found

    def _keep(self, where: OrderedDict[Hashable, Known], new: Mapping[Hashable, Known]) -> None:
        with self._lock:
            where.update(new)
            while len(where) > MOST_WORDS:
                where.popitem(last=False)


class Spelled(NamedTuple):
    """A word with all that counts as it; `compounds` end with it."""

    spellings: tuple[str, ...]
    compounds: tuple[str, ...] = ()

    @property
    def query(self) -> tuple[str, list[str]]:
        """What finds it, as SQL and its values: as the beginning of a word, and by its stem.

        A word holds letters and digits only, so none can be an operator.
        """
        each = [*self.spellings, *self.compounds]
        begun, stems = " | ".join(f"{word}:*" for word in each), " | ".join(each)
        sql = " || ".join(
            ["to_tsquery('simple', %s::text)", *(f"to_tsquery('{name}', %s::text)" for name in STEMS.values())]
        )
        return f"({sql})", [begun, *[stems] * len(STEMS)]


def _asked(word: Spelled, some: int | None) -> Question:
    """Ask which of some goods, or of all, have a word."""
    query, values = word.query
    among = "" if some is None else " AND number = ANY(%s::int[])"
    spelt = list(word.spellings)
    stubs = [stub for word in spelt for stub in spelling.stubs(word)]
    ranks = {
        WHOLE: [f" {word} " for word in spelt],
        ENDS: [f"{word} " for word in spelt] if word.compounds else [],
        BEGINS: [f" {stub}" for stub in stubs],
    }
    cases, looked = "", list[str]()
    for rank, parts in ranks.items():
        if parts:
            cases += f" WHEN {' OR '.join(['strpos(words, %s::text) > 0'] * len(parts))} THEN {rank}"
            looked += parts
    each = ", ".join(f"array_agg(number) FILTER (WHERE rank = {rank})" for rank in (BEGINS, ENDS, WHOLE))
    # The query comes from a row, so that the planner does not know how many goods have the word: it would read them all
    # instead of the index, and leave out of account that their vectors lie in another table.
    return Question(
        f"SELECT json_build_array(array_agg(number), {each}) AS row FROM ("
        f"SELECT number, CASE{cases} END AS rank FROM ("
        f"SELECT number, ' ' || translate(lower({said('name')}), '-/.,', '    ') || ' ' AS words "
        f"FROM (SELECT {query} AS query OFFSET 0) asked JOIN catalog_product ON search @@ asked.query "
        f"WHERE state = 'published'{among} OFFSET 0) spoken) ranked",
        [*looked, *values, *([] if some is None else [numbers(some)])],
    )


def _read(answer: str) -> Match:
    [found] = msgspec.json.decode(answer, type=list[tuple[Any, Any, Any, Any]])  # Lists of numbers, or None.
    everywhere, begins, ends, whole = (bits(some or ()) for some in found)
    return Match(everywhere, (begins, ends, whole))
