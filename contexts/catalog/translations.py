"""What the shop's goods are called in other languages.

Names and descriptions are translated product by product, in its `texts`; words that many goods share (materials,
colours, facts) once for all, in the glossary. What nobody translated is shown as it was written.

The functions return SQL for the language that is being read, or for `into`; in the shop's own it is the plain column.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import NamedTuple
from uuid import UUID

import msgspec
from django.db import connections

from contexts.catalog.asking import Question
from contexts.catalog.models import Term
from contexts.kernel.languages import language, others

MATERIAL, LABEL, FACT = (str(kind) for kind in Term.Kind)
#: Between the parts of a variant's label: "Rust / Large".
BETWEEN = " / "


def said(column: str, table: str = "", into: str = "") -> str:
    """Return the SQL of a text that each row has translations of."""
    own, into = f"{table}.{column}" if table else column, into or language()
    texts = f"{table}.texts" if table else "texts"
    return f"COALESCE(NULLIF({texts} ->> '{into}:{column}', ''), {own})" if into in others() else own


def term(kind: str, text: str, into: str = "") -> str:
    """Return the SQL of a word of the glossary; `text` is SQL as well."""
    into = into or language()
    if into not in others():
        return text
    return (
        f"COALESCE((SELECT translation FROM catalog_term term WHERE term.language = '{into}' AND term.kind = '{kind}' "
        f"AND term.text = {text}), {text})"
    )


def label(column: str, into: str = "") -> str:
    """Return the SQL of a variant's label, whose parts are translated one by one."""
    if (into or language()) not in others():
        return column
    return (
        f"(SELECT coalesce(string_agg({term(LABEL, 'part', into)}, '{BETWEEN}' ORDER BY place), '') "
        f"FROM unnest(string_to_array({column}, '{BETWEEN}')) WITH ORDINALITY parts (part, place))"
    )


def facts(column: str, into: str = "") -> str:
    """Return the SQL of a product's attributes, their titles and values translated."""
    if (into or language()) not in others():
        return column
    pairs = f"{term(FACT, 'title', into)}, {term(FACT, 'fact', into)}"
    return (
        f"(SELECT coalesce(json_object_agg({pairs}), '{{}}') FROM jsonb_each_text({column}) attributes (title, fact))"
    )


def asked_materials() -> Question:
    """Ask what materials are called; nothing in the shop's own language."""
    where = f"language = '{language()}' AND kind = '{MATERIAL}'"
    return Question(f"SELECT json_build_array(text, translation) AS row FROM catalog_term WHERE {where} ORDER BY text")


def read_materials(answer: str) -> dict[str, str]:
    """Read the answer to `asked_materials`."""
    return dict(msgspec.json.decode(answer, type=list[tuple[str, str]]))


class Glossary(NamedTuple):
    """The parts of labels with their translations, by language."""

    words: Mapping[str, Mapping[str, str]]

    @classmethod
    def read(cls) -> Glossary:
        """Read the glossary; one query."""
        words: dict[str, dict[str, str]] = {}
        for into, text, translation in Term.objects.filter(kind=LABEL).values_list("language", "text", "translation"):
            words.setdefault(into, {})[text] = translation
        return cls(words)

    def labels(self, label: str) -> dict[str, str]:
        """Return a label in every language that has another word for a part of it."""
        found = {
            into: BETWEEN.join(words.get(part, part) for part in label.split(BETWEEN))
            for into, words in self.words.items()
        }
        return {into: text for into, text in found.items() if text != label}


def names(texts: Mapping[str, str], field: str = "name") -> dict[str, str]:
    """Return a field in every language that it is translated into."""
    return {into: texts[key] for into in others() if texts.get(key := f"{into}:{field}")}


def products_with(kind: str, text: str) -> list[UUID]:
    """Return the products that have a word of the glossary."""
    with connections["catalog"].cursor() as cursor:
        cursor.execute(_PRODUCTS_WITH[kind], {"text": text})
        return [id for (id,) in cursor.fetchall()]


_PRODUCTS_WITH = {
    MATERIAL: "SELECT id FROM catalog_product WHERE material = %(text)s",
    LABEL: f"SELECT DISTINCT product_id FROM catalog_variant WHERE %(text)s = ANY(string_to_array(label, '{BETWEEN}'))",
    FACT: """
        SELECT id FROM catalog_product WHERE EXISTS (
            SELECT FROM jsonb_each_text(attributes) told (title, fact) WHERE %(text)s IN (title, fact)
        )
    """,
}


def keep_terms(terms: Iterable[tuple[str, str, str, str]]) -> None:
    """Put words into the glossary that it lacks: kind, language, text, translation. What staff wrote stays."""
    rows = [Term(kind=kind, language=into, text=text, translation=said) for kind, into, text, said in terms]
    Term.objects.bulk_create(rows, ignore_conflicts=True)
