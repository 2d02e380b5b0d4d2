"""How a statement is known and what it means is found."""

from __future__ import annotations

import difflib
import json
from collections.abc import Callable, Sequence
from functools import lru_cache
from typing import Any

from contexts.messaging.errors import MessagingError
from contexts.messaging.simulation.cluster import Row, Session

Result = tuple[list[tuple[Any, ...]], int]
Meaning = Callable[[Session, Sequence[Any]], Result]

_meanings: dict[str, Meaning] = {}


class UnknownStatement(MessagingError):
    """Production sent something the model does not know."""


@lru_cache(maxsize=500)
def _normal(sql: str) -> str:
    return " ".join(sql.split())


def means(sql: str) -> Callable[[Meaning], Meaning]:
    """Declare the meaning of a statement, given with the placeholders as production writes them."""

    def declare(meaning: Meaning) -> Meaning:
        _meanings[_normal(sql)] = meaning
        return meaning

    return declare


def execute(session: Session, sql: str, parameters: Sequence[Any]) -> Result:
    """Run a statement in the model; return its rows and how many it touched.

    Raises:
        UnknownStatement: with the known statement that is closest.
    """
    text = _normal(sql)
    meaning = _meanings.get(text)
    if meaning is None:
        close = difflib.get_close_matches(text, _meanings, n=1, cutoff=0.1)
        raise UnknownStatement(
            f"The model of PostgreSQL does not know this statement:\n  {text}\nThe closest that it knows:\n  "
            f"{close[0] if close else '-'}\nTeach it in contexts/messaging/simulation/statements/."
        )
    session.begin_statement()
    return meaning(session, parameters)


def one(rows: list[Row], *columns: str) -> Result:
    found = [tuple(row[column] for column in columns) for row in rows]
    return found, len(found)


def jsonb(text: str) -> str:
    """Return JSON as jsonb prints it: keys by length, then by bytes."""

    def ordered(value: Any) -> Any:
        if isinstance(value, dict):
            return {key: ordered(value[key]) for key in sorted(value, key=lambda k: (len(k.encode()), k.encode()))}
        return [ordered(item) for item in value] if isinstance(value, list) else value

    return json.dumps(ordered(json.loads(text)), ensure_ascii=False)
