"""Finding products by the words of their names, SKUs, facts and descriptions.

What was typed is split into words. Each is looked for as the beginning of a word and by its stem, in English and in
German; a word that no product has is looked for as the words it may have meant (`spelling.py`). What has exactly the
name or the SKU that was typed comes first, then what has the words in better places. Which goods have a word is
remembered as bitmaps (`matches.py`), so that a search fetches no more than the goods that it may show.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from functools import reduce
from itertools import islice, product
from operator import and_, or_
from typing import NamedTuple

import msgspec

from contexts.catalog import lists, spelling
from contexts.catalog.asking import Question, ask
from contexts.catalog.bitmaps import Bitmaps
from contexts.catalog.bits import bits, numbers
from contexts.catalog.cards import Card, read_cards, row
from contexts.catalog.facets import Counts, Wanted
from contexts.catalog.lists import PAGE_SIZE
from contexts.catalog.matches import Match, Spelled
from contexts.kernel.currencies import Rate

#: More words than this narrow nothing down.
MOST_WORDS = 8
#: So many at a time, in the order of how well names have the words and of how well they sell, are weighed: whole pages.
WEIGHED = 10 * PAGE_SIZE
#: While a word is being typed.
SUGGESTED_FROM = 48
#: With fewer finds than this, what may have been meant is shown after them.
FEW = 5
#: So many ways to correct what was typed are looked for as names.
MOST_NAMES = 8
#: What is typed between words and means nothing here.
FILLERS = frozenset(
    [
        "a",
        "an",
        "and",
        "at",
        "by",
        "for",
        "from",
        "in",
        "into",
        "of",
        "on",
        "or",
        "the",
        "to",
        "with",
        "der",
        "die",
        "das",
        "den",
        "dem",
        "ein",
        "eine",
        "einen",
        "einer",
        "für",
        "im",
        "in",
        "mit",
        "ohne",
        "und",
        "von",
        "zu",
        "zum",
        "zur",
    ]
)


class Term(NamedTuple):
    """A word to look for. `spellings` count as it: itself if any product has it, else its corrections.

    `meant` says that it is a word of the shop's, so that it is never corrected; `compounds` are words that end with it.
    """

    typed: str
    spellings: tuple[str, ...]
    corrections: tuple[str, ...] = ()
    meant: bool = False
    compounds: tuple[str, ...] = ()

    @property
    def wide(self) -> Term:
        """The word and whatever else it may have meant."""
        if self.meant:
            return self
        return self._replace(spellings=tuple(dict.fromkeys((*self.spellings, *self.corrections))))

    @property
    def spelled(self) -> Spelled:
        return Spelled(self.spellings, self.compounds)


class Found(NamedTuple):
    """A page of what a search brought, best first, with the numbers beside filters.

    `exact` is false where no product has every word, and these have some; `meant` is what was looked for instead where
    nothing has what was typed. `number` is the page's: the last one where more were asked for.
    """

    cards: tuple[Card, ...]
    total: int
    terms: tuple[Term, ...]
    counts: Counts
    number: int = 1
    exact: bool = True
    meant: str = ""


class _Same(NamedTuple):
    """Goods whose name, or one of whose SKUs, is what was typed; as bitmaps."""

    named: int = 0
    numbered: int = 0


def words(text: str) -> list[str]:
    """Split what was typed into the words to look for."""
    typed = spelling.words(text)
    return [word for word in typed if word not in FILLERS][:MOST_WORDS] or typed[:MOST_WORDS]


def understand(text: str, known: Bitmaps) -> tuple[Term, ...]:
    """Split what was typed into terms; one query, unless all its words are remembered."""
    typed = words(text)
    spellings = known.memory.spellings(typed) if typed else {}
    return tuple(_term(word, spellings[word]) for word in typed)


def _term(word: str, known: spelling.Spelling) -> Term:
    corrections = tuple(found.word for found in known.corrections)
    spellings = (word,) if known.known or not corrections else corrections
    return Term(word, spellings, corrections, known.meant, known.compounds)


def suggested_words(text: str, known: Bitmaps, *, limit: int = 4) -> list[str]:
    """Return how what was typed may go on, the words of names first; one query, unless it is remembered."""
    typed = spelling.words(text)[:MOST_WORDS]
    if not typed or len(typed[-1]) < 2:
        return []
    return [" ".join([*typed[:-1], word]) for word in known.memory.endings(typed[-1], limit)]


def asked_same(*texts: str) -> Question:
    """Ask which goods have one of these texts as their name or SKU. They are found by their own indexes."""
    return Question(_SAME, [[text.lower() for text in texts], [text.upper() for text in texts]])


def find(
    text: str, wanted: Wanted, known: Bitmaps, same: str, *,
    rate: Rate | None = None, page: int = 1, size: int = PAGE_SIZE, weighed: int = WEIGHED,
) -> Found:  # fmt: skip
    """Return a page of what fits; `same` is the answer to `asked_same`. One query, and at most four for new words.

    Bands and orders of prices are those at `rate`.
    """
    terms, alike = understand(text, known), _read_same(same)
    strict = _ranked(known, terms, alike)
    exact, found = True, strict
    if _together(strict).bit_count() < FEW and any(term.wide != term for term in terms):
        wide = _ranked(known, tuple(term.wide for term in terms), alike)
        found = _one_after_another(strict, wide)
    if not found and len(terms) > 1:
        exact, found = False, _having_some(known, tuple(term.wide for term in terms))
    meant = _meant(terms, bool(strict))
    if meant and exact:
        found = _first(_read_same(*ask(asked_same(*_names(terms)))), found, known.all)
    fitting, counts = known.among(_together(found), wanted, rate)
    total = fitting.bit_count()
    number = max(min(page, -(-total // size)), 1)
    ranks = [_Rank(there, named) for goods, named in found if (there := goods & fitting)]
    cards = _page(known, ranks, terms, wanted, rate, (number - 1) * size, size, weighed) if total else ()
    return Found(cards, total, terms, counts, number, exact, meant)


def _meant(terms: Sequence[Term], found: bool) -> str:
    """Say what was looked for instead of what was typed: nothing as long as what was typed was found."""
    instead = [term.spellings[0] if term.typed not in term.spellings else term.typed for term in terms]
    if not found and instead == [term.typed for term in terms]:
        instead = [term.corrections[0] if term.corrections else term.typed for term in terms]
    return "" if instead == [term.typed for term in terms] else " ".join(instead)


def _names(terms: Sequence[Term]) -> list[str]:
    return [" ".join(each) for each in islice(product(*(term.wide.spellings for term in terms)), MOST_NAMES)]


def _read_same(answer: str) -> _Same:
    tiers: tuple[list[int], list[int]] = ([], [])
    for number, sku in msgspec.json.decode(answer, type=list[tuple[int, bool]]):
        tiers[sku].append(number)
    return _Same(bits(tiers[0]), bits(tiers[1]))


# --- Which goods, and which of them first --------------------------------------------------------------------------


class _Rank(NamedTuple):
    """Goods that fit as well, as a bitmap; whether their names have the words."""

    goods: int
    named: bool


#: The best first; no two have the same goods.
_Ranks = list[_Rank]


def _ranked(known: Bitmaps, terms: Sequence[Term], same: _Same) -> _Ranks:
    """Return what has all the words, first what has them in its name as they are."""
    matches = known.memory.matches(term.spelled for term in terms)
    ranks = {0: reduce(and_, (match.everywhere for match in matches), known.all)} if matches else {}
    for match in matches:
        ranks = _raised(ranks, match)
    return _first(same, [_Rank(ranks[rank], rank > 0) for rank in sorted(ranks, reverse=True)], known.all)


def _having_some(known: Bitmaps, terms: Sequence[Term]) -> _Ranks:
    """Return what has any of the words, first what has many of them."""
    ranks = {0: known.all}
    for match in known.memory.matches(term.spelled for term in terms):
        raised = _raised({0: match.everywhere & known.all}, match)
        ranks = _added(
            {rank: some & ~match.everywhere for rank, some in ranks.items()},
            *(
                {rank + len(_STEPS) + more: some & there for more, there in raised.items()}
                for rank, some in ranks.items()
            ),
        )
    return [_Rank(ranks[rank], False) for rank in sorted(ranks, reverse=True) if rank]


#: What a word in a name counts: as the beginning of another, as the end of one, as it is.
_STEPS = (1, 2, 3)


def _raised(ranks: dict[int, int], match: Match) -> dict[int, int]:
    """Raise the goods that have a word in their name."""
    inside = reduce(or_, match.named)
    return _added(
        {rank: some & ~inside for rank, some in ranks.items()},
        *(
            {rank + step: some & there for rank, some in ranks.items()}
            for step, there in zip(_STEPS, match.named, strict=True)
        ),
    )


def _added(*each: dict[int, int]) -> dict[int, int]:
    ranks: dict[int, int] = {}
    for some in each:
        for rank, there in some.items():
            if there:
                ranks[rank] = ranks.get(rank, 0) | there
    return ranks


def _first(same: _Same, ranks: Iterable[_Rank], there: int) -> _Ranks:
    """Put goods with the very SKU or name before all others."""
    return _one_after_another([_Rank(same.numbered & there, True), _Rank(same.named & there, True)], ranks)


def _one_after_another(*each: Iterable[_Rank]) -> _Ranks:
    """Join ranks, each of the goods where it comes first."""
    seen, joined = 0, []
    for ranks in each:
        for goods, named in ranks:
            if new := goods & ~seen:
                joined.append(_Rank(new, named))
                seen |= new
    return joined


def _together(ranks: _Ranks) -> int:
    return reduce(or_, (rank.goods for rank in ranks), 0)


def _page(
    known: Bitmaps, ranks: _Ranks, terms: Sequence[Term], wanted: Wanted, rate: Rate | None, start: int, size: int,
    weighed: int,
) -> tuple[Card, ...]:  # fmt: skip
    if wanted.sort != "new":
        [answer] = ask(lists.asked_among(known, _together(ranks), wanted, rate, start, size))
        return tuple(card.seen for card in read_cards(answer))
    first = start - start % weighed
    chosen = list(islice(_in_order(known, ranks, first), weighed))
    query, values = _query(terms)
    asked = Question(
        _WEIGH.format(row=row(), query=query),
        [
            *values,
            [number for number, _ in chosen],
            [rank for _, rank in chosen],
            [ranks[rank].named for _, rank in chosen],
            size,
            start - first,
        ],
    )
    return tuple(read_cards(*ask(asked)))


def _in_order(known: Bitmaps, ranks: _Ranks, start: int) -> Iterator[tuple[int, int]]:
    """Return goods with their rank from a place on, of those with the same rank first what sells best."""
    passed = 0
    for rank, (goods, _) in enumerate(ranks):
        for group in known.best_sold(goods):
            size = group.bit_count()
            if passed + size > start:
                for number in islice(numbers(group), max(start - passed, 0), None):
                    yield number, rank
            passed += size


def _query(terms: Sequence[Term]) -> tuple[str, list[str]]:
    """Return what weighs a product, as SQL and its values: any of the words, whatever they meant."""
    each = [term.wide.spelled.query for term in terms]
    return " || ".join(sql for sql, _ in each), [value for _, values in each for value in values]


_SAME = """
    SELECT json_build_array(number, false) AS row FROM catalog_product WHERE lower(name) = ANY(%s::text[])
    UNION ALL
    SELECT json_build_array(number, true) FROM catalog_variant JOIN catalog_product product ON product.id = product_id
    WHERE sku = ANY(%s::text[]) AND listed
"""
# Where names have the words, what sells comes first, then the name that has little else: "Alder Mug" before "Alder Mug
# No. 57". Where only texts have them, the better place counts: what stands under "Light" before what is light.
_WEIGH = """
    SELECT {row} AS row
    FROM (SELECT {query} AS query OFFSET 0) asked, unnest(%s::int[], %s::int[], %s::bool[]) AS chosen (number, rank, named)
        JOIN catalog_product USING (number)
    ORDER BY rank, CASE WHEN named THEN floor(popularity) END DESC, ts_rank('{{0.05, 0.2, 0.4, 1.0}}', search, query) DESC,
        cardinality(string_to_array(name, ' ')), popularity DESC, id
    LIMIT %s OFFSET %s
"""
