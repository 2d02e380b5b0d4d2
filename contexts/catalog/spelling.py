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
#: No more corrections than this for one word.
MOST = 4
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


def look_up(typed: Sequence[str]) -> tuple[set[str], dict[str, list[Correction]]]:
    """Return which words products have (as they are, or as a word's beginning), and the corrections of each; one query.

    Corrections have as few errors as any has; of those that are as near, what stands in a name comes first.
    """
    asked = {word: keys(word) for word in typed if corrigible(word)}
    with connections["catalog"].cursor() as cursor:
        # What begins with a word lies between it and itself with the last of all characters behind it.
        cursor.execute(
            _LOOK_UP,
            [list(typed), [f"{word}\U0010ffff" for word in typed], [key for each in asked.values() for key in each]],
        )
        rows = cursor.fetchall()
    known = {word for word, place in rows if place == 0}
    candidates = [(word, place) for word, place in rows if place]
    return known, {word: list(_corrections(word, candidates)) for word in asked}


def _corrections(typed: str, candidates: Iterable[tuple[str, int]]) -> list[Correction]:
    most = errors_allowed(typed)
    near = [
        Correction(word, errors, place)
        for word, place in candidates
        if word != typed and (errors := distance(typed, word, most)) <= most
    ]
    least = min((correction.errors for correction in near), default=0)
    nearest = [correction for correction in near if correction.errors == least]
    return sorted(nearest, key=lambda found: (found.word[0] != typed[0], found.place, found.word))[:MOST]


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


_LOOK_UP = """
    SELECT typed.word, 0 FROM unnest(%s::text[], %s::text[]) AS typed (word, upto)
    WHERE EXISTS (SELECT 1 FROM catalog_word known WHERE known.word >= typed.word AND known.word < typed.upto)
    UNION ALL
    SELECT word, place FROM catalog_word WHERE keys && %s::varchar[]
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
