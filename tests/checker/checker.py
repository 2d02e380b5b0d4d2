#!/usr/bin/env python3
"""Did the shop keep its promises? Reads what clients were told and what the databases hold, and compares.

    python tests/checker/checker.py --history FILE --database URL [--database context=URL ...] [--json]

It imports nothing of the shop, so that a mistake there cannot hide here. What it checks, by name:

    durable     every change that committed has its event, and nothing that was announced is gone
    delivered   every subscriber got every event that it wants, whole, and did with it what it does
    once        nothing happened twice
    ordered     the events of one subject were given their places, and took effect, in the order in which they happened
    conserved   stock and money add up, to the piece and to the cent
    phantom     nothing happened that no event announced, and nothing was announced that did not happen

Exit status: 0 all kept, 1 something was not, 2 nonsense from the user, 3 a database does not answer. The history's format is in
FORMAT.md beside this file. Without a database, `--tables FILE` reads the tables from JSON, as the simulation writes
them.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Iterable
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any
from uuid import UUID

# A program of its own, wherever it is called from or loaded by.
sys.path.insert(0, str(Path(__file__).resolve().parent))

from promises import backbone, shop, simulated  # noqa: F401 - their checks register themselves, in this order
from promises.facts import CHECKS, Facts, Row, Unusable, Violation

PROMISES = ("durable", "delivered", "once", "ordered", "conserved", "phantom")

#: The tables it looks at, in every schema that has a log.
TABLES = (
    "messaging_event", "messaging_position", "messaging_sequencer", "messaging_subscription", "messaging_inbox",
    "messaging_delivery", "messaging_parked", "messaging_timer",
    "sim_order", "sim_stock", "sim_reservation", "sim_payment", "sim_effect",
    "inventory_stockitem", "inventory_stockmove", "inventory_hold", "inventory_holdline", "inventory_reservation",
    "inventory_reservationline",
    "payments_payment", "payments_bankcharge", "payments_bankentry",
    "shipping_parcel", "notifications_email", "ordering_ordersummary",
)  # fmt: skip


def violations(history: list[Row], tables: dict[str, dict[str, list[Row]]]) -> list[Violation]:
    """Return every broken promise, each once."""
    facts = Facts(history, tables)
    found = [violation for one in CHECKS for violation in one(facts)]
    if facts.gave_up and not found:
        found.append(Violation("delivered", "the run never became quiet, though nothing else is wrong"))
    return list(dict.fromkeys(found))


def read_history(path: str) -> list[Row]:
    try:
        with open(path, encoding="utf-8") as file:
            lines = [json.loads(line) for line in file if line.strip()]
    except OSError as problem:
        raise Unusable(f"The history cannot be read: {problem}") from problem
    except ValueError as problem:
        raise Unusable(f"{path} is not JSON lines: {problem}") from problem
    if not lines or not all(isinstance(line, dict) and "kind" in line for line in lines):
        raise Unusable(f'{path} is no history: each line is an object with a "kind", and there is at least one.')
    return lines


def plain(value: Any) -> Any:
    if isinstance(value, UUID):
        return str(value)
    if isinstance(value, datetime | date):
        return value.isoformat()
    return int(value) if isinstance(value, Decimal) else value


def read_databases(urls: list[str]) -> dict[str, dict[str, list[Row]]]:
    """Return the tables of every schema that has a log, each database in one read-only snapshot."""
    import psycopg

    tables: dict[str, dict[str, list[Row]]] = {}
    for given in urls:
        only, _, url = given.rpartition("=") if "://" in given and "=" in given.partition("://")[0] else ("", "", given)
        with psycopg.connect(url, autocommit=False) as connection:
            connection.isolation_level = psycopg.IsolationLevel.REPEATABLE_READ
            connection.read_only = True
            found = connection.execute(
                "select schemaname, tablename from pg_tables where tablename = any(%s) "
                "and schemaname in (select schemaname from pg_tables where tablename = 'messaging_event')",
                [list(TABLES)],
            ).fetchall()
            for schema, table in sorted(found):
                if only and schema != only:
                    continue
                tables.setdefault(schema, {})[table] = _rows(connection, schema, table)
    return tables


def _rows(connection: Any, schema: str, table: str) -> list[Row]:
    from psycopg import sql

    # The digest is over the stored text, so the data must come as PostgreSQL prints it.
    columns = (
        sql.SQL(
            "id, event_id, type, version, subject, time, correlation_id, causation_id, actor, traceparent, stream_version, "
            "data::text as data"
        )
        if table == "messaging_event"
        else sql.SQL("*")
    )
    cursor = connection.execute(sql.SQL("select {} from {}").format(columns, sql.Identifier(schema, table)))
    names = [column.name for column in cursor.description]
    return [{name: plain(value) for name, value in zip(names, row, strict=True)} for row in cursor]


def report(found: Iterable[Violation], facts: dict[str, Any], *, as_json: bool) -> str:
    found = list(found)
    broken = [promise for promise in PROMISES if any(one.promise == promise for one in found)]
    if as_json:
        document = {"kept": not found, "broken": broken, "violations": [one._asdict() for one in found], **facts}
        return json.dumps(document, indent=2)
    lines = [f"{', '.join(f'{value} {name}' for name, value in facts.items())}"]
    for promise in PROMISES:
        mine = [one for one in found if one.promise == promise]
        lines.append(f"{promise:<10} {'kept' if not mine else f'BROKEN {len(mine)} times'}")
        lines += [f"           {one.what}" for one in mine[:20]]
        lines += [f"           and {len(mine) - 20} more"] if len(mine) > 20 else []
    return "\n".join(lines)


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description="Check a history and the databases against the backbone's promises.")
    parser.add_argument("--history", required=True, metavar="FILE", help="JSON lines, see FORMAT.md")
    parser.add_argument("--database", action="append", default=[], metavar="URL", help="[context=]postgresql://...")
    parser.add_argument("--tables", metavar="FILE", help="JSON with the tables, instead of a database")
    parser.add_argument("--json", action="store_true", help="print JSON for a script")
    options = parser.parse_args(arguments)
    try:
        history = read_history(options.history)
        if options.tables:
            with open(options.tables, encoding="utf-8") as file:
                tables = json.load(file)
        elif options.database:
            tables = read_databases(options.database)
        else:
            raise Unusable("Say where the tables are: --database URL or --tables FILE.")
        if not any("messaging_event" in found for found in tables.values()):
            raise Unusable("No schema there has a log (messaging_event). Is it the right database, and migrated?")
    except (Unusable, OSError, ValueError) as problem:
        print(problem, file=sys.stderr)  # noqa: T201
        return 2
    except Exception as problem:
        if type(problem).__module__.partition(".")[0] != "psycopg":
            raise
        print(f"The database does not answer: {str(problem).splitlines()[0]}", file=sys.stderr)  # noqa: T201
        return 3
    found = violations(history, tables)
    events = sum(len(rows.get("messaging_event", [])) for rows in tables.values())
    facts = {"lines of history": len(history), "contexts": len(tables), "events": events}
    print(report(found, facts, as_json=options.json))  # noqa: T201
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
