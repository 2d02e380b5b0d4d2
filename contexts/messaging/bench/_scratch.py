"""A context of its own to measure in: a schema with the backbone's tables, dropped afterwards."""

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
def scratch() -> Iterator[str]:
    """Create the schema `bench` with the backbone's tables as a context of that name; drop it at the end."""
    alias = copy.deepcopy(settings.DATABASE_ADMIN)
    base = connections[settings.CONTEXTS[0]].settings_dict
    alias = {**base, **alias, "OPTIONS": {**alias.get("OPTIONS", {}), "options": f"-c search_path={ALIAS}"}}
    connections.settings[ALIAS] = alias
    connection = connections[ALIAS]
    schema = sql.Identifier(ALIAS)
    try:
        with connection.cursor() as cursor:
            cursor.execute("select pg_try_advisory_lock(hashtext('tradepost bench'))")
            if not cursor.fetchone()[0]:
                raise Busy("Another benchmark is running on this server; wait for it to end.")
            cursor.execute(sql.SQL("drop schema if exists {} cascade").format(schema))
            cursor.execute(sql.SQL("create schema {}").format(schema))
            for statement in _tables():
                cursor.execute(statement)
        try:
            yield ALIAS
        finally:
            with connection.cursor() as cursor:
                cursor.execute(sql.SQL("drop schema if exists {} cascade").format(schema))
    finally:
        with suppress(OperationalError):
            connection.close()
        del connections[ALIAS]
        connections.settings.pop(ALIAS, None)


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
