"""Corrects what was misspelt, from the words that products themselves use.

Symmetric deletion (Wolf Garbe's SymSpell, 2012; the idea is in Mor and Fraenkel, "A hash code method for detecting and
correcting spelling errors", CACM 25(12), 1982): a word is kept with every form of itself that lacks a letter or two, and
what was typed is looked up by the same forms of it. Two words within that distance share a form, so an index of plain
equality finds every candidate, in any language and without an extension of the database. What was found is then measured
by the restricted Damerau-Levenshtein distance, where two letters that changed places are one error.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from itertools import combinations
from typing import NamedTuple

from django.db import connections

#: The letters from the beginning of a word that are left out in turn; errors further back are found by the rest.
PREFIX = 8
#: Shorter words are not corrected: anything is near to them.
SHORTEST = 3
#: From this length on, two errors are looked for.
LONG = 6
LONGEST = 40
#: In words from this length on, two errors are corrected; in shorter ones that would make a knife of a tit.
LONG_ENOUGH = 8
#: No more corrections than this for one word.
MOST = 4
#: Languages whose words join: "Leselampe" is a lamp. So many words of names that end with what was typed are looked for too.
JOINING = frozenset(["de"])
MOST_COMPOUNDS = 40
SHORTEST_FRONT = 3
NAME, FACT, TEXT = 1, 2, 3
_WORD = re.compile(r"[^\W_]+", re.UNICODE)
_LETTERS = re.compile(r"[^\W\d_]+", re.UNICODE)


class Correction(NamedTuple):
    """A word that somebody may have meant; `place` is the best place where a product has it, as in `Word`."""

    word: str
    errors: int
    place: int


def words(text: str) -> list[str]:
    """Split a text into its words, small letters throughout: "Red-Mug's" is ["red", "mugs"]."""
    return _WORD.findall(text.lower().replace("'", "").replace("\u2019", ""))


def corrigible(word: str) -> bool:
    """Whether a word can be corrected at all. A number cannot: every other number is near to it."""
    return SHORTEST <= len(word) <= LONGEST and _LETTERS.fullmatch(word) is not None


def errors_allowed(word: str) -> int:
    return 2 if len(word) >= LONG else 1


def keys(word: str) -> list[str]:
    """Return a word's beginning and its forms that lack a letter or two."""
    start = word[:PREFIX]
    forms = {start}
    for missing in range(1, errors_allowed(word) + 1):
        for places in combinations(range(len(start)), missing):
            forms.add("".join(letter for place, letter in enumerate(start) if place not in places))
    return sorted(forms)


def distance(one: str, other: str, most: int) -> int:
    """Return how many letters were left out, added, replaced or exchanged with their neighbour; above `most`, more."""
    if abs(len(one) - len(other)) > most:
        return most + 1
    before: list[int] = []
    last = list(range(len(other) + 1))
    for row, letter in enumerate(one, start=1):
        now = [row]
        for column, wanted in enumerate(other, start=1):
            cost = min(last[column] + 1, now[-1] + 1, last[column - 1] + (letter != wanted))
            if row > 1 and column > 1 and letter == other[column - 2] and one[row - 2] == wanted:
                cost = min(cost, before[column - 2] + 1)
            now.append(cost)
        if min(now) > most:
            return most + 1
        before, last = last, now
    return last[-1]


class Spelling(NamedTuple):
    """What the shop makes of a word that was typed.

    `known`: products have it, or a word that begins with it. `meant`: a name or a fact has it as it is, so that nothing
    else can be meant. `compounds` are words that end with it.
    """

    known: bool
    meant: bool
    corrections: tuple[Correction, ...]
    compounds: tuple[str, ...]


def stubs(word: str) -> list[str]:
    """Return a word and what it may be the plural of: names have it in either form."""
    return [word, word[:-1]] if len(word) > SHORTEST + 1 and word[-1] in "sne" else [word]


def _roots(word: str) -> tuple[str, ...]:
    """Return what compounds with a word end with, where it may be a plural: "Lampen" is in "Leselampe"."""
    return (word, word[:-1]) if len(word) > SHORTEST + 1 and word[-1] in "sn" else (word,)


def look_up(typed: Sequence[str], *, into: str) -> dict[str, Spelling]:
    """Return what is known of words in a language; one query.

    Corrections have as few errors as any has; of those that are as near, what stands in a name comes first.
    """
    asked = {word: keys(word) for word in typed if corrigible(word)}
    roots = [root[::-1] for word in asked for root in _roots(word)] if into in JOINING else []
    with connections["catalog"].cursor() as cursor:
        # What begins with a word lies between it and itself with the last of all characters behind it.
        cursor.execute(
            _LOOK_UP,
            [
                list(typed), [f"{word}{_LAST}" for word in typed], list(typed),
                roots, [f"{root}{_LAST}" for root in roots], [into], [into], [key for each in asked.values() for key in each],
            ],
        )  # fmt: skip
        rows = cursor.fetchall()
    begun, there, compound, near = ([row[1:] for row in rows if row[0] == kind] for kind in range(4))
    known, meant = {word for word, _ in begun}, {word for word, place in there if place <= FACT}
    found = {}
    for word in typed:
        corrections = tuple(_corrections(word, near)) if word in asked else ()
        ends = tuple(dict.fromkeys(one for one, _ in compound if word in asked and one.endswith(_roots(word))))
        found[word] = Spelling(word in known or bool(ends), word in meant or bool(ends), corrections, ends)
    return found


def _corrections(typed: str, candidates: Iterable[tuple[str, int]]) -> list[Correction]:
    most = 2 if len(typed) >= LONG_ENOUGH else 1
    near = [
        Correction(word, errors, place)
        for word, place in candidates
        if word != typed and (errors := distance(typed, word, most)) <= most
    ]
    least = min((correction.errors for correction in near), default=0)
    nearest = [correction for correction in near if correction.errors == least]
    return sorted(nearest, key=lambda found: (found.word[0] != typed[0], found.place, found.word))[:MOST]


def go_on(begun: str, *, into: str, limit: int) -> list[str]:
    """Return words of a language that begin so, those of names first; one query."""
    with connections["catalog"].cursor() as cursor:
        cursor.execute(_GO_ON, [begun, f"{begun}{_LAST}", [into], limit])
        return [word for (word,) in cursor.fetchall()]


def learn(places: Mapping[str, int], languages: Mapping[str, Iterable[str]]) -> None:
    """Remember words with the best place where each stands, and the languages that have it.

    Words that no product has any more stay; they find nothing.
    """
    learnt = sorted((word, place) for word, place in places.items() if corrigible(word))
    with connections["catalog"].cursor() as cursor:
        cursor.execute(
            _LEARN,
            [
                [word for word, _ in learnt],
                [place for _, place in learnt],
                [" ".join(keys(word)) for word, _ in learnt],
                [" ".join(sorted(languages[word])) for word, _ in learnt],
            ],
        )


_LAST = "\U0010ffff"
_LOOK_UP = f"""
    SELECT 0, typed.word, 0 FROM unnest(%s::text[], %s::text[]) AS typed (word, upto)
    WHERE EXISTS (SELECT FROM catalog_word known WHERE known.word >= typed.word AND known.word < typed.upto)
    UNION ALL
    SELECT 1, word, place FROM catalog_word WHERE word = ANY(%s)
    UNION ALL
    SELECT 2, found.word, found.place FROM unnest(%s::text[], %s::text[]) AS backwards (begun, upto), LATERAL (
        SELECT word, place FROM catalog_word WHERE reverse(word) >= begun AND reverse(word) < upto
            AND place = {NAME} AND languages @> %s::varchar[] AND length(word) >= length(begun) + {SHORTEST_FRONT}
        ORDER BY word LIMIT {MOST_COMPOUNDS}
    ) found
    UNION ALL
    SELECT 3, word, place FROM catalog_word WHERE languages @> %s::varchar[] AND keys && %s::varchar[]
"""
_GO_ON = """
    SELECT word FROM catalog_word WHERE word >= %s AND word < %s AND languages && %s::varchar[]
    ORDER BY place, length(word), word LIMIT %s
"""
# Sorted, so that two writers of the same new words cannot deadlock.
_LEARN = """
    INSERT INTO catalog_word AS known (word, place, keys, languages)
    SELECT word, place, string_to_array(forms, ' '), string_to_array(spoken, ' ')
    FROM unnest(%s::text[], %s::int[], %s::text[], %s::text[]) AS learnt (word, place, forms, spoken) ORDER BY word
    ON CONFLICT (word) DO UPDATE SET
        place = least(known.place, excluded.place),
        languages = ARRAY(SELECT DISTINCT unnest(known.languages || excluded.languages) AS code ORDER BY code)
    WHERE known.place > excluded.place OR NOT known.languages @> excluded.languages
"""
