"""Writes what a search reads: each product's words in all languages, and the shop's vocabulary."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from django.conf import settings
from django.db import connections
from django.utils import translation

from contexts.catalog import spelling, translations
from contexts.catalog.colours import FAMILIES
from contexts.catalog.spelling import FACT, NAME, TEXT
from contexts.catalog.translations import MATERIAL, facts, label, said
from contexts.kernel.languages import others

#: As a word was written, and its stems.
CONFIGURATIONS = ("english", "german", "simple")
#: The configuration that knows the stems of a language.
STEMS = {"en": "english", "de": "german"}


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
               coalesce(string_agg(translate(variant.sku, '-/', '  '), ' '), '') AS skus,
               coalesce(array_agg(DISTINCT variant.family), '{{}}') AS families{labels}
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
        f"coalesce((SELECT string_agg(named, ' ') FROM (VALUES {_colours(into)}) known (family, named) "
        f"WHERE family = ANY(words.families)), '') || ' ' || "
        f"coalesce((SELECT string_agg(told.fact, ' ') FROM {values}), ''))"
    )


def _colours(into: str) -> str:
    """Return what colours are called in a language, as rows of SQL: "red" finds what is called "Ember"."""
    with translation.override(into):
        names = {family: str(name).replace("'", "''").replace("%", "%%") for family, (name, _shade) in FAMILIES.items()}
    return ", ".join(f"('{family}', '{name}')" for family, name in names.items())


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
