"""Finding products by the words of their names, SKUs, facts and descriptions.

What was typed is split into words. Each is looked for as the beginning of a word and by its stem, in English and in
German; a word that no product has is looked for as the words it may have meant (`spelling.py`). What has exactly the
name or the SKU that was typed comes first, then what has the words in better places.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import partial
from typing import NamedTuple

import msgspec
from django.conf import settings
from django.db import connections

from contexts.catalog import spelling, translations
from contexts.catalog.bits import bits
from contexts.catalog.cards import Card, read_cards, row
from contexts.catalog.facets import Wanted
from contexts.catalog.lists import FOR_SALE, PAGE_SIZE, narrowing, ordering
from contexts.catalog.rates import shown_sql
from contexts.catalog.spelling import FACT, NAME, TEXT
from contexts.catalog.translations import MATERIAL, facts, label, said
from contexts.kernel.currencies import Rate
from contexts.kernel.languages import language, others

#: More words than this narrow nothing down.
MOST_WORDS = 8
#: Of more matches than this, so many are weighed and shown; a shopper who has hundreds types another word.
MOST_WEIGHED = 480
#: Of more matches than this, so many are counted.
MOST_COUNTED = 20_000
#: While a word is being typed, so many of the most popular matches are weighed.
MOST_SUGGESTED = 240
#: With fewer finds than this, what may have been meant is shown after them.
FEW = 5
_MOST = f"LIMIT {MOST_COUNTED}"
CONFIGURATIONS = ("english", "german", "simple")
#: The configuration that knows the stems of a language.
STEMS = {"en": "english", "de": "german"}
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
    """A word to look for. `spellings` count as it: itself if any product has it, else its corrections."""

    typed: str
    spellings: tuple[str, ...]
    corrections: tuple[str, ...] = ()

    @property
    def wide(self) -> Term:
        """The word and whatever else it may have meant."""
        return self._replace(spellings=tuple(dict.fromkeys((*self.spellings, *self.corrections))))


class Found(NamedTuple):
    """A page of what a search brought, best first.

    `exact` is false where no product has every word, and these have some; `meant` is what was looked for instead where
    nothing has what was typed. `total` stops at `MOST_COUNTED`; `matching` are all that match, whatever filters say, as
    a bitmap.
    """

    cards: tuple[Card, ...]
    total: int
    terms: tuple[Term, ...]
    matching: int
    exact: bool = True
    meant: str = ""


def understand(text: str) -> tuple[Term, ...]:
    """Split what was typed into terms; one query."""
    typed = spelling.words(text)
    typed = [word for word in typed if word not in FILLERS][:MOST_WORDS] or typed[:MOST_WORDS]
    if not typed:
        return ()
    known, corrections = spelling.look_up(typed)
    return tuple(_term(word, word in known, tuple(found.word for found in corrections.get(word, ()))) for word in typed)


def _term(word: str, known: bool, corrections: tuple[str, ...]) -> Term:
    return Term(word, (word,) if known or not corrections else corrections, corrections)


def suggested_goods(text: str, terms: Sequence[Term], *, size: int, among: int = MOST_SUGGESTED) -> Found:
    """Return what the words being typed may lead to; `total` stops at `among`.

    The beginning of a word may fit half the shop. The most popular are met first, and the rest is never looked at.
    """
    return find(text, terms, Wanted(), size=size, most=f"ORDER BY popularity DESC, id DESC LIMIT {among}")


def find(
    text: str, terms: Sequence[Term], wanted: Wanted, *, rate: Rate | None = None, page: int = 1, size: int = PAGE_SIZE,
    most: str = _MOST,
) -> Found:  # fmt: skip
    """Return a page of what fits; at most three queries, one where enough has what was typed.

    Bands of prices are those at `rate`.
    """
    terms = tuple(terms)
    ask = partial(_found, text, wanted=wanted, rate=rate, page=page, size=size, most=most)
    strict = ask(terms)
    if strict.total >= FEW or page > 1 or not any(term.corrections for term in terms):
        found = strict
    else:
        found = ask(tuple(term.wide for term in terms), better=terms)
    if found.total or len(terms) == 1:
        return found._replace(meant=_meant(found.terms, strict))
    return ask(tuple(term.wide for term in terms), every=False)._replace(exact=False)


def _meant(terms: Sequence[Term], strict: Found) -> str:
    """Say what was looked for instead of what was typed: nothing as long as what was typed was found."""
    instead = [term.spellings[0] if term.typed not in term.spellings else term.typed for term in terms]
    if strict.total == 0 and instead == [term.typed for term in terms]:
        instead = [term.corrections[0] if term.corrections else term.typed for term in terms]
    return "" if instead == [term.typed for term in terms] else " ".join(instead)


def suggested_words(text: str, *, limit: int = 4) -> list[str]:
    """Return how what was typed may go on, the words of names first; one query."""
    typed = spelling.words(text)[:MOST_WORDS]
    if not typed or len(typed[-1]) < 2:
        return []
    with connections["catalog"].cursor() as cursor:
        cursor.execute(_GO_ON, [typed[-1], f"{typed[-1]}\U0010ffff", [language()], limit])
        return [" ".join([*typed[:-1], word]) for (word,) in cursor.fetchall()]


def _found(
    text: str, terms: tuple[Term, ...], *, wanted: Wanted, rate: Rate | None, page: int, size: int,
    better: Sequence[Term] = (), every: bool = True, most: str,
) -> Found:  # fmt: skip
    query, values = tsquery(terms, every=every)
    filters, narrowed = narrowing(wanted, rate)
    order = ordering(wanted.sort)
    key = shown_sql() if wanted.by_price else order.column
    if wanted.sort == "new":
        first, first_values = tsquery(better or terms, every=every)
        best, best_values = (
            _BEST.format(query=query, better=first, filters=filters),
            [*first_values, *values, *narrowed],
        )
    else:
        best = _IN_ORDER.format(way="DESC" if order.descending else "ASC", key=key, filters=filters)
        best_values = narrowed
    with connections["catalog"].cursor() as cursor:
        cursor.execute(
            _FIND.format(query=query, filters=filters, most=most, best=best, key=key, row=row(), name=said("name")),
            [
                *narrowed, [word for term in terms for word in term.spellings], *values, text.lower(), text.upper(),
                *best_values, size, (page - 1) * size, *narrowed, *values,
            ],
        )  # fmt: skip
        total, numbers, cards = cursor.fetchone()
    return Found(tuple(read_cards(cards)), total, terms, bits(msgspec.json.decode(numbers, type=list[int])))


def tsquery(terms: Sequence[Term], *, every: bool = True) -> tuple[str, list[str]]:
    """Write a tsquery as SQL and its values. A word holds letters and digits only, so none can be an operator."""
    each = []
    values: list[str] = []
    for term in terms:
        forms = " | ".join(f"{word}:*" for word in term.spellings)
        each.append("(" + " || ".join(f"to_tsquery('{name}', %s)" for name in CONFIGURATIONS) + ")")
        values += [forms] * len(CONFIGURATIONS)
    return (" && " if every else " || ").join(each), values


# A text that is a name or a SKU is found by their own indexes, however common its words are.
_FIND = f"""
    WITH matching AS MATERIALIZED (
        SELECT id, number, true{{filters}} AS fits, popularity, {{key}} AS key,
            (SELECT count(*) FROM unnest(%s::text[]) word WHERE strpos(lower({{name}}), word) > 0) AS named
        FROM catalog_product WHERE {FOR_SALE} AND search @@ ({{query}}) {{most}}
    ),
    same AS (
        SELECT id, max(tier) AS tier FROM (
            SELECT id, 1 AS tier FROM catalog_product WHERE lower({{name}}) = %s
            UNION ALL SELECT product_id, 2 FROM catalog_variant WHERE sku = %s AND listed
        ) either GROUP BY id
    ),
    best AS ({{best}} LIMIT %s OFFSET %s),
    apart AS (
        SELECT number, true{{filters}} AS fits FROM same JOIN catalog_product USING (id)
        WHERE {FOR_SALE} AND NOT search @@ ({{query}})
    )
    SELECT
        (SELECT count(*) FROM matching WHERE fits) + (SELECT count(*) FROM apart WHERE fits),
        (SELECT '[' || coalesce(string_agg(number::text, ','), '') || ']' FROM (
            SELECT number FROM matching UNION ALL SELECT number FROM apart
        ) numbered),
        (SELECT coalesce(json_agg({{row}} ORDER BY place), '[]')::text FROM best JOIN catalog_product ON id = found)
"""
# Weighing a product takes its whole search vector, so of many those are weighed whose names have the words. Of names that
# have the words as well, one that has little else is meant: "Alder Mug" before "Alder Mug No. 57".
_BEST = f"""
    SELECT id AS found, row_number() OVER (ORDER BY tier DESC, weight DESC, length, popularity DESC, id) AS place FROM (
        SELECT id, tier, popularity, cardinality(string_to_array(name, ' ')) AS length,
            ts_rank('{{{{0.05, 0.2, 0.4, 1.0}}}}', search, {{better}})
            + 0.3 * ts_rank('{{{{0.05, 0.2, 0.4, 1.0}}}}', search, {{query}}) AS weight
        FROM (
            SELECT id, max(tier) AS tier FROM (
                (SELECT id, 0 AS tier FROM matching WHERE fits ORDER BY named DESC, popularity DESC, id LIMIT {MOST_WEIGHED})
                UNION ALL SELECT id, tier FROM same
            ) each GROUP BY id
        ) weighed JOIN catalog_product USING (id) WHERE {FOR_SALE}{{filters}}
    ) ranked ORDER BY place
"""
_IN_ORDER = f"""
    SELECT id AS found, row_number() OVER (ORDER BY key {{way}}, id {{way}}) AS place FROM (
        SELECT id, key FROM matching WHERE fits
        UNION SELECT id, {{key}} FROM same JOIN catalog_product USING (id) WHERE {FOR_SALE}{{filters}}
    ) ordered ORDER BY place
"""
_GO_ON = """
    SELECT word FROM catalog_word WHERE word >= %s AND word < %s AND languages && %s::varchar[]
    ORDER BY place, length(word), word LIMIT %s
"""


def index(product_ids: Iterable[object]) -> None:
    """Write the search vectors of products anew, in one statement, and learn their words, in every language."""
    ids = list(product_ids)
    with connections["catalog"].cursor() as cursor:
        cursor.execute(_index(), [ids])
        places: dict[str, int] = {}
        languages: dict[str, set[str]] = {}
        for into in (settings.LANGUAGE_CODE, *others()):
            cursor.execute(_texts(into), [ids])
            for name, known, text in cursor.fetchall():
                for place, spoken in ((TEXT, text), (FACT, known), (NAME, name)):
                    for word in spelling.words(spoken):
                        places[word] = min(place, places.get(word, place))
                        languages.setdefault(word, set()).add(into)
    spelling.learn(places, languages)


_SAID = """
    FROM (
        SELECT wanted.id,
               coalesce(string_agg(translate(variant.sku, '-/', '  '), ' '), '') AS skus{labels}
        FROM unnest(%s::uuid[]) wanted (id)
            LEFT JOIN catalog_variant variant ON variant.product_id = wanted.id AND variant.listed
        GROUP BY wanted.id
    ) words, catalog_product said
        JOIN catalog_category category ON category.id = said.category_id
        LEFT JOIN catalog_category parent ON parent.id = category.parent_id
    WHERE said.id = words.id
"""


def _said(languages: Iterable[str]) -> str:
    # Dashes and slashes became spaces, so that "MUG-1204" is found by either half as by the whole.
    labels = (
        f", coalesce(string_agg(DISTINCT translate({label('variant.label', into)}, '-/', '  '), ' '), '') AS labels_{into}"
        for into in languages
    )
    return _SAID.format(labels="".join(labels))


def _facts(into: str) -> str:
    """Return the SQL of everything that is a fact of a product, in a language."""
    # What a thing is drawn as is an English word.
    kind = "said.drawn_as || ' '" if into == settings.LANGUAGE_CODE else "''"
    values = f"jsonb_each_text({facts('said.attributes', into)}::jsonb) told (title, fact)"
    return (
        f"({said('name', 'category', into)} || ' ' || coalesce({said('name', 'parent', into)}, '') || ' ' || "
        f"{translations.term(MATERIAL, 'said.material', into)} || ' ' || {kind} || words.labels_{into} || ' ' || "
        f"coalesce((SELECT string_agg(told.fact, ' ') FROM {values}), ''))"
    )


def _texts(into: str) -> str:
    text = f"{said('summary', 'said', into)} || ' ' || {said('description', 'said', into)}"
    return f"SELECT {said('name', 'said', into)}, {_facts(into)}, {text} {_said([into])}"


def _index() -> str:
    own = settings.LANGUAGE_CODE
    vectors = [_vector("words.skus", "A", ("simple",))]
    for into in (own, *others()):
        # What is written in the shop's own language is looked for by the stems of all: people mix them.
        stems = CONFIGURATIONS if into == own else (STEMS.get(into, "simple"), "simple")
        vectors += [
            _vector(said("name", "said", into), "A", stems),
            _vector(_facts(into), "B", stems),
            _vector(said("summary", "said", into), "C", stems),
            _vector(said("description", "said", into), "D", [name for name in stems if name != "simple"]),
        ]
    return f"""
        UPDATE catalog_product product SET search = written.vector FROM (
            SELECT said.id, {" || ".join(vectors)} AS vector {_said((own, *others()))}
        ) written WHERE product.id = written.id
    """


def _vector(text: str, weight: str, configurations: Sequence[str]) -> str:
    return " || ".join(f"setweight(to_tsvector('{name}', {text}), '{weight}')" for name in configurations)
