"""Asks the database several questions at once: one statement, one way there and back, an answer as JSON to each.

The answers are texts. A page that is remembered by them (`pages.py`) never turns them into anything.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

from contexts.kernel.prepared import prepared_cursor


class Question(NamedTuple):
    """A query whose rows have one column named `row`, of JSON."""

    sql: str
    values: Sequence[Any] = ()


def ask(*questions: Question) -> tuple[str, ...]:
    """Return the rows that each question brings as a JSON array; one query."""
    each = (f"(SELECT coalesce(json_agg(asked.row), '[]')::text FROM ({sql}) asked)" for sql, _ in questions)
    with prepared_cursor("catalog") as cursor:
        cursor.execute("SELECT " + ", ".join(each), [value for _, values in questions for value in values])
        return tuple(cursor.fetchone() or ())
