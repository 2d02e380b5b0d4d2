"""Pipelining: statements of one transaction go to PostgreSQL without a wait for each answer.

A handler that only writes (one insert through the ORM) then costs no round trip of its own. A statement that fails says
so late, at the next one whose answer is read or at the end of the block, so whoever uses this must be able to do
everything again without it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from django.db import connections
from django.db.backends.postgresql.base import Cursor, ServerBindingCursor


class _AskingFirst:
    """Waits for the answer where somebody wants to know it, not only where rows are fetched."""

    _fetch_pipeline: Callable[[], None]  # psycopg's: it waits for this statement's answer where one is on its way.

    @property
    def rowcount(self) -> int:
        self._fetch_pipeline()
        count: int = super().rowcount  # type: ignore[misc]  # a cursor is mixed in
        return count

    @property
    def description(self) -> Any:
        self._fetch_pipeline()
        return super().description  # type: ignore[misc]

    @property
    def statusmessage(self) -> str | None:
        self._fetch_pipeline()
        message: str | None = super().statusmessage  # type: ignore[misc]
        return message


class _ClientCursor(_AskingFirst, Cursor):
    """A cursor as Django makes them."""


class BoundCursor(_AskingFirst, ServerBindingCursor):
    """A cursor whose parameters are bound on the server, in a pipeline or not."""


@contextmanager
def pipelined(alias: str) -> Iterator[None]:
    """Have the statements inside sent without waiting; at the end all of them have succeeded, or this raises."""
    driver: Any = connections[alias].connection
    factory, driver.cursor_factory = driver.cursor_factory, _ClientCursor
    try:
        with connections[alias].wrap_database_errors, driver.pipeline():
            yield
    finally:
        driver.cursor_factory = factory
