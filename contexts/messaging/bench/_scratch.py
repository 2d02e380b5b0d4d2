"""Contexts of their own to measure in: schemas with the backbone's tables, dropped afterwards."""

from __future__ import annotations

import copy
from collections.abc import Iterator
from contextlib import contextmanager, suppress

from django.conf import settings
from django.db import OperationalError, connections
from django.db.migrations import RunSQL, SeparateDatabaseAndState
from django.db.migrations.loader import MigrationLoader
from psycopg import sql

from contexts.messaging.errors import MessagingError

ALIAS = "bench"


class Busy(MessagingError):
    """Another benchmark is running on this server."""


@contextmanager
def scratch(*aliases: str) -> Iterator[str]:
    """Create schemas (`bench`) with the backbone's tables as contexts of these names; drop them at the end.

    Yields the first.
    """
    names = aliases or (ALIAS,)
    for name in names:
        declare(name)
    try:
        _lock(names[0])
        _drop(names)
        for name in names:
            with connections[name].cursor() as cursor:
                cursor.execute(sql.SQL("create schema {}").format(sql.Identifier(name)))
                for statement in _tables():
                    cursor.execute(statement)
        try:
            yield names[0]
        finally:
            _drop(names)
    finally:
        for name in names:
            with suppress(OperationalError):
                connections[name].close()
            del connections[name]
            connections.settings.pop(name, None)


def declare(name: str) -> None:
    """Let Django know an alias for a schema of this name, as the administrator."""
    alias = copy.deepcopy(settings.DATABASE_ADMIN)
    base = next(one for one in connections.settings.values() if one["ENGINE"].endswith("postgresql"))
    options = {**alias.get("OPTIONS", {}), "options": f"-c search_path={name}"}
    connections.settings[name] = {**base, **alias, "OPTIONS": options}


def _lock(name: str) -> None:
    with connections[name].cursor() as cursor:
        cursor.execute("select pg_try_advisory_lock(hashtext('tradepost bench'))")
        if not cursor.fetchone()[0]:
            raise Busy("Another benchmark is running on this server; wait for it to end.")


def _drop(names: tuple[str, ...]) -> None:
    for name in names:
        with connections[name].cursor() as cursor:
            cursor.execute(sql.SQL("drop schema if exists {} cascade").format(sql.Identifier(name)))


def _tables() -> Iterator[str]:
    """Yield the SQL of the backbone's migrations."""
    loader = MigrationLoader(None)
    leaf = loader.graph.leaf_nodes("messaging")[0]
    for node in loader.graph.forwards_plan(leaf):
        for operation in loader.graph.nodes[node].operations:
            inner = operation.database_operations if isinstance(operation, SeparateDatabaseAndState) else [operation]
            for each in inner:
                if isinstance(each, RunSQL):
                    yield str(each.sql)
