"""Pipelining: statements of one transaction go to PostgreSQL without a wait for each answer.

A handler that only writes (one insert through the ORM) then costs no round trip of its own. A statement that fails says
so late, at the next one whose answer is read or at the end of the block, so whoever uses this must be able to do
everything again without it.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from functools import lru_cache
from typing import Any

from django.db import connections
from psycopg import ClientCursor, Pipeline
from psycopg.pq import TransactionStatus

from contexts.kernel.prepared import BoundCursor

#: An insert of one row of plain values, as the ORM writes it. Bound on the server it means what it means bound in the
#: client, because each value is taken for its column; that cannot be said of other statements. The ORM gives numbers the
#: size of their columns, so there is one such statement for each model, not one for each mixture of sizes.
PLAIN_INSERT = re.compile(
    r'INSERT INTO "[^"]+" \((?:"[^"]+"(?:, )?)+\) VALUES \((?:%s(?:, )?)+\)(?: RETURNING [^()%]+)?', re.ASCII
)


class _PipelineCursor(BoundCursor):
    """Binds values in the client, as Django's cursors do, but has PostgreSQL prepare the inserts of one row."""

    connection: Any  # psycopg's, whose cursor the stubs do not know behind Django's.

    def execute(self, query: Any, params: Any = None, **options: Any) -> Any:
        if params is not None and not _is_plain_insert(query):
            query, params, options = ClientCursor(self.connection).mogrify(query, params), None, {"prepare": False}
        return super().execute(query, params, **options)  # type: ignore[misc]

    def executemany(self, query: Any, params_seq: Iterable[Any], **options: Any) -> None:
        changed = 0
        for params in params_seq:
            self.execute(query, params)
            changed += self.rowcount
        self._rowcount = changed


@lru_cache(maxsize=500)
def _is_plain_insert(query: Any) -> bool:
    return isinstance(query, str) and PLAIN_INSERT.fullmatch(query) is not None


#: Statements that leave together: each sending wakes the server for one.
SENT_TOGETHER = 16


class _Gathering(Pipeline):
    """psycopg's pipeline, which sends every statement at once, made to wait for some company."""

    def _communicate_gen(self) -> Any:
        # A transaction is not begun until its BEGIN is sent, and whoever asks in between would begin another.
        beginning = self.pgconn.transaction_status == TransactionStatus.IDLE
        if beginning or len(self.command_queue) >= SENT_TOGETHER:
            yield from super()._communicate_gen()

    def _fetch_gen(self, *, flush: bool) -> Any:
        try:
            yield from super()._communicate_gen()
        finally:
            yield from super()._fetch_gen(flush=flush)


@contextmanager
def pipelined(alias: str) -> Iterator[None]:
    """Have the statements inside sent without waiting; at the end all of them have succeeded, or this raises."""
    driver: Any = connections[alias].connection
    factory, driver.cursor_factory = driver.cursor_factory, _PipelineCursor
    outer = driver._pipeline
    if outer is None:
        driver._pipeline = _Gathering(driver)
    try:
        with connections[alias].wrap_database_errors, driver.pipeline():
            yield
    finally:
        driver.cursor_factory, driver._pipeline = factory, outer
