"""The log's partitions: a million identities each, always with an empty one ahead."""

from __future__ import annotations

import re
import time

import structlog
from django.db import connections, transaction
from psycopg import sql

from contexts.messaging.log import lock_key

logger = structlog.get_logger(__name__)

SIZE = 1_000_000
LOOK_EVERY_S = 60.0

_looked_at: dict[str, float] = {}


def bounds(context: str) -> list[tuple[str, int, int]]:
    """Return (table, first identity, first identity beyond) of a log's partitions, in order."""
    with connections[context].cursor() as cursor:
        cursor.execute(
            """
            select c.relname, pg_get_expr(c.relpartbound, c.oid) from pg_inherits i join pg_class c on c.oid = i.inhrelid
            where i.inhparent = 'messaging_event'::regclass
            """
        )
        found = []
        for table, expression in cursor.fetchall():
            match = re.fullmatch(r"FOR VALUES FROM \((MINVALUE|'(\d+)')\) TO \('(\d+)'\)", expression)
            if match:
                found.append((table, int(match[2] or 0), int(match[3])))
    return sorted(found, key=lambda bound: bound[1])


def ensure_ahead(context: str, *, room: int = SIZE) -> int:
    """Add partitions until at least `room` identities fit behind the last one used; return how many were added."""
    added = 0
    with transaction.atomic(using=context), connections[context].cursor() as cursor:
        cursor.execute("select pg_advisory_xact_lock(%s)", [lock_key(context, "partitions")])
        cursor.execute("select last_value from messaging_event_id")
        last: int = cursor.fetchone()[0]
        end = bounds(context)[-1][2]
        while end - last < room + SIZE:
            table = sql.Identifier(f"messaging_event_{end}")
            # Made apart and then attached: attaching an empty table does not make writers wait.
            cursor.execute(sql.SQL("create table {} (like messaging_event including all)").format(table))
            cursor.execute(
                sql.SQL("alter table messaging_event attach partition {} for values from ({}) to ({})").format(
                    table, sql.Literal(end), sql.Literal(end + SIZE)
                )
            )
            logger.info("partition added", context=context, first=end)
            end += SIZE
            added += 1
    return added


def look_after(context: str) -> None:
    """Keep partitions ahead; the sweep calls this often, it looks once a minute."""
    now = time.monotonic()
    if now - _looked_at.get(context, float("-inf")) >= LOOK_EVERY_S:
        _looked_at[context] = now
        ensure_ahead(context)
